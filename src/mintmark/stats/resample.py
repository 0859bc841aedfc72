"""Folds, subsamples and intervals by subsampling; all deterministic by seed.

`subsample_interval`: a bootstrap draws rows twice, which a measure of diversity takes for duplicates; so subsets of 80 % of the rows are drawn
without replacement (delete-d jackknife, Shao and Wu 1989): var_n = var_m * m / (n - m) for m of n. Not halves with a normal quantile: those
miss the true Vendi score of Zipf texts in 17 % of samples, since its spread grows with n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

KEEP = 0.8


def subsample(n: int, most: int, seed: int) -> list[int]:
    """Sorted numbers of at most `most` of n rows."""
    import numpy as np

    if n <= most:
        return list(range(n))
    return sorted(np.random.default_rng(seed).choice(n, most, replace=False).tolist())


def affordable(texts: Sequence[Any], rows: int, characters: int) -> int:
    """How many rows to draw: at most `rows`, and as many as hold about so many characters. Missing texts have none."""
    mean = sum(len(t) for t in texts if isinstance(t, str)) / max(1, len(texts))
    return max(1, min(rows, int(characters / max(mean, 1.0))))


def folds(labels: Sequence[Any], k: int, seed: int) -> Any:
    """A fold number 0..k-1 for each row, stratified by label."""
    import numpy as np

    out = np.zeros(len(labels), dtype=int)
    rng = np.random.default_rng(seed)
    names = np.asarray([str(x) for x in labels])
    shift = 0
    for name in np.unique(names):
        rows = rng.permutation(np.flatnonzero(names == name))
        out[rows] = (np.arange(len(rows)) + shift) % k
        shift += len(rows)
    return out


def same_size(sizes: Sequence[int], most: int, seed: int) -> list[list[int]]:
    """Rows of several tables, as many of each: at most `most`, and no more than the smallest table holds."""
    n = min(most, *sizes)
    return [subsample(size, n, seed + k) for k, size in enumerate(sizes)]


def subsample_interval(
    n: int, measure: Callable[[list[int]], float], value: float, seed: int, times: int = 20, scaled: bool = False
) -> tuple[float, float]:
    """95 % interval of a measure of all n rows, from `times` subsets of 80 % of them; only their spread is used, with Student's t.

    scaled: the spread is taken relative to the level, for positive measures whose level changes with the number of rows.
    """
    return subsample_intervals(n, lambda i: [measure(i)], [value], seed, times, scaled)[0]


def subsample_intervals(
    n: int, measure: Callable[[list[int]], Sequence[float]], values: Sequence[float], seed: int, times: int = 20, scaled: bool = False
) -> list[tuple[float, float]]:
    """The same for several measures that are cheapest to compute together."""
    import numpy as np
    from scipy.stats import t

    m = int(KEEP * n)
    if m < 2:  # two rows have no subsets to tell how far they would spread
        return [(-math.inf, math.inf) for _ in values]
    rng = np.random.default_rng(seed)
    found = np.asarray([measure(sorted(rng.choice(n, m, replace=False).tolist())) for _ in range(times)], float)
    half = float(t.ppf(0.975, times - 1)) * math.sqrt(m / (n - m)) * found.std(axis=0, ddof=1)
    if scaled:
        mean = found.mean(axis=0)
        half = half * np.where(mean > 0, np.asarray(values) / np.where(mean > 0, mean, 1.0), 1.0)
    return [(float(v - h), float(v + h)) for v, h in zip(values, half, strict=True)]


def jackknife_of_two(
    score: Callable[[Any, Any], float], sizes: tuple[int, int], value: float, seed: int, times: int = 10
) -> tuple[float, float]:
    """95 % interval of a score of two samples, from `times` random parts of 80 % of both: score(rows of one, rows of the other).

    Delete-d jackknife (Shao and Wu 1989): var_n = var_m * m / (n - m), Student's t. Only the spread of the parts is used, since many
    scores change with the number of rows. Wide rather than narrow for means of shares (98-100 % covered in simulation).
    """
    import numpy as np
    from scipy.stats import t

    if min(sizes) < 5:
        return -math.inf, math.inf
    rng = np.random.default_rng(seed)
    found = [score(*(np.sort(rng.choice(n, int(KEEP * n), replace=False)) for n in sizes)) for _ in range(times)]
    half = float(t.ppf(0.975, times - 1)) * math.sqrt(float(np.var(found, ddof=1)) * KEEP / (1 - KEEP))
    return value - half, value + half


def expanded_percentiles(values: Any, value: float, n: int) -> tuple[float, float]:
    """95 % interval from resamples of n: their percentiles at Phi(-t sqrt(n / (n - 1))) and its mirror image, t of n - 1 degrees of freedom: wider for few
    (Hesterberg 2015, "expanded percentile"), 2.5 and 97.5 % for many."""
    import numpy as np
    from scipy.stats import norm, t

    outside = 100 * float(norm.cdf(-math.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1)))
    low, high = np.percentile(values, [outside, 100 - outside])
    return min(float(low), float(value)), max(float(high), float(value))
