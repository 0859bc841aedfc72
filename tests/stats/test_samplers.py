"""Distributions by scipy's names are those distributions, truncated ones too; times keep to their steps and bounds."""

from __future__ import annotations

import datetime
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mintmark.stats.samplers import between, distribution


def draws(given: dict[str, Any], n: int = 3_000) -> list[Any]:
    draw, rng = distribution(given), random.Random(3)
    return [draw(rng) for _ in range(n)]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("norm", {"loc": 5, "scale": 2}),
        ("lognorm", {"s": 0.5, "scale": 20}),
        ("gamma", {"a": 2}),
        ("beta", {"a": 2, "b": 5}),
        ("uniform", {}),
    ],
)
def test_continuous(name: str, params: dict[str, Any]) -> None:
    assert stats.kstest(draws({"distribution": name, **params}), getattr(stats, name)(**params).cdf).pvalue > 0.01


def test_truncated_is_the_distribution_given_the_bounds() -> None:
    found = draws({"distribution": "norm", "loc": 170, "scale": 10, "low": 165, "high": 172})
    assert min(found) >= 165 and max(found) <= 172
    assert stats.kstest(found, stats.truncnorm(-0.5, 0.2, loc=170, scale=10).cdf).pvalue > 0.01


def test_bounds_that_are_the_distributions_own() -> None:
    assert stats.kstest(draws({"distribution": "uniform", "low": 10, "high": 20}), stats.uniform(10, 10).cdf).pvalue > 0.01
    assert set(draws({"distribution": "randint", "low": 1, "high": 7})) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("a", [1.01, 1.5, 2.5])
def test_a_heavy_tail(a: float) -> None:
    """scipy's own quantiles end in an endless loop, or in all the memory there is."""
    found = draws({"distribution": "zipf", "a": a, "high": 50})
    mass = stats.zipf(a).pmf(np.arange(1, 51))
    expected = np.r_[mass[:5], mass[5:].sum()] / mass.sum() * len(found)
    assert stats.chisquare([*(found.count(k) for k in range(1, 6)), sum(v > 5 for v in found)], expected).pvalue > 0.01 and max(found) <= 50


def test_discrete_and_rounded() -> None:
    found = draws({"distribution": "poisson", "mu": 2, "low": 1, "high": 4})
    assert all(type(v) is int for v in found) and set(found) == {1, 2, 3, 4}
    mass = stats.poisson(2).pmf([1, 2, 3, 4])
    assert stats.chisquare(np.bincount(found)[1:], 3_000 * mass / mass.sum()).pvalue > 0.01
    assert all(round(v, 1) == v for v in draws({"distribution": "expon", "decimals": 1}, 50))


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"distribution": "normal"}, "Did you mean 'norm'"),
        ({"distribution": "kstest"}, "expected one of scipy.stats"),
        ({"distribution": "levy_stable", "alpha": 1.8, "beta": 0}, "Its quantiles take seconds"),
        ({"distribution": "zipf", "a": 1.2}, "give high, at most 1,000,000"),
        ({"distribution": "uniform", "low": 3, "high": 2}, "nothing between"),
        ({"distribution": "studentized_range", "k": 3, "df": 10}, "expected one of"),
        ({"distribution": 3}, "expected one of"),
        ({"distribution": "gamma"}, "gamma takes a, loc, scale, found none"),
        ({"distribution": "norm", "mu": 3}, "norm takes loc, scale, found mu"),
        ({"distribution": "norm", "scale": -1}, "no quantiles"),
        ({"distribution": "norm", "scale": "1"}, "expected a number"),
        ({"distribution": "norm", "low": 99}, "nothing between"),
        ({"distribution": "norm", "low": 2, "high": 1}, "nothing between"),
        ({"distribution": "norm", "decimals": 1.5}, "a whole number"),
    ],
)
def test_refused_in_words(given_: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        distribution(given_)


def test_times() -> None:
    days = [between({"between": ["2024-02-27", "2024-03-02"]})(random.Random(i)) for i in range(400)]
    assert sorted(set(days)) == ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"]
    minutes = [between({"between": [datetime.date(2024, 1, 1), "2024-01-01"], "step": "hour"})(random.Random(i)) for i in range(400)]
    assert len(set(minutes)) == 24 and max(minutes) == "2024-01-01T23:00:00"
    zone = between({"between": ["2024-01-01T00:00+02:00", "2024-01-01T00:01+02:00"]})(random.Random(1))
    assert zone.startswith("2024-01-01T00:0") and zone.endswith("+02:00")


@pytest.mark.parametrize("ends", [None, ["2024-01-01"], ["2024-01-02", "2024-01-01"], ["x", "y"], ["2024-01-01T00:00Z", "2024-01-02"]])
def test_times_refused(ends: Any) -> None:
    with pytest.raises(ValueError):
        between({"between": ends})


@given(st.datetimes(min_value=datetime.datetime(1000, 1, 1)), st.datetimes(min_value=datetime.datetime(1000, 1, 1)), st.integers())
def test_within(a: datetime.datetime, b: datetime.datetime, seed: int) -> None:
    first, last = sorted((a, b))
    found = datetime.datetime.fromisoformat(between({"between": [first, last]})(random.Random(seed)))
    assert first <= found <= last
