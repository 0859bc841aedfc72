"""synthesize: rows without any model: learns the real table given and makes a new one. The default where there is no language model.

    - synthesize:
        from: real
        target: income
        derived: {bmi: "weight_kg / (height_cm / 100) ** 2"}           # computed on every row, never learned
        constraints: ["discharge >= admission", "a + b + c == total"]  # hold in every row
        unique: [patient]                                              # fresh values, none twice, none of the real ones
        given: {country: France}                                       # every row has it, and the rest goes with it
        balance: income                                                # or shares: {income: {">50K": 0.3, "<=50K": 0.7}}

Numbers, categories, dates, times, mixed cells and missing ones by sequential CART (stats/cart.py; after synthpop, Nowok, Raab and Dibben 2016);
short texts by a variable-order n-gram model conditioned on the label (text/ngram_model.py), with a guard that drops what would give a real text
away. For texts by a language model leave the column out (`columns`) and let `write` make it from the row. What a range must be is a constraint:
"age >= 65"; rows that break one are drawn again.
min_leaf is the privacy knob: how many real rows a cell may come from at least. Extremes and words of fewer than 3 rows are never
made; no row gives out a number that fewer than 5 hold, which comes as often as it would without that row. No differential privacy (`marginals` has
it). A statistical baseline that a language model should beat.
Rows come in blocks of as many as the table has; drawn on, block after block is independent. Drops: no_new_text (the guard refused every try for
this row's text). In expressions a name with blanks or signs stands between backticks: "`Age (years)` >= 65". Not covered:
conditions across rows.
One row: id='0d51...', text='my card dont know what the problem is', category='card_not_working'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.errors import InputError, RecipeError, nearest
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Drop, Row, row_id
from ..stats.relations import in_order
from ..stats.step import RARE_LEVEL
from ..text.expr import Expr

LEAST_BLOCK, MOST_LEVELS, FEW = 1_000, 100, 20  # FEW: so many values are classes, not numbers with neighbours


@dataclass(frozen=True)
class Synthesize(Op):
    """from: the table. columns: default all (an input `id` is left out). target: drawn first, and what texts are conditioned on.
    min_leaf: donors per leaf, the privacy knob; default rows/100 between 20 and 60. derived: column -> expression. constraints: expressions.
    unique: columns. given: column -> the value it has. balance: a column whose values come equally often. shares: column -> value -> share."""

    source: str = field(metadata={"key": "from"})
    columns: tuple[str, ...] | None = None
    target: str | None = None
    min_leaf: int | None = None
    derived: Mapping[str, str] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    balance: str | None = None
    shares: Mapping[str, Any] = field(default_factory=dict)
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
        steered = [*self.given, *self.shares, *([self.balance] if self.balance else [])]
        if len(set(steered)) < len(steered):
            raise ValueError("a column can be named by only one of given, balance and shares")
        if len(self.shares) + (self.balance is not None) > 1:
            raise ValueError("only one column can have its shares set: those of two leave open how often they go together")
        for column, shares in self.shares.items():
            numbers = isinstance(shares, Mapping) and all(
                isinstance(s, (int, float)) and not isinstance(s, bool) and 0 <= s <= 1 for s in shares.values()
            )
            if not numbers or abs(sum(shares.values()) - 1) > 1e-6:
                raise ValueError(f"shares: {column} is {shares!r}, expected value: share, with shares that add up to 1")

    @property
    def _first(self) -> tuple[str, ...]:
        return (*self.given, *self.shares, *([self.balance] if self.balance else []))

    def _rules(self, names: tuple[str, ...]) -> tuple[dict[str, Expr], list[Expr]]:
        derived = {name: Expr(text, names) for name, text in self.derived.items()}
        in_order(derived)
        for expression in (*derived.values(), *(must := [Expr(text, names) for text in self.constraints])):
            if not expression.names:
                raise ValueError(f"'{expression.text}' names no column")
        return derived, must

    def _columns(self, table: Any) -> tuple[str, ...]:
        return tuple(self.columns or (c for c in table.columns if c != "id"))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return self._columns(scene.table(self.source))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        named = (*(self.columns or ()), *((self.target,) if self.target else ()), *self.derived, *self.unique, *self._first)
        for column in named:
            if column not in table.columns:
                listed = ", ".join(table.columns)
                raise RecipeError(
                    f"{scene.where}: table '{self.source}' has no column '{column}', only {listed}.{nearest(column, table.columns)}"
                )
        try:
            self._rules(self._columns(table))
        except ValueError as error:
            raise RecipeError(f"{scene.where}: {error}") from error

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
        cells = {c: table.column(c) for c in names}
        try:
            if any("\0" in name for name in names):
                raise ValueError("a column's name holds a NUL character; rename it")
            derived, must = self._rules(names)
            model = TableModel.fit(
                cells, target=self.target, seed=ctx.seed, min_leaf=self.min_leaf, text_model=NgramModel.fit,
                first=self._first, derived=derived, must=must, unique=self.unique,
            )  # fmt: skip
            for column, wanted in self._wanted(cells).items():
                for value in wanted:
                    if (held := model.held(column, value)) < RARE_LEVEL:
                        raise ValueError(f"{held} rows have {column} = {value!r}, fewer than the {RARE_LEVEL} that rows can be made from")
                    if held < model.leaf and len(names) > 1 and len(set(cells[column])) <= FEW:
                        raise ValueError(
                            f"{held} rows have {column} = {value!r}, fewer than a leaf of {model.leaf}: what is made beside it would be that of"
                            f" other rows; min_leaf: {held} lets it go with them, and is less private"
                        )
        except ValueError as error:
            raise InputError(f"{ctx.label}: table '{self.source}': {error}") from error
        counts = Counter(v for v in cells[self.target] if v is not None) if self.target else Counter()
        if len(counts) <= FEW and (small := [f"{v!r} ({k} rows)" for v, k in counts.items() if RARE_LEVEL <= k < model.leaf]):
            told = f"{self.target} = {', '.join(small)}: fewer rows than a leaf of {model.leaf}"
            model.notes.append(
                f"{told}, so that rows made with it are like the others; a smaller min_leaf lets them differ, and is less private"
            )
        for number, note in enumerate(model.notes, 1):
            ctx.tell(f"note {number}", note)
        return model

    def _wanted(self, cells: Mapping[str, list[Any]]) -> dict[str, dict[Any, float]]:
        """Column -> value -> share, of what is not left to the model."""
        out: dict[str, dict[Any, float]] = {c: {v: 1.0} for c, v in self.given.items()}
        out.update({c: dict(shares) for c, shares in self.shares.items()})
        if self.balance:
            counts = Counter(v for v in cells[self.balance] if v is not None)
            levels = [v for v, count in counts.items() if count >= RARE_LEVEL]
            if not levels or len(counts) > MOST_LEVELS:
                told = f"{len(counts)} values, {len(levels)} of them held by {RARE_LEVEL} rows or more"
                raise ValueError(f"balance: '{self.balance}' has {told}; expected 1 to {MOST_LEVELS}")
            out[self.balance] = dict.fromkeys(levels, 1 / len(levels))
        return out

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        model = self.model(ctx)
        size = max(LEAST_BLOCK, len(ctx.table(self.source)))
        given = ctx.once(
            "given",
            lambda: {
                c: in_shares(w, size)
                for c, w in self._wanted({self.balance: ctx.table(self.source).column(self.balance)} if self.balance else {}).items()
            },
        )
        for block in range(start // size, -(-stop // size)):
            columns = ctx.once(f"block {block}", lambda block=block: self._block(ctx, model, block, size, given))  # type: ignore[misc]
            for k in range(max(start - block * size, 0), min(stop - block * size, size)):
                values = {name: cells[k] for name, cells in columns.items()}
                row = Row(row_id(ctx.label, block, k), values)
                refused = [c for c, v in values.items() if v is None and model.refused(c)]
                yield (row, Drop("no_new_text", f"'{refused[0]}': every try was too close to a real text")) if refused else row
            ctx.cache.pop((ctx.label, f"block {block - 1}"), None)

    def _block(self, ctx: Context, model: Any, block: int, size: int, given: Mapping[str, list[Any]]) -> Any:
        try:
            return model.sample(size, seed_of(ctx.seed, ctx.label, block), block * size, given)
        except ValueError as error:
            raise InputError(f"{ctx.label}: {error}") from error


def in_shares(shares: Mapping[Any, float], n: int) -> list[Any]:
    """n values of which the first k hold each share to within one row, for every k."""
    if len(shares) == 1:
        return [*shares] * n
    counts = dict.fromkeys(shares, 0)
    out = []
    for k in range(1, n + 1):
        value = max(shares, key=lambda v: k * shares[v] - counts[v])
        counts[value] += 1
        out.append(value)
    return out
