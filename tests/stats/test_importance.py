"""IMP- and DIMP-Loss: the identity, unbiasedness on a discrete joint, what the gradient does not see, effective size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.importance import dimp, dimp_gradient, dimp_weight, loss, of_label, ratio
from mintmark.stats.softmax import fit, gradient, softmax
from mintmark.stats.weights import effective_size, mean_one


def model(seed: int = 0, n: int = 12, d: int = 3, k: int = 3) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), np.eye(k)[rng.integers(0, k, n)], rng.normal(size=(d, k))


def test_equal_checkers_give_cross_entropy_exactly() -> None:
    x, y, w = model()
    proba = np.random.default_rng(1).dirichlet(np.ones(3), 12)
    own = of_label(proba, ["a", "b", "c"], [["a", "b", "c"][j] for j in y.argmax(1)])
    weight = ratio(own, own)
    assert (weight == 1.0).all()
    p = softmax(x @ w)
    assert loss(p, y, weight) == float(-np.log(p[y == 1]).mean())
    assert np.array_equal(fit(x, y, mean_one(weight), c=1.0, steps=9), fit(x, y, np.ones(12), c=1.0, steps=9))


def test_the_weighted_loss_is_unbiased() -> None:
    """20,000 draws from Q(x, y) with P(x) = Q(x): the mean of (P/Q) times the loss is E_P[loss], by a z-test; unweighted it is not."""
    rng = np.random.default_rng(3)
    at, p, q = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(4), 5), rng.dirichlet(2 * np.ones(4), 5)
    model_p = rng.dirichlet(np.ones(4), 5)
    each = -np.log(model_p)
    target = float((at[:, None] * p * each).sum())
    n = 20_000
    x = rng.choice(5, n, p=at)
    y = np.array([rng.choice(4, p=q[i]) for i in x])
    weight = ratio(p[x, y], q[x, y])
    found = weight * each[x, y]
    error = found.std(ddof=1) / np.sqrt(n)
    assert abs(found.mean() - target) / error < 3
    assert loss(model_p[x], np.eye(4)[y], weight) == pytest.approx(found.mean())
    plain = each[x, y]
    assert abs(plain.mean() - target) / (plain.std(ddof=1) / np.sqrt(n)) > 10


def test_no_gradient_flows_through_the_weight() -> None:
    x, y, w = model(2)
    quality = np.random.default_rng(2).uniform(0.1, 1, 12)
    fixed = dimp_weight(x, y, w, quality)
    h = 1e-6

    def slope(level: Any) -> Any:
        out = np.zeros_like(w)
        for i in np.ndindex(w.shape):
            e = np.zeros_like(w)
            e[i] = h
            out[i] = (level(w + e) - level(w - e)) / (2 * h)
        return out

    held = slope(lambda u: loss(softmax(x @ u), y, fixed))
    moving = slope(lambda u: loss(softmax(x @ u), y, dimp_weight(x, y, u, quality)))
    told = dimp_gradient(x, y, w, quality)
    assert np.abs(told - held).max() < 1e-7
    assert np.abs(told - moving).max() > 1e-2
    assert np.allclose(dimp_gradient(x, y, w, (softmax(x @ w) * y).sum(axis=1)), gradient(x, y, w, np.ones(12), 0.0))


def test_dimp_learns_from_the_rows_that_the_checker_trusts() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 2))
    truth = (x[:, 0] > 0).astype(int)
    wrong = rng.random(400) < 0.4
    y = np.eye(2)[np.where(wrong, 1 - truth, truth)]
    w, weight = dimp(x, y, np.where(wrong, 0.1, 0.9), c=10.0)
    assert weight.mean() == pytest.approx(1) and weight[wrong].mean() < 0.6 * weight[~wrong].mean()
    assert (softmax(x @ w).argmax(1) == truth).mean() > 0.95
    assert np.array_equal(dimp(x, y, np.zeros(400))[1], np.ones(400))
    assert effective_size(dimp(x, y, np.where(wrong, 0.0, 1.0), clip=1.5)[1])["value"] <= 400


def test_dimp_ends_midway_between_the_rows_and_the_checker() -> None:
    """Where the gradient is 0, p is proportional to sqrt(Q P'): not P', as the name may suggest."""
    y = np.eye(2)[[1] * 60 + [0] * 40]
    w, _ = dimp(np.ones((100, 1)), y, np.where(y[:, 1] > 0, 0.9, 0.1), c=1e6, steps=300)
    assert softmax(w)[0, 1] == pytest.approx(1 / (1 + np.sqrt(0.4 * 0.1 / (0.6 * 0.9))), abs=1e-3)


def test_labels_the_checker_does_not_know_have_no_probability() -> None:
    assert of_label([[0.2, 0.8], [0.4, 0.6]], ["a", 2], [2, "c"]).tolist() == [0.8, 0.0]
    assert ratio([0.5, 0.5, 0.0], [0.25, 0.0, 0.0]).tolist() == [2.0, 5e5, 0.0]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(1, 50))
def test_effective_size_and_clipping(weight: list[float], clip: float) -> None:
    scaled, cut = mean_one(weight), mean_one(weight, clip)
    for w in (scaled, cut):
        assert w.mean() == pytest.approx(1) and (w >= 0).all()
        value = effective_size(w)["value"]
        assert 1 - 1e-9 <= value <= len(w) + 1e-6
    assert cut.max() <= scaled.max() + 1e-9 and effective_size(cut)["value"] >= effective_size(scaled)["value"] - 1e-6


def test_effective_size_by_hand() -> None:
    assert effective_size([1, 1, 1, 1])["value"] == 4 and effective_size([2, 2, 0, 0])["value"] == 2
    assert effective_size([3, 1])["value"] == pytest.approx(1.6)
