"""The order drawn for the judge is undone, differs between rows and aspects, and favours no place; rubrics of one's own."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, kept, last, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.curate.rate import ASPECTS, Rate


def shown(request: Request) -> list[str]:
    return [json.loads(line) for line in re.findall(r"^Answer \d+:\n(.*)$", last(request), re.MULTILINE)]


def honest(request: Request) -> str:
    """An answer 'x 4' is worth 4."""
    return json.dumps({"ratings": [{"reason": t, "rating": int(t.split()[-1])} for t in shown(request)]})


def row(*values: int) -> dict[str, Any]:
    return {"instruction": "Count.", "candidates": [{"text": f"c{i} {v}", "model": "m"} for i, v in enumerate(values)]}


@given(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=5), min_size=1, max_size=5), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_each_candidate_gets_its_own_rating(many: list[list[int]], seed: int) -> None:
    found = kept(each(Rate(), [row(*values) for values in many], honest, seed=seed))
    for values, got in zip(many, found, strict=True):
        assert got["scores"] == [float(v) for v in values]
        for i, (value, ratings) in enumerate(zip(values, got["ratings"], strict=True)):
            assert ratings == {a: {"reason": f"c{i} {value}", "rating": value} for a in ASPECTS}


def test_the_order_varies_and_favours_no_place() -> None:
    """First place over 200 rows and 4 aspects: each of 4 candidates about a quarter (binomial, 5 standard deviations = 61)."""
    orders: dict[str, list[tuple[str, ...]]] = {}

    def judge(request: Request) -> str:
        orders.setdefault(request.row, []).append(tuple(t.split()[0] for t in shown(request)))
        return honest(request)

    each(Rate(), [row(1, 2, 3, 4)] * 200, judge)
    firsts = Counter(o[0] for per_row in orders.values() for o in per_row)
    assert all(abs(firsts[f"c{i}"] - 200) < 61 for i in range(4)), firsts
    assert len({tuple(v) for v in orders.values()}) > 190, "rows differ"
    assert sum(len(set(v)) > 1 for v in orders.values()) > 190, "aspects differ"


def test_a_judge_that_goes_by_position_favours_nobody() -> None:
    """The first answer always gets 5, the others 1: over 300 rows the mean scores of three candidates lie close together."""

    def first_wins(request: Request) -> str:
        return json.dumps({"ratings": [{"reason": "", "rating": 5 if i == 0 else 1} for i in range(len(shown(request)))]})

    found = kept(each(Rate(aspects=["honesty"]), [row(1, 2, 3)] * 300, first_wins))
    means = [sum(f["scores"][i] for f in found) / 300 for i in range(3)]
    assert max(means) - min(means) < 0.6 and abs(sum(means) - 7) < 1e-9


def test_the_mean_over_aspects() -> None:
    def judge(request: Request) -> str:
        value = 5 if "how useful" in last(request) else 2
        return json.dumps({"ratings": [{"reason": "", "rating": value} for _ in shown(request)]})

    found = kept(each(Rate(aspects=["helpfulness", "honesty"]), [row(1, 1)], judge))[0]
    assert found["scores"] == [3.5, 3.5] and set(found["ratings"][0]) == {"helpfulness", "honesty"}


def test_a_single_text_and_none() -> None:
    rows = [{"instruction": "x", "candidates": "only 3"}, {"instruction": "x", "candidates": None}, {"instruction": "x", "candidates": []}]
    found = kept(each(Rate(), rows, honest))
    assert [f["scores"] for f in found] == [[3.0], [], []]


@pytest.mark.parametrize(
    "reply",
    [
        '{"ratings": [{"reason": "", "rating": 3}]}',  # one short
        '{"ratings": [{"reason": "", "rating": 3}, {"reason": "", "rating": 6}]}',
        '{"ratings": [{"reason": "", "rating": 3}, {"reason": "", "rating": 2.5}]}',
        '{"ratings": [{"rating": 3}, {"rating": 2}]}',
    ],
)
def test_ratings_that_do_not_fit_fail_the_row(reply: str) -> None:
    assert reasons(each(Rate(aspects=["honesty"]), [row(1, 2)], lambda r: reply)) == ["failed(schema)"]


def test_a_rubric_of_ones_own() -> None:
    op = Rate(
        aspects=["honesty"],
        rubrics={"brevity": "Brief, for {{ reader }}?\n{% for c in candidates %}Answer {{ loop.index }}:\n{{ c|tojson }}\n{% endfor %}"},
    )
    assert op.reads(Scene()) == ("instruction", "candidates", "reader")
    found = kept(each(op, [{**row(4, 2), "reader": "children"}], honest))[0]
    assert set(found["ratings"][0]) == {"honesty", "brevity"} and found["scores"] == [4.0, 2.0]
    assert set(Rate(rubrics={"brevity": "{{ candidates }}"}).rubrics or {}) == {"brevity"}, "rubrics alone are the whole rubric"
    with pytest.raises(RecipeError, match="no aspect 'helpfullness'"):
        Rate.from_params({"aspects": ["helpfullness"]}, "rate")
    assert any("2310.01377" in c for c in Rate().citations())


def test_votes_are_asked_apart_and_averaged() -> None:
    keys: set[bytes] = set()

    def judge(request: Request) -> str:
        keys.add(request.key("m"))
        vote = request.attempt // 100
        return json.dumps({"ratings": [{"reason": f"{vote}", "rating": min(5, int(t.split()[-1]) + vote)} for t in shown(request)]})

    op = Rate(aspects=["honesty"], votes=3)
    found = kept(each(op, [row(1, 3)], judge))[0]
    assert found["ratings"] == [
        {"honesty": {"rating": 2.0, "reason": "0", "votes": [1, 2, 3]}},
        {"honesty": {"rating": 4.0, "reason": "0", "votes": [3, 4, 5]}},
    ]
    assert found["scores"] == [2.0, 4.0] and len(keys) == 3 and op.calls() == 3
    with pytest.raises(RecipeError, match="votes is 0"):
        Rate.from_params({"votes": 0}, "rate")
