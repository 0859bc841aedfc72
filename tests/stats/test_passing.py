"""pass@k against counting, exact fractions and published figures; stable where binomials overflow; ranked against all ways to draw."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.stats.passing import pass_at_k, ranked_pass_at_k


@given(st.integers(1, 120), st.data())
def test_as_with_exact_fractions(n: int, data: st.DataObject) -> None:
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    exact = 1 - Fraction(math.comb(n - c, k), math.comb(n, k))
    assert pass_at_k(n, c, k) == pytest.approx(float(exact), rel=1e-12, abs=1e-300)


def test_as_counting_says() -> None:
    for n, c, k in itertools.product(range(1, 7), range(7), range(1, 7)):
        if c <= n and k <= n:
            draws = list(itertools.combinations(range(n), k))
            assert pass_at_k(n, c, k) == pytest.approx(sum(min(d) < c for d in draws) / len(draws))


def test_large_numbers_and_small_chances_lose_nothing() -> None:
    assert pass_at_k(10**6, 1, 3) == pytest.approx(3e-6, rel=1e-12)
    assert pass_at_k(10**9, 2, 1) == pytest.approx(2e-9, rel=1e-12)
    assert pass_at_k(10**6, 10**5, 10**4) == 1.0 and pass_at_k(10**12, 10**12 - 1, 1) == pytest.approx(1.0)
    assert pass_at_k(5, 0, 5) == 0.0 and pass_at_k(5, 1, 5) == 1.0


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)).map(lambda t: (t[0], min(t))), min_size=1, max_size=3), st.integers(1, 5))
def test_ranked_as_all_ways_to_draw(ranks: list[tuple[int, int]], k: int) -> None:
    taken = [ranks[i % min(k, len(ranks))] for i in range(k)]
    ways = list(itertools.product(*(range(n) for n, _ in taken)))
    hits = sum(any(draw < c for draw, (_, c) in zip(way, taken)) for way in ways)
    assert ranked_pass_at_k(ranks, k) == pytest.approx(hits / len(ways))


@pytest.mark.parametrize("wrong", [(0, 0, 1), (3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        pass_at_k(*wrong)
    with pytest.raises(ValueError, match="expected"):
        ranked_pass_at_k([], 1)
