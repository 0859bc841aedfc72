"""Picking few out of many vectors: farthest-first, maximal marginal relevance, vote-k. Rows are unit vectors, dense or sparse; cosine throughout.

    farthest_first(vectors, 3, first=0)  ->  [0, 41, 7]

Sources: Gonzalez 1985 (farthest-first); Carbonell and Goldstein 1998 (MMR); Su et al. 2022 (2209.01975), section 2.1 (vote-k).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def unit(vectors: Any) -> Any:
    """Rows of length 1, in 32 bits; a row of zeros stays."""
    import numpy as np

    matrix = np.asarray(vectors, dtype=np.float32)
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)


def cosines(vectors: Any, one: Any) -> Any:
    """Cosine of every row with one row, as a flat array."""
    import numpy as np

    found = vectors @ one.T
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found, dtype=float).ravel()


def farthest_first(vectors: Any, k: int, first: int) -> list[int]:
    """Each next one is the row least similar to all chosen so far; of equals the first. O(nk)."""
    import numpy as np

    n = vectors.shape[0]
    chosen = [first]
    near = cosines(vectors, vectors[first : first + 1])
    near[first] = np.inf
    while len(chosen) < min(k, n):
        i = int(near.argmin())
        chosen.append(i)
        near = np.maximum(near, cosines(vectors, vectors[i : i + 1]))
        near[chosen] = np.inf
    return chosen


def mmr(vectors: Any, relevance: Sequence[float], k: int, weight: float = 0.5) -> list[int]:
    """Each next one maximises weight x relevance - (1 - weight) x its greatest similarity to those chosen; of equals the first. O(nk)."""
    import numpy as np

    wanted = np.asarray(relevance, dtype=float)
    n = len(wanted)
    chosen: list[int] = []
    near = np.zeros(n)
    free = np.ones(n, dtype=bool)
    while len(chosen) < min(k, n):
        score = np.where(free, weight * wanted - (1 - weight) * near, -np.inf)
        i = int(score.round(9).argmax())  # rounded: equals are equal on every machine
        chosen.append(i)
        free[i] = False
        near = np.maximum(near, cosines(vectors, vectors[i : i + 1])) if len(chosen) > 1 else cosines(vectors, vectors[i : i + 1])
    return chosen


def vote_k(vectors: Any, k: int, neighbours: int = 150, discount: float = 10.0) -> list[int]:
    """Representative and varied rows: each row votes for its nearest neighbours; a voter whose vote is spent on chosen rows counts less.

    score(u) = sum over voters v of u that are not chosen themselves of discount ** -(number of chosen rows that v votes for); of equals the
    first. The fast variant of the paper; a row that shares nothing (cosine 0, as sparse vectors often have) is no neighbour. O(n^2).
    """
    import numpy as np

    n = vectors.shape[0]
    neighbours = min(neighbours, n - 1)
    if neighbours < 1:
        return list(range(min(k, n)))
    votes = np.empty((n, neighbours), dtype=np.int32)
    for low in range(0, n, 256):
        block = vectors[low : low + 256] @ vectors.T
        block = np.asarray(block.toarray() if hasattr(block, "toarray") else block, dtype=float)
        own = np.arange(len(block))
        block[own, low + own] = -np.inf
        nearest = np.argsort(-block, axis=1, kind="stable")[:, :neighbours]
        votes[low : low + 256] = np.where(np.take_along_axis(block, nearest, 1) != 0, nearest, n)  # n: for nobody
    spent = np.zeros(n)
    chosen: list[int] = []
    free = np.ones(n, dtype=bool)
    while len(chosen) < min(k, n):
        weight = np.where(free, discount**-spent, 0.0)
        scores = np.bincount(votes.ravel(), np.repeat(weight, neighbours), n + 1)[:n]
        i = int(np.where(free, scores.round(9), -np.inf).argmax())
        chosen.append(i)
        free[i] = False
        spent += (votes == i).any(axis=1)
    return chosen
