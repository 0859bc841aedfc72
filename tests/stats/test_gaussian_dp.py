"""The accounting of the Gaussian mechanism: nine published pairs, Google's accountant, and what must hold of any accountant."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mintmark.stats.gaussian_dp import delta_of, epsilon_of, mu_for, mu_of, sigma_for

# sigma, epsilon at T = 10 and delta = 1 / (N ln N): Aug-PE (2403.01749), the recorded output of its notebook
PUBLISHED = {
    1_939_290: ((15.34, 1.004455), (8.03, 2.002377), (4.24, 4.005258)),
    8_396: ((11.60, 0.999986), (6.22, 1.996654), (3.38, 3.992231)),
    75_316: ((13.26, 0.999232), (7.01, 1.997191), (3.75, 3.999169)),
}


@pytest.mark.parametrize(("n", "sigma", "epsilon"), [(n, s, e) for n, pairs in PUBLISHED.items() for s, e in pairs])
def test_published(n: int, sigma: float, epsilon: float) -> None:
    found = epsilon_of(1 / (n * math.log(n)), mu_of([(1.0, sigma)] * 10))
    assert abs(found - epsilon) < 1e-6


def test_against_googles_accountant() -> None:
    pld = pytest.importorskip("dp_accounting.pld.privacy_loss_distribution", reason="dp-accounting is not installed")
    for sigma, delta in ((5.0, 1e-5), (1.5, 1e-6), (20.0, 1e-7)):
        composed = pld.from_gaussian_mechanism(sigma / math.sqrt(10), value_discretization_interval=1e-4)
        assert epsilon_of(delta, math.sqrt(10) / sigma) == pytest.approx(composed.get_epsilon_for_delta(delta), rel=2e-3)


@given(st.floats(0.01, 20), st.floats(1e-12, 0.4), st.integers(1, 50))
def test_round_trip(epsilon: float, delta: float, releases: int) -> None:
    sigma = sigma_for(epsilon, delta, releases)
    mu = mu_of([(1.0, sigma)] * releases)
    assert delta_of(epsilon, mu) <= delta * (1 + 1e-6)
    assert epsilon_of(delta, mu) == pytest.approx(epsilon, rel=1e-6)
    assert mu_for(epsilon, delta) == pytest.approx(mu, rel=1e-9)


@given(st.floats(0.05, 4), st.floats(0, 8))
def test_formula(mu: float, epsilon: float) -> None:
    plain = norm.cdf(-epsilon / mu + mu / 2) - math.exp(epsilon) * norm.cdf(-epsilon / mu - mu / 2)
    assert delta_of(epsilon, mu) == pytest.approx(max(0.0, plain), abs=1e-12)


def test_large_values_do_not_overflow() -> None:
    assert delta_of(2_000.0, 1.0) == 0.0
    assert epsilon_of(1e-9, 60.0) > 1_000


@pytest.mark.parametrize(("epsilon", "delta"), [(0, 1e-5), (-1, 1e-5), (math.inf, 1e-5), (1, 0), (1, 1), (math.nan, 0.1)])
def test_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        sigma_for(epsilon, delta)
