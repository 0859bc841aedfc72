"""kappa against worked examples and another implementation, coverage of its intervals, and shares in clusters."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mintmark.stats.agreement import cohen, fleiss
from mintmark.stats.intervals import clustered, wilson
from mintmark.text.verdicts import majority, verdict


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_cohen_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    found = cohen(pairs)
    if found.kappa is None:
        assert len({x for p in pairs for x in p}) == 1
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs)))
        assert found.interval is not None and found.interval[0] <= found.kappa <= found.interval[1]
    assert found.n == len(pairs) and found.observed == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))


def test_fleiss_worked_by_hand() -> None:
    """Four items, three raters: P = (1 + 1/3 + 1/3 + 1) / 4 = 2/3; of 12 ratings 7 a, 5 b, so chance = (49 + 25) / 144."""
    found = fleiss([["a", "a", "a"], ["a", "a", "b"], ["b", "a", "b"], [None, "b", "b", "b"], ["a"], []])
    p = (1 + 1 / 3 + 1 / 3 + 1) / 4
    a = (1 + 2 / 3 + 1 / 3 + 0) / 4
    chance = a * a + (1 - a) ** 2
    assert found.kappa == pytest.approx((p - chance) / (1 - chance)) and found.n == 4


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=40))
@settings(max_examples=40, deadline=None)
def test_squared_is_scotts_pi_with_quadratic_weights(pairs: list[tuple[int, int]]) -> None:
    """Symmetrised (each pair both ways round), quadratic Cohen has the same chance as squared Fleiss."""
    found = fleiss(pairs, squared=True)
    both = [*pairs, *((b, a) for a, b in pairs)]
    if found.kappa is not None:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*both), weights="quadratic", labels=[1, 2, 3, 4, 5]))


def test_nothing_to_compare() -> None:
    assert fleiss([["a", "a"]] * 5).kappa is None and cohen([("a", "a")]).observed == 1
    for empty in (lambda: cohen([]), lambda: fleiss([["a"]])):
        with pytest.raises(ValueError):
            empty()


def test_the_interval_covers() -> None:
    """Two raters who each see the truth with 80 %: of 200 samples of 150 items, 95 % intervals hold the true kappa 0.36 in most (binomial: > 182)."""
    rng = random.Random(1)

    def seen(truth: int) -> int:
        return truth if rng.random() < 0.8 else 1 - truth

    held = 0
    for _ in range(200):
        truths = [rng.randrange(2) for _ in range(150)]
        interval = cohen([(seen(t), seen(t)) for t in truths]).interval
        assert interval is not None
        held += interval[0] <= 0.36 <= interval[1]
    assert held > 178


def test_clusters_count_for_less_only_when_they_hang_together() -> None:
    assert clustered([1, 0, 1, 1], [1] * 4)[1] == pytest.approx(wilson(3, 4), abs=0.1)
    rng = np.random.default_rng(0)
    alone = clustered(rng.binomial(10, 0.5, 200), [10] * 200)[1]
    together = clustered(10 * rng.binomial(1, 0.5, 200), [10] * 200)[1]
    assert alone[1] - alone[0] == pytest.approx(2 * 1.96 * 0.5 / 2000**0.5, rel=0.15)
    assert together[1] - together[0] == pytest.approx(2 * 1.96 * 0.5 / 200**0.5, rel=0.1)
    p, (low, high) = clustered([2] * 10, [2] * 10)
    assert p == 1 and high == 1 and low == pytest.approx(wilson(10, 10)[0])
    assert clustered([0, 0], [3, 1])[0] == 0


def test_recorded_judge_against_people(data: Path) -> None:
    folder = data / "pandalm_judge"
    people = json.loads((folder / "testset-v1.json").read_text())
    gpt = [verdict(g["gpt_result"]) for g in json.loads((folder / "gpt-3.5-turbo-testset-v1.json").read_text())]
    human = [majority(verdict(p[f"annotator{k}"]) for k in (1, 2, 3)) for p in people]
    found = cohen([(g, h) for g, h in zip(gpt, human, strict=True) if g is not None])
    assert found.n == 974 and found.kappa == pytest.approx(0.493, abs=0.0005)
    assert found.interval is not None and found.interval[0] < 0.46 and found.interval[1] > 0.52
    assert fleiss([[p[f"annotator{k}"] for k in (1, 2, 3)] for p in people]).kappa == pytest.approx(0.864, abs=0.0005)
