"""contamination: drops rows that hold text of a benchmark: n-grams shared with the tables that the recipe names.

    contamination: {column: text, against: gsm8k.question}                                one shared 13-gram drops
    contamination: {columns: [question, answer], against: [mmlu.question, arc.question], n: 8, share: 0.7}
    contamination: {column: text, against: gsm8k.question, action: flag}                  writes text_contamination
    contamination: {column: solution, against: [humaneval.canonical_solution, humaneval.test], kind: code}

Benchmarks are tables that the recipe names: `tables: {humaneval: HumanEval.jsonl.gz}`. An item is told by its row, and by its task_id, id or question_id
where the table has one. kind: code reads tokens of Python (text/code.py), so that other white space, comments and names of variables and functions hide
nothing; problems are prose, so they want a step of their own with kind: text. Of 146 HumanEval solutions of 13 tokens or more, all with every name
changed and laid out anew, 146 were found; of 1,500 functions of Python's standard library none was taken for one (tests/curate/test_contamination.py).

share: of a benchmark text's different n-grams, how many must stand in the row (its columns joined); without it, one is enough. A benchmark text of
fewer than n words counts when all of it stands in the row, one of fewer than `shortest` words never does.
Reads the column(s); `COLUMN_contamination` (null, or {table, row, item, share, ngram}; of the first column) where flagged. Drops: contaminated.
Memory: 12 bytes for each n-gram of the tables, and their texts, once; nothing for the rows, which are judged one by one.
Source: GPT-3 (Brown et al. 2020), appendix C, 13-grams; PaLM (Chowdhery et al. 2022), section 8, 70 % of the 8-grams. Code: text/contained.py.
Not covered: programs of fewer than `shortest` tokens, rewritten ones (a loop for a comprehension), paraphrases, translations, other numbers in the same problem (`novelty`, `dedup` and embeddings see some of them).
One drop: contaminated, 'gsm8k.question row 12, share 1.00: "janet s ducks lay 16 eggs per day she eats three for breakfast every"' (rows count from 0)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.params import within
from ..core.rows import Drop, Result, Row
from ..text.code import code_tokens
from ..text.contained import Reference, tokens

ITEMS = ("task_id", "id", "question_id", "source_id")  # columns by which benchmarks name their items
SIZES = {"text": (13, 5, tokens), "code": (20, 13, code_tokens)}  # n, shortest and how a text is read


@dataclass(frozen=True)
class Contamination(Op):
    """against: 'table.column' or several. n: words in a run, 13 where not given; tokens of code, 20. share: 0..1, or null. shortest: words of the
    shortest text that counts, 5 where not given; tokens of code, 13. kind: text | code. action: drop | flag."""

    against: str | tuple[str, ...]
    column: str | None = None
    columns: tuple[str, ...] | None = None
    n: int | None = None
    share: float | None = None
    shortest: int | None = None
    kind: Literal["text", "code"] = "text"
    action: Literal["drop", "flag"] = "drop"
    name: ClassVar[str] = "contamination"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Brown et al. 2020, Language Models are Few-Shot Learners (2005.14165), appendix C",
        "Chowdhery et al. 2022, PaLM (2204.02311), section 8",
    )
    drops: ClassVar[Mapping[str, str]] = {"contaminated": "shares n-grams with a row of a benchmark; the detail names it"}

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("give either column or columns")
        within("n", self.n, 2, 100)
        within("shortest", self.shortest, 2)
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError("share must be more than 0 and at most 1, or null")
        for given in self._against():
            if not all(given.partition(".")):
                raise ValueError(f"against is '{given}', expected table.column, such as gsm8k.question")

    def _against(self) -> tuple[str, ...]:
        return (self.against,) if isinstance(self.against, str) else tuple(self.against)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple(self.columns or ())

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (f"{self.reads(scene)[0]}_contamination",) if self.action == "flag" else ()

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(given.partition(".")[0] for given in self._against()))

    def check(self, scene: Scene) -> None:
        for given in self._against():
            scene.table_column(given)

    def each(self, row: Row, ctx: Context) -> Result:
        reference, owners = ctx.once("reference", lambda: self._reference(ctx))
        text = "\n".join(str(row.values[c]) for c in self.reads(Scene()) if row.values[c] is not None)
        match = reference.find(text, self.share)
        if match is not None and self.action == "drop":
            source, number, item = owners[match.item]
            named = f" ({item})" if item is not None else ""
            return Drop("contaminated", f'{source} row {number}{named}, share {match.share:.2f}: "{match.gram[:200]}"')
        if self.action == "drop":
            return row
        told = match and dict(zip(("table", "row", "item"), owners[match.item], strict=True)) | {"share": match.share, "ngram": match.gram}
        return row.with_values({self.writes(Scene())[0]: told})

    def _reference(self, ctx: Context) -> tuple[Reference, list[tuple[str, int, str | None]]]:
        owners: list[tuple[str, int, str | None]] = []
        texts: list[str] = []
        for given in self._against():
            table = ctx.table(given.partition(".")[0])
            known = next((c for c in ITEMS if c in table.columns), None)
            items = table.column(known) if known is not None else [None] * len(table)
            for number, (value, item) in enumerate(zip(ctx.column(given), items, strict=True)):
                if value is not None:
                    owners.append((given, number, None if item is None else str(item)[:100]))
                    texts.append(str(value))
        n, shortest, read = SIZES[self.kind]
        return Reference(texts, self.n or n, self.shortest or shortest, read), owners
