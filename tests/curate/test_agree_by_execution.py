"""agree_by_execution against a naive reading of the paper: groups, scores, ranks of equal scores, what stays; and what is refused."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import check_books
from final import settle
from mintmark.core.errors import RecipeError
from mintmark.curate.agree_by_execution import AgreeByExecution

WORDS = {True: "passed", False: "failed"}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[bool]], dict[str, list[int]]]:
    """(problem of each row, what it passes, how often each test of a problem counts); patterns repeat, so that solutions agree."""
    times = {p: draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)) for p in "abc"}
    by = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=25))
    kinds = {p: draw(st.lists(st.lists(st.booleans(), min_size=len(t), max_size=len(t)), min_size=1, max_size=4)) for p, t in times.items()}
    return by, [draw(st.sampled_from(kinds[p])) for p in by], times


def naive(by: list[str], passes: list[list[bool]], times: dict[str, list[int]]) -> list[tuple[Fraction, int | None, int, int]]:
    """Per row (score squared, rank, rows that pass the same, tests passed), from the definition alone, row by row."""
    tests = [sum(t for t, ok in zip(times[p], row, strict=True) if ok) for p, row in zip(by, passes, strict=True)]
    n = range(len(by))
    same = [sum(by[i] == by[j] and all(a == b for a, b in zip(passes[i], passes[j])) for j in n) for i in n]
    score = [Fraction(same[i]) * tests[i] ** 2 for i in n]
    better: list[set[Fraction]] = [{score[j] for j in n if by[j] == by[i] and score[j] > score[i]} for i in n]
    return [(score[i], 1 + len(better[i]) if tests[i] else None, same[i], tests[i]) for i in n]


@given(tables(), st.integers(0, 3), st.integers(0, 2), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_as_the_paper_says(table: tuple[list[str], list[list[bool]], dict[str, list[int]]], best: int, take: int, seed: int) -> None:
    by, passes, times = table
    columns = {"p": by, "cases": [[WORDS[ok] for ok in row] for row in passes], "times": [times[p] for p in by]}
    told, _ = settle(AgreeByExecution("p", times="times", best=best, take=take), columns, seed=seed, size=7)
    expected = naive(by, passes, times)
    stay: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, (verdict, (score, rank, size, tests)) in enumerate(zip(told, expected, strict=True)):
        assert verdict is not None
        if verdict.drop is None:
            found = dict(verdict.values or {})
            assert found["execution_agreement"] == pytest.approx(math.sqrt(score), abs=1e-5)
            assert (found["agreement_rank"], found["agreement_size"], found["agreement_tests"]) == (rank, size, tests)
            if rank is not None:
                stay[by[i], rank].append(i)
        else:
            reason = "passes_nothing" if rank is None else "lower_group" if best and rank > best else "not_drawn"
            assert verdict.drop.reason == reason and (best or take)
    for (problem, rank), rows in stay.items():
        there = sum(p == problem and e[1] == rank for p, e in zip(by, expected, strict=True))
        assert len(rows) == (min(take, there) if take else there) and (not best or rank <= best)


def test_what_is_left_of_it_without_one_half() -> None:
    cases = [["passed"] * 3] + [["passed", "failed", "failed"]] * 9 + [["failed", "passed", "passed"]] * 4 + [["error"] * 3]
    columns = {"p": ["x"] * 15, "cases": cases}
    ranks = {}
    for score in ("both", "tests", "solutions"):
        told, _ = settle(AgreeByExecution("p", score=score), columns)  # type: ignore[arg-type]
        ranks[score] = [told[i].values["agreement_rank"] for i in (0, 1, 10, 14)]  # type: ignore[union-attr,index]
    assert ranks == {"both": [2, 2, 1, None], "tests": [1, 3, 2, None], "solutions": [3, 1, 2, None]}, "3 x 1 = sqrt(9) x 1 is one rank"


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    columns = {"p": ["x"] * 40, "cases": [["passed"]] * 40}
    drawn = [[i for i, v in enumerate(settle(AgreeByExecution("p", take=1), columns, seed=s, size=z)[0]) if not v.drop] for s, z in ((1, 9), (1, 40), (2, 9), (3, 9))]  # type: ignore[union-attr]  # fmt: skip
    assert drawn[0] == drawn[1] and len({d[0] for d in drawn}) > 1 and all(len(d) == 1 for d in drawn)


@pytest.mark.parametrize(
    "columns, says",
    [
        ({"p": ["x", "x"], "cases": [["passed"], ["passed", "failed"]]}, "rows of p 'x' ran against 1 and 2 tests"),
        ({"p": ["x"], "cases": ["passed"]}, "holds no list; run `execute` before"),
        ({"p": ["x"], "cases": [None]}, "holds no list"),
        ({"p": ["x"], "cases": [["passed"]], "t": [[1, 2]]}, "has 1 cases in 'cases'; 't' must hold a whole number for each"),
        ({"p": ["x"], "cases": [["passed"]], "t": [[0.5]]}, "a whole number"),
        ({"p": ["x", "x"], "cases": [["passed"]] * 2, "t": [[1], [2]]}, "ran against other counts of tests"),
    ],
)
def test_what_cannot_be_compared_is_refused(columns: dict[str, list[Any]], says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        settle(AgreeByExecution("p", times="t" if "t" in columns else None), columns)
    with pytest.raises(ValueError, match="below 0"):
        AgreeByExecution("p", best=-1)


def test_in_a_run_and_where_nothing_passes(tmp_path: Path) -> None:
    rows = [{"p": p, "cases": c} for p in ("a", "b") for c in (["passed", "failed"], ["passed", "failed"], ["failed", "failed"])]
    rows += [{"p": None, "cases": ["failed", "failed"]}]
    recipe = mm.Recipe("agree", ops=[mm.generate.Read("t"), AgreeByExecution("p", best=1, take=1)], tables={"t": rows})
    run = mm.run(recipe, out=tmp_path / "r", report=False)
    check_books(tmp_path / "r")
    assert [(r["p"], r["agreement_size"]) for r in run.rows()] == [("a", 2), ("b", 2)] and run.manifest["dropped"] == 5
    none = mm.Recipe("none", ops=[mm.generate.Read("t"), AgreeByExecution("p")], tables={"t": rows[-1:]})
    assert [r["agreement_rank"] for r in mm.run(none, out=tmp_path / "n", report=False).rows()] == [None]
