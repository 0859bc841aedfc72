"""retrieve: finds the passages of a table of documents that fit each row's question, best first, for the prompt to use.

    retrieve: {from: docs, query: question, k: 5, method: bm25, words: 250, overlap: 50}

Reads `query` (with within: that column; with skip_self: the document's name and `start`). Writes `retrieved`, a list of {doc_id, title, start,
end, text, score}; fewer than k where fewer share a word with the question, none for an empty question. Drops nothing.
method: bm25 (text/bm25.py), embedding (cosine of the embedder's vectors), hybrid (reciprocal-rank fusion of the two). On 1,380 questions to 98
articles of COVID-QA bm25 has the answer among 2,032 passages in the top 5 for 76 % (72 to 81) and in the top 20 for 88 % (85 to 91), with a stemming
that was chosen on them (74 and 87 % without). With the built-in tfidf embedder embedding has 48 and 72 %, hybrid 67 and 84 %: a fusion is
worth it only with an embedder about as good as bm25.
The index is built once a run, in memory: for the 2.3 MB of COVID-QA 11 MB, 22 MB while it builds; and 4 bytes a dimension of each passage's vector.
Sources: Robertson and Zaragoza 2009; Cormack, Clarke and Buettcher 2009. Not covered: rerankers, an index on disk.
One entry: {'doc_id': 262, 'title': 'Functional Genetic ...', 'start': 1210, 'end': 2688, 'text': 'The implicated ...', 'score': 14.2}
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.ports import Embedder
from ..core.rows import Result, Row
from ..stats.selection import unit
from ..text.bm25 import BM25Index, best, reciprocal_rank_fusion
from ..text.chunks import chunks
from ..text.passages import Passages, columns_of, in_rows

BATCH = 256  # texts embedded at a time
DEPTH = 100  # of each ranking that `hybrid` fuses


@dataclass(frozen=True)
class Retrieve(Op):
    """from: table. column, doc, title: its columns with the text, the document's name (doc_id or id, else the row's number) and title.

    within: a column of the row that names the only document to search. skip_self: leaves out the passage that the row itself is, told
    by the document's name and `start`, as `chunk` writes them. embedder: role. query: the row's column with the question. k: passages.
    method: how they are ranked. words, overlap: of the passages into which the table's texts are cut.
    """

    source: str = field(metadata={"key": "from"})
    query: str
    k: int = 5
    method: Literal["bm25", "embedding", "hybrid"] = "bm25"
    words: int = 250
    overlap: int = 50
    column: str = "text"
    doc: str | None = None
    title: str | None = None
    within: str | None = None
    skip_self: bool = False
    embedder: str = "default"
    into: str = "retrieved"
    name: ClassVar[str] = "retrieve"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Robertson and Zaragoza 2009, The probabilistic relevance framework: BM25 and beyond",
        "Lù 2024, BM25S: orders of magnitude faster lexical search via eager sparse scoring",
        "Cormack, Clarke and Buettcher 2009, Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    )

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError("k must be at least 1")
        chunks("", self.words, self.overlap)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        own = (in_rows(self._named(scene)[0]) or "doc_id", "start") if self.skip_self else ()
        return tuple(dict.fromkeys(c for c in (self.query, self.within, *own) if c is not None))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def embeds(self) -> tuple[str, ...]:
        return () if self.method == "bm25" else (self.embedder,)

    def check(self, scene: Scene) -> None:
        doc, _ = self._named(scene)
        if self.skip_self and doc is None:
            raise RecipeError(f"{scene.where}: skip_self needs doc:, the column of table '{self.source}' that names a document")

    def _named(self, scene: Scene) -> tuple[str | None, str | None]:
        try:
            return columns_of(scene.table(self.source).columns, self.column, self.doc, self.title)
        except ValueError as error:
            raise RecipeError(f"{scene.where}: table '{self.source}' {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        index: _Index = await ctx.shared("index", self._build)
        passages = index.passages
        value = row.values[self.query]
        query = "" if value is None else str(value).strip()
        among = None if self.within is None else passages.of(row.values[self.within])
        skip = set()
        if self.skip_self:
            skip = {i for i in passages.of(row.values[index.name]) if passages.starts[i] == row.values["start"]}
        found = await index.search(query, self.k + len(skip), among) if query and len(passages) else []
        return row.with_values({self.into: [passages.entry(i, score) for i, score in found if i not in skip][: self.k]})

    async def _build(self, ctx: Context) -> _Index:
        table = ctx.table(self.source)
        doc, title = columns_of(table.columns, self.column, self.doc, self.title)
        passages = await asyncio.to_thread(Passages, table.rows(), self.column, doc, title, self.words, self.overlap)
        index = _Index(passages, in_rows(doc) or "doc_id")
        if self.method != "embedding":
            index.bm25 = await asyncio.to_thread(BM25Index, passages.indexed())
        if self.method != "bm25" and len(passages):
            await index.embed(ctx.embedder(self.embedder))
        return index


class _Index:
    def __init__(self, passages: Passages, name: str) -> None:
        self.passages = passages
        self.name = name  # of the row's column that names its document
        self.bm25: BM25Index | None = None
        self._embedder: Embedder | None = None
        self._vectors: Any = None

    async def embed(self, embedder: Embedder) -> None:
        import numpy as np

        texts = self.passages.indexed()
        self._embedder = await asyncio.to_thread(embedder.fit, texts)
        parts = [unit(await self._embedder.embed(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)]
        self._vectors = np.concatenate(parts)

    async def search(self, query: str, k: int, among: Sequence[int] | None) -> list[tuple[int, float]]:
        if self._embedder is None:
            return self.bm25.search(query, k, among) if self.bm25 is not None else []
        vector = unit(await self._embedder.embed([query]))[0]
        # rounded, so that the last bit of a product, which differs between machines, decides no order
        cosines = (self._vectors @ vector).round(6)
        depth = max(DEPTH, k) if self.bm25 is not None else k
        near = best(cosines, depth, among) if vector.any() else []
        if self.bm25 is None:
            return near
        return reciprocal_rank_fusion([[i for i, _ in ranking] for ranking in (self.bm25.search(query, depth, among), near)])[:k]
