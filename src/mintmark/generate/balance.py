"""balance: steers. Each round plans rows for the least-filled values of a column, until each has `to` kept rows.

    repeat: {until: "kept >= 300", at_most: 8, steps: [{balance: {column: intent, from: real.intent, to: 50, with: {tone: [plain, worried]}}}, ...]}

Dataset-wise generation by coverage of a condition (methods 2.2): what was kept so far decides what is asked next. A round plans what is
missing divided by the value's own yield so far, at most `per_round` rows; a value that keeps failing is given up after `patience` times
its target has been planned, so that the loop ends.
One row: id='51aa...', intent='room_booking', tone='plain', round=3
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, row_id


@dataclass(frozen=True)
class Balance(Op):
    """column: what is balanced. values, or from: table.column. to: kept rows wanted per value. with: further columns, drawn uniformly."""

    column: str
    to: int
    values: list[Any] | None = None
    source: str | None = field(default=None, metadata={"key": "from"})
    per_round: int | None = None
    more: Mapping[str, Any] | None = field(default=None, metadata={"key": "with"})
    patience: float = 4.0
    name: ClassVar[str] = "balance"
    scope: ClassVar[Scope] = Scope.SOURCE

    def __post_init__(self) -> None:
        if (self.values is None) == (self.source is None):
            raise ValueError("give either values or from: table.column")
        if self.to < 1 or (self.per_round is not None and self.per_round < 1) or self.patience < 1:
            raise ValueError("to, per_round and patience must be at least 1")
        for column, given in (self.more or {}).items():
            if not isinstance(given, list) or not given:
                raise ValueError(f"with: '{column}' must be a list of values")

    @property
    def watches(self) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, *(self.more or ()))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source.partition(".")[0],) if self.source else ()

    def check(self, scene: Scene) -> None:
        if self.source:
            if "." not in self.source:
                raise RecipeError(f"{scene.where}: from is '{self.source}', expected table.column")
            scene.table_column(self.source)

    def _values(self, ctx: Context) -> list[Any]:
        if self.values is not None:
            return list(self.values)
        table, _, column = str(self.source).partition(".")
        return ctx.once("values", lambda: list(dict.fromkeys(v for v in ctx.table(table).column(column) if v is not None)))

    def holds(self, ctx: Context) -> int:
        return self.per_round or self.to * len(self._values(ctx))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        planned = dict(state.planned[self.column]) if state else {}
        kept = dict(state.kept[self.column]) if state else {}
        needs: dict[Any, int] = {}
        for value in self._values(ctx):
            asked, got = planned.get(value, 0), kept.get(value, 0)
            if got >= self.to or asked >= self.patience * self.to:
                continue
            share = max(got / asked, 0.1) if asked else 1.0
            needs[value] = min(math.ceil((self.to - got) / share), math.ceil(self.patience * self.to) - asked)
        room = min(stop - start, self.per_round or stop - start)
        number = start
        while room > 0 and needs:
            value = max(needs, key=lambda v: (needs[v] / self.to, -kept.get(v, 0)))
            replica = planned.get(value, 0)
            planned[value] = replica + 1
            rng = ctx.rng(repr(value), replica)
            cell = {self.column: value, **{c: rng.choice(given) for c, given in (self.more or {}).items()}}
            yield Row(row_id(ctx.label, repr(value), replica), cell)
            needs[value] -= 1
            if needs[value] <= 0:
                del needs[value]
            room, number = room - 1, number + 1
