"""Confident learning against a count by hand and against cleanlab; cross-fitting never shows a row its own label; the small-loss mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.confident_learning import confident
from mintmark.stats.crossfit import cross_fit
from mintmark.stats.small_loss import clean_probability

# thresholds by hand: label 0: (0.9 + 0.7 + 0.2) / 3 = 0.6; label 1: (0.8 + 0.4) / 2 = 0.6; label 2: (0.6 + 0.3 + 0.3) / 3 = 0.4
PROBA = [
    [0.9, 0.1, 0.0],
    [0.7, 0.2, 0.1],
    [0.2, 0.7, 0.1],  # labelled 0, confidently 1
    [0.1, 0.8, 0.1],
    [0.1, 0.4, 0.5],  # labelled 1, confidently 2
    [0.2, 0.2, 0.6],
    [0.65, 0.05, 0.3],  # labelled 2, confidently 0
    [0.35, 0.35, 0.3],  # labelled 2, confidently nothing
]
GIVEN = [0, 0, 0, 1, 1, 2, 2, 2]


def test_by_hand() -> None:
    found = confident(PROBA, GIVEN)
    assert found.thresholds == pytest.approx([0.6, 0.6, 0.4])
    assert found.guess.tolist() == [0, 0, 1, 1, 2, 2, 0, -1]
    assert found.counts.tolist() == [[2, 1, 0], [0, 1, 1], [1, 0, 1]]
    rows = [[3 * 2 / 3, 3 * 1 / 3, 0], [0, 2 * 1 / 2, 2 * 1 / 2], [3 * 1 / 2, 0, 3 * 1 / 2]]
    assert found.joint == pytest.approx(np.array(rows) / 8)
    assert found.noise == pytest.approx(1 - 4.5 / 8)


def test_the_most_probable_confident_label_wins_though_another_is_more_probable() -> None:
    """Label 0 is the most probable of the last row, yet below its threshold; the paper takes the argmax among the confident ones."""
    proba = [[0.9, 0.05, 0.05], [0.2, 0.3, 0.5], [0.2, 0.5, 0.3], [0.42, 0.41, 0.17], [0.1, 0.1, 0.8]]
    found = confident(proba, [0, 1, 1, 0, 2])
    assert found.thresholds == pytest.approx([0.66, 0.4, 0.8])
    assert found.guess[3] == 1


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_as_cleanlab(seed: int) -> None:
    count = pytest.importorskip("cleanlab.count")
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(2, 6)), int(rng.integers(30, 200))
    true = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.3, rng.integers(0, k, n), true)
    labels[:k] = range(k)  # every label occurs
    proba = rng.dirichlet(np.full(k, 0.6), n) * 0.5 + 0.5 * np.eye(k)[true]
    ours = confident(proba, labels)
    assert ours.thresholds == pytest.approx(count.get_confident_thresholds(labels, proba))
    theirs, wrong = count.compute_confident_joint(labels, proba, calibrate=False, return_indices_of_off_diagonals=True)
    reached = proba >= ours.thresholds - 1e-9
    differ = (reached.sum(axis=1) > 1) & ~reached[np.arange(n), proba.argmax(axis=1)]  # see the module
    mine = np.flatnonzero((ours.guess >= 0) & (ours.guess != labels) & ~differ)
    assert set(mine) == set(wrong) - set(np.flatnonzero(differ))
    if not differ.any():
        assert ours.counts - np.diag(ours.counts.diagonal()) == pytest.approx(theirs - np.diag(theirs.diagonal()))
        if (ours.counts.diagonal() > 0).all():
            rounded = count.compute_confident_joint(labels, proba, calibrate=True)
            assert np.abs(ours.joint * n - rounded).max() <= 1 + 1e-9, "cleanlab rounds to whole rows"


class Memory:
    """A learner that knows by heart what it has seen, and is uniform about everything else."""

    name = "memory"

    def fit(self, table: Any, target: Any, *, task: str = "classification", weight: Any = None, seed: int = 0) -> Memory:
        self.classes = tuple(sorted(set(target)))
        self.seen = dict(zip(table["text"], target, strict=True))
        return self

    def predict(self, table: Any) -> Any:
        return [self.seen.get(t) for t in table["text"]]

    def proba(self, table: Any) -> Any:
        k = len(self.classes)
        return np.array([[float(c == self.seen[t]) if t in self.seen else 1 / k for c in self.classes] for t in table["text"]])


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=12, max_size=60), st.integers(2, 5), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_no_row_is_judged_by_a_learner_that_saw_it(labels: list[Any], folds: int, seed: int) -> None:
    enough = [x for x in "abc" if labels.count(x) >= folds]
    texts = [f"t{i}" for i in range(len(labels))]
    if len(enough) < 2:
        with pytest.raises(ValueError, match="at least two labels"):
            cross_fit(Memory(), {"text": texts}, labels, folds, seed)
        return
    fit = cross_fit(Memory(), {"text": texts}, labels, folds, seed)
    assert list(fit.classes) == enough
    assert [fit.classes[c] if c >= 0 else None for c in fit.codes] == [x if x in enough else None for x in labels]
    assert fit.proba[fit.judged] == pytest.approx(1 / len(enough))
    assert np.isnan(fit.proba[fit.codes < 0]).all() and np.isnan(fit.p_label[fit.codes < 0]).all()
    again = cross_fit(Memory(), {"text": texts}, labels, folds, seed)
    assert np.array_equal(again.proba, fit.proba, equal_nan=True)


def test_labels_keep_their_type() -> None:
    fit = cross_fit(Memory(), {"text": [str(i) for i in range(8)]}, [True, False] * 4, 2)
    assert set(fit.classes) == {True, False} and all(isinstance(c, bool) for c in fit.classes)


def test_small_losses_are_clean() -> None:
    rng = np.random.default_rng(0)
    loss = np.concatenate([rng.gamma(2, 0.1, 300), rng.normal(3, 0.7, 100)])
    p = clean_probability(loss)
    assert (p[:300] >= 0.5).mean() > 0.95 and (p[300:] < 0.5).mean() > 0.95
    order = np.argsort(loss)
    assert (np.diff(p[order]) <= 0).all() and p.min() >= 0 and p.max() <= 1 + 1e-12


@given(st.lists(st.floats(0, 14), max_size=60))
@settings(max_examples=100, deadline=None)
def test_clean_probability_falls_with_the_loss(loss: list[float]) -> None:
    p = clean_probability(loss)
    assert len(p) == len(loss) and np.isfinite(p).all()
    assert all(p[i] >= p[j] - 1e-12 for i in range(len(loss)) for j in range(len(loss)) if loss[i] < loss[j])
