"""IMP- and DIMP-Loss: importance weights that make a loss over synthetic rows one over real rows (Kuo et al., ICLR 2025, arXiv 2410.21526).

    IMP:  -(1/N) sum_i [P'(y_i | x_i) / Q(y_i | x_i)] log p(y_i | x_i; W)      P': learnt from few real rows, Q: from the synthetic ones
    DIMP: the same with p(y_i | x_i; W_t), the model being trained, in place of Q; no gradient flows through it

Q is asked about the rows it was trained on, as published. Asked out of fold, a linear Q gives a wrong label a probability near 0, which a flat P'
from few rows does not, and the quotient then favours the wrong labels (docs/LOG.md).
DIMP ends where p is proportional to sqrt(Q P') (set its gradient to 0), so midway between the rows' labels and the checker's, while IMP ends at P'.
With the true P and Q and equally distributed x both sides have the same expectation: E_Q[P/Q loss] = E_P[loss].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .softmax import gradient, softmax, step_size

LEAST = 1e-6


def of_label(proba: Any, classes: Sequence[Any], labels: Sequence[Any]) -> Any:
    """P(y_i | x_i) out of a matrix of probabilities; 0 for a label that the learner does not know."""
    import numpy as np

    at = {str(c): j for j, c in enumerate(classes)}
    column = np.array([at.get(str(t), -1) for t in labels], dtype=int)
    found = np.asarray(proba)[np.arange(len(labels)), column]
    return np.where(column < 0, 0.0, found)


def ratio(quality: Any, diversity: Any) -> Any:
    """P' / Q, not scaled. Q is taken for one in a million at least."""
    import numpy as np

    return np.asarray(quality, float) / np.maximum(diversity, LEAST)


def loss(p: Any, y: Any, weight: Any) -> float:
    """The weighted cross-entropy, -(1/N) sum w_i log p_i. y: one-hot."""
    import numpy as np

    return float(-(weight * np.log((p * y).sum(axis=1))).mean())


def dimp_weight(x: Any, y: Any, w: Any, quality: Any) -> Any:
    """P'(y_i | x_i) / p(y_i | x_i; w): numbers, without memory of w."""
    return ratio(quality, (softmax(x @ w) * y).sum(axis=1))


def dimp_gradient(x: Any, y: Any, w: Any, quality: Any) -> Any:
    """Of the DIMP loss at w, the weights held fixed."""
    return x.T @ ((softmax(x @ w) - y) * dimp_weight(x, y, w, quality)[:, None]) / x.shape[0]


def dimp(x: Any, y: Any, quality: Any, *, c: float = 10.0, steps: int = 60, clip: float | None = None) -> tuple[Any, Any]:
    """(W, weight): softmax regression trained by DIMP-Loss from 0, and each row's weight, of mean 1, averaged over the steps.

    The average is what a learner that takes one fixed weight a row can use of a loss whose weights move; the method itself has W alone.
    """
    import numpy as np

    ridge = 1 / (c * x.shape[0])
    w = ahead = np.zeros((x.shape[1], y.shape[1]))
    total = np.zeros(x.shape[0])
    for j in range(steps):
        v = dimp_weight(x, y, ahead, quality)
        v = np.minimum(v, clip * v.mean()) if clip is not None else v
        if not v.sum() > 0:
            return w, np.ones(x.shape[0])
        v = v / v.mean()
        total += v
        new = ahead - step_size(x, ridge, v) * gradient(x, y, ahead, v, ridge)
        ahead, w = new + (j / (j + 3)) * (new - w), new
    return w, total / steps
