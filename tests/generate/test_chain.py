"""chain: links see what came before, each is parsed and checked, and only the link that failed is asked again."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from each import last, run_op
from mintmark.core.errors import ContentError, RecipeError, TemplateError
from mintmark.core.op import Scene

LINKS = [
    {"ask": "question", "prompt": "Ask about {{ topic }}"},
    {"ask": "rationale", "prompt": "Think: {{ question }}", "model": "judge", "words": [3, 9], "temperature": 0.5},
    {"ask": "answer", "prompt": "{{ question }} | {{ rationale }}", "as": "number", "check": "answer > 0"},
]


def answers(*given: Any) -> Any:
    left = list(given)
    return lambda request: left.pop(0)


def test_links_are_asked_in_order_with_what_came_before() -> None:
    (row,), asked = run_op(mm.generate.Chain(LINKS), [{"topic": "eggs"}], answers("How many?", "six and six more", "That is 1,012.5"))
    assert row.values == {"topic": "eggs", "question": "How many?", "rationale": "six and six more", "answer": 1012.5}
    assert [last(r) for r in asked] == ["Ask about eggs", "Think: How many?", "How many? | six and six more"]
    assert [r.temperature for r in asked] == [None, 0.5, None] and len({r.key("m") for r in asked}) == 3


def test_only_the_faulty_link_is_asked_again_and_told_why() -> None:
    (row,), asked = run_op(mm.generate.Chain(LINKS), [{"topic": "eggs"}], answers("Q?", "too short", "now it is long", "none", "-3", "12"))
    assert row.values["answer"] == 12 and row.values["rationale"] == "now it is long"
    assert len(asked) == 6 and [r.attempt for r in asked] == [0, 0, 1, 0, 1, 2]
    assert "rationale has 2 words, expected 3 to 9" in last(asked[2]) and asked[2].messages[-2]["content"] == "too short"
    assert "there is no number" in last(asked[4]) and "it does not hold that answer > 0" in last(asked[5])


def test_a_link_that_never_fits_fails_the_row() -> None:
    (error,), asked = run_op(mm.generate.Chain(LINKS, attempts=2), [{"topic": "x"}], answers("Q?", "a b c", "zero", "0"))
    assert isinstance(error, ContentError) and error.reason == "unusable" and len(asked) == 4


def test_a_schema_link_writes_its_properties_and_a_check_sees_them_all() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
    op = mm.generate.Chain(
        [
            {"schema": schema, "prompt": "{{ n }}", "check": "a + b == n"},
            {"ask": "l", "prompt": "{{ a }}", "as": "label", "labels": ["odd", "even"]},
        ]
    )
    (row,), asked = run_op(op, [{"n": 5}], answers({"a": 1, "b": 2}, {"a": 1, "b": 4}, "it is odd"))
    assert row.values == {"n": 5, "a": 1, "b": 4, "l": "odd"} and asked[0].schema == schema and len(asked) == 3
    scene = Scene(("n",), roles=frozenset({"writer"}), where="chain")
    assert op.reads(scene) == ("n",) and op.writes(scene) == ("a", "b", "l") and op.calls() == 2
    op.check(scene)


@pytest.mark.parametrize(
    "kind, more, told, found",
    [
        ("lines", {}, "1. one\n2. two", ["one", "two"]),
        ("code", {}, "Here:\n```py\nx = 1\n```", "x = 1"),
        ("regex", {"pattern": r"<(\w+)>"}, "a <b> c", "b"),
        ("text", {}, "  plain ", "plain"),
    ],
)
def test_kinds(kind: str, more: dict[str, Any], told: str, found: Any) -> None:
    (row,), _ = run_op(mm.generate.Chain([{"ask": "x", "prompt": "p", "as": kind, **more}]), [{}], answers(told))
    assert row.values["x"] == found


def test_a_check_that_cannot_be_computed_is_asked_again_not_a_crash() -> None:
    op = mm.generate.Chain([{"ask": "x", "prompt": "p", "check": "x > n"}], attempts=2)
    (error,), asked = run_op(op, [{"n": None}], answers("a", "b"))
    assert isinstance(error, ContentError) and len(asked) == 2


@pytest.mark.parametrize(
    "links, words",
    [
        ([], "at least one link"),
        (["ask"], "must be a mapping"),
        ([{"ask": "a"}], "needs prompt"),
        ([{"ask": "a", "schema": {}, "prompt": "p"}], "either ask"),
        ([{"ask": "a", "prompt": "p", "as": "label"}], "needs labels"),
        ([{"ask": "a", "prompt": "p", "as": "poem"}], "expected one of"),
        ([{"ask": "a", "prompt": "p", "words": [1]}], "low, high"),
        ([{"ask": "a", "prompt": "p", "wrods": [1, 2]}], "has no 'wrods'"),
        ([{"ask": "a", "prompt": "p", "temperature": True}], "does not fit"),
    ],
)
def test_refused_at_once(links: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        mm.generate.Chain.from_params(links, "chain (step 2 of 2)")


def test_refused_before_a_call() -> None:
    scene = Scene(("n",), where="chain (step 2 of 2)")
    with pytest.raises(TemplateError, match="link 2"):
        mm.generate.Chain([{"ask": "a", "prompt": "p"}, {"ask": "b", "prompt": "{{ a"}]).reads(scene)
    for link in (
        {"ask": "a", "prompt": "p", "check": "z > 1"},
        {"ask": "id", "prompt": "p"},
        {"ask": "a", "prompt": "p", "as": "regex", "pattern": "("},
    ):
        with pytest.raises(RecipeError, match="link 1"):
            mm.generate.Chain([link]).check(scene)
