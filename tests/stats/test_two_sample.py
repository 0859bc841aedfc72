"""Welch, z, TOST against scipy and by hand; 5 % of rejections where nothing differs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, t, ttest_ind, ttest_ind_from_stats

from mintmark.stats.two_sample import moments, two_categories, two_means, two_shares


@given(st.lists(st.integers(-9, 9), min_size=3, max_size=30), st.lists(st.integers(-9, 9), min_size=3, max_size=30))
@settings(max_examples=60, deadline=None)
def test_welch_is_scipys(a: list[int], b: list[int]) -> None:
    one, two = moments(a), moments(b)
    found = two_means(one, two, 2.0)
    if one[1] == two[1] == 0:
        assert found.p == (1.0 if one[0] == two[0] else 0.0)
        return
    assert found.p == pytest.approx(ttest_ind(a, b, equal_var=False).pvalue, abs=1e-9)
    low, high = (
        ttest_ind(np.asarray(a, float) + s, b, equal_var=False, alternative=side).pvalue for s, side in ((2, "greater"), (-2, "less"))
    )
    assert found.tost == pytest.approx(max(low, high), abs=1e-9)


def test_tost_by_hand() -> None:
    found = two_means((10.0, 2.0, 50), (10.1, 2.0, 50), 0.5)
    error = 2 * math.sqrt(2 / 50)  # 0.4, 98 degrees of freedom
    assert found.tost == pytest.approx(t.sf((0.5 - 0.1) / error, 98)) and not found.equivalent and not found.differs
    assert found.effect == pytest.approx(-0.05) and found.overlap
    many = two_means((10.0, 2.0, 5_000), (10.1, 2.0, 5_000), 0.5)
    assert many.differs and many.equivalent, "different, and of no weight"
    low, high = (many.difference + s * t.ppf(0.95, 9_998) * 2 * math.sqrt(2 / 5_000) for s in (-1, 1))
    assert low > -0.5 and high < 0.5, "the 90 % interval lies inside the margin"
    assert ttest_ind_from_stats(10, 2, 5_000, 10.1, 2, 5_000, equal_var=False).pvalue == pytest.approx(many.p)


@given(st.integers(0, 30), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_two_shares_squared_are_chi_square(x: int, y: int) -> None:
    found = two_shares(x, 30, y, 40, 0.05)
    if 0 < x + y < 70:
        assert found.p == pytest.approx(chi2_contingency([[x, 30 - x], [y, 40 - y]], correction=False).pvalue, abs=1e-9)
    else:
        assert found.p == 1
    assert 0 <= found.tost <= 1 and not found.equivalent, "30 rows show no equivalence within 5 points"


def test_size_and_power() -> None:
    rng = np.random.default_rng(0)
    same = [two_means(moments(rng.normal(5, 2, 80)), moments(rng.normal(5, 2, 60)), 0.4).differs for _ in range(800)]
    assert 0.03 <= np.mean(same) <= 0.075
    edge = [two_means(moments(rng.normal(5.4, 2, 400)), moments(rng.normal(5, 2, 400)), 0.4).equivalent for _ in range(800)]
    assert np.mean(edge) <= 0.075, "at the margin itself equivalence is claimed in at most 5 %"
    assert all(two_means(moments(rng.normal(6.5, 2, 100)), moments(rng.normal(5, 2, 100)), 0.4).differs for _ in range(20))


def test_categories() -> None:
    a, b = ["x"] * 50 + ["y"] * 50, ["x"] * 60 + ["y"] * 40
    assert two_categories(a, b, 0.05) == two_shares(50, 100, 60, 100, 0.05)
    three = two_categories([*a, "z", None], [*b, "z"], 0.05)
    assert three.p == pytest.approx(min(1, 3 * min(two_shares(50, 101, 60, 101, 0.05).p, two_shares(50, 101, 40, 101, 0.05).p)))
    with pytest.raises(ValueError, match="without a value"):
        two_categories([None], [None], 0.05)
    with pytest.raises(ValueError, match="two values"):
        two_means((1, 0, 1), (1, 1, 5), 1)
