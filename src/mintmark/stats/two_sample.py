"""Two samples of one column, as a clinical paper compares them: Welch's t, two proportions, overlap of intervals, and TOST for equivalence.

A test that does not reject proves no equality: with few rows nothing is rejected, with many a difference of no weight is. So each comparison
carries its effect size (standardised mean difference; Cohen's h) and TOST (Schuirmann 1987): two one-sided tests that the difference lies
inside a margin; p < 0.05 says equivalent, which is the same as the 90 % interval lying inside the margin.
Sources: Welch 1947; Agresti 2013 (two-proportion z, pooled for the test, unpooled for TOST); Cohen 1988; Barr et al. 2025 (the set of tests).

    two_means((10, 2, 50), (10.1, 2, 50), margin=0.5)  ->  p = .80, effect = -.05, TOST p = .16: neither different nor shown to be equal
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Compared:
    """difference: first minus second. p: of no difference. overlap: do the two 95 % intervals overlap. tost: p of a difference of the margin or more."""

    difference: float
    p: float
    overlap: bool
    effect: float
    tost: float

    @property
    def differs(self) -> bool:
        return self.p < 0.05

    @property
    def equivalent(self) -> bool:
        return self.tost < 0.05


def moments(values: Any) -> tuple[float, float, int]:
    """(mean, standard deviation, n) of the numbers that are not NaN."""
    import numpy as np

    x = np.asarray(values, float)
    x = x[~np.isnan(x)]
    return (float(x.mean()) if len(x) else math.nan, float(x.std(ddof=1)) if len(x) > 1 else 0.0, len(x))


def two_means(a: tuple[float, float, int], b: tuple[float, float, int], margin: float) -> Compared:
    """Welch's t of two (mean, sd, n); margin in the column's unit. ValueError below two values a side."""
    from scipy.stats import t

    (m, s, n), (m2, s2, n2) = a, b
    if n < 2 or n2 < 2:
        raise ValueError("a t-test needs two values on each side")
    gap, v, v2 = m - m2, s * s / n, s2 * s2 / n2
    error = math.sqrt(v + v2)
    pooled = math.sqrt((s * s + s2 * s2) / 2)
    effect = gap / pooled if pooled else 0.0 if gap == 0 else math.copysign(math.inf, gap)
    if error == 0:
        return Compared(gap, 1.0 if gap == 0 else 0.0, gap == 0, effect, 0.0 if abs(gap) < margin else 1.0)
    freedom = (v + v2) ** 2 / (v * v / (n - 1) + v2 * v2 / (n2 - 1))
    reach = t.ppf(0.975, n - 1) * math.sqrt(v) + t.ppf(0.975, n2 - 1) * math.sqrt(v2)
    tost = max(t.sf((gap + margin) / error, freedom), t.cdf((gap - margin) / error, freedom))
    return Compared(gap, float(2 * t.sf(abs(gap) / error, freedom)), bool(abs(gap) <= reach), effect, float(tost))


def two_shares(hits: int, n: int, hits2: int, n2: int, margin: float) -> Compared:
    """z-test of two proportions; margin as a share. Intervals are Wilson's."""
    from scipy.stats import norm

    from .intervals import wilson

    if not n or not n2:
        raise ValueError("a share needs trials on each side")
    p, p2 = hits / n, hits2 / n2
    gap, both = p - p2, (hits + hits2) / (n + n2)
    error = math.sqrt(both * (1 - both) * (1 / n + 1 / n2))
    low, high = wilson(hits, n)
    low2, high2 = wilson(hits2, n2)
    # two hits and two misses more: the plain error is 0 at shares of 0 and 1, where little is known, not all
    q, q2 = (hits + 2) / (n + 4), (hits2 + 2) / (n2 + 4)
    apart = math.sqrt(q * (1 - q) / (n + 4) + q2 * (1 - q2) / (n2 + 4))
    tost = max(norm.sf((gap + margin) / apart), norm.cdf((gap - margin) / apart))
    effect = 2 * math.asin(math.sqrt(p)) - 2 * math.asin(math.sqrt(p2))
    return Compared(gap, float(2 * norm.sf(abs(gap) / error)) if error else 1.0, low <= high2 and low2 <= high, effect, float(tost))


def two_categories(a: Sequence[Any], b: Sequence[Any], margin: float) -> Compared:
    """A column of levels: every level's shares compared; the smallest p times the number of levels (Bonferroni), the largest effect and
    difference, all intervals overlapping, the largest TOST p (an intersection of claims needs no correction). Missing is not a level."""
    from collections import Counter

    counts, counts2 = (Counter(c for c in side if c is not None) for side in (a, b))
    n, n2 = counts.total(), counts2.total()
    levels = sorted(counts.keys() | counts2.keys(), key=str)
    if len(levels) == 2:
        levels = levels[:1]  # the other one's share is 1 minus it
    found = [two_shares(counts[v], n, counts2[v], n2, margin) for v in levels]
    if not found:
        raise ValueError("a column without a value")
    worst = max(found, key=lambda c: abs(c.effect))
    p = min(1.0, len(found) * min(c.p for c in found))
    return Compared(worst.difference, p, all(c.overlap for c in found), worst.effect, max(c.tost for c in found))


def ks_p(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """(Kolmogorov-Smirnov distance, p of one distribution), by the limiting law of Smirnov 1948; conservative where values repeat."""
    from scipy.special import kolmogorov

    from .distances import ks

    if not len(a) or not len(b):
        raise ValueError("a Kolmogorov-Smirnov test needs values on each side")
    distance = ks(a, b)
    return distance, float(kolmogorov(math.sqrt(len(a) * len(b) / (len(a) + len(b))) * distance))


def one_sided_ranks(scores: Any, labels: Any, seed: int = 0, few: int = 50, times: int = 1_999) -> float:
    """p of scores that are no higher where the label is 1 (Wilcoxon 1945, ties at their mean rank); below `few` rows a side by permutation."""
    import numpy as np
    from scipy.stats import norm, rankdata

    ranks, ones = rankdata(scores), np.asarray(labels).astype(bool)
    n, m = int(ones.sum()), int((~ones).sum())
    seen = float(ranks[ones].sum())
    if min(n, m) < few:
        rng = np.random.default_rng(seed)
        drawn = rng.permuted(np.tile(ranks, (times, 1)), axis=1)[:, :n].sum(axis=1)
        return float((1 + (drawn >= seen - 1e-9).sum()) / (1 + times))
    variance = n * m * float(np.var(ranks, ddof=1)) / (n + m)
    return float(norm.sf((seen - n * (n + m + 1) / 2) / math.sqrt(variance))) if variance else 1.0
