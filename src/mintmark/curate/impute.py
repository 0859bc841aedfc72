"""impute: fills missing cells with values drawn by trees that learned the other columns of a table. Without any model.

    - read: {from: real}
    - impute: {from: real}                                  # every column that has missing cells there
    - impute: {from: real, columns: [income], mark: filled}

What is there stays. A row's missing cell is drawn from the rows that are like it, so that spread and relations stay, and no row gives out a
value that fewer than five hold. Reads the table's columns that the rows have; writes `columns`, and in `mark`, where given, which of them it filled.
Source: Burgette and Reiter 2010, Am. J. Epidemiol. 172(9) (trees in chained equations), one pass. Not covered: free text and identifiers; several
imputations, so that intervals computed afterwards are too narrow; cells missing because of the very value they would have had.
One row: age=41, income=None -> age=41, income=32400, filled=['income']
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
class Impute(Op):
    """from: the table to learn from. columns: to fill, default all with missing cells in it. min_leaf: as in synthesize. mark: a column."""

    source: str = field(metadata={"key": "from"})
    columns: tuple[str, ...] | None = None
    min_leaf: int | None = None
    mark: str | None = None
    name: ClassVar[str] = "impute"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Burgette and Reiter 2010, Multiple imputation for missing data via sequential regression trees",)

    def __post_init__(self) -> None:
        if self.min_leaf is not None and self.min_leaf < 2:
            raise ValueError("min_leaf must be at least 2")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        known = scene.table(self.source).columns
        return (*(c for c in scene.columns if c in known), *(c for c in self.columns or () if c not in scene.columns))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (*(self.columns or self._gappy(scene.table(self.source), scene.columns)), *([self.mark] if self.mark else []))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def _gappy(self, table: Any, columns: Any) -> tuple[str, ...]:
        from ..stats.features import kind_of

        found = [c for c in columns if c in table.columns and c != "id"]
        return tuple(c for c in found if None in (cells := table.column(c)) and kind_of(cells) not in ("text", "id", "constant"))

    def check(self, scene: Scene) -> None:
        for column in self.columns or ():
            scene.table_column(f"{self.source}.{column}")
        if not self.writes(scene):
            raise RecipeError(f"{scene.where}: no column of '{self.source}' that the rows have has missing cells to fill")

    def each(self, row: Row, ctx: Context) -> Result:
        filled = ctx.once("imputer", lambda: self._fit(ctx, row.values)).fill(row.values, seed_of(ctx.seed, ctx.label, row.id))
        return row.with_values({**filled, **({self.mark: list(filled)} if self.mark else {})})

    def _fit(self, ctx: Context, columns: Mapping[str, Any]) -> Any:
        from ..stats.impute import Imputer

        table = ctx.table(self.source)
        shared = [c for c in table.columns if c in columns and c not in ("id", self.mark)]
        try:
            imputer = Imputer({c: table.column(c) for c in shared}, self.columns or self._gappy(table, shared), ctx.seed, self.min_leaf)
        except ValueError as error:
            raise InputError(f"{ctx.label}: table '{self.source}': {error}") from error
        for number, note in enumerate(imputer.notes, 1):
            ctx.tell(f"note {number}", note)
        return imputer
