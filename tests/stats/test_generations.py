"""Generations: who learns from whom, and what theory says becomes of them (Gaussian, regression, resampled levels).

A row of an array holds one draw of every replicate, so that many independent chains run through the same loop at once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import binom

from mintmark.stats.generations import REGIMES, feed, generations


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(0, 9))
def test_who_learns_from_whom(sizes: list[int], seed: int) -> None:
    whole = [list(range(n)) for n in sizes]
    assert [list(x) for x in feed("accumulate", sizes, seed)] == whole
    assert [list(x) for x in feed("replace", sizes, seed)] == [*([] for _ in sizes[1:]), whole[-1]]
    drawn = [list(x) for x in feed("subsample", sizes, seed)]
    assert sum(map(len, drawn)) == sizes[0] and all(set(d) <= set(w) and len(set(d)) == len(d) for d, w in zip(drawn, whole, strict=True))
    assert drawn == [list(x) for x in feed("subsample", sizes, seed)]
    with pytest.raises(ValueError, match="expected replace, accumulate, subsample"):
        feed("add", sizes)


def test_rows_that_are_no_arrays() -> None:
    seen: list[str] = []

    def make(pool: str, g: int) -> str:
        seen.append(pool)
        return str(g) * 2

    assert list(generations(make, "ab", 3, "accumulate", take=lambda s, i: "".join(s[j] for j in i), join="".join)) == ["11", "22", "33"]
    assert seen == ["ab", "ab11", "ab1122"]


def gaussians(m: int, times: int, n: int, regime: str, seed: int) -> list[tuple[Any, Any]]:
    """(mean, variance) of each replicate's model at generations 1..n, each an unbiased fit of m rows."""
    rng, fits = np.random.default_rng(seed), []

    def make(pool: Any, g: int) -> Any:
        fits.append((pool.mean(axis=0), pool.var(axis=0, ddof=1)))
        return rng.normal(fits[-1][0], np.sqrt(fits[-1][1]), (m, times))

    assert len(list(generations(make, rng.normal(0, 1, (m, times)), n, regime, seed))) == n
    return fits


def test_gaussian_variance_has_a_constant_mean_and_a_median_that_dies() -> None:
    """sigma_n^2 = the product of n independent chi^2(M-1)/(M-1): mean 1; the median's logarithm falls by E ln chi^2/(M-1) a generation."""
    times, m = 4000, 20
    fits = gaussians(m, times, 200, "replace", 1)
    for n in (1, 5, 10):
        variance = fits[n - 1][1]
        assert abs(variance.mean() - 1) < 3.5 * variance.std(ddof=1) / math.sqrt(times), n
    step = digamma((m - 1) / 2) - math.log((m - 1) / 2)
    for n in (20, 200):
        logs = np.log(fits[n - 1][1])
        assert abs(logs.mean() - n * step) < 3.5 * logs.std(ddof=1) / math.sqrt(times), n
        assert np.median(logs) == pytest.approx(n * step, abs=0.4)
    assert np.median(fits[199][1]) < 5e-5
    kept = gaussians(m, 200, 60, "accumulate", 2)[-1][1]
    assert np.median(kept) > 0.7 > 0.1 > np.median(fits[59][1])


def test_gaussian_wasserstein() -> None:
    """E W2^2 = E mu^2 + E (sigma - 1)^2, about 3/2 n/M."""
    times, m = 500, 1000
    fits = gaussians(m, times, 10, "replace", 3)
    for n in (1, 5, 10):
        mean, variance = fits[n - 1]
        w2 = mean**2 + (np.sqrt(variance) - 1) ** 2
        assert abs(w2.mean() - 1.5 * n / m) < 3.5 * w2.std(ddof=1) / math.sqrt(times), (n, w2.mean())


def regression_errors(regime: str, n: int, times: int, seed: int) -> list[Any]:
    """||w_g - w||^2 of least squares at generations 1..n; d = 10 covariates, T = 60 rows, noise 1."""
    d, rows, rng = 10, 60, np.random.default_rng(seed)
    errors: list[Any] = []

    def sample(w: Any) -> Any:
        x = rng.normal(0, 1, (rows, times, d))
        return np.concatenate([x, (np.einsum("nrd,rd->nr", x, w) + rng.normal(0, 1, (rows, times)))[..., None]], axis=2)

    def make(pool: Any, g: int) -> Any:
        x, y = pool[..., :d], pool[..., d]
        w = np.linalg.solve(np.einsum("nrd,nre->rde", x, x), np.einsum("nrd,nr->rd", x, y)[..., None])[..., 0]
        errors.append((w**2).sum(axis=1))  # the truth is w = 0
        return sample(w)

    assert len(list(generations(make, sample(np.zeros((times, d))), n, regime, seed))) == n
    return errors


def test_regression_error_grows_by_replacing_and_is_bounded_by_accumulating() -> None:
    one = 10 / (60 - 10 - 1)
    replaced, kept = regression_errors("replace", 10, 600, 4), regression_errors("accumulate", 10, 300, 5)
    for n in (1, 5, 10):
        assert abs(replaced[n - 1].mean() - n * one) < 3.5 * replaced[n - 1].std(ddof=1) / math.sqrt(600), n
    last = kept[-1]
    error = 3.5 * last.std(ddof=1) / math.sqrt(300)
    assert last.mean() <= one * math.pi**2 / 6 + error and last.mean() > one
    assert last.mean() == pytest.approx(0.313, abs=error), "another simulation of the same (spec of the methods)"


def resampled(regime: str, n: int, m: int, start: Any, times: int, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)

    def make(pool: Any, g: int) -> Any:
        return np.take_along_axis(pool, rng.integers(0, len(pool), (m, times)), axis=0)

    return list(generations(make, np.repeat(start[:, None], times, axis=1), n, regime, seed))


def shares(rows: Any, levels: int) -> Any:
    """replicates x levels"""
    return np.stack([(rows == k).mean(axis=0) for k in range(levels)], axis=1)


def test_levels_die_out_as_wright_and_fisher_have_it() -> None:
    """Heterozygosity 1 - sum p^2 is (1 - 1/M)^n of the start's; a level of c rows lives on as the binomial Markov chain says."""
    m, levels, times = 40, 12, 1500
    start = np.repeat(np.arange(levels), [12, 8, 5, 4, 3, 2, 1, 1, 1, 1, 1, 1])
    found = resampled("replace", 30, m, start, times, 6)
    counts = np.bincount(start)
    chain = binom.pmf(np.arange(m + 1)[None, :], m, np.arange(m + 1)[:, None] / m)
    h0 = 1 - (counts / m) @ (counts / m)
    for n in (1, 5, 30):
        p = shares(found[n - 1], levels)
        h = 1 - (p**2).sum(axis=1)
        assert abs(h.mean() - h0 * (1 - 1 / m) ** n) < 3.5 * h.std(ddof=1) / math.sqrt(times), n
        alive = (p > 0).sum(axis=1)
        expected = (1 - np.linalg.matrix_power(chain, n)[counts, 0]).sum()
        assert abs(alive.mean() - expected) < 3.5 * alive.std(ddof=1) / math.sqrt(times), (n, alive.mean(), expected)


def test_regimes_stand_in_their_order() -> None:
    """Levels alive in the tenth generation: accumulating, of which a subsample is a part, keeps more than replacing."""
    start = np.repeat(np.arange(20), 2)
    alive = {r: (shares(resampled(r, 10, 40, start, 300, 7)[-1], 20) > 0).sum(axis=1).mean() for r in REGIMES}
    assert alive["replace"] < alive["subsample"] < alive["accumulate"]
