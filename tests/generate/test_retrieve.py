"""retrieve: what is found, what is left out, one index a run, every method, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError, TransportError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Row, Tally
from mintmark.embedders.tfidf import TfidfEmbedder

DOCS = {
    "doc_id": [1, 2, 3, 4],
    "title": ["Opening hours", "Fees", "Rooms", "Nothing"],
    "text": [
        "The library opens at nine. On Sundays it stays closed.",
        "A late book costs one euro a day. A lost book is paid in full.",
        "Rooms seat six people. Rooms are booked by phone.",
        None,
    ],
}


class Counting(TfidfEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def fit(self, texts: Sequence[str]) -> TfidfEmbedder:
        made, learned = Counting(), super().fit(texts)
        made._vectoriser, made._svd, made.calls = learned._vectoriser, learned._svd, self.calls
        return made

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.calls.append(len(texts))
        await asyncio.sleep(0.01)
        return await super().embed(texts)


def run(op: Any, rows: list[dict[str, Any]], embedder: Any = None, private: bool = False) -> list[Any]:
    async def go() -> list[Any]:
        ctx = Context(tables={"docs": Columns("docs", DOCS, private)}, embedders={"default": embedder} if embedder else {})
        done = [op.each(Row(f"r{i}", v), ctx.at("retrieve", f"r{i}", Tally())) for i, v in enumerate(rows)]
        return [r.values["retrieved"] for r in await asyncio.gather(*done)]

    return asyncio.run(go())


def op(**more: Any) -> Any:
    return mm.generate.Retrieve("docs", "question", **{"words": 8, "overlap": 0, **more})


def test_entries_are_the_passages() -> None:
    (found,) = run(op(k=2), [{"question": "How much is a late book?"}])
    assert [e["text"] for e in found] == ["A late book costs one euro a day.", "A lost book is paid in full."]
    for e in found:
        assert DOCS["text"][1][e["start"] : e["end"]] == e["text"] and (e["doc_id"], e["title"]) == (2, "Fees")
    assert found[0]["score"] > found[1]["score"] > 0


def test_the_title_is_searched_but_not_shown() -> None:
    (found,) = run(op(k=9), [{"question": "hours"}])
    assert [e["doc_id"] for e in found] == [1, 1] and all("hours" not in e["text"] for e in found)


@pytest.mark.parametrize("method", ["bm25", "embedding", "hybrid"])
def test_every_method(method: str) -> None:
    embedder = Counting()
    questions = [
        {"question": q, "doc": d} for q, d in (("late book fee", "2"), ("when are rooms booked?", 3), ("", 1), (None, 1), ("zzz", 2))
    ]
    found = run(op(method=method, k=1), questions, embedder)
    assert [[e["doc_id"] for e in f] for f in found] == [[2], [3], [], [], []]
    assert embedder.calls.count(6) == (method != "bm25"), "one index a run, however many rows wait for it"
    assert embedder._vectoriser is None, "the shared embedder is not fitted to this table"
    inside = run(op(method=method, k=9, within="doc"), questions, Counting())
    assert {e["doc_id"] for e in inside[0]} == {2}, "within: restricts, and 2 is '2'"


def test_skip_self_leaves_out_the_rows_own_passage() -> None:
    row = {"question": "a late euro lost", "doc_id": 2, "start": 0}
    assert [e["start"] for e in run(op(k=2), [row])[0]] == [0, 34]
    assert [e["start"] for e in run(op(k=1, skip_self=True), [row])[0]] == [34]
    assert op(skip_self=True).reads(Scene(tables={"docs": Columns("docs", DOCS)})) == ("question", "doc_id", "start")
    renamed = Columns("docs", {"id": [1], "text": ["a"]})
    assert op(skip_self=True).reads(Scene(tables={"docs": renamed})) == ("question", "source_id", "start"), "as read: renames it"


def test_errors_name_the_way_out() -> None:
    scene = Scene(("question",), {"docs": Columns("docs", {"body": ["a"]})}, where="retrieve (step 2 of 3)")
    with pytest.raises(RecipeError, match="step 2 of 3.*no column 'text', only body"):
        op().check(scene)
    with pytest.raises(RecipeError, match="skip_self needs doc"):
        op(column="body", skip_self=True).check(scene)
    for bad in ({"k": 0}, {"overlap": 5}):
        with pytest.raises(ValueError):
            op(**bad)
    with pytest.raises(RecipeError, match="embedder plays the role 'default'"):
        run(op(method="embedding"), [{"question": "a"}])

    class Down(Counting):
        def fit(self, texts: Sequence[str]) -> TfidfEmbedder:
            return self

        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            raise TransportError("no answer")

    with pytest.raises(TransportError, match="no answer"):  # each such row is failed(endpoint), and asked again by the same command
        run(op(method="embedding"), [{"question": "a"}, {"question": "b"}], Down())
