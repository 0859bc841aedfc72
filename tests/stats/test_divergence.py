"""Divergence curve and Fréchet distance: published figures, closed forms, monotone in a mixture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import sqrtm

from mintmark.stats.divergence import area, clusters, curve, frechet, frechet_of, frontier_integral, histograms, kl

COUNTS = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any)


def test_recorded_values() -> None:
    p, q = [0.5, 0.3, 0.2, 0], [0.2, 0.3, 0.3, 0.2]
    assert area(p, q) == pytest.approx(0.6273523136, abs=1e-8)
    assert frontier_integral(p, q) == pytest.approx(0.1512906912, abs=1e-9)


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_bounds_symmetry_and_the_integral(p: list[int], q: list[int]) -> None:
    assert area(p, p) == pytest.approx(1) and frontier_integral(p, p) == 0
    assert 0 <= area(p, q) <= 1 and area(p, q) == pytest.approx(area(q, p))
    a, b = np.asarray(p) / sum(p), np.asarray(q) / sum(q)
    numeric = 2 * quad(lambda x: x * kl(a, x * a + (1 - x) * b) + (1 - x) * kl(b, x * a + (1 - x) * b), 0, 1)[0]
    assert frontier_integral(p, q) == pytest.approx(numeric, abs=1e-6) and numeric <= 1 + 1e-6
    points = curve(p, q)
    assert (np.diff(points[:, 0]) >= -1e-12).all() and (np.diff(points[:, 1]) <= 1e-12).all()


def test_disjoint_and_monotone() -> None:
    p, q = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])
    assert area(p, q) < 0.01 and frontier_integral(p, q) == 1 and kl(p, q) == float("inf")
    mixed = [area(p, s * p + (1 - s) * q) for s in np.linspace(0, 1, 6)]
    assert mixed == sorted(mixed) and mixed[-1] == pytest.approx(1)


def test_from_vectors() -> None:
    """The reference gives .96, .77, .004 for these three; its k-means is another one."""
    found = []
    for shift in (0, 0.5, 2):
        a, b = (np.random.RandomState(s).standard_normal((100, 16)) + by for s, by in ((1, 0), (2, shift)))
        found.append(area(*histograms(*clusters(a, b, 10))))
    assert found == sorted(found, reverse=True) and found[0] > 0.8 and found[2] < 0.05
    same = np.ones((5, 3))
    assert area(*histograms(*clusters(same, same, 10))) == pytest.approx(1)


def test_frechet_of_known_normals() -> None:
    assert frechet([0], [[1]], [3], [[4]]) == pytest.approx(10)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(9, 3)), rng.normal(size=(8, 3))
    a, b = x.T @ x, y.T @ y
    assert frechet(x[0], a, y[0], b) == pytest.approx(np.sum((x[0] - y[0]) ** 2) + np.trace(a + b - 2 * np.real(sqrtm(a @ b))))
    assert frechet_of(x, x) == pytest.approx(0, abs=1e-9) and frechet_of(x, x + [1, 2, 2]) == pytest.approx(9)
    a, b = rng.normal(size=(20_000, 2)), rng.normal(size=(20_000, 2)) * [2, 1] + [1, 0]
    assert frechet_of(a, b) == pytest.approx(1 + 1, rel=0.05)
