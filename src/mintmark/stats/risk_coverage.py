"""Risk and coverage: how many of the rows are wrong among those whose score is at least t, for every t.

    made = curve([0.9, 0.8, 0.8, 0.1], [True, True, False, False])
    made.points[1]          Point(threshold=0.8, n=3, wrong=1, coverage=0.75, risk=0.333, interval=(0.008, 0.906))
    made.aurc, made.interval, made.random, made.oracle

coverage: share of rows kept. risk: share of them that is wrong; its interval is Clopper and Pearson's, each point for itself. Rows of one score
are kept together. AURC: the mean risk over coverages 1/n, 2/n, ... 1 (0..1, lower is better), where within a tie every order is as likely, so
that a score which says nothing has the AURC of random order, `random` = the share wrong. `oracle`: the least AURC with so many wrong.
Its interval is a percentile bootstrap over rows. Source: Geifman and El-Yaniv 2017 (1705.08500); AURC: Geifman, Uziel, El-Yaniv 2019 (1805.08206).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .intervals import clopper_pearson


class Point(NamedTuple):
    threshold: float
    n: int
    wrong: int
    coverage: float
    risk: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """points: from the highest threshold down to all rows; at most `most` of them, evenly spaced by coverage."""

    points: tuple[Point, ...]
    aurc: float
    interval: tuple[float, float]
    random: float
    oracle: float
    n: int


def curve(scores: Sequence[float], correct: Sequence[bool], *, most: int = 60, times: int = 1_000, seed: int = 0) -> Curve:
    """ValueError for no rows, lengths that differ or a score that is not a number."""
    import numpy as np

    s, wrong = np.asarray(scores, float), ~np.asarray(correct, bool)
    if len(s) != len(wrong) or not len(s) or np.isnan(s).any():
        raise ValueError("a risk-coverage curve needs rows with a number and whether it is right, for each")
    order = np.argsort(-s, kind="stable")
    s, wrong = s[order], wrong[order].astype(float)
    last = np.flatnonzero(np.append(s[1:] != s[:-1], True))  # the last row of each tie
    errors = np.cumsum(wrong)[last]
    shown = last if len(last) <= most else last[np.unique(np.searchsorted(last, np.linspace(0, len(s) - 1, most)))]
    points = []
    for at in shown:
        n, w = int(at) + 1, int(errors[np.searchsorted(last, at)])
        points.append(Point(float(s[at]), n, w, n / len(s), w / n, clopper_pearson(w, n)))
    tie = np.searchsorted(last, np.arange(len(s)))
    value = _aurc(tie, wrong)
    rng = np.random.default_rng(seed)
    times = times if len(s) <= 5_000 else max(1, times // 5)
    drawn = []
    for _ in range(times):
        rows = np.sort(rng.integers(0, len(s), len(s)))
        drawn.append(_aurc(tie[rows], wrong[rows]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    best = np.sort(wrong)
    return Curve(
        tuple(points),
        value,
        (min(float(low), value), max(float(high), value)),
        float(wrong.mean()),
        _aurc(np.arange(len(s)), best),
        len(s),
    )


def _aurc(tie: Any, wrong: Any) -> float:
    """tie: number of each row's tie, in order. Every row of a tie counts with the tie's mean error."""
    import numpy as np

    first = np.flatnonzero(np.append(True, tie[1:] != tie[:-1]))
    sizes = np.diff(np.append(first, len(tie)))
    even = np.repeat(np.add.reduceat(wrong, first) / sizes, sizes)
    return float(np.mean(np.cumsum(even) / np.arange(1, len(tie) + 1)))
