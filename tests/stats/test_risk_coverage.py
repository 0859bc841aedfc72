"""The curve by brute force, ties by all orders, a calibrated model's accuracy, and coverage of the intervals."""

from __future__ import annotations

import itertools
import random
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.risk_coverage import curve

rows = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=6)


def plain(order: list[bool]) -> float:
    return statistics.mean(order[:k].count(False) / k for k in range(1, len(order) + 1))


@given(rows)
@settings(max_examples=30, deadline=None)
def test_points_and_ties_by_brute_force(found: list[tuple[int, bool]]) -> None:
    made = curve([s for s, _ in found], [c for _, c in found])
    for point in made.points:
        kept = [c for s, c in found if s >= point.threshold]
        assert (point.n, point.wrong) == (len(kept), kept.count(False))
        assert point.coverage == len(kept) / len(found) and point.interval[0] <= point.risk <= point.interval[1]
    assert [p.threshold for p in made.points] == sorted({float(s) for s, _ in found}, reverse=True)
    orders = [[c for _, c in o] for o in itertools.permutations(found) if [s for s, _ in o] == sorted((s for s, _ in o), reverse=True)]
    assert made.aurc == pytest.approx(statistics.mean(map(plain, orders)))
    assert made.oracle - 1e-12 <= made.aurc and made.interval[0] <= made.aurc <= made.interval[1]


def test_a_score_that_says_nothing_is_random_and_a_perfect_one_the_oracle() -> None:
    correct = [i % 3 > 0 for i in range(300)]
    same = curve([1.0] * 300, correct)
    assert same.aurc == pytest.approx(same.random) == pytest.approx(1 / 3) and len(same.points) == 1
    perfect = curve([float(c) + i / 1000 for i, c in enumerate(correct)], correct)
    assert perfect.aurc == pytest.approx(perfect.oracle, abs=1e-9) and perfect.oracle < 0.1
    assert perfect.interval[1] < same.interval[0]


def test_a_calibrated_models_accuracy_rises_with_the_threshold() -> None:
    """p uniform on 0.3..1, right with p: above threshold t the accuracy is (t + 1) / 2. Every interval but chance's share holds it, and no
    point lies below an earlier, lower threshold's by more than their intervals allow."""
    rng = random.Random(5)
    scores = [rng.uniform(0.3, 1) for _ in range(4_000)]
    made = curve(scores, [rng.random() < p for p in scores])
    assert 40 <= len(made.points) <= 60 and made.points[-1].n == 4_000
    held = [p.interval[0] <= 1 - (p.threshold + 1) / 2 <= p.interval[1] for p in made.points]
    assert sum(held) / len(held) > 0.85, "points of one sample hang together"
    for strict, loose in itertools.combinations(made.points, 2):
        assert 1 - strict.interval[0] >= 1 - loose.interval[1], "accuracy falls with the threshold, beyond the intervals"
    at = {t: next(p for p in made.points if p.threshold <= t) for t in (0.9, 0.7, 0.5, 0.31)}
    accuracies = [1 - p.risk for p in at.values()]
    assert accuracies == sorted(accuracies, reverse=True)


def test_the_interval_of_the_area_covers() -> None:
    """Scores uniform, right with p = score: AURC of a large sample lies in 95 % of small samples' intervals, give or take (binomial: > 84 of 100)."""
    rng = np.random.default_rng(2)

    def sample(n: int, seed: int = 0) -> tuple[float, tuple[float, float]]:
        p = rng.uniform(0, 1, n)
        made = curve(p.tolist(), (rng.uniform(0, 1, n) < p).tolist(), times=250, seed=seed)
        return made.aurc, made.interval

    truth = sample(100_000)[0]
    held = 0
    for seed in range(100):
        _, (low, high) = sample(200, seed)
        held += low <= truth <= high
    assert held > 84


def test_refused() -> None:
    for scores, correct in (([], []), ([1.0], []), ([float("nan")], [True])):
        with pytest.raises(ValueError, match="needs rows"):
            curve(scores, correct)
