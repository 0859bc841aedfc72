"""synthesize: rows without any model: learns the real table given and makes a new one. The default where there is no language model.

Numbers, categories, dates and missing values by sequential CART (stats/cart.py; after synthpop, Nowok, Raab and Dibben 2016); short texts by
a variable-order n-gram model conditioned on the label (text/ngram_model.py), with a guard that drops what would give a real text away.
A statistical baseline that a language model should beat; no differential privacy. Rows come in blocks of as many as the table has; drawn on,
block after block is independent. Drops: no_new_text (the guard refused every try for this row's text).
One row: id='0d51...', text='my card dont know what the problem is', category='card_not_working'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.errors import InputError, RecipeError, nearest
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Drop, Row, row_id

LEAST_BLOCK = 1_000


@dataclass(frozen=True)
class Synthesize(Op):
    """from: the table. columns: default all (an input `id` is left out). target: drawn first, and what texts are conditioned on.
    min_leaf: donors per leaf, the privacy knob; default rows/100 between 20 and 60."""

    source: str = field(metadata={"key": "from"})
    columns: tuple[str, ...] | None = None
    target: str | None = None
    min_leaf: int | None = None
    name: ClassVar[str] = "synthesize"
    scope: ClassVar[Scope] = Scope.SOURCE
    digital_source: ClassVar[str] = "trainedAlgorithmicMedia"
    cites: ClassVar[tuple[str, ...]] = (
        "Nowok, Raab and Dibben 2016, synthpop: Bespoke creation of synthetic data in R",
        "Breiman et al. 1984, Classification and regression trees",
    )
    drops: ClassVar[Mapping[str, str]] = {"no_new_text": "every text drawn for the row was too close to a real one"}
    baseline: ClassVar[str] = "made by a statistical baseline (trees and word sequences), which a language model should beat"

    def __post_init__(self) -> None:
        if self.min_leaf is not None and self.min_leaf < 2:
            raise ValueError("min_leaf must be at least 2")

    def _columns(self, table: Any) -> tuple[str, ...]:
        return tuple(self.columns or (c for c in table.columns if c not in ("id", "weight")))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return self._columns(scene.table(self.source))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        for column in (*(self.columns or ()), *((self.target,) if self.target else ())):
            if column not in table.columns:
                listed = ", ".join(table.columns)
                raise RecipeError(
                    f"{scene.where}: table '{self.source}' has no column '{column}', only {listed}.{nearest(column, table.columns)}"
                )

    def holds(self, ctx: Context) -> int:
        return len(ctx.table(self.source))

    def model(self, ctx: Context) -> Any:
        """The fitted TableModel, learned once per run."""
        return ctx.once("model", lambda: self._fit(ctx))

    def _fit(self, ctx: Context) -> Any:
        from ..stats.cart import TableModel
        from ..text.ngram_model import NgramModel

        table = ctx.table(self.source)
        names = self._columns(table)
        target = self.target
        try:
            return TableModel.fit(
                {c: table.column(c) for c in names}, target=target, seed=ctx.seed, min_leaf=self.min_leaf, text_model=NgramModel.fit
            )
        except ValueError as error:
            raise InputError(f"{ctx.label}: table '{self.source}': {error}") from error

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        model = self.model(ctx)
        size = max(LEAST_BLOCK, len(ctx.table(self.source)))
        for block in range(start // size, -(-stop // size)):
            columns = ctx.once(f"block {block}", lambda block=block: model.sample(size, seed_of(ctx.seed, ctx.label, block)))  # type: ignore[misc]
            for k in range(max(start - block * size, 0), min(stop - block * size, size)):
                values = {name: cells[k] for name, cells in columns.items()}
                row = Row(row_id(ctx.label, block, k), values)
                refused = [c for c, v in values.items() if v is None and model.refused(c)]
                yield (row, Drop("no_new_text", f"'{refused[0]}': every try was too close to a real text")) if refused else row
            ctx.cache.pop((ctx.label, f"block {block - 1}"), None)
