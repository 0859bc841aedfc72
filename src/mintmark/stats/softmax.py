"""Softmax regression in a few lines of numpy, with weights on the rows: the inner learner of SunGen and DIMP, whose steps must be seen.

Objective: sum_i v_i CE_i / sum v + |W|^2 / (2 c n), which is scikit-learn's with C = c where the weights have mean 1. `x` may be sparse.
Nesterov's steps from W = 0: no randomness.
"""

from __future__ import annotations

import math
from typing import Any


def softmax(z: Any) -> Any:
    import numpy as np

    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


MOST_LABELS = 500


def one_hot(labels: Any) -> tuple[Any, list[str]]:
    """(n x k matrix of 0 and 1, the k names in order). ValueError for more labels than memory is meant for."""
    import numpy as np

    names, codes = np.unique(np.asarray([str(t) for t in labels], dtype=object), return_inverse=True)
    if len(names) > MOST_LABELS:
        raise ValueError(f"{len(names):,} different labels, at most {MOST_LABELS} can be weighed; numbers to predict cannot")
    return np.eye(len(names))[codes], [str(n) for n in names]


def with_constant(x: Any) -> Any:
    """x with a constant column for the intercept, small enough (half the largest singular value of x / sqrt n) not to shorten the steps."""
    import numpy as np
    from scipy import sparse

    size = 0.5 * math.sqrt(1 / step_size(x, 0.0))
    return sparse.hstack([x, np.full((x.shape[0], 1), min(1.0, size))], format="csr")


def step_size(x: Any, ridge: float, weight: Any = None) -> float:
    """1 / Lipschitz constant of the gradient: half the largest eigenvalue of x'Vx / sum v (20 power iterations, 10 % to spare), + ridge."""
    import numpy as np

    v = np.ones(x.shape[0]) if weight is None else weight
    u, norm = np.ones(x.shape[1]) / np.sqrt(x.shape[1]), 0.0
    for _ in range(20):
        u = x.T @ (v * (x @ u)) / v.sum()
        norm = float(np.linalg.norm(u))
        if norm == 0:
            break
        u = u / norm
    return 1 / (0.55 * norm + ridge + 1e-12)


def gradient(x: Any, y: Any, w: Any, v: Any, ridge: float) -> Any:
    """Of the objective at w. y: one-hot, v: weights."""
    return x.T @ ((softmax(x @ w) - y) * (v / v.sum())[:, None]) + ridge * w


def fit(x: Any, y: Any, v: Any, *, c: float, steps: int) -> Any:
    """W (d x k) after `steps` of Nesterov's method from 0."""
    import numpy as np

    ridge = 1 / (c * x.shape[0])
    rate = step_size(x, ridge, v)
    w = ahead = np.zeros((x.shape[1], y.shape[1]))
    for j in range(steps):
        new = ahead - rate * gradient(x, y, ahead, v, ridge)
        ahead, w = new + (j / (j + 3)) * (new - w), new
    return w
