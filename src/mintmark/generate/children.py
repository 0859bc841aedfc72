"""children: rows of a second table that belong to those that come in: each gets as many as a parent like it has, with columns that go with it.

    tables: {customers: customers.csv, orders: orders.csv}
    steps:
      - synthesize: {from: customers, unique: [customer_id]}
      - children: {from: orders, of: customers, key: customer_id}

Learned from the two real tables (stats/linked.py). A row becomes 0..n rows, each with its parent's columns and the child's; the foreign key is the key
of the row that came in, so it is always valid. For two files of one run each: make the parents, then `read` their data.parquet here; `columns` leaves
out what the child's file need not repeat. Reads what the real parents' columns and the rows have in common; writes `columns` of the child table.
Drops: none; a row without children is dropped(no_rows), as any that is split into none.
Source: none; hierarchical modelling as in Patki, Wedge and Veeramachaneni 2016 (the synthetic data vault), by trees. Not covered: see stats/linked.py.
One row: id='9ac1...', customer_id='C-0831', region='north', order_date='2024-03-02', amount=18.5
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.errors import InputError, RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Result, Row


@dataclass(frozen=True)
class Children(Op):
    """from: the real children. of: the real parents. key: the column that names the parent, in both. columns: of the children, default all
    but the key (an input `id` is left out). min_leaf: as in synthesize."""

    source: str = field(metadata={"key": "from"})
    of: str
    key: str
    columns: tuple[str, ...] | None = None
    min_leaf: int | None = None
    name: ClassVar[str] = "children"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Patki, Wedge and Veeramachaneni 2016, The synthetic data vault",)

    def __post_init__(self) -> None:
        if self.min_leaf is not None and self.min_leaf < 2:
            raise ValueError("min_leaf must be at least 2")

    def _columns(self, table: Any) -> tuple[str, ...]:
        return tuple(self.columns or (c for c in table.columns if c not in ("id", self.key)))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.key, *(c for c in scene.table(self.of).columns if c in scene.columns and c != self.key))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return self._columns(scene.table(self.source))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source, self.of)

    def check(self, scene: Scene) -> None:
        for column in (self.key, *(self.columns or ())):
            scene.table_column(f"{self.source}.{column}")
        scene.table_column(f"{self.of}.{self.key}")
        if both := [c for c in self.writes(scene) if c in scene.columns]:
            raise RecipeError(
                f"{scene.where}: '{both[0]}' is a column of the rows and of '{self.source}'; rename it in one, or leave it out of columns:"
            )

    def fan_out(self, scene: Scene) -> float:
        return len(scene.table(self.source)) / max(1, len(scene.table(self.of)))

    def each(self, row: Row, ctx: Context) -> Result:
        linked = ctx.once("linked", lambda: self._fit(ctx, row.values))
        made = linked.children_of(row.values, seed_of(ctx.seed, ctx.label, row.id))
        return [row.child(ctx.label, k, values) for k, values in enumerate(made)]

    def _fit(self, ctx: Context, columns: Mapping[str, Any]) -> Any:
        from ..stats.linked import Linked

        parents, children = ctx.table(self.of), ctx.table(self.source)
        known = {c: parents.column(c) for c in parents.columns if c in columns}
        try:
            linked = Linked(
                known, {c: children.column(c) for c in children.columns}, self.key, self.key,
                columns=self._columns(children), seed=ctx.seed, min_leaf=self.min_leaf,
            )  # fmt: skip
        except ValueError as error:
            raise InputError(f"{ctx.label}: tables '{self.of}' and '{self.source}': {error}") from error
        for number, note in enumerate(linked.notes, 1):
            ctx.tell(f"note {number}", note)
        return linked
