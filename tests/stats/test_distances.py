"""Distances against scipy and closed forms; cells as metrics read them."""

from __future__ import annotations

import datetime
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from mintmark.stats.cells import finite, level, numbers
from mintmark.stats.distances import joint_tvd, ks, tvd

SAMPLES = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(SAMPLES, SAMPLES)
@settings(max_examples=100, deadline=None)
def test_ks_is_scipys_and_bounds_tvd_from_below(a: list[int], b: list[int]) -> None:
    value = ks(a, b)
    assert value == pytest.approx(ks_2samp(a, b).statistic) == pytest.approx(ks(b, a))
    total = tvd(Counter(a), Counter(b))
    assert value <= total + 1e-12 <= 1 + 1e-9
    for scale in (1, 100_000):  # few of many codes take another way
        codes = [(np.asarray(x) + 5) * scale for x in (a, b)]
        assert joint_tvd(*codes) == pytest.approx(total)


def test_empty_samples() -> None:
    none = np.zeros(0, dtype=int)
    assert ks([], []) == tvd(Counter(), Counter()) == joint_tvd(none, none) == 0
    assert ks([1], []) == tvd(Counter("a"), Counter()) == joint_tvd(np.asarray([1]), none) == 1


def test_cells() -> None:
    assert (
        level(1) == level(1.0) == level("1") == "1"
        and level(math.nan) is None is level(None)
        and level(0.5) == "0.5"
        and level(True) == "True"
    )
    read = numbers([1, 2.5, None, "3", True, math.inf, 10**400])
    assert read[[0, 1, 4]].tolist() == [1, 2.5, 1] and np.isnan(read[[2, 3, 5, 6]]).all()
    days = numbers(["1970-01-02", datetime.date(1970, 1, 3), datetime.datetime(1970, 1, 2, 12), "soon", None, 7], "date")
    assert days[:3].tolist() == [1, 2, 1.5] and np.isnan(days[3:]).all()
    cells = [1, "a", None]
    assert finite(cells) is cells and finite([math.nan, 1, -math.inf, 10**400, "x"]) == [None, 1, None, None, "x"]
