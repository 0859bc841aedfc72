"""How far apart are two samples of one column: Kolmogorov-Smirnov for numbers, total variation for counts. 0 = equal, 1 = no overlap.

ks([1, 2], [1, 3]) = 0.5
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any


def ks(a: Sequence[float], b: Sequence[float]) -> float:
    """Largest gap between two empirical distribution functions, 0..1. Two empty samples agree, one empty sample is at 1."""
    import numpy as np

    if not len(a) or not len(b):
        return 0.0 if len(a) == len(b) else 1.0
    x, y = np.sort(np.asarray(a, float)), np.sort(np.asarray(b, float))
    grid = np.concatenate([x, y])
    return float(np.abs(np.searchsorted(x, grid, "right") / len(x) - np.searchsorted(y, grid, "right") / len(y)).max())


def tvd(a: Counter[Any], b: Counter[Any]) -> float:
    """Half the summed difference of two distributions of counts, 0..1."""
    n, m = sum(a.values()), sum(b.values())
    if not n or not m:
        return 0.0 if n == m else 1.0
    return 0.5 * sum(abs(a[k] / n - b[k] / m) for k in {**a, **b})


def joint_tvd(a: Any, b: Any) -> float:
    """The same for two arrays of integer codes, 0 or more."""
    import numpy as np

    if not len(a) or not len(b):
        return 0.0 if len(a) == len(b) else 1.0
    size = 1 + int(max(a.max(), b.max()))
    if size > 4 * (len(a) + len(b)):  # few of many possible codes: counting them all would take more memory than the rows
        _, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
        a, b, size = codes[: len(a)], codes[len(a) :], int(codes.max()) + 1
    return 0.5 * float(np.abs(np.bincount(a, minlength=size) / len(a) - np.bincount(b, minlength=size) / len(b)).sum())
