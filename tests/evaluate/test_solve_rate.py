"""solve_rate: n@k against drawing rollouts by hand, against pass@k, and on dialogues made up."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.solve_rate import SolveRate
from mintmark.stats.solve_rate import n_at_k
from mintmark.testing import check_metric


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3), st.data())
@settings(max_examples=80, deadline=None)
def test_equals_drawing_them_all(solved: int, fooled: int, failed: int, data: Any) -> None:
    total = solved + fooled + failed
    if not total:
        return
    m, n = data.draw(st.integers(1, total)), data.draw(st.integers(1, 4))
    pool = ["solved"] * solved + ["fooled"] * fooled + ["failed"] * failed
    chances = []
    for drawn in combinations(pool, m):
        public = [r for r in drawn if r != "failed"]
        handed = list(combinations(public, min(n, len(public))))
        chances.append(sum("solved" in h for h in handed) / len(handed))
    assert n_at_k(solved, fooled, failed, m, n) == pytest.approx(sum(chances) / len(chances))


def test_is_pass_at_k_where_everything_is_handed_in() -> None:
    assert n_at_k(3, 2, 5, 4, 4) == pytest.approx(1 - comb(7, 4) / comb(10, 4)), "1 - C(n - c, k) / C(n, k)"
    assert n_at_k(2, 1, 3, 2, 1) == pytest.approx(8 / 15), (
        "of 15 pairs: 1 of two solved, 6 with a failed one, 2 with a fooled one, which count half"
    )
    with pytest.raises(ValueError, match="no more rollouts"):
        n_at_k(1, 0, 0, 2)


def row(problem: str, *public: str, private: str) -> dict[str, Any]:
    return {"problem": problem, "turns": [{"code": "-", "verdict": v, "feedback": ""} for v in public], "verdict": private}


ROWS = [
    row("a", "failed", "passed", private="passed"),
    row("a", "failed", "failed", "failed", "failed", private="failed"),
    row("b", "passed", private="passed"),
    row("b", "error", "no_code", "passed", private="failed"),
    row("c", "failed", "failed", private="passed"),  # wrong public tests: solved is public and private
]


def measured(rows: list[dict[str, Any]], **params: Any) -> dict[str, Measurement]:
    own = Data({c: [r[c] for r in rows] for c in rows[0]})
    return {m.metric: m for m in check_metric(SolveRate(**params), Tables(own), Context())}


def test_the_numbers() -> None:
    found = measured(ROWS)
    solved, mended = found["execution.solved"], found["execution.mended"]
    assert (solved.value, solved.n) == (pytest.approx((0.5 + 0.5 + 0) / 3), 3) and solved.detail["at"] == "1@4"
    assert (mended.value, mended.n) == (pytest.approx(1 / 4), 4) and mended.interval is not None
    assert [p[:2] for p in solved.picture["series"][0]["points"]] == [[1, 0.2], [2, 0.4], [3, 0.6], [4, 0.6]]
    two = measured(ROWS, rollouts=2)["execution.solved"]
    assert (two.value, two.n) == (pytest.approx((1 + 0.5) / 2), 2) and any("fewer than 2" in c for c in two.caveats)
    assert measured(ROWS, rollouts=2, n=2)["execution.solved"].value == 1.0


def test_what_it_needs() -> None:
    bare = [{k: v for k, v in r.items() if k != "problem"} for r in ROWS]
    assert measured(bare)["execution.solved"].n == 5 and any("problem of its own" in c for c in measured(bare)["execution.solved"].caveats)
    assert measured([{"turns": 3, "verdict": "passed"}, {"turns": [], "verdict": "passed"}, {"turns": None, "verdict": None}]) == {}
    assert "execution.mended" not in measured([ROWS[2]]), "nothing failed, so nothing was mended"
    for wrong in ({"n": 0}, {"rollouts": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            SolveRate(**wrong)
