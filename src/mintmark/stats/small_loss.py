"""The small-loss rule: rows with a right label have small losses, so a mixture of two Gaussians on the loss tells clean rows from noisy ones.

    clean_probability([0.1, 0.2, 0.1, 3.0, 2.5])  ->  [1.0, 1.0, 1.0, 0.0, 0.0], about

Source: Arazo et al. 2019 (1904.11238); DivideMix, Li et al. 2020 (2002.07394), section 3.1; FreeAL (2311.15614) for labels by a language model.
A wide upper component also reaches below the lower one; as the smallest loss must be the cleanest, the probability is made to fall with the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def clean_probability(loss: Sequence[float], most_rounds: int = 500) -> Any:
    """Per row 0..1, falling with the loss. All 1 where the losses do not differ. EM from the quantiles: the same losses, the same answer."""
    import numpy as np

    x = np.asarray(loss, dtype=float)
    if len(x) < 2 or float(np.ptp(x)) < 1e-9:
        return np.ones(len(x))
    x = (x - x.min()) / np.ptp(x)
    mean = np.quantile(x, [0.1, 0.9])
    spread = np.full(2, max(float(x.var()) / 4, 1e-4))
    share = np.full(2, 0.5)
    before = -np.inf
    for _ in range(most_rounds):
        log = np.log(share) - 0.5 * (np.log(2 * np.pi * spread) + (x[:, None] - mean) ** 2 / spread)
        top = log.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(log - top).sum(axis=1))
        part = np.exp(log - total[:, None])
        size = part.sum(axis=0) + 1e-12
        share, mean = size / size.sum(), part.T @ x / size
        spread = np.maximum((part * (x[:, None] - mean) ** 2).sum(axis=0) / size, 1e-6)
        if abs(total.mean() - before) < 1e-9:
            break
        before = total.mean()
    p = part[:, int(mean.argmin())]
    order = np.argsort(x, kind="stable")
    out = np.empty(len(x))
    out[order] = np.maximum.accumulate(p[order][::-1])[::-1]
    return out
