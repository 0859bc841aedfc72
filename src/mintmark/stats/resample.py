"""Folds, subsamples and intervals by subsampling; all deterministic by seed.

`subsample_interval`: a bootstrap draws rows twice, which a measure of diversity takes for duplicates; so subsets of half the rows are drawn
without replacement and the spread is scaled to all of them (Politis, Romano and Wolf 1999): var_n = var_m * m / n for m of n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any


def subsample(n: int, most: int, seed: int) -> list[int]:
    """Sorted numbers of at most `most` of n rows."""
    import numpy as np

    if n <= most:
        return list(range(n))
    return sorted(np.random.default_rng(seed).choice(n, most, replace=False).tolist())


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


def subsample_interval(n: int, measure: Callable[[list[int]], float], value: float, seed: int, times: int = 20) -> tuple[float, float]:
    """95 % interval of a measure of all n rows, from `times` subsets of half of them. For measures that change with the number of rows the
    spread, not the level, of the subsets is used."""
    import numpy as np

    m = n // 2
    if m < 2:
        return value, value
    rng = np.random.default_rng(seed)
    found = [measure(sorted(rng.choice(n, m, replace=False).tolist())) for _ in range(times)]
    # variance between half-samples of a finite set is (1/m - 1/n) of the population's; what is wanted is 1/n of it
    scale = (1 / n) / (1 / m - 1 / n)
    half = 1.96 * math.sqrt(float(np.var(found, ddof=1)) * scale)
    return value - half, value + half


def jackknife_of_two(
    score: Callable[[Any, Any], float], sizes: tuple[int, int], value: float, seed: int, times: int = 10, keep: float = 0.8
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
    found = [score(*(np.sort(rng.choice(n, int(keep * n), replace=False)) for n in sizes)) for _ in range(times)]
    half = float(t.ppf(0.975, times - 1)) * math.sqrt(float(np.var(found, ddof=1)) * keep / (1 - keep))
    return value - half, value + half
