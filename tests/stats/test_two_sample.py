"""Welch, z, TOST against scipy and by hand; 5 % of rejections where nothing differs."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, ks_2samp, kstwobign, mannwhitneyu, rankdata, t, ttest_ind, ttest_ind_from_stats

from mintmark.stats.two_sample import ks_p, moments, one_sided_ranks, two_categories, two_means, two_shares


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


def test_sizes_and_power() -> None:
    """Each test rejects 5 % +- 1.5 of 2,000 pairs at the edge of its null hypothesis."""
    rng = np.random.default_rng(0)
    welch, tost, z, shares, smirnov, ranks = (np.zeros(2_000, bool) for _ in range(6))
    for k in range(2_000):
        a, b = rng.normal(5, 2, 80), rng.normal(5, 3, 60)
        welch[k] = two_means(moments(a), moments(b), 0.4).differs
        tost[k] = two_means(moments(rng.normal(5.6, 2, 300)), moments(rng.normal(5, 3, 400)), 0.6).equivalent
        z[k] = two_shares(int(rng.binomial(500, 0.3)), 500, int(rng.binomial(400, 0.3)), 400, 0.05).differs
        shares[k] = two_shares(int(rng.binomial(4_000, 0.35)), 4_000, int(rng.binomial(3_000, 0.3)), 3_000, 0.05).equivalent
        smirnov[k] = ks_p(a, rng.normal(5, 2, 400))[1] < 0.05
        ranks[k] = one_sided_ranks(np.round(a, k % 2), np.arange(80) % 2, k, few=50 if k % 4 else 20) < 0.05
    for name, found in {"welch": welch, "tost": tost, "z": z, "tost of shares": shares, "ks": smirnov, "ranks": ranks}.items():
        assert 0.035 <= found.mean() <= 0.065, (name, found.mean())
    assert all(two_means(moments(rng.normal(6.5, 2, 100)), moments(rng.normal(5, 2, 100)), 0.4).differs for _ in range(20))


@given(st.lists(st.integers(0, 6), min_size=2, max_size=40), st.lists(st.integers(0, 6), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_ranks_and_ks_are_scipys(a: list[int], b: list[int]) -> None:
    scores, labels = [*a, *b], [1] * len(a) + [0] * len(b)
    expected = mannwhitneyu(a, b, alternative="greater", method="asymptotic", use_continuity=False).pvalue if len(set(scores)) > 1 else 1.0
    assert one_sided_ranks(scores, labels, few=0) == pytest.approx(expected)
    if len(scores) <= 9:
        ranks = rankdata(scores)
        sums = [sum(part) for part in combinations(ranks, len(a))]
        exact = np.mean([x >= sum(ranks[: len(a)]) - 1e-9 for x in sums])
        assert one_sided_ranks(scores, labels) == pytest.approx(exact, abs=0.06), "few rows: by permutation"
    distance, p = ks_p(a, b)
    assert distance == pytest.approx(ks_2samp(a, b).statistic)
    assert p == pytest.approx(kstwobign.sf(distance * math.sqrt(len(a) * len(b) / len(scores))))


def test_categories() -> None:
    a, b = ["x"] * 50 + ["y"] * 50, ["x"] * 60 + ["y"] * 40
    assert two_categories(a, b, 0.05) == two_shares(50, 100, 60, 100, 0.05)
    three = two_categories([*a, "z", None], [*b, "z"], 0.05)
    assert three.p == pytest.approx(min(1, 3 * min(two_shares(50, 101, 60, 101, 0.05).p, two_shares(50, 101, 40, 101, 0.05).p)))
    with pytest.raises(ValueError, match="without a value"):
        two_categories([None], [None], 0.05)
    with pytest.raises(ValueError, match="two values"):
        two_means((1, 0, 1), (1, 1, 5), 1)
