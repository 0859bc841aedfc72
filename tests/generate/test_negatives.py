"""negatives: never the positive, in 10,000 draws over corpora with planted copies of it; order, depth, ties to the row alone."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Row, Tally
from mintmark.text.shingles import fold, jaccard, shingles

WORDS = [f"{a}{b}" for a in ("vi", "ma", "do", "cel", "fe", "ro") for b in ("rus", "sk", "ses", "lar", "ver", "ute", "tin")]


def corpus(rng: random.Random) -> tuple[Columns, list[dict[str, Any]]]:
    """40 documents of three 12-word sentences; each row's positive is one sentence, copied, shouted, nearly copied and wrapped elsewhere."""

    def sentence() -> list[str]:
        return [rng.choice(WORDS) for _ in range(24)]

    documents = [[sentence() for _ in range(3)] for _ in range(40)]
    rows = []
    for d in rng.sample(range(40), 10):
        s = rng.randrange(3)
        positive = documents[d][s]
        near = [*positive]
        near[-1] = "changed"  # one or two of 23 bigrams: Jaccard 0.92
        copies = ([x.upper() for x in positive], near, positive)
        for copy_, other in zip(copies, rng.sample([i for i in range(40) if i != d], 3)):
            documents[other].append(copy_)
        rows.append((d, s, rng.sample(positive, 6)))
    texts = ["\n\n".join(" ".join(s) + "." for s in document) for document in documents]
    found = []
    for d, s, query in rows:
        passage = " ".join(documents[d][s]) + "."
        start = texts[d].index(passage)
        found.append({"query": " ".join(query), "passage": passage, "doc_id": d, "start": start, "end": start + len(passage)})
    return Columns("docs", {"doc_id": list(range(40)), "text": texts}), found


def draw(
    op: Any, table: Columns, rows: list[dict[str, Any]], seed: int = 0, times: int = 1
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    async def go() -> list[Any]:
        ctx = Context(seed=seed, tables={"docs": table})
        out = []
        for t in range(times):
            for i, row in enumerate(rows):
                made = await op.each(Row(f"{t}-{i}", row), ctx.at("negatives", f"{t}-{i}", Tally()))
                out.append((row, made.values["negatives"]))
        return out

    return asyncio.run(go())


def test_no_positive_in_10_000_draws() -> None:
    draws = planted = 0
    for seed in range(8):
        table, rows = corpus(random.Random(seed))
        op = mm.generate.Negatives("docs", k=4, depth=30, words=24, overlap=0)
        everything = {fold(s) for t in table.data["text"] for s in t.split("\n\n")}
        for row, negatives in draw(op, table, rows, seed, times=32):
            planted += sum(jaccard(shingles(row["passage"]), shingles(s)) >= 0.8 for s in everything)
            assert len(negatives) == 4 and len({(n["doc_id"], n["start"]) for n in negatives}) == 4
            assert [n["score"] for n in negatives] == sorted((n["score"] for n in negatives), reverse=True)
            for n in negatives:
                draws += 1
                assert (n["doc_id"], n["start"]) != (row["doc_id"], row["start"])
                assert jaccard(shingles(n["text"]), shingles(row["passage"])) < 0.8 and fold(row["passage"]) not in fold(n["text"])
                assert table.data["text"][n["doc_id"]][n["start"] :].startswith(n["text"]) and n["score"] > 0
    assert draws >= 10_000 and planted >= 2 * draws / 4, (draws, planted)


@pytest.mark.parametrize("overlap", [0, 20])
def test_overlapping_offsets_are_the_positive_too(overlap: int) -> None:
    """The offsets decide even where the row's text was rewritten; with overlap the positive stands in several passages."""
    table, rows = corpus(random.Random(99))
    op = mm.generate.Negatives("docs", k=50, depth=100, pick="top", words=40, overlap=overlap)
    for row, negatives in draw(op, table, [{**row, "passage": "said otherwise"} for row in rows]):
        assert negatives
        for n in negatives:
            assert n["doc_id"] != row["doc_id"] or n["start"] >= row["end"] or n["start"] + len(n["text"]) <= row["start"]


def test_a_passage_that_holds_the_positive_or_is_held_by_it_is_no_negative() -> None:
    table, rows = corpus(random.Random(99))
    placeless = [{"query": row["query"], "passage": row["passage"]} for row in rows]
    for words in (60, 8):
        for row, negatives in draw(mm.generate.Negatives("docs", k=50, depth=100, pick="top", words=words, overlap=0), table, placeless):
            assert negatives
            for n in negatives:
                assert fold(row["passage"]) not in fold(n["text"]) and fold(n["text"]) not in fold(row["passage"])


def test_top_random_and_fewer() -> None:
    table, rows = corpus(random.Random(5))
    options = {"words": 24, "overlap": 0}
    top = draw(mm.generate.Negatives("docs", k=3, pick="top", **options), table, rows)
    every = draw(mm.generate.Negatives("docs", k=100, depth=100, **options), table, rows)
    assert [n for _, n in top] == [n[:3] for _, n in every], "top: the best of all that fit"
    one = draw(mm.generate.Negatives("docs", k=3, **options), table, rows)
    assert one != top and one == draw(mm.generate.Negatives("docs", k=3, **options), table, rows)
    bare = [{"query": q, "passage": None} for q in ("zebra", "", None)]
    assert [n for _, n in draw(mm.generate.Negatives("docs", **options), table, bare)] == [[], [], []]


def test_checks() -> None:
    scene = Scene(
        ("query", "passage", "start", "source_id"), {"docs": Columns("docs", {"id": [1], "text": ["a"]})}, where="negatives (step 3 of 4)"
    )
    op = mm.generate.Negatives("docs")
    assert op.reads(scene) == ("query", "passage", "source_id", "start")
    with pytest.raises(RecipeError, match="step 3 of 4.*no column 'body'"):
        mm.generate.Negatives("docs", column="body").check(scene)
    with pytest.raises(ValueError):
        mm.generate.Negatives("docs", k=7, depth=6)


@pytest.mark.parametrize(
    "op", [mm.generate.Negatives("d", doc="nope"), mm.generate.Retrieve("d", query="query", skip_self=True, doc="nope")]
)
def test_a_column_that_the_table_lacks_is_refused(op: Any) -> None:
    recipe = mm.Recipe("r", ops=[mm.generate.Grid({"query": ["a"], "passage": ["b"]}), op])
    with pytest.raises(RecipeError, match=r"\(step 2 of 2\): table 'd' has no column 'nope', only text"):
        recipe.check_columns(Scene((), {"d": Columns("d", {"text": ["a"]})}))
