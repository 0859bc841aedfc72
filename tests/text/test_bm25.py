"""BM25: parity with the formula written out, ties, empty input; stems; fusion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.bm25 import BM25Index, best, reciprocal_rank_fusion, stem, tokens

TEXTS = [
    "The virus spreads in droplets; droplets fall.",
    "Masks stop the droplets of a cough",
    "",
    "A vaccine trains the immune system against the virus",
    "The the the of of a",
    "!!!",
    "Immune cells remember viruses, and vaccines rely on that memory of the immune system",
]
WORDS = ["virus", "viruses", "the", "mask", "droplet", "immune", "vaccine", "cough", "nothing", "of", "?"]


def plain_bm25(query: str, texts: list[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    documents = [tokens(t) for t in texts]
    n, mean = len(documents), sum(map(len, documents)) / len(documents)
    out = []
    for document in documents:
        score = 0.0
        for word in tokens(query):
            df, tf = sum(word in d for d in documents), document.count(word)
            score += math.log(1 + (n - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * len(document) / mean))
        out.append(score)
    return out


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), st.integers(1, 9))
def test_parity_with_the_formula(query: str, k: int) -> None:
    index = BM25Index(TEXTS)
    wanted = plain_bm25(query, TEXTS)
    assert np.allclose(index.scores(query), wanted, rtol=1e-5, atol=1e-6)
    order = sorted((i for i in range(len(TEXTS)) if wanted[i] > 0), key=lambda i: (-round(wanted[i], 5), i))[:k]
    assert [i for i, _ in index.search(query, k)] == order


def test_stop_words_count_and_ties_are_in_order() -> None:
    index = BM25Index(TEXTS)
    assert index.search("the", 1)[0][0] == 4, "a stop word is a word"
    same = BM25Index(["one fee", "x"] * 20 + ["two fees"])
    assert [i for i, _ in same.search("fee", 5)] == [0, 2, 4, 6, 8]
    assert [i for i, _ in same.search("fee", 3, among=[30, 8, 8, 1, 40])] == [8, 30, 40]
    assert BM25Index([]).search("a", 3) == BM25Index(["", "?"]).search("a", 3) == index.search("", 3) == index.search("zebra", 3) == []
    assert index.search("virus " * 1_000 + "mask", 9) == index.search("virus " * 5_000, 9), "a long query is cut"
    assert len(index.search("the virus", 100)) == 5, "k may be more than there are texts"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(0, 12))
def test_best_is_a_stable_sort(values: list[int], k: int) -> None:
    wanted = sorted(enumerate(values), key=lambda p: (-p[1], p[0]))
    assert best(np.asarray(values, float), k) == wanted[:k]
    assert best(np.asarray(values, float), k, above=0.0) == [p for p in wanted if p[1] > 0][:k]


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("infections", "infection"), ("infected", "infect"), ("infecting", "infect"), ("studies", "study"), ("virus", "virus"), ("classes", "class"),
     ("causing", "caus"), ("causes", "caus"), ("running", "run"), ("sing", "sing"), ("red", "red"), ("ss", "ss"), ("19", "19")],
)  # fmt: skip
def test_stem(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


def test_fusion() -> None:
    assert reciprocal_rank_fusion([[3, 1], [1, 2]]) == [(1, 1 / 62 + 1 / 61), (3, 1 / 61), (2, 1 / 62)]
    assert [i for i, _ in reciprocal_rank_fusion([[5], [4]])] == [4, 5] and reciprocal_rank_fusion([]) == []
