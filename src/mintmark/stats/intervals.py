"""Intervals: Wilson and Clopper-Pearson for shares, also of trials that hang together in clusters; DeLong for an AUC, the two-level interval of a
score over seeds and test rows, and the difference of two numbers.

Sources: Wilson 1927; Clopper and Pearson 1934; DeLong et al. 1988 in the O(n log n) form of Sun and Xu 2014; MOVER: Zou and Donner 2008. All are
95 % by default.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def wilson(hits: float, n: float, z: float = 1.959964) -> tuple[float, float]:
    if n == 0:
        return 0.0, 1.0
    p, z2 = hits / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == n else min(1.0, middle + half))


def clopper_pearson(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    from scipy.stats import beta

    if n == 0:
        return 0.0, 1.0
    a = (1 - level) / 2
    return (
        0.0 if hits == 0 else float(beta.ppf(a, hits, n - hits + 1)),
        1.0 if hits == n else float(beta.ppf(1 - a, hits + 1, n - hits)),
    )


def auc(scores: Any, labels: Any) -> float:
    """P(score of a positive > score of a negative), ties half. labels: 1 or 0."""
    return delong(scores, labels)[0]


def delong(scores: Any, labels: Any, z: float = 1.959964) -> tuple[float, tuple[float, float]]:
    """(AUC, interval). Needs both classes; the interval is clipped to 0..1. Where every pair is ranked right (or wrong) the variance is 0 and says
    nothing: then Wilson's for as many draws as the smaller class has rows."""
    value, v10, v01 = _placements(scores, labels)
    import numpy as np

    m, n = len(v10), len(v01)
    if value in (0.0, 1.0):
        return value, wilson(value * min(m, n), min(m, n), z)
    variance = (np.var(v10, ddof=1) / m if m > 1 else 0.25) + (np.var(v01, ddof=1) / n if n > 1 else 0.25)
    half = z * math.sqrt(float(variance))
    return value, (max(0.0, value - half), min(1.0, value + half))


def _placements(scores: Any, labels: Any) -> tuple[float, Any, Any]:
    import numpy as np
    from scipy.stats import rankdata

    scores, labels = np.asarray(scores, float), np.asarray(labels).astype(bool)
    pos, neg = scores[labels], scores[~labels]
    m, n = len(pos), len(neg)
    if m == 0 or n == 0:
        raise ValueError("an AUC needs rows of both classes")
    every = rankdata(np.concatenate([pos, neg]))
    v10 = (every[:m] - rankdata(pos)) / n
    v01 = 1.0 - (every[m:] - rankdata(neg)) / m
    return float(v10.mean()), v10, v01


def widened(value: float, span: tuple[float, float], training: tuple[float, int]) -> tuple[float, float]:
    """A 95 % interval for what other test rows would change, with what other training rows would joined to it, each side by itself, since the first may
    lean. training: variance and degrees of freedom. The two variances add; the sum has as many more degrees of freedom as it is larger. Satterthwaite's
    (the square of that) hold the truth in 93-95 of 100 with 3 of them, joining the two intervals by MOVER in 95-97; this in 95-96, in simulation."""
    from scipy.stats import t

    variance, freedom = training

    def reach(far: float) -> float:
        total = (far / 1.959964) ** 2 + variance
        return far if variance <= 0 else float(t.ppf(0.975, min(freedom * total / variance, 1e6))) * math.sqrt(total)

    return value - reach(value - span[0]), value + reach(span[1] - value)


def two_level(per_seed: Sequence[float], within_variance: float) -> tuple[float, tuple[float, float]]:
    """Mean over seeds with an interval for both what another seed and what other test rows would change (a bootstrap over 5 seeds alone would
    cover 85 %). per_seed: the score of each seed on the same test rows. within_variance: of the seed-mean score when the test rows are resampled."""
    import numpy as np

    s, mean = len(per_seed), float(np.mean(per_seed))
    half = 1.959964 * math.sqrt(within_variance)
    return mean, widened(mean, (mean - half, mean + half), (float(np.var(per_seed, ddof=1)) / s if s > 1 else 0.0, s - 1))


def difference(a: float, span_a: tuple[float, float], b: float, span_b: tuple[float, float]) -> tuple[float, float]:
    """95 % interval of b - a of two independent numbers, from their own intervals: the side of each that faces the other counts, so that
    intervals that lean (near 0 or 1) are used as they are. Approximate. MOVER: Zou and Donner 2008 (10.1002/sim.3095), equation 3."""
    d = b - a
    return d - math.hypot(b - span_b[0], span_a[1] - a), d + math.hypot(span_b[1] - b, a - span_a[0])


def clustered(hits: Sequence[float], of: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """(share, Wilson's interval) of `hits` among `of` trials in each cluster; the trials count for as many as their clusters' spread says.

    The design effect is how much larger the variance between clusters is than that of single trials, never taken below 1. Where no trial
    or every trial is a hit it cannot be seen, and each cluster counts as one trial.
    """
    import numpy as np

    h, m = np.asarray(hits, float), np.asarray(of, float)
    h, m = h[m > 0], m[m > 0]
    if not len(m):
        return 0.0, wilson(0, 0)
    total = float(m.sum())
    p = float(h.sum()) / total
    size = total if (m == 1).all() else float(len(m))
    if 0 < p < 1 and len(m) > 1:
        variance = len(m) / (len(m) - 1) * float(((h - p * m) ** 2).sum()) / total**2
        size = min(total, p * (1 - p) / variance) if variance > 0 else total
    return p, wilson(p * size if 0 < p < 1 else size * round(p), size)
