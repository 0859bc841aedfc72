"""Strengths: closed forms of two systems, Agresti's baseball table with home advantage, scikit-learn's logistic regression, known simulated judges."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.bradley_terry import strengths

# home wins, away wins in the 1987 season of the American League's Eastern Division; Agresti 2002, Categorical Data Analysis, table 10.10
TEAMS = "Milwaukee Detroit Toronto New-York Boston Cleveland Baltimore".split()
GAMES = [
    "-   4-3 4-2 4-3 6-1 4-2 6-0",
    "3-3 -   4-2 4-3 6-0 6-1 4-3",
    "2-5 4-3 -   2-4 4-3 4-2 6-0",
    "3-3 5-1 2-5 -   4-3 4-2 6-1",
    "5-1 2-5 3-3 4-2 -   5-2 6-0",
    "2-5 3-3 3-4 4-3 4-2 -   2-4",
    "2-5 1-5 1-6 2-4 1-6 3-4 -",
]
CITED = {
    ("B", "C"): (730, 33),
    ("B", "J"): (498, 320),
    ("B", "R"): (221, 284),
    ("C", "J"): (68, 813),
    ("C", "R"): (17, 276),
    ("J", "R"): (142, 325),
}


def games() -> list[tuple[Any, ...]]:
    told = []
    for home, line in zip(TEAMS, GAMES, strict=True):
        for away, score in zip(TEAMS, line.split(), strict=True):
            for said, n in zip(("first", "second"), score.split("-"), strict=True) if score != "-" else ():
                told.append((home, away, said, len(told), int(n)))
    return told


def test_published_baseball_with_home_advantage() -> None:
    """Coefficients printed by BradleyTerry2 for Agresti's section 10.6, against Baltimore."""
    fit = strengths(games(), times=200)
    by = dict(zip(fit.names, fit.strength, strict=True))
    told = {t: round(by[t] - by["Baltimore"], 4) for t in TEAMS[:-1]}
    assert told == {"Milwaukee": 1.6196, "Detroit": 1.4754, "Toronto": 1.3271, "New-York": 1.2813, "Boston": 1.1438, "Cleveland": 0.7047}
    assert fit.order is not None and round(fit.order, 4) == 0.3023 and not fit.penalised and fit.tie is None
    home_is_said_by_nobody = strengths(
        [(*sorted((a, b)), s if a < b else {"first": "second", "second": "first"}[s], i, n) for a, b, s, i, n in games()]
    )
    by = dict(zip(home_is_said_by_nobody.names, home_is_said_by_nobody.strength, strict=True))
    assert home_is_said_by_nobody.order is None and round(by["Milwaukee"] - by["Baltimore"], 4) == 1.5814


def test_as_logistic_regression() -> None:
    """Stigler's citation counts of four journals; without a penalty scikit-learn finds the same maximum."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    x, y, w, told = [], [], [], []
    for (a, b), counts in CITED.items():
        for said, n in zip(("first", "second"), counts, strict=True):
            x.append([(a == j) - (b == j) for j in "CJR"])
            y.append(said == "first")
            w.append(n)
            told.append((a, b, said, len(told), n))
    theirs = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1_000).fit(x, y, sample_weight=w).coef_[0]
    fit = strengths(told, times=200)
    by = dict(zip(fit.names, fit.strength, strict=True))
    assert [by[j] - by["B"] for j in "CJR"] == pytest.approx(theirs, abs=1e-5)
    assert fit.names == ("R", "B", "J", "C")


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=30, deadline=None)
def test_closed_forms_of_two_systems(won: int, lost: int, tied: int) -> None:
    """Lead = ln(won / lost), tie = ln(tied / sqrt(won lost)); shown in one order, place is not told from merit."""
    fit = strengths([("x", "y", s, s, n) for s, n in (("first", won), ("second", lost), ("tie", tied)) if n], times=20)
    by = dict(zip(fit.names, fit.strength, strict=True))
    assert by["x"] - by["y"] == pytest.approx(math.log(won / lost), abs=1e-6) and sum(fit.strength) == pytest.approx(0, abs=1e-9)
    assert fit.order is None and fit.n == won + lost + tied
    assert (fit.tie is None) if not tied else fit.tie == pytest.approx(math.log(tied / math.sqrt(won * lost)), abs=1e-6)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_closed_forms_of_both_orders(xy: int, yx: int, xx: int, yy: int) -> None:
    """x first: won xy, lost yx; y first: won yy, lost xx. Lead is half the difference of the two log odds, order half their sum."""
    told = [("x", "y", "first", 0, xy), ("x", "y", "second", 1, yx), ("y", "x", "first", 2, yy), ("y", "x", "second", 3, xx)]
    fit = strengths(told, times=20)
    by = dict(zip(fit.names, fit.strength, strict=True))
    one, two = math.log(xy / yx), math.log(yy / xx)
    assert fit.order == pytest.approx((one + two) / 2, abs=1e-6) and by["x"] - by["y"] == pytest.approx((one - two) / 2, abs=1e-6)


def test_who_always_wins_is_penalised() -> None:
    fit = strengths([("x", "y", "first", i) for i in range(20)])
    assert fit.penalised and fit.intervals is None and fit.lead == pytest.approx(math.log(20.5 / 0.5), abs=1e-6)
    place = strengths([(a, b, "first", i) for i in range(20) for a, b in ("xy", "yx")])
    assert place.penalised and place.lead == pytest.approx(0, abs=1e-6) and place.order == pytest.approx(math.log(41), abs=1e-6)
    chain = strengths([(a, b, "first", i) for i in range(30) for a, b in ("xy", "yz")])
    assert chain.penalised and chain.names == ("x", "y", "z")
    all_tied = strengths([("x", "y", "tie", i) for i in range(9)])
    assert all_tied.penalised and all_tied.strength == (0, 0)
    wide = strengths([("x", "y", "first", 0, 10_000), ("x", "y", "second", 1, 1)], times=20)
    assert not wide.penalised and wide.lead == pytest.approx(math.log(10_000), abs=1e-6)


def test_what_cannot_be_compared_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"2 groups of systems were never compared .*: a, b \| c, d"):
        strengths([("a", "b", "first", 1), ("d", "c", "first", 2), ("a", "b", "second", 3)])
    with pytest.raises(ValueError, match="at least two systems"):
        strengths([("a", "a", "first", 1)])
    with pytest.raises(ValueError, match="too many"):
        strengths([("a", str(i), "first", i) for i in range(80)])


def judged(true: Sequence[float], order: float, tie: float, items: int, rng: random.Random, mood: float = 0.0) -> list[tuple[Any, ...]]:
    """Verdicts by the model itself, every pair in both orders; mood: spread of an item's own leaning to one of the systems."""
    told = []
    for item in range(items):
        lean = [s + rng.gauss(0, mood) for s in true]
        for i in range(len(true)):
            for j in range(len(true)):
                if i != j:
                    eta = (lean[i] - lean[j] + order) / 2
                    said = rng.choices(["first", "second", "tie"], [math.exp(eta), math.exp(-eta), math.exp(tie)])[0]
                    told.append((f"s{i}", f"s{j}", said, item))
    return told


def test_a_known_judge_is_recovered() -> None:
    fit = strengths(judged([1.0, 0.0, -1.0], 0.5, -0.7, 600, random.Random(1)))
    assert fit.names == ("s0", "s1", "s2") and fit.intervals is not None and fit.order_interval is not None
    assert (
        fit.strength == pytest.approx([1, 0, -1], abs=0.12)
        and fit.order == pytest.approx(0.5, abs=0.12)
        and fit.tie == pytest.approx(-0.7, abs=0.12)
    )
    assert fit.order_interval[0] > 0 and all(lo < s < hi for (lo, hi), s in zip(fit.intervals, fit.strength, strict=True))


def test_intervals_cover_where_verdicts_of_an_item_hang_together() -> None:
    """Two systems, items that lean to one of them: by symmetry the true lead is 0. Resampling verdicts instead of items covers far less."""
    held = apart = 0
    for seed in range(200):
        told = judged([0.0, 0.0], 0.4, -1.0, 40, random.Random(seed), mood=4.0)
        for by_item in (True, False):
            fit = strengths([v if by_item else (*v[:3], i) for i, v in enumerate(told)], seed, times=300)
            assert fit.intervals is not None
            low, high = fit.intervals[0]
            held += by_item and low <= 0 <= high
            apart += not by_item and low <= 0 <= high
    print(f"held {held} of 200 by item, {apart} by verdict")
    assert 182 <= held <= 199 and apart <= held - 8
