"""SunGen's mathematics: the outer gradient against finite differences, the symmetry of its loss, and weights that find planted noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mintmark.stats.intervals import auc
from mintmark.stats.softmax import fit, gradient, one_hot, softmax, with_constant
from mintmark.stats.sungen import one_step, outer_gradient, outer_loss, sungen


@pytest.mark.parametrize("loss", ["rce", "ce"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_outer_gradient_is_that_of_finite_differences(loss: Any, ridge: float) -> None:
    """One feature and two labels: a logistic model of two parameters."""
    rng = np.random.default_rng(1)
    x, outer_x = rng.normal(size=(7, 1)), rng.normal(size=(9, 1))
    y, outer_y = np.eye(2)[rng.integers(0, 2, 7)], np.eye(2)[rng.integers(0, 2, 9)]
    w, v = rng.normal(size=(1, 2)), rng.uniform(0.1, 0.9, 7)

    def level(v: Any) -> float:
        return float(outer_loss(softmax(outer_x @ one_step(x, y, w, v, 0.7, ridge)), outer_y, loss).mean())

    told = outer_gradient(x, y, outer_x, outer_y, w, v, 0.7, ridge, loss)
    h = 1e-5
    found = np.array([(level(v + h * e) - level(v - h * e)) / (2 * h) for e in np.eye(7)])
    assert np.linalg.norm(told - found) / np.linalg.norm(found) < 1e-6
    assert np.linalg.norm(found) > 1e-4
    assert abs(told @ v) < 1e-12  # scaling all weights changes nothing


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10_000))
def test_rce_is_symmetric_and_bounded_and_ce_is_not(k: int, seed: int) -> None:
    p = softmax(np.random.default_rng(seed).normal(scale=3, size=(5, k)))
    over_labels = {loss: sum(outer_loss(p, np.tile(np.eye(k)[y], (5, 1)), loss) for y in range(k)) for loss in ("rce", "ce")}
    assert np.ptp(over_labels["rce"]) < 1e-9
    assert np.ptp(over_labels["ce"]) > 1e-3
    hard = outer_loss(p, np.tile(np.eye(k)[0], (5, 1)))
    slope = np.polyfit(1 - p[:, 0], hard, 1)[0]
    assert slope == pytest.approx(10) and hard.max() <= 10 + np.log(k)


def test_fit_finds_what_scikit_learn_finds() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(3)
    x = rng.normal(size=(120, 4))
    y, names = one_hot(np.where(x[:, 0] + rng.normal(size=120) > 0, "a", np.where(x[:, 1] > 0, "b", "c")))
    v = rng.uniform(0.2, 3, 120)
    v /= v.mean()
    w = fit(x, y, v, c=2.0, steps=400)
    assert np.abs(gradient(x, y, w, v, 1 / 240)).max() < 1e-6
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-8, max_iter=1000).fit(x, y.argmax(1), sample_weight=v)
    assert np.abs(softmax(x @ w) - theirs.predict_proba(x)).max() < 1e-4


def test_a_constant_column_is_the_intercept() -> None:
    y, _ = one_hot(["a"] * 80 + ["b"] * 20)
    x = with_constant(sparse.csr_matrix(np.random.default_rng(0).normal(size=(100, 2))))
    p = softmax(x @ fit(x, y, np.ones(100), c=100.0, steps=300)).mean(axis=0)
    assert p == pytest.approx([0.8, 0.2], abs=0.01)


def test_planted_noise_gets_low_weights_whatever_the_rows_order() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 6))
    clean = rng.random(300) > 0.25
    labels = np.where((x[:, 0] > 0) == clean, "yes", "no")
    weight = sungen(sparse.csr_matrix(x), labels, outer=15, seed=1)
    assert weight.mean() == pytest.approx(1) and weight.min() >= 0
    assert auc(weight, clean) > 0.9 and weight[~clean].mean() < 0.6 * weight[clean].mean()
    assert np.array_equal(weight, sungen(sparse.csr_matrix(x), labels, outer=15, seed=1))


@pytest.mark.parametrize("labels", [["a"] * 8, ["a", "b", "a"], []])
def test_nothing_to_learn_from_gives_equal_weights(labels: list[str]) -> None:
    assert sungen(sparse.csr_matrix(np.ones((len(labels), 1))), labels).tolist() == [1.0] * len(labels)
