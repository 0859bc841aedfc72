"""How private the Gaussian mechanism is, exactly: several releases with noise N(0, sigma^2) on values of L2 sensitivity s compose to one
Gaussian mechanism with mu = sqrt(sum (s / sigma)^2), and (epsilon, delta) follow from mu in closed form.

    delta(epsilon) = Phi(-epsilon / mu + mu / 2) - exp(epsilon) Phi(-epsilon / mu - mu / 2)

Sources: Balle and Wang 2018 (1805.06530), theorem 8; Dong, Roth and Su 2022 (1905.02383), corollary 3.3 (composition); Smith and Thakurta 2022
(2210.17520): a bound on the sum holds as well where each release is chosen after those before it. Two data sets are neighbours when one holds all
rows of one person more than the other (add or remove). Every root is taken on the side that protects. Not covered: amplification by sampling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, Context

MARGIN = 1e-9


def mu_of(releases: Iterable[tuple[float, float]]) -> float:
    """mu of several releases, each (sensitivity, sigma)."""
    return math.sqrt(sum((s / sigma) ** 2 for s, sigma in releases))


def delta_of(epsilon: float, mu: float) -> float:
    """The least delta at this epsilon, 0..1."""
    from scipy.special import log_ndtr

    if mu == 0:
        return 0.0
    if math.isinf(mu):
        return 1.0
    first, second = float(log_ndtr(-epsilon / mu + mu / 2)), float(log_ndtr(-epsilon / mu - mu / 2))
    gap = epsilon + second - first  # below 0 where delta is above 0; in logarithms, so that large epsilons do not overflow
    return max(0.0, -math.exp(first) * math.expm1(gap)) if gap < 0 else 0.0


def epsilon_of(delta: float, mu: float) -> float:
    """The least epsilon at this delta; 0 where delta alone covers it, infinite where mu is."""
    from scipy.optimize import brentq

    _in_range(1.0, delta)
    if mu == 0 or delta_of(0.0, mu) <= delta:
        return 0.0
    if math.isinf(mu):
        return math.inf
    high = 1.0
    while delta_of(high, mu) > delta:
        high *= 2
    found = float(brentq(lambda e: delta_of(e, mu) - delta, 0.0, high, xtol=1e-15, rtol=1e-14))
    return _until(lambda away: found * (1 + away), lambda e: delta_of(e, mu) <= delta) * (1 + MARGIN / 2)


def mu_for(epsilon: float, delta: float) -> float:
    """The largest mu that (epsilon, delta) allows, less a part in 10^9, by which sums of squares may miss it and `delta_of` err."""
    from scipy.optimize import brentq

    _in_range(epsilon, delta)
    high = 1.0
    while delta_of(epsilon, high) < delta:
        high *= 2
    low = high
    while delta_of(epsilon, low) > delta:
        low /= 2
    found = float(brentq(lambda m: delta_of(epsilon, m) - delta, low, high, xtol=1e-300, rtol=1e-14))
    return _until(lambda away: found * (1 - away), lambda m: delta_of(epsilon, m) <= delta) * (1 - MARGIN)


def sigma_for(epsilon: float, delta: float, releases: int = 1, sensitivity: float = 1.0) -> float:
    """The noise that each of `releases` equal releases needs, so that all together are (epsilon, delta)-private."""
    if releases < 1:
        raise ValueError("there must be at least one release")
    return sensitivity * math.sqrt(releases) / mu_for(epsilon, delta)


def upward(epsilon: float, digits: int = 3) -> str:
    """Epsilon as people read it, rounded up: 1.0045 is '1.01', since '1' would promise more than holds."""
    if not 0 < epsilon < math.inf:
        return f"{epsilon:g}"
    return f"{float(Context(digits, ROUND_CEILING).create_decimal(repr(epsilon * (1 - 2 * MARGIN)))):g}"


def _until(moved: Callable[[float], float], safe: Callable[[float], bool]) -> float:
    """The root that was found, moved away from the other side until it is safe."""
    away = 1e-14
    while not safe(moved(away)):
        away *= 2
    return moved(away)


def _in_range(epsilon: float, delta: float) -> None:
    if not 0 < epsilon < math.inf:
        raise ValueError(f"epsilon is {epsilon:g}, expected more than 0: at 0 nothing may be learned from the rows")
    if not 0 < delta < 1:
        raise ValueError(f"delta is {delta:g}, expected between 0 and 1, and below 1 / number of people")
