"""Votes of private rows for synthetic ones: each private row names the nearest candidate of its group, and nobody's votes weigh more than 1.

A person with k rows has k votes; their vector over the candidates is divided by its L2 norm where that is above 1, so that adding or removing
the person changes the histogram by at most 1 in L2, whatever k is. Noise is somebody else's work: `pick` takes the noisy histogram.

That bound is one of arithmetic, too. Floating point breaks it: a matrix product rounds differently with one row more, which turns near ties of other
people's rows (a test moves the histogram by 12). So vectors are whole numbers whose products are exact in any order (`grid`), and votes are multiples
of 2^-20, rounded down, whose sums are: squares of such a vector sum to a multiple of 2^-40 below 1 + 2^-40, so to at most 1.
Source: Lin et al. 2024, Private Evolution (2305.15560), algorithm 2; Xie et al. 2024, Aug-PE (2403.01749): ranks, threshold; Mironov 2012 for what
floating point does to such proofs.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal

SENSITIVITY = 1.0
BLOCK = 1_024
VOTE, LENGTH = 2.0**20, 2.0**24  # steps of a vote; length of a vector on the grid: products stay below 2^53


def floored(shares: Any) -> Any:
    """Rounded down to a multiple of 2^-20, so that sums of up to 2^32 of them are exact in any order."""
    import numpy as np

    return np.floor(np.asarray(shares, float) * VOTE) / VOTE


def grid(vectors: Any) -> Any:
    """Vectors (n, d) as whole numbers of length about 2^24, by each vector alone (float32 holds them): cosines order as their products do.
    A vector that is no vector (zeros, infinite, no number) becomes zeros, as near to one candidate as to any other."""
    import numpy as np

    vectors = np.atleast_2d(np.asarray(vectors))
    out = np.empty(vectors.shape, np.float32)
    for low in range(0, len(vectors), BLOCK):
        out[low : low + BLOCK] = _grid(np.array(vectors[low : low + BLOCK], float))
    return out


def _grid(found: Any) -> Any:
    import numpy as np

    found[~np.isfinite(found).all(axis=1)] = 0.0
    largest = np.abs(found).max(axis=1, keepdims=True, initial=0.0)
    step = 2.0 ** min(20, (52 - found.shape[1].bit_length()) // 2)  # so that the sum of squares is exact
    found = np.rint(found / np.where(largest > 0, largest, 1.0) * step)
    length = np.sqrt((found * found).sum(axis=1, keepdims=True))
    return np.rint(found / np.maximum(length, 1.0) * LENGTH)


def histogram(private: Any, candidates: Any, people: Sequence[Any], groups: Sequence[Any], candidate_groups: Sequence[Any]) -> Any:
    """Votes per candidate (float64). private (n, d), candidates (m, d): from `grid`; people, groups: of each private row. A row whose group
    has no candidate does not vote; equally near candidates share its vote."""
    import numpy as np

    total = np.zeros(len(candidates))
    votes: dict[Any, dict[int, float]] = {}
    alone = len(set(people)) == len(people)  # one row a person: no vote is above 1, and nothing needs to be summed by person
    for group in dict.fromkeys(candidate_groups):
        rows = np.asarray([i for i, g in enumerate(groups) if g == group], int)
        at = np.asarray([i for i, g in enumerate(candidate_groups) if g == group], int)
        across = candidates[at].astype(float).T
        for low in range(0, len(rows), BLOCK):
            block = rows[low : low + BLOCK]
            likeness = private[block].astype(float) @ across
            nearest = likeness == likeness.max(axis=1, keepdims=True)
            if alone:
                total[at] += floored(1 / nearest.sum(axis=1)) @ nearest
                continue
            shared = 1 / nearest.sum(axis=1)
            for row, choice in zip(*(x.tolist() for x in np.nonzero(nearest)), strict=True):
                of = votes.setdefault(people[block[row]], {})
                of[int(at[choice])] = of.get(int(at[choice]), 0.0) + float(shared[row])
    for of in votes.values():
        norm = max(1.0, sum(v * v for v in of.values()) ** 0.5)
        for choice, v in of.items():
            total[choice] += floored(v / norm)
    return total


def pick(
    noisy: Sequence[float],
    groups: Sequence[Any],
    rows: Mapping[Any, int],
    how: Literal["rank", "prob"],
    threshold: float,
    chance: random.Random,
) -> list[int]:
    """Numbers of the chosen candidates, rows[group] of each group (fewer where a group has fewer): those with the most votes (rank), or drawn with
    chances as their votes, again and again (prob). What the threshold leaves is 0; a group without any vote is drawn at random."""
    out: list[int] = []
    for group, n in rows.items():
        at = [i for i, g in enumerate(groups) if g == group]
        left = {i: max(0.0, noisy[i] - threshold) for i in at}
        if how == "prob":
            some = sum(left.values()) > 0
            out += chance.choices(at, [left[i] for i in at] if some else None, k=n) if at else []
        else:
            chance.shuffle(at)  # ties at 0 in no order of their own
            out += sorted(at, key=lambda i: -left[i])[:n]
    return out


def shares(rows: int, groups: Sequence[Any], weights: Mapping[Any, float] | None = None) -> dict[Any, int]:
    """How many of `rows` each group gets: by its weight, else alike; largest remainders first, the sum is exact."""
    weight = {g: float((weights or {}).get(g, 0.0 if weights else 1.0)) for g in groups}
    total = sum(weight.values())
    exact = {g: rows * w / total for g, w in weight.items()}
    out = {g: int(x) for g, x in exact.items()}
    for g in sorted(groups, key=lambda g: out[g] - exact[g])[: rows - sum(out.values())]:
        out[g] += 1
    return out
