"""Confident learning: which labels are wrong, counted from cross-fitted probabilities (Northcutt, Jiang and Chuang 2021).

For each label j the threshold t_j is the mean probability of j over the rows labelled j. A row counts as confidently j where p_j >= t_j, and
where that holds of several labels, as the most probable of these. The confident joint C[i, j] counts rows labelled i and confidently j; rows off
its diagonal are the suspected errors, and C, with its rows scaled to the label counts, estimates the joint distribution of given and true labels.
Source: Northcutt et al. 2021, Confident learning: estimating uncertainty in dataset labels, JAIR 70 (1911.00068), sections 3.1 and 3.2, method C
of given and true label. Where the most probable label of all is not among several confident ones, cleanlab (2.9) takes it nevertheless; the
paper, and we, take the most probable confident one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Confident:
    """thresholds: per label. guess: a row's confident label, -1 for none. counts: the confident joint. joint: its estimate, adding up to 1."""

    thresholds: Any
    guess: Any
    counts: Any
    joint: Any

    @property
    def noise(self) -> float:
        """Estimated share of wrong labels, 0..1."""
        return float(1 - self.joint.trace())


def confident(proba: Any, given: Any) -> Confident:
    """proba: rows x labels. given: the label of each row as a column number."""
    import numpy as np

    proba, given = np.asarray(proba, dtype=float), np.asarray(given)
    k = proba.shape[1]
    sizes = np.bincount(given, minlength=k)
    own = np.bincount(given, weights=proba[np.arange(len(given)), given], minlength=k)
    # a label without rows, or one that is always given probability 0, must not make every row confident
    thresholds = np.where(own > 0, own / np.maximum(sizes, 1), np.inf)
    reached = proba >= thresholds - 1e-9
    guess = np.where(reached.any(axis=1), np.where(reached, proba, -1.0).argmax(axis=1), -1)
    counts = np.zeros((k, k), dtype=int)
    sure = guess >= 0
    np.add.at(counts, (given[sure], guess[sure]), 1)
    filled = counts + np.diag((counts.sum(axis=1) == 0) & (sizes > 0))  # a label without confident rows is taken to be right
    joint = filled / np.maximum(filled.sum(axis=1, keepdims=True), 1) * sizes[:, None]
    return Confident(thresholds, guess, counts, joint / max(1, len(given)))
