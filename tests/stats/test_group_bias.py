"""Groups against labels: textbook values, sizes under independence, coverage where there is a difference."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.stats.group_bias import associations, gap, holm, information, spread
from mintmark.stats.intervals import wilson


def test_berkeley_admissions() -> None:
    """Bickel, Hammel and O'Connell 1975: 1198 of 2691 men and 557 of 1835 women admitted (six departments): odds ratio 1.84 (1.62 to 2.09)."""
    counts = {("men", "admitted"): 1198, ("men", "rejected"): 1493, ("women", "admitted"): 557, ("women", "rejected"): 1278}
    (one,) = associations(counts)
    assert (one.group, one.label) == ("men", "rejected")
    low, high = (math.exp(-x) for x in reversed(one.interval))
    assert math.exp(-one.log_odds) == pytest.approx(1.84108, abs=1e-5) and (round(low, 2), round(high, 2)) == (1.62, 2.09)
    told = information(counts)
    g = 2 * 4526 * math.log(2) * told.bits
    assert g == pytest.approx(93.45, abs=0.005), "the likelihood ratio statistic of this table"
    assert (
        told.interval[0] < told.bits < told.interval[1] and told.p < 1e-20 and told.by_chance == pytest.approx(1 / (2 * 4526 * math.log(2)))
    )


def test_an_empty_cell_and_many_pairs() -> None:
    found = associations({("a", "x"): 10, ("b", "y"): 10, ("c", "y"): 10, ("c", "x"): 10})
    assert len(found) == 3 and {f.label for f in found} == {"y"} and all(math.isfinite(f.log_odds) for f in found)
    assert found[0].pmi is None and found[0].n == 0 and found[0].log_odds == pytest.approx(math.log(0.5 * 10.5 / (10.5 * 20.5)))
    assert associations({("a", "x"): 5}) == [] and information({("a", "x"): 5}).bits == 0
    assert information({(g, y): 25 for g in "ab" for y in "xy"}).interval == (0, 0)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == [] and holm([0.7, 0.9]) == [1, 1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_plain_and_bonferroni(p: list[float]) -> None:
    assert all(a <= b <= min(1, len(p) * a) + 1e-12 for a, b in zip(p, holm(p), strict=True))


def test_sizes_and_coverage() -> None:
    """Three groups, three labels: independent, no pair stands out in 95 % of samples, and G rejects in 5 %; dependent, the true bits are covered."""
    import numpy as np

    rng = np.random.default_rng(0)
    even = np.outer([0.5, 0.3, 0.2], [0.6, 0.3, 0.1]).ravel()
    tied = (even + np.asarray([0.1, -0.1, 0, -0.1, 0.1, 0, 0, 0, 0])).ravel()
    true = sum(p * math.log2(p / (sum(tied[i // 3 * 3 : i // 3 * 3 + 3]) * sum(tied[i % 3 :: 3]))) for i, p in enumerate(tied))
    alarms = rejected = held = 0
    for _ in range(300):
        null, other = (Counter({(f"g{i // 3}", f"y{i % 3}"): int(c) for i, c in enumerate(rng.multinomial(400, p))}) for p in (even, tied))
        alarms += any(a.p_holm < 0.05 for a in associations(null))
        rejected += information(null).p < 0.05
        low, high = information(other).interval
        held += low <= true <= high
    print(f"alarms {alarms}, rejected {rejected}, held {held} of 300")
    assert alarms <= 26 and 5 <= rejected <= 26 and held >= 275


def test_gap() -> None:
    """Newcombe's method 10 for two shares is MOVER with Wilson's intervals: 56/70 against 48/80 gives 0.0524 to 0.3339 (Newcombe 1998, table II)."""
    scores = {g: (k / n, wilson(k, n)) for g, k, n in (("one", 56, 70), ("two", 48, 80))}
    best, worst, value, (low, high) = gap(scores)
    assert (best, worst) == ("one", "two") and value == pytest.approx(0.2) and (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    assert spread(2) == pytest.approx(1.959964, abs=1e-5) and spread(3) == pytest.approx(2.394, abs=1e-3)


def test_sparse_tables() -> None:
    """Seventy rows over fifteen labels: tables drawn with the same margins hold the 5 %."""
    import numpy as np
    from scipy.stats import chi2

    rng = np.random.default_rng(1)
    drawn = plain = 0
    for _ in range(150):
        told = information(Counter((f"g{a}", f"y{b}") for a, b in zip(rng.integers(0, 2, 70), rng.integers(0, 15, 70))))
        drawn += told.p < 0.05
        plain += chi2.sf(2 * 70 * math.log(2) * told.bits, 14) < 0.05
    print(f"rejected {drawn} by drawn tables, {plain} by chi squared, of 150")
    assert 2 <= drawn <= 14
