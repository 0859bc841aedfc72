"""Farthest-first on a planted geometry, MMR between its two extremes, vote-k against the paper's definition written out plainly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from mintmark.stats.selection import cosines, farthest_first, mmr, vote_k


def unit(rows: object) -> np.ndarray:
    found = np.asarray(rows, dtype=float)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def random_unit(n: int, d: int, seed: int) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, d)))


def on_circle(*degrees: float) -> np.ndarray:
    at = np.radians(degrees)
    return np.stack([np.cos(at), np.sin(at)], axis=1)


def test_farthest_first_on_a_circle() -> None:
    """From 0 degrees the opposite is farthest, then the right angle, then what is left of gaps."""
    circle = on_circle(0, 10, 90, 180, 190, 265, 47)
    assert farthest_first(circle, 5, 0) == [0, 3, 2, 5, 6]
    assert farthest_first(circle, 99, 4)[0] == 4 and sorted(farthest_first(circle, 99, 4)) == list(range(7))
    assert farthest_first(circle, 1, 2) == [2]


@given(st.integers(2, 25), st.integers(1, 30), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_farthest_first_is_gonzalez(n: int, k: int, seed: int) -> None:
    """Each pick is as far from its nearest predecessor as any other row is; no row comes twice."""
    vectors = random_unit(n, 3, seed)
    chosen = farthest_first(vectors, k, seed % n)
    assert len(set(chosen)) == len(chosen) == min(k, n)
    near = vectors @ vectors.T
    for at in range(1, len(chosen)):
        before = chosen[:at]
        best = min(near[i, before].max() for i in range(n) if i not in before)
        assert near[chosen[at], before].max() == pytest.approx(best, abs=1e-9)


def test_mmr_between_relevance_and_variety() -> None:
    vectors = on_circle(0, 1, 2, 40, -60)
    relevance = [1.0, 0.99, 0.98, 0.8, 0.7]
    assert mmr(vectors, relevance, 3, 1.0) == [0, 1, 2], "weight 1 is similarity alone"
    assert mmr(vectors, relevance, 3, 0.5) == [0, 4, 3], "twins of what is chosen stand back"
    assert mmr(vectors, relevance, 2, 0.0)[1] == 4, "weight 0 is variety alone"
    assert sorted(mmr(vectors, relevance, 99)) == list(range(5)) and mmr(vectors, relevance, 0) == []


@given(st.integers(1, 20), st.integers(1, 8), st.integers(0, 10**6), st.sampled_from([0.2, 0.5, 0.8]))
@settings(max_examples=60, deadline=None)
def test_mmr_is_the_formula(n: int, k: int, seed: int, weight: float) -> None:
    vectors, relevance = random_unit(n, 4, seed), np.random.default_rng(seed + 1).random(n)
    chosen = mmr(vectors, relevance, k, weight)
    near = vectors @ vectors.T
    for at, i in enumerate(chosen):
        score = {
            j: weight * relevance[j] - (1 - weight) * max((near[j, c] for c in chosen[:at]), default=0.0)
            for j in range(n)
            if j not in chosen[:at]
        }
        assert score[i] == pytest.approx(max(score.values()), abs=1e-9)
    assert len(chosen) == min(k, n)


def plain_vote_k(vectors: np.ndarray, k: int, neighbours: int) -> list[int]:
    """Su et al. 2022, section 2.1, word for word: edges to the nearest; score(u) sums s(v) over unchosen v with an edge to u."""
    n = len(vectors)
    edges = {v: sorted((u for u in range(n) if u != v), key=lambda u: -float(vectors[v] @ vectors[u]))[:neighbours] for v in range(n)}
    chosen: list[int] = []
    while len(chosen) < min(k, n):
        s = {v: 10.0 ** -sum(u in chosen for u in edges[v]) for v in range(n) if v not in chosen}
        score = {u: sum(s[v] for v in s if u in edges[v]) for u in range(n) if u not in chosen}
        chosen.append(max(score, key=lambda u: (round(score[u], 9), -u)))
    return chosen


@given(st.integers(2, 40), st.integers(1, 12), st.integers(1, 9), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_vote_k_is_the_papers(n: int, k: int, neighbours: int, seed: int) -> None:
    vectors = random_unit(n, 5, seed)
    assert vote_k(vectors, k, neighbours) == plain_vote_k(vectors, k, min(neighbours, n - 1))


def test_vote_k_takes_from_every_crowd() -> None:
    """Three crowds of 30, 20 and 10: three picks, one of each, though the largest holds the rows with most votes."""
    rng = np.random.default_rng(3)
    crowds = [0] * 30 + [1] * 20 + [2] * 10
    vectors = unit(np.eye(3)[crowds] + rng.normal(0, 0.05, (60, 3)))
    assert Counter(crowds[i] for i in vote_k(vectors, 3, 9)) == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize("n", [1, 2, 700])
def test_few_rows_and_more_than_one_block(n: int) -> None:
    chosen = vote_k(random_unit(n, 3, 1), 5, 20)
    assert len(set(chosen)) == min(5, n)


def test_sparse_gives_what_dense_gives() -> None:
    dense = unit(np.maximum(random_unit(40, 6, 8), 0) + 0.01)
    sparse = csr_matrix(dense)
    relevance = np.random.default_rng(9).random(40)
    assert np.allclose(cosines(sparse, sparse[:1]), cosines(dense, dense[:1]))
    assert farthest_first(sparse, 6, 0) == farthest_first(dense, 6, 0)
    assert vote_k(sparse, 6, 5) == vote_k(dense, 6, 5) and mmr(sparse, relevance, 6) == mmr(dense, relevance, 6)
