"""What each way to pick promises: never the row itself, the nearest last, variety, representatives, equal numbers, a budget kept."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, kept, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Row
from mintmark.generate.examples import Examples

PICKS: list[dict[str, Any]] = [
    {"pick": "random"},
    {"pick": "similar", "by": "text"},
    {"pick": "mmr", "by": "text"},
    {"pick": "diverse"},
    {"pick": "vote_k"},
    {"pick": "balanced", "balance": "label"},
]
WORDS = "the card was eaten by a machine near station and nobody at desk knows when it comes back".split()


def real(n: int = 30) -> dict[str, list[Any]]:
    texts = [" ".join(WORDS[(i * 7 + j * (1 + i % 3)) % len(WORDS)] for j in range(6)) + f" {i}" for i in range(n)]
    return {"text": texts, "label": ["abc"[i % 3] for i in range(n)]}


def rows_of(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, cells)) for cells in zip(*table.values())]


def picked(op: Examples, rows: Sequence[dict[str, Any]], table: dict[str, list[Any]], **more: Any) -> list[list[dict[str, Any]]]:
    return [r["examples"] for r in kept(each(op, rows, tables={"real": table}, **more))]


class Letters:
    """Vectors that count a, b and c: another geometry than TF-IDF's, so that one sees which was used."""

    name, local = "letters", True

    def __init__(self) -> None:
        self.texts: list[str] = []

    def fit(self, texts: Sequence[str]) -> Letters:
        return self

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += texts
        return [[float(t.count(c)) for c in "abc"] for t in texts]

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize("how", PICKS, ids=lambda h: h["pick"])
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from("ab")), min_size=1, max_size=12), st.integers(1, 15), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_never_the_row_itself(how: dict[str, Any], cells: list[tuple[str, str]], k: int, seed: int) -> None:
    table = {"id": list(range(len(cells))), "text": [c[0] for c in cells], "label": [c[1] for c in cells]}
    rows = [{"source_id": r["id"], "text": r["text"], "label": r["label"]} for r in rows_of(table)]
    for row, chosen in zip(rows, picked(Examples("real", k=k, **how), rows, table, seed=seed), strict=True):
        assert not [c for c in chosen if (c["text"], c["label"]) == (row["text"], row["label"])]
        assert not ("by" in how and [c for c in chosen if c["text"] == row["text"]]), "its text under another label is a leak too"
        assert len(chosen) <= k and len({c["id"] for c in chosen}) == len(chosen)


def test_the_text_counts_after_folding() -> None:
    table = {"text": ["Where is my CARD", "another thing"], "label": ["a", "b"]}
    assert picked(Examples("real", k=2, pick="similar", by="question"), [{"question": "where is  my card"}], table) == [
        [{"text": "another thing", "label": "b"}]
    ]


def test_a_shared_condition_is_not_the_row_itself() -> None:
    """A grid row that shares only its label with the table may see the examples of that label."""
    chosen = picked(Examples("real", k=30), [{"label": "a"}, {"label": "b", "text": real()["text"][4]}], real())
    assert len(chosen[0]) == 30
    assert len(chosen[1]) == 29, "the text tells the rows apart: that row is left out"
    assert [len(c) for c in picked(Examples("real", match="label", k=30), [{"label": "a"}, {"label": "x"}], real())] == [10, 0]


@pytest.mark.parametrize("embedder", [None, "default"])
def test_similar_stands_last(embedder: str | None) -> None:
    table = {"text": ["red house", "green garden door", "green garden", "blue sea", "green garden door key"], "n": [1, 2, 3, 4, 5]}
    op = Examples("real", k=3, pick="similar", by="q", embedder=embedder)
    chosen = picked(op, [{"q": "the green garden door key"}], table, embedder=_bag(table["text"]))[0]
    assert [c["n"] for c in chosen] == [3, 2, 5]


def _bag(texts: list[str]) -> Any:
    words = sorted({w for t in texts for w in t.split()})

    class Bag(Letters):
        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return [[float(w in t.split()) for w in words] for t in texts]

    return Bag()


def redundancy(chosen: list[dict[str, Any]]) -> float:
    bags = [set(c["text"].split()) for c in chosen]
    pairs = [len(a & b) / len(a | b) for a, b in itertools.combinations(bags, 2)]
    return float(np.mean(pairs))


def test_mmr_is_less_redundant_than_similar() -> None:
    """A crowd of near twins close to the question, and a few other answers to it."""
    table = {"text": [f"lost my card at the station {i}" for i in range(10)] + ["lost my keys", "card was stolen", "station map", "sea"]}
    rows = [{"q": "lost card, please help at once"}]
    similar = picked(Examples("real", k=4, pick="similar", by="q"), rows, table)[0]
    mmr = picked(Examples("real", k=4, pick="mmr", by="q"), rows, table)[0]
    assert redundancy(mmr) < redundancy(similar) - 0.3
    assert mmr[-1]["text"] == similar[-1]["text"], "the nearest is in both, and stands last"
    assert picked(Examples("real", k=4, pick="mmr", by="q", weight=1.0), rows, table)[0] == similar


def test_diverse_is_farthest_first_with_a_start_per_row() -> None:
    """Three directions, ten rows each: three picks are one of each, whatever the start; several rows start differently."""
    table = {"text": [c * (3 + i) for c in "abc" for i in range(10)], "kind": [c for c in "abc" for _ in range(10)]}
    chosen = picked(Examples("real", k=3, pick="diverse", embedder="default"), [{"x": i} for i in range(12)], table, embedder=Letters())
    assert all({c["kind"] for c in some} == set("abc") for some in chosen)
    assert len({some[0]["text"] for some in chosen}) > 4


def test_vote_k_draws_from_the_representatives() -> None:
    """Rows that share no word with any other are nobody's neighbour, even where they stand first: they are not drawn."""
    groups = {g: [f"{g} {w}" for w in WORDS[:12]] for g in ("card payment", "lost parcel", "late train")}
    table = {"text": [f"odd{i}" for i in range(4)] + [t for texts in groups.values() for t in texts]}
    chosen = picked(Examples("real", k=3, pick="vote_k"), [{"x": i} for i in range(30)], table)
    seen = Counter(c["text"] for some in chosen for c in some)
    assert 3 < len(seen) <= 12 and not any(t.startswith("odd") for t in seen)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30), st.integers(1, 12), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_balanced_counts_differ_by_at_most_one(labels: list[str], k: int, seed: int) -> None:
    """Unless a value has no more rows to give: then it has given all."""
    table = {"text": [f"t{i}" for i in range(len(labels))], "label": labels}
    chosen = picked(Examples("real", k=k, pick="balanced", balance="label"), [{"x": 1}], table, seed=seed)[0]
    counts, have = Counter(c["label"] for c in chosen), Counter(labels)
    assert len(chosen) == min(k, len(labels))
    assert all(counts[v] >= max(counts.values()) - 1 or counts[v] == have[v] for v in have)


@pytest.mark.parametrize("how", PICKS, ids=lambda h: h["pick"])
def test_token_budget(how: dict[str, Any]) -> None:
    rows = [{"text": t} for t in real()["text"][:5]]
    full = picked(Examples("real", k=6, columns=("text",), **how), rows, real())
    for budget in (1, 12, 40, 999):
        for whole, some in zip(full, picked(Examples("real", k=6, columns=("text",), tokens=budget, **how), rows, real()), strict=True):
            assert sum(1 + len(c["text"]) // 4 for c in some) <= budget
            assert some == whole[len(whole) - len(some) :], "those next to the question stay"
            more = whole[len(whole) - len(some) - 1 :] if len(some) < len(whole) else []
            assert not more or sum(1 + len(c["text"]) // 4 for c in more) > budget, "as many as fit"


def test_the_embedder_named_is_the_one_used() -> None:
    table = {"text": ["aaa x", "bbb y", "ccc z"], "n": [1, 2, 3]}
    rows, letters = [{"q": "y z a a"}], Letters()
    assert picked(Examples("real", k=1, pick="similar", by="q", embedder="default"), rows, table, embedder=letters)[0][0]["n"] == 1
    assert letters.texts == ["aaa x", "bbb y", "ccc z", "y z a a"], "the table once, the question once"
    assert picked(Examples("real", k=1, pick="similar", by="q"), rows, table)[0][0]["n"] == 2
    assert Examples("real", pick="random", embedder="default").embeds() == () and Examples("real", pick="diverse").embeds() == ()


@pytest.mark.parametrize("how", PICKS, ids=lambda h: h["pick"])
def test_order_does_not_count_and_the_seed_does(how: dict[str, Any]) -> None:
    rows = rows_of(real())[:12]
    op = Examples("real", k=3, **how)
    first = picked(op, rows, real())
    for order in (range(11, -1, -1), [5, 1, 0, 2, 4, 3, 11, 9, 10, 8, 6, 7]):
        assert picked(op, rows, real(), order=list(order)) == first
    assert (picked(op, rows, real(), seed=1) != first) is (how["pick"] not in ("similar", "mmr"))


def test_only_the_columns_asked_for_are_shown() -> None:
    chosen = picked(Examples("real", k=4, pick="balanced", balance="label", columns=("text",)), [{"x": 1}], real())[0]
    assert all(set(c) == {"text"} for c in chosen)


def test_an_empty_table_and_missing_texts() -> None:
    for how in PICKS:
        if "balance" not in how:
            assert picked(Examples("real", k=2, **how), [{"text": "a"}], {"text": []}) == [[]]
    gaps = {"text": [None, "", "card lost"], "label": ["a", "b", None]}
    for how in PICKS:
        results = each(Examples("real", k=2, **how), [{"text": None}, {"text": "lost"}], tables={"real": gaps})
        assert reasons(results) == ["kept", "kept"] and all(isinstance(r, Row) for r in results)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"k": 0}, "at least 1"),
        ({"tokens": 0}, "at least 1"),
        ({"pick": "similar"}, "needs by:"),
        ({"pick": "balanced"}, "balance: COLUMN goes with"),
        ({"balance": "label"}, "balance: COLUMN goes with"),
        ({"pick": "nearest"}, "one of random, similar"),
    ],
)
def test_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Examples.from_params({"from": "real", **params}, "examples")


def test_check_names_the_nearest_column() -> None:
    scene = Scene(("text",), {"real": Columns("real", real())}, where="examples (step 2)")
    with pytest.raises(RecipeError, match=r"no column 'lable', only text, label. Did you mean 'label'"):
        Examples("real", pick="balanced", balance="lable").check(scene)
