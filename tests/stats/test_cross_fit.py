"""The critic's computing: known density ratios, identical distributions, twins, weighted AUC, cues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.learners.linear import LinearLearner
from mintmark.stats.critic import _folds_of_twins, cross_fitted, cues, odds, weighted_auc
from mintmark.stats.intervals import auc, delong
from mintmark.stats.weights import mean_one


@pytest.mark.parametrize(("n", "m"), [(20_000, 20_000), (9_000, 27_000)])
def test_log_odds_are_the_known_log_ratio(n: int, m: int) -> None:
    """N(1, 1) against N(0, 1): log ratio x - 1/2, whatever the sizes; weighted by the odds, the mean of the second becomes the first's."""
    rng = np.random.default_rng(0)
    real, own = rng.normal(1, 1, n), rng.normal(0, 1, m)
    p = cross_fitted(LinearLearner(), {"x": real.tolist()}, {"x": own.tolist()})
    slope, offset = np.polyfit(own, np.log(odds(p[n:])), 1)
    assert slope == pytest.approx(1, abs=0.05) and offset == pytest.approx(-0.5, abs=0.05)
    assert auc(p, [1] * n + [0] * m) == pytest.approx(0.7602, abs=0.01)  # Phi(1 / sqrt 2)
    weight = mean_one(odds(p[n:]))
    assert np.average(own, weights=weight) == pytest.approx(1, abs=0.05)
    again = cross_fitted(LinearLearner(), {"x": real.tolist()}, {"x": own.tolist()}, weight)
    flat = abs(np.polyfit(own, np.log(odds(again[n:])), 1)[0])
    assert flat < 0.05


def test_identical_distributions_give_half_within_the_interval() -> None:
    inside = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        words = [" ".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(240)]
        p = cross_fitted(LinearLearner(), {"t": words[:120]}, {"t": words[120:]}, seed=seed)
        low, high = delong(p, [1] * 120 + [0] * 120)[1]
        inside += low <= 0.5 <= high
    assert inside >= 16, inside  # of 20; 19 expected, cross-fitting makes it a little less


def test_twins_share_a_fold_and_are_never_learnt_from() -> None:
    texts = [f"unique text number {i}" for i in range(40)] * 2
    fold = _folds_of_twins({"t": texts}, np.repeat([1, 0], 40), 5, 0)
    assert (fold[:40] == fold[40:]).all() and len(set(fold)) == 5
    p = cross_fitted(LinearLearner(), {"t": texts[:40]}, {"t": texts[40:]})
    assert p == pytest.approx(np.full(80, 0.5), abs=1e-6)


class Spy:
    """A learner that says which rows it saw."""

    def __init__(self) -> None:
        self.seen: list[set[Any]] = []
        self.classes = [0, 1]

    def fit(self, table: Any, target: Any, *, weight: Any, seed: int) -> Any:
        self.seen.append(set(table["x"]))
        sums = [sum(w for w, t in zip(weight, target) if t == s) for s in (0, 1)]
        assert sums[0] == pytest.approx(sums[1]) and sum(sums) == pytest.approx(len(target))
        return self

    def proba(self, table: Any) -> Any:
        assert not set(table["x"]) & self.seen[-1], "a row was scored by a learner that saw it"
        return np.tile([0.25, 0.75], (len(table["x"]), 1))


def test_no_row_is_scored_by_a_learner_that_saw_it() -> None:
    spy = Spy()
    p = cross_fitted(spy, {"x": list(range(30))}, {"x": [*range(100, 190), 3]}, most=20)
    assert len(spy.seen) == 5 and max(map(len, spy.seen)) <= 40 and (p == 0.75).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 4)), min_size=4, max_size=40))
def test_weights_count_as_copies_do(rows: list[tuple[int, bool, int]]) -> None:
    scores, labels, weight = map(list, zip(*rows))
    if len(set(labels)) < 2:
        return
    copies = [(s, t) for s, t, w in rows for _ in range(w)]
    assert weighted_auc(scores, labels, weight)[0] == pytest.approx(auc(*zip(*copies)))
    equal, theirs = weighted_auc(scores, labels, [2.0] * len(rows)), delong(scores, labels)
    assert equal[0] == pytest.approx(theirs[0])
    if min(sum(labels), len(labels) - sum(labels)) > 1:
        assert equal[1] == pytest.approx(theirs[1])


@pytest.mark.parametrize(
    ("change", "cue"),
    [
        (lambda t: t + " and then some more of it", "words"),
        (lambda t: f"**{t}**", "markup"),
        (lambda t: t + ".", "ends without a full stop"),
        (lambda t: t.upper(), "capitals"),
        (lambda t: t.replace("e", "é"), "beyond ASCII"),
        (lambda t: " ".join(t.split()[:9]), "words (distance from the usual)"),
    ],
)
def test_cues_are_found(change: Any, cue: str) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["the", "fee", "late", "card", "desk", "where"], rng.integers(5, 14))) for _ in range(200)]
    none = cues({"t": texts[:100]}, {"t": texts[100:]})
    assert max(value for _, value, _ in none) < 0.65
    own = [" ".join((t.split() * 3)[:9]) for t in texts[100:]] if "distance" in cue else [change(t) for t in texts[100:]]
    found = {name: value for name, value, _ in cues({"t": texts[:100]}, {"t": own})}
    assert found[f"t: {cue}"] > 0.85 if cue != "words" else found["t: words"] > 0.7
