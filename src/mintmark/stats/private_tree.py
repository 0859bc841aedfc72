"""A table under differential privacy from noisy one- and two-way counts along a tree of columns; post-processing of releases, no private row.

What is counted: every column alone; how far each pair is from independence (L1); the pairs along the tree that spans the strongest. A row is drawn
from the root outwards, each column given its parent's bin. Numbers lie in equal bins of a public range and are drawn evenly inside.
Source: McKenna, Miklau and Sheldon 2021, Winning the NIST contest (2108.04978), MST: the same three measurements; here the edges are chosen
from Gaussian scores instead of the exponential mechanism, so that one accountant serves all, and a tree needs no graphical model.
Not covered: interactions of three columns that no pair shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .one_cell import number, plain

GAP = 4 * (1 + 1e-6)  # L2 sensitivity of one score of `gaps`; the millionth is for floating point, which the counts themselves do not need


@dataclass(frozen=True)
class Bins:
    """A column's public domain. levels: of a category; or low, high and n equal bins of numbers, whole ones or not. missing: one more bin."""

    name: str
    levels: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    n: int = 0
    whole: bool = False
    missing: bool = False

    @property
    def size(self) -> int:
        return (len(self.levels) or self.n) + self.missing

    def encode(self, cells: Sequence[Any]) -> Any:
        """Bin of each cell, by that cell alone (stats/one_cell.py); what lies outside the domain goes to the nearest bin, an unknown level to the
        missing bin or the last."""
        import numpy as np

        if self.levels:
            known = {plain(v): k for k, v in enumerate(self.levels)}
            return np.asarray([known.get(plain(c), self.size - 1) for c in cells], int)
        x = np.asarray([np.nan if (v := number(c)) is None else v for c in cells], float)
        inside = np.clip(np.nan_to_num(x, nan=self.low), self.low, self.high)
        at = np.minimum(np.floor((inside - self.low) / (self.high - self.low) * self.n), self.n - 1).astype(int)
        return np.where(np.isnan(x), self.size - 1 if self.missing else 0, at)

    def decode(self, bins: Any, rng: Any) -> list[Any]:
        import numpy as np

        if self.levels:
            return [self.levels[b] if b < len(self.levels) else None for b in bins.tolist()]
        width = (self.high - self.low) / self.n
        x = self.low + (bins + rng.random(len(bins))) * width
        if not self.whole:  # cut where more digits would say nothing
            digits = 2 - math.floor(math.log10(width))
            x = np.maximum((np.floor(x * 10.0**digits) / 10.0**digits).round(max(0, digits)), self.low)
        if self.whole:
            x = np.clip(np.floor(x), np.ceil(self.low), np.floor(self.high))
        gone = bins >= self.n
        return [None if g else int(v) if self.whole else float(v) for v, g in zip(x.tolist(), gone.tolist(), strict=True)]


def alone(codes: Mapping[str, Any], domain: Sequence[Bins], weight: Any) -> list[float]:
    """One-way counts, stacked. With weights that sum to at most 1 for a person, L2 sensitivity sqrt(columns)."""
    import numpy as np

    return [float(v) for b in domain for v in np.bincount(codes[b.name], weight, b.size)]


def gaps(codes: Mapping[str, Any], domain: Sequence[Bins], weight: Any) -> list[float]:
    """For each pair: L1 distance of the joint counts from those of independent columns. Adding a row moves the joint by 1 and the product by at most 3
    in all cells together, so each score by at most 4; the vector's L2 sensitivity is GAP sqrt(pairs)."""
    import numpy as np

    out = []
    total = max(float(weight.sum()), 1.0)
    for i, a in enumerate(domain):
        for b in domain[i + 1 :]:
            joint = _joint(codes, a, b, weight)
            out.append(float(np.abs(joint - np.outer(joint.sum(1), joint.sum(0)) / total).sum()))
    return out


def pairs(codes: Mapping[str, Any], edges: Sequence[tuple[Bins, Bins]], weight: Any) -> list[float]:
    """Two-way counts of the edges, stacked; L2 sensitivity sqrt(edges)."""
    return [float(v) for a, b in edges for v in _joint(codes, a, b, weight).ravel()]


def _joint(codes: Mapping[str, Any], a: Bins, b: Bins, weight: Any) -> Any:
    import numpy as np

    return np.bincount(codes[a.name] * b.size + codes[b.name], weight, a.size * b.size).reshape(a.size, b.size)


def spanning(domain: Sequence[Bins], scores: Sequence[float]) -> list[tuple[Bins, Bins]]:
    """The tree of the largest scores (Kruskal), as (parent, child) in an order in which parents come first; the root is the first column."""
    ranked = sorted(((s, i, j) for s, (i, j) in zip(scores, _pairs_of(len(domain)), strict=True)), key=lambda t: (-t[0], t[1], t[2]))
    of = list(range(len(domain)))
    near: dict[int, list[int]] = {i: [] for i in of}
    for _, i, j in ranked:
        if of[i] != of[j]:
            near[i].append(j)
            near[j].append(i)
            of = [of[i] if o == of[j] else o for o in of]
    out: list[tuple[Bins, Bins]] = []
    seen, queue = {0}, [0]
    while queue:
        i = queue.pop(0)
        for j in near[i]:
            if j not in seen:
                seen.add(j)
                queue.append(j)
                out.append((domain[i], domain[j]))
    return out


def _pairs_of(n: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(n) for j in range(i + 1, n)]


@dataclass(frozen=True)
class Tree:
    """What was released, as chances: root, then each child given its parent's bin. total: the noisy number of units."""

    domain: tuple[Bins, ...]
    edges: tuple[tuple[Bins, Bins], ...]
    root: Any
    given: Mapping[str, Any]  # child -> (parent bins, child bins), rows sum to 1
    total: float

    @classmethod
    def of(
        cls, domain: Sequence[Bins], single: Sequence[float], edges: Sequence[tuple[Bins, Bins]], joint: Sequence[float], sigma: float
    ) -> Tree:
        """sigma: of the two-way counts; a parent's bin whose counts sum to less than 3 sigma sqrt(bins) tells nothing, its children are drawn
        from the column alone."""
        import numpy as np

        ones: dict[str, Any] = {}
        at = 0
        for b in domain:
            ones[b.name] = np.asarray(single[at : at + b.size], float)
            at += b.size
        total = float(np.median([v.sum() for v in ones.values()]))
        given: dict[str, Any] = {}
        at = 0
        for a, b in edges:
            table = np.asarray(joint[at : at + a.size * b.size], float).reshape(a.size, b.size)
            at += a.size * b.size
            table[table.sum(1) < 3 * sigma * b.size**0.5] = 0.0
            given[b.name] = np.vstack([chances(row, chances(ones[b.name])) for row in table])
        return cls(tuple(domain), tuple(edges), chances(ones[domain[0].name]), given, total)

    def sample(self, n: int, seed: int) -> dict[str, list[Any]]:
        import numpy as np

        rng = np.random.default_rng(seed)
        bins = {self.domain[0].name: _draw(np.tile(self.root, (n, 1)), rng)}
        for a, b in self.edges:
            bins[b.name] = _draw(self.given[b.name][bins[a.name]], rng)
        return {b.name: b.decode(bins[b.name], rng) for b in self.domain}


def chances(counts: Any, instead: Any = None) -> Any:
    """Noisy counts as chances: the nearest point (L2) without negative counts and with the same sum, divided by it. instead: where the sum is not above 0."""
    import numpy as np

    total = float(np.sum(counts))
    if total <= 0:
        return np.full(len(counts), 1 / len(counts)) if instead is None else instead
    high = np.sort(counts)[::-1]
    over = (np.cumsum(high) - total) / np.arange(1, len(high) + 1)
    last = np.flatnonzero(high > over)[-1]
    fitted = np.maximum(counts - over[last], 0.0)
    return fitted / fitted.sum()


def _draw(p: Any, rng: Any) -> Any:
    """One bin a row, by each row's chances."""
    import numpy as np

    edges = np.cumsum(p, axis=1)
    return np.minimum((edges < rng.random(len(p))[:, None] * edges[:, -1:]).sum(axis=1), p.shape[1] - 1)
