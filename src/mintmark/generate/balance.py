"""balance: steers. Each round plans rows for the least-filled values of a column, until each has `to` kept rows.

    repeat: {until: "kept >= 300", at_most: 8, steps: [{balance: {column: intent, from: real.intent, to: 50, with: {tone: [plain, worried]}}}, ...]}
    balance: {columns: {intent: real.intent, tone: [plain, worried]}, to: 5}                 every intent in every tone: a cell each

Dataset-wise generation by coverage of a condition (methods 2.2): what was kept so far decides what is asked next. A round plans what is
missing divided by the cell's own yield so far, at most `per_round` rows; a cell that keeps failing is given up after `patience` times
its target has been planned, so that the loop ends. Giving up is on the record: one more row of the cell is planned and dropped at once.
Writes: the columns, those of `with`, and with `columns` also cell (text that names it). Drops: starved (detail: the cell and what it got).
One row: id='51aa...', intent='room_booking', tone='plain', round=3
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Drop, Row, row_id


@dataclass(frozen=True)
class Balance(Op):
    """column: what is balanced. values: its values; or from: table.column that has them. Or columns: name -> list or table.column; cells
    are their product. to: kept rows wanted per cell. per_round: rows. with: further columns, drawn uniformly. patience: times `to`
    planned before giving up."""

    to: int
    column: str | None = None
    values: list[Any] | None = None
    source: str | None = field(default=None, metadata={"key": "from"})
    columns: Mapping[str, Any] | None = None
    per_round: int | None = None
    more: Mapping[str, Any] | None = field(default=None, metadata={"key": "with"})
    patience: float = 4.0
    name: ClassVar[str] = "balance"
    scope: ClassVar[Scope] = Scope.SOURCE
    drops: ClassVar[Mapping[str, str]] = {"starved": "the cell was given up: `patience` times its target was planned, and too little kept"}

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("give either column or columns")
        if self.column is not None and (self.values is None) == (self.source is None):
            raise ValueError("give either values or from: table.column")
        if self.columns is not None and (self.values is not None or self.source is not None):
            raise ValueError("columns: {name: list or table.column, ...} takes the place of values and from")
        if self.to < 1 or (self.per_round is not None and self.per_round < 1) or self.patience < 1:
            raise ValueError("to, per_round and patience must be at least 1")
        for column, given in self._given().items():
            if isinstance(given, str) and "." not in given:
                raise ValueError(f"{'from' if self.column else column} is '{given}', expected table.column")
            if not isinstance(given, str) and not (isinstance(given, list) and given):
                raise ValueError(f"'{column}' must have a list of values, or table.column")
        for column, given in (self.more or {}).items():
            if not isinstance(given, list) or not given:
                raise ValueError(f"with: '{column}' must be a list of values")
        twice = {*self._given(), *self.watches} & set(self.more or {})
        if twice or (self.columns and "cell" in self.columns):
            raise ValueError(f"the column '{twice.pop() if twice else 'cell'}' is written twice")

    def _given(self) -> dict[str, Any]:
        return dict(self.columns) if self.columns is not None else {str(self.column): self.source or self.values}

    @property
    def watches(self) -> tuple[str, ...]:
        return ("cell",) if self.columns is not None else (str(self.column),)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._given(), *self.watches, *(self.more or ()))))

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(given.partition(".")[0] for given in self._given().values() if isinstance(given, str)))

    def check(self, scene: Scene) -> None:
        for given in self._given().values():
            if isinstance(given, str):
                name, column = scene.table_column(given)
                if all(v is None for v in scene.table(name).column(column)):
                    raise RecipeError(f"{scene.where}: '{given}' holds no values")

    def _cells(self, ctx: Context) -> dict[Any, dict[str, Any]]:
        """What is counted -> the cell's columns."""

        def make() -> dict[Any, dict[str, Any]]:
            pools = {column: ctx.levels(given) for column, given in self._given().items()}
            if self.columns is None:
                return {v: {str(self.column): v} for v in pools[str(self.column)]}
            cells = [dict(zip(pools, values, strict=True)) for values in product(*pools.values())]
            named = [(", ".join(f"{c}={v!r}" for c, v in cell.items()), cell) for cell in cells]
            return {told: {**cell, "cell": told} for told, cell in named}

        return ctx.once("cells", make)

    def holds(self, ctx: Context) -> int:
        return self.per_round or self.to * len(self._cells(ctx))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        cells, (watched,) = self._cells(ctx), self.watches
        planned = dict(state.planned[watched]) if state else {}
        kept = dict(state.kept[watched]) if state else {}
        most = math.ceil(self.patience * self.to)
        room = min(stop - start, self.per_round or stop - start)

        def made(key: Any) -> Row:
            replica = planned.get(key, 0)
            planned[key] = replica + 1
            rng = ctx.rng(repr(key), replica)
            drawn = {c: rng.choice(given) for c, given in (self.more or {}).items()}
            return Row(row_id(ctx.label, repr(key), replica), {**cells[key], **drawn})

        needs: dict[Any, int] = {}
        for key in cells:
            asked, got = planned.get(key, 0), kept.get(key, 0)
            if got >= self.to or asked > most:  # filled, or given up and told
                continue
            if asked == most:
                if room > 0:
                    room -= 1
                    yield made(key), Drop("starved", f"{watched}: {key}: {got} of {self.to} kept after {asked} rows")
                continue
            share = max(got / asked, 0.1) if asked else 1.0
            needs[key] = min(math.ceil((self.to - got) / share), most - asked)
        while room > 0 and needs:
            key = max(needs, key=lambda k: (needs[k] / self.to, -kept.get(k, 0)))
            yield made(key)
            needs[key] -= 1
            if needs[key] <= 0:
                del needs[key]
            room -= 1
