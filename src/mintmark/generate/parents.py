"""parents: steers. The first round gives a table's rows; later rounds give, for each of them, its newest kept descendant.

    repeat: {at_most: 4, steps: [{parents: {from: seeds}}, {evolve: {column: instruction}}]}

This is the loop of Evol-Instruct and of every method whose rows become parents: what a round kept is worked on again, what it dropped goes
back as it was. A line that is dropped `patience` rounds running is given up. Writes the table's columns (without id), and `line` (the seed's number).
Memory: one row per line. One row: id='9c1f...', parents=['3f0c...'], instruction='...', line=7, round=2
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, row_id


@dataclass(frozen=True)
class Parents(Op):
    """from: the table of seeds. patience: rounds without a kept row after which a line is left alone."""

    source: str = field(metadata={"key": "from"})
    patience: int = 3
    name: ClassVar[str] = "parents"
    scope: ClassVar[Scope] = Scope.SOURCE
    digital_source: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if self.patience < 1:
            raise ValueError("patience must be at least 1")

    @property
    def watches(self) -> tuple[str, ...]:
        return ("line",)

    def _columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for n in names if n != "id")

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (*self._columns(scene.table(self.source).columns), "line")

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        clash = {"line", "round"} & set(scene.table(self.source).columns)
        if clash:
            raise RecipeError(f"{scene.where}: the table '{self.source}' has a column '{clash.pop()}', which this step writes; rename it")

    def looks_back(self, scene: Scene) -> tuple[str, ...]:
        return self.writes(scene)

    def holds(self, ctx: Context) -> int:
        return len(ctx.table(self.source))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        table = ctx.table(self.source)
        names = self._columns(table.columns)
        newest: dict[int, tuple[int, str, dict[str, Any]]] = {}
        if state is not None and state.round > 1:
            for batch in state.scan((*names, "line", "round")):
                for parent, values in zip(batch.ids, batch.rows(), strict=True):
                    line, made_in = values.pop("line"), values.pop("round") or state.round - 1  # outside of repeat there are no rounds
                    if line not in newest or newest[line][0] <= made_in:
                        newest[line] = (made_in, parent, values)
        now = state.round if state is not None else 1
        room = stop - start
        for line, seed in enumerate(table.rows()):
            if room <= 0:
                return
            made_in, parent, values = newest.get(line, (0, "", {n: seed[n] for n in names}))
            if now - made_in > self.patience and now > 1:
                continue
            yield Row(row_id(ctx.label, line, now), {**values, "line": line}, (parent,) if parent else ())
            room -= 1
