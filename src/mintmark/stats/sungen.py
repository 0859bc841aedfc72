"""SunGen: weights for noisily labelled rows, learnt so that a learner trained with them does well on other rows that are just as noisy.

Bilevel (Gao et al., ICLR 2023, arXiv 2205.12679): minimise over v the outer loss of W*(v), where W*(v) minimises sum_i v_i CE_i / sum v. The
outer loss is reverse cross-entropy, -sum_k p_k log q_k with q = softmax(10 * one-hot label): for a hard label 10 (1 - p_y) + a constant, so
its sum over the labels does not depend on p, and uniformly wrong labels move its level, not its minimum. Plain cross-entropy has neither.

The outer gradient goes through one inner step, W' = W - rate * grad sum_i v_i CE_i / sum v:
    dL/dv_i = -(rate / sum v) <grad L(W'), grad CE_i(W) - sum_j v_j grad CE_j(W) / sum v>
For softmax regression grad CE_i = x_i (p_i - y_i)', so the product is (p_i - y_i) . (x_i' grad L): one pass over the rows, no second derivative.
As in the paper: v = sigmoid(theta) from 0.5, Adam on theta with rate 0.25, the learner starts anew at each outer step.
Unlike it: softmax regression with full batches in place of a network, and five folds that take turns as the outer rows.
Not covered: `--hard` (outer rows restricted to those of high weight), regression targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from .resample import folds
from .softmax import fit, gradient, one_hot, softmax, step_size

SOFTENING = 10.0
Loss = Literal["rce", "ce"]


def outer_loss(p: Any, y: Any, loss: Loss = "rce") -> Any:
    """Per row. p: probabilities, y: one-hot. ce is there to be compared with."""
    import numpy as np

    if loss == "ce":
        return -np.log((p * y).sum(axis=1))
    return -(p * np.log(softmax(SOFTENING * y))).sum(axis=1)


def _slope(p: Any, y: Any, loss: Loss) -> Any:
    """d outer_loss / d logits, per row."""
    if loss == "ce":
        return p - y
    return -SOFTENING * (p * y).sum(axis=1, keepdims=True) * (y - p)


def one_step(x: Any, y: Any, w: Any, v: Any, rate: float, ridge: float = 0.0) -> Any:
    """W'."""
    return w - rate * gradient(x, y, w, v, ridge)


def outer_gradient(x: Any, y: Any, outer_x: Any, outer_y: Any, w: Any, v: Any, rate: float, ridge: float = 0.0, loss: Loss = "rce") -> Any:
    """dL/dv, one number a row of x, where L is the mean outer loss at W'(v)."""
    ahead = one_step(x, y, w, v, rate, ridge)
    slope = outer_x.T @ _slope(softmax(outer_x @ ahead), outer_y, loss) / outer_x.shape[0]
    along = ((softmax(x @ w) - y) * (x @ slope)).sum(axis=1)
    return -rate / v.sum() * (along - (v * along).sum() / v.sum())


def reweigh(
    x: Any, y: Any, outer_x: Any, outer_y: Any, *, c: float = 10.0, inner: int = 30, outer: int = 50, rate: float = 0.25, loss: Loss = "rce"
) -> Any:
    """v (0..1) of the rows of x. inner: steps of the learner, outer: steps of the weights, rate: Adam's."""
    import numpy as np

    theta, mean, square = np.zeros((3, x.shape[0]))
    ridge = 1 / (c * x.shape[0])
    for t in range(1, outer + 1):
        v = 1 / (1 + np.exp(-theta))
        w = fit(x, y, v, c=c, steps=inner)
        g = outer_gradient(x, y, outer_x, outer_y, w, v, step_size(x, ridge), ridge, loss) * v * (1 - v)
        g /= np.abs(g).max() or 1.0  # Adam does not see the scale; its floor of 1e-8 would
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
        theta -= rate * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return 1 / (1 + np.exp(-theta))


def sungen(x: Any, labels: Sequence[Any], *, folds_: int = 5, seed: int = 0, **options: Any) -> Any:
    """A weight for each row, mean 1: the mean over the folds that it was not an outer row of, each scaled to mean 1. options: of `reweigh`.

    No row is an outer row while its weight is learnt. Too few rows for that (or a single label): all weights are 1.
    """
    import numpy as np

    y, names = one_hot(labels)
    n, k = len(labels), min(folds_, len(labels) // 2)
    if len(names) < 2 or k < 2:
        return np.ones(n)
    fold = folds(labels, k, seed)
    total = np.zeros(n)
    for j in range(k):
        inside, outside = np.flatnonzero(fold != j), np.flatnonzero(fold == j)
        v = reweigh(x[inside], y[inside], x[outside], y[outside], **options)
        total[inside] += v / v.mean()
    return total / total.mean()
