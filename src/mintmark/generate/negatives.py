"""negatives: hard negatives for a retriever: passages of a table of documents that share words with the row's query but are not its positive.

    negatives: {from: docs, query: query, positive: passage, k: 5, depth: 100, pick: random}

Reads `query`, `positive`, and where the row has them the document's name, `start` and `end`, as `chunk` writes them. Writes `negatives`, a list of
{doc_id, start, text, score} in BM25 order; fewer than k where fewer fit. pick: random of the best `depth` (InPars draws so), or top. Drops nothing.
Never the positive: not a passage of the same document that overlaps its offsets, not one that holds the positive's text or is held by it, not a
near copy of it (Jaccard of word bigrams >= 0.8) under whatever name. A passage that answers the query in other words can still be drawn: depth
and pick: random make it rarer, a judge or a cross-encoder has to find the rest.
Source: InPars, Bonifacio et al. 2022 (arXiv:2202.05144), whose tool leaves the positive among the negatives; the exclusion is ours.
One entry: {'doc_id': 262, 'start': 1210, 'text': 'The implicated H1 and H3 haplotypes ...', 'score': 11.8}
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Result, Row
from ..text.bm25 import BM25Index
from ..text.chunks import chunks
from ..text.passages import Passages, columns_of, in_rows
from ..text.shingles import fold, jaccard, shingles

NEAR = 0.8


@dataclass(frozen=True)
class Negatives(Op):
    """from: table. column, doc, title: its columns with the text, the document's name (doc_id or id, else the row's number) and title.
    query, positive: columns of the row. k: passages written. pick: random of the best `depth`, or top. depth: how far down is drawn.
    words, overlap: of the passages into which the table's texts are cut."""

    source: str = field(metadata={"key": "from"})
    query: str = "query"
    positive: str = "passage"
    k: int = 5
    depth: int = 100
    pick: Literal["random", "top"] = "random"
    words: int = 250
    overlap: int = 50
    column: str = "text"
    doc: str | None = None
    title: str | None = None
    into: str = "negatives"
    name: ClassVar[str] = "negatives"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Bonifacio, Abonizio, Fadaee and Nogueira 2022, InPars: data augmentation for information retrieval using large language models",
        "Lù 2024, BM25S: orders of magnitude faster lexical search via eager sparse scoring",
    )

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.depth:
            raise ValueError("k must be at least 1 and at most depth")
        chunks("", self.words, self.overlap)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        name, _ = self._named(scene)
        place = (in_rows(name), "start", "end")
        return (self.query, self.positive, *(c for c in place if c in scene.columns and c not in (self.query, self.positive)))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        self._named(scene)

    def _named(self, scene: Scene) -> tuple[str | None, str | None]:
        try:
            return columns_of(scene.table(self.source).columns, self.column, self.doc, self.title)
        except ValueError as error:
            raise RecipeError(f"{scene.where}: table '{self.source}' {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        index: _Index = await ctx.shared("index", lambda at: asyncio.to_thread(_Index, self, at))
        found = index.bm25.search(str(row.values[self.query] or ""), self.depth)
        if self.pick == "random":
            ctx.rng().shuffle(found)
        positive = _Positive(str(row.values[self.positive] or ""), index.place(row.values))
        chosen: list[tuple[int, float]] = []
        for number, score in found:
            if len(chosen) == self.k:
                break
            if not positive.is_among(index.passages, number):
                chosen.append((number, score))
        chosen.sort(key=lambda item: (-item[1], item[0]))
        entries = (index.passages.entry(number, score) for number, score in chosen)
        return row.with_values({self.into: [{c: e[c] for c in ("doc_id", "start", "text", "score")} for e in entries]})


class _Index:
    def __init__(self, op: Negatives, ctx: Context) -> None:
        table = ctx.table(op.source)
        doc, title = columns_of(table.columns, op.column, op.doc, op.title)
        self.positive = op.positive
        self.column = in_rows(doc)
        self.passages = Passages(table.rows(), op.column, doc, title, op.words, op.overlap)
        self.bm25 = BM25Index(self.passages.indexed())

    def place(self, values: Mapping[str, Any]) -> tuple[set[int], int, int] | None:
        """(passages of the positive's document, its start, its end) where the row says so."""
        start, end = values.get("start"), values.get("end")
        if self.column is None or self.column not in values or not isinstance(start, int):
            return None
        return (
            set(self.passages.of(values[self.column])),
            start,
            end if isinstance(end, int) else start + len(str(values[self.positive] or "")),
        )


class _Positive:
    """What a negative must not be."""

    def __init__(self, text: str, place: tuple[set[int], int, int] | None) -> None:
        self._folded, self._shingles, self._place = fold(text), shingles(text), place

    def is_among(self, passages: Passages, number: int) -> bool:
        if self._place is not None:
            document, start, end = self._place
            if number in document and passages.starts[number] < end and start < passages.ends[number]:
                return True
        text = passages.texts[number]
        folded = fold(text)
        if self._folded and (folded in self._folded or self._folded in folded):
            return True
        return jaccard(self._shingles, shingles(text)) >= NEAR
