"""How good a ranking is: nDCG, reciprocal rank, recall, average precision; and the mean of numbers that come in clusters.

    ndcg([0, 1, 0, 1], 2, k=10)  ->  0.6509       the second and the fourth of a ranking are relevant, of 2 that are
    average_precision([3.0, 2.0, 1.0], [1, 0, 1])  ->  0.8333

Sources: Järvelin and Kekäläinen 2002 (gain / log2(1 + rank)); reciprocal rank, Voorhees 1999. Relevance is yes or no.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def ndcg(relevant: Sequence[Any], known: int, k: int = 10) -> float:
    """relevant: of each place of a ranking whether what stands there is; known: how many are in all. 0..1; 0 where none is known."""
    gain = sum(1 / math.log2(2 + i) for i, r in enumerate(relevant[:k]) if r)
    best = sum(1 / math.log2(2 + i) for i in range(min(known, k)))
    return gain / best if best else 0.0


def reciprocal_rank(relevant: Sequence[Any]) -> float:
    return next((1 / (1 + i) for i, r in enumerate(relevant) if r), 0.0)


def recall(relevant: Sequence[Any], known: int, k: int) -> float:
    """Share of the known relevant ones that stand in the first k places."""
    return sum(map(bool, relevant[:k])) / known if known else 0.0


def average_precision(scores: Any, positive: Any, weight: Any = None) -> float:
    """Area under the steps of precision over recall, from the highest score down; equal scores are one step. Needs a positive of weight above 0."""
    import numpy as np

    x, y = np.asarray(scores, float), np.asarray(positive, float)
    w = np.ones(len(x)) if weight is None else np.asarray(weight, float)
    order = np.argsort(-x, kind="stable")
    last = np.append(np.flatnonzero(np.diff(x[order])), len(x) - 1)
    hits, taken = np.cumsum((y * w)[order])[last], np.cumsum(w[order])[last]
    gained = np.diff(hits, prepend=0.0)
    return float((gained[gained > 0] * (hits / np.maximum(taken, 1e-300))[gained > 0]).sum() / hits[-1])


def clustered_mean(values: Sequence[float], clusters: Sequence[Any]) -> tuple[float, tuple[float, float]]:
    """(mean, 95 % interval); numbers of one cluster hang together, so clusters are what is drawn (Student's t over them).

    With one cluster nothing can be said: the interval is infinite. Where all clusters say the same, as if one more of them were off by 1.
    """
    import numpy as np
    from scipy.stats import t

    x = np.asarray(values, float)
    _, code = np.unique(np.asarray([str(c) for c in clusters], dtype=object), return_inverse=True)
    mean, m = float(x.mean()), int(code.max()) + 1
    if m < 2:
        return mean, (-math.inf, math.inf)
    variance = m / (m - 1) * float((np.bincount(code, x - mean) ** 2).sum()) / len(x) ** 2
    half = float(t.ppf(0.975, m - 1)) * math.sqrt(variance or 1 / (m + 2) ** 2)
    return mean, (mean - half, mean + half)
