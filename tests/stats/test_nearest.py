"""nearest and membership: by hand, against all pairs in double precision, and what an attack can and cannot prove."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.gaussian_dp import delta_of
from mintmark.stats.membership import attack, epsilon_bound, tpr_at
from mintmark.stats.nearest import gower, nearest, texts


def test_gower_by_hand() -> None:
    number = gower([[0.0, 10.0, None, 5.0], [5.0, 1000.0, None, None]])
    assert number is not None
    width = np.quantile([0, 5, 10], 0.995) - np.quantile([0, 5, 10], 0.005)
    some = np.arange(4)
    assert number(0, 1, some, some)[0] == pytest.approx([5 / width, 1, 1, 1]), "at most 1; a missing value is as far as that"
    assert number(0, 1, some, some)[2].tolist() == [1, 1, 0, 0], "two missing values are alike"
    kind = gower([["a", "b", None], [None, "b", "z"]])
    assert kind is not None and kind(0, 1, np.arange(3), np.arange(3)).tolist() == [[1, 1, 1], [1, 0, 1], [0, 1, 1]]
    assert gower([["x"] * 5]) is None and gower([[f"id{i}" for i in range(50)]]) is None and gower([[None, None]]) is None
    days = gower([["2024-01-01", "2024-01-02", "2024-01-11"]])
    assert days is not None and days(0, 0, np.arange(3), np.arange(3))[0].tolist() == pytest.approx([0, 0.1, 1], abs=0.01)


@given(st.integers(30, 700), st.integers(1, 2_500), st.integers(1, 3), st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_blocks_change_nothing(n: int, m: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2))
    levels = rng.integers(0, 4, n), rng.integers(0, 4, m)
    parts = [gower([x[:, c].tolist(), y[:, c].tolist()]) for c in range(2)]
    parts.append(gower([[f"k{v}" for v in side] for side in levels]))
    found = nearest([p for p in parts if p is not None], 0, 1, np.arange(n), np.arange(m), k)
    total = np.zeros((n, m))
    for c in range(2):
        width = np.quantile(x[:, c], 0.995) - np.quantile(x[:, c], 0.005)
        total += np.minimum(np.abs(x[:, c, None] - y[None, :, c]) / width, 1)
    if parts[2] is not None:
        total += levels[0][:, None] != levels[1][None, :]
    want = np.full((n, k), np.nan)
    want[:, : min(k, m)] = np.sort(total, axis=1)[:, :k]
    assert found == pytest.approx(want, abs=1e-4, nan_ok=True)


def test_texts_are_cosines() -> None:
    from mintmark.stats.vectors import tfidf

    said = [["my card is lost", "hello"], ["my card is lost today", "", "good bye"]]
    found = nearest([texts([[t.split() for t in side] for side in said])], 0, 1, [0, 1], [0, 1, 2], 2)
    bags = [" ".join([*t.split(), *map("_".join, zip(t.split(), t.split()[1:]))]) for side in said for t in side]
    x = tfidf(bags).toarray()
    assert found == pytest.approx(np.sort(1 - x[:2] @ x[2:].T, axis=1)[:, :2], abs=1e-5)
    assert nearest([texts([[["a", "b"]], [["a", "b"]]])], 0, 1, [0], [0]) == pytest.approx(0, abs=1e-5)


def test_tpr_by_hand() -> None:
    others = np.arange(100.0)
    assert tpr_at([98.5, 99.5, 3, 4], others) == 0.5, "1 of 100 passes above 98"
    assert tpr_at([0.0] * 10, [0.0] * 100) == pytest.approx(0.01), "all tied: chance"
    assert tpr_at([1.0] * 10, [0.0] * 100) == 1.0
    assert tpr_at([1.0] * 10, [1.0] * 5 + [0.0] * 95) == pytest.approx(0.2), "1 of the 5 that tie"


def test_an_attack_on_nothing_proves_nothing() -> None:
    proved, covered = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = attack(rng.normal(size=300), rng.normal(size=300), seed, times=40)
        proved += found.epsilon > 0
        covered += found.auc_span[0] <= 0.5 <= found.auc_span[1]
    assert proved <= 18 and covered >= 180, f"{proved} of 200 bounds are false (5 % are allowed), {covered} of 200 intervals hold 0.5"


def test_epsilon_stays_below_what_was_spent_and_grows_with_the_leak() -> None:
    """Randomised response tells each row's membership at exactly epsilon: the bound is below it in 95 % and not far."""
    for epsilon in (0.5, 2.0, 4.0):
        truth = math.exp(epsilon) / (1 + math.exp(epsilon))
        bounds = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            bounds.append(epsilon_bound(*((rng.random(1_000) < p).astype(float) for p in (truth, 1 - truth)), seed)[0])
        assert np.mean(np.asarray(bounds) > epsilon) <= 0.1 and np.median(bounds) > 0.6 * epsilon, (epsilon, np.median(bounds))
    assert delta_of(2.0, 2.0) > 0.05, "a Gaussian mechanism of mu = 2 is far from (2, 0)-private: the bound is for delta 0"
    full = epsilon_bound(np.ones(1_000), np.zeros(1_000), 0)
    assert full[0] == full[1] > 5 and epsilon_bound(np.ones(5), np.zeros(5), 0) == (0.0, 0.0, 0, 0)
