"""great: rows from a small language model that was fine-tuned on the table's rows as sentences (GReaT).

    learners: {lm: "causal_lm:models/distilgpt2"}            a folder on this machine; pip install 'mintmark[transformers]'
    steps:
      - great: {from: real, learner: lm, epochs: 50, given: {outcome: [yes, no], sex: f}}

Each row is learned as "age is 42, sex is f", in a fresh random column order in every epoch (text/great.py), so that the model can go on from any columns.
given: column -> value, or values taken by turns (class balance): the sentence begins with them, in a drawn order. Without it a sentence begins with
`start`, a column whose value is drawn as often as in the table; without that, with the name of a column drawn for each row.
One sentence a row; one that is no row of this table is planned and dropped: not_a_row, repeated_column, unknown_column, missing (a column), not_a_number,
not_whole, not_a_date, not_text, not_one_of (a level that the table does not have); below, above and not_computable do not occur.
What was learned is kept in the run's folder by its hash, which is a fact of the run; a resumed run goes on with it (runner/learned.py). Not private: a model can repeat rows; nothing here hinders it (measure `privacy`, drop copies with `near`).
One row: id='0d51...', age=42, sex='f', outcome='yes'. One drop: not_a_row, "no 'column is value' at 'sex f'"
Source: Borisov et al. 2023, GReaT (2210.06280). Not covered: imputing given rows, guided decoding, texts of more tokens than the model takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.errors import InputError, RecipeError
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.ports import TextLearner, TextWriter
from ..core.rows import Drop, Row, row_id
from ..stats.describe import types
from ..text.great import Malformed, begin, decode, encode
from ..text.names import brief
from ..text.table_schema import FAULTS, Unfit, columns_of, row_of

BLOCK = 256


@dataclass(frozen=True)
class Great(Op):
    """from: the table. learner: role of a TextLearner. columns: default all (an input `id` is left out). given: column -> value or values. start: a
    column. epochs, batch, rate: of the fine-tuning. temperature: of the sampling; below 1 makes likely values likelier still."""

    source: str = field(metadata={"key": "from"})
    learner: str | None = "causal_lm"
    columns: tuple[str, ...] | None = None
    given: Mapping[str, Any] | None = None
    start: str | None = None
    epochs: int = 50
    batch: int = 32
    rate: float = 5e-5
    temperature: float = 0.7
    name: ClassVar[str] = "great"
    scope: ClassVar[Scope] = Scope.SOURCE
    digital_source: ClassVar[str] = "trainedAlgorithmicMedia"
    cites: ClassVar[tuple[str, ...]] = ("Borisov et al. 2023, Language models are realistic tabular data generators (2210.06280)",)
    drops: ClassVar[Mapping[str, str]] = {
        **FAULTS,
        "repeated_column": "a column stands in the sentence twice",
        "unknown_column": "a column that the table does not have",
    }

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1:
            raise ValueError("epochs and batch must be at least 1")
        if not (self.rate > 0 and self.temperature > 0):
            raise ValueError("rate and temperature must be above 0")
        if self.given is not None and self.start is not None:
            raise ValueError("give either given or start: what a sentence begins with")
        if self.given is not None and (not self.given or [] in self.given.values()):
            raise ValueError("given names no column, or a column without a value")

    def _columns(self, table: Any) -> tuple[str, ...]:
        return tuple(self.columns or (c for c in table.columns if c != "id"))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return self._columns(scene.table(self.source))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        names = self._columns(table)
        for column in (*names, *(self.given or ()), *((self.start,) if self.start else ())):
            scene.table_column(f"{self.source}.{column}")
            if column not in names:
                raise RecipeError(f"{scene.where}: '{column}' is not among its columns, {', '.join(names)}")
        if not len(table):
            raise RecipeError(f"{scene.where}: table '{self.source}' has no rows to learn from")
        fit = columns_of(types({c: table.column(c) for c in self.given or ()}))
        for column, values in (self.given or {}).items():
            for value in values if isinstance(values, list) else [values]:
                try:
                    fit[column].read(value)
                except Unfit as error:
                    raise RecipeError(f"{scene.where}: given: {error}; expected a value that the table's column could have") from error

    def holds(self, ctx: Context) -> int:
        return len(ctx.table(self.source))

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        """Learns, or takes up what was learned, once per process."""
        if (ctx.label, "writer") not in ctx.cache:
            ctx.cache[ctx.label, "writer"] = await self._learn(ctx)

    async def _learn(self, ctx: Context) -> TextWriter:
        learner: Any = ctx.learner(self.learner or "causal_lm")
        if not isinstance(learner, TextLearner):
            raise RecipeError(f"{ctx.label}: the learner '{self.learner}' learns no texts; expected one such as causal_lm:FOLDER")
        table = ctx.table(self.source)
        names = self._columns(table)
        rows = [{n: r[n] for n in names} for r in table.rows()]

        def sentences(epoch: int) -> list[str]:
            rng = ctx.rng("order", epoch)
            return [encode(row, rng.sample(names, len(names))) for row in rows]

        try:
            writer: TextWriter = await learner.learn(
                sentences, epochs=self.epochs, batch=self.batch, rate=self.rate, seed=seed_of(ctx.seed, ctx.label, "learn")
            )
        except ValueError as error:
            raise InputError(f"{ctx.label}: table '{self.source}': {error}") from error
        ctx.tell("model", f"{learner.name}, learned from {len(rows):,} rows in {self.epochs} epochs; hash of the weights {writer.digest}")
        return writer

    def _starts(self, ctx: Context, block: int) -> list[str]:
        """What each sentence of a block begins with."""
        table, rng = ctx.table(self.source), ctx.rng("start", block)
        names = self._columns(table)
        if self.start is not None:
            cells: list[Any] = ctx.once("cells", lambda: table.column(self.start or ""))
            return [encode({self.start: rng.choice(cells)}, (self.start,)) + "," for _ in range(BLOCK)]
        if self.given is None:
            return [begin(rng.choice(names)) for _ in range(BLOCK)]
        turns = {n: v if isinstance(v, list) else [v] for n, v in self.given.items()}
        out = []
        for k in range(block * BLOCK, (block + 1) * BLOCK):
            row, at = {}, k
            for name, values in turns.items():  # every combination in turn
                at, digit = divmod(at, len(values))
                row[name] = values[digit]
            out.append(encode(row, rng.sample(list(row), len(row))) + ("," if len(row) < len(names) else ""))
        return out

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        writer: TextWriter = ctx.cache[ctx.label, "writer"]
        table = ctx.table(self.source)
        columns = ctx.once("columns", lambda: columns_of(types({c: table.column(c) for c in self._columns(table)})))
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            seed = seed_of(ctx.seed, ctx.label, block)
            texts = ctx.once(f"block {block}", lambda: writer.write(self._starts(ctx, block), seed=seed, temperature=self.temperature))
            for k in range(max(start - block * BLOCK, 0), min(stop - block * BLOCK, BLOCK)):
                found = row_id(ctx.label, block, k)
                try:
                    cells = decode(texts[k])
                    if unknown := [n for n in cells if n not in columns]:
                        raise Unfit("unknown_column", brief(unknown[0]))
                    if absent := [n for n in columns if n not in cells]:
                        raise Unfit("missing", f"no {absent[0]} in {brief(texts[k])}")
                    yield Row(found, row_of(columns, (), cells, {}))
                except (Malformed, Unfit) as fault:
                    yield Row(found, dict.fromkeys(columns)), Drop(fault.reason, str(fault))
            ctx.cache.pop((ctx.label, f"block {block - 1}"), None)
