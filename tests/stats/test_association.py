"""Pearson, Cramér's V and eta against numpy, scipy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f_oneway
from scipy.stats.contingency import association, crosstab

from mintmark.stats.association import correlation_ratio, cramers_v, pearson

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=60)


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_against_scipy(rows: list[tuple[int, int]]) -> None:
    a, b = np.asarray(rows).T
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert cramers_v(a, b) == 0
        return
    assert cramers_v(a, b) == pytest.approx(association(crosstab(a, b).count, method="cramer"), abs=1e-9)
    assert pearson(a.astype(float), b.astype(float)) == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-9)


def test_eta() -> None:
    rng = np.random.default_rng(0)
    g = rng.integers(0, 3, 90)
    x = rng.normal(size=90) + g
    f = f_oneway(*(x[g == k] for k in range(3))).statistic
    assert correlation_ratio(x, g) ** 2 == pytest.approx(2 * f / (2 * f + 87))
    assert correlation_ratio(g.astype(float), g) == pytest.approx(1) and correlation_ratio(np.ones(5), np.arange(5)) == 0


def test_missing_and_large() -> None:
    x = np.asarray([1.0, 2, np.nan, 4])
    assert pearson(x, np.asarray([1.0, 2, 3, 4])) == pytest.approx(1) and pearson(1e300 * x, -x) == pytest.approx(-1)
    assert pearson(x, np.full(4, np.nan)) == 0 == pearson(x, np.ones(4))
