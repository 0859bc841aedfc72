"""Plain values and verdicts: types are kept, equality cannot be faked, nothing that came short has passed."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict, namedtuple
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.core.plain import Other, pack, same, unpack
from mintmark.core.ports import Call, Outcome, Trial
from mintmark.core.verdict import Check, judge, written

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | st.binary(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(SCALARS, inner, max_size=3)
        | st.sets(SCALARS)
        | st.frozensets(SCALARS)
    ),
    max_leaves=8,
)


def through(value: Any) -> Any:
    return json.loads(json.dumps(pack(value), allow_nan=False))


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_what_is_packed_comes_back_type_for_type(value: Any) -> None:
    back = unpack(through(value))
    assert back == value and type(back) is type(value) and same(pack(value), through(value)) and same(pack(value), through(value), False)


@given(VALUES, VALUES)
@settings(max_examples=300, deadline=None)
def test_same_without_types_is_pythons_equality(a: Any, b: Any) -> None:
    assert same(pack(a), through(b), exact=False) == (a == b)
    assert same(pack(a), through(b)) <= (a == b)


@pytest.mark.parametrize(
    "a, b",
    [(1, True), (1, 1.0), (0, False), ([1], (1,)), ({1}, frozenset({1})), ({1: 1}, {1.0: 1}), ("1", 1), (b"", ""), ([], ()), (0, None)],
)
def test_types_count(a: Any, b: Any) -> None:
    assert not same(pack(a), pack(b)) and not same(pack(b), pack(a))


def test_order_counts_where_it_does() -> None:
    assert same(pack({1: 2, 3: 4}), pack({3: 4, 1: 2})) and same(pack({"a", "b", "c"}), ["s", "c", "b", "a"])
    assert not same(pack([1, 2]), pack([2, 1])) and same(pack(0.0), pack(-0.0))
    assert not same(pack({1, 2}), ["s", 1, 1, 2]), "a set that holds a thing twice is none"


def test_tolerance_reaches_into_values() -> None:
    assert same(pack([1.0, {"a": 2.0}]), pack([1.001, {"a": 2.001}]), tolerance=0.01)
    assert not same(pack([1.0]), pack([1.1]), tolerance=0.01) and not same(pack([1.0]), pack([1.0, 1.0]), tolerance=0.01)
    assert not same(pack(1.0), pack(True), tolerance=0.5) and not same(pack(1.0), ["i", hex(1 << 70)], tolerance=0.5)


@pytest.mark.parametrize("bad", [object(), [object()], {1: print}, datetime.now(UTC), iter(())])
def test_what_is_not_plain_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError):
        pack(bad)


class Whole(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__
    __pos__ = __index__ = __int__ = lambda self: 2  # type: ignore[assignment]


class Listed(list[int]):
    def __iter__(self) -> Any:
        return iter([2])


@pytest.mark.parametrize(
    "made, plain",
    [
        (Counter("aab"), {"a": 2, "b": 1}),
        (defaultdict(int, {1: 2}), {1: 2}),
        (namedtuple("P", "x y")(1, 2), (1, 2)),
        (IntEnum("C", "A").A, 1),
        (StrEnum("S", "A").A, "a"),
        (Whole(7), 7),
        (Listed([1]), [1]),
    ],
)
def test_what_is_made_of_a_plain_value_is_what_it_holds_whatever_it_says(made: Any, plain: Any) -> None:
    assert pack(made) == pack(plain) and type(unpack(pack(made))) is type(plain) and unpack(pack(made)) == plain


@pytest.mark.parametrize(
    "value", [1j, range(1, 9, 2), Decimal("1.50"), Fraction(1, 3), date(2020, 2, 29), timedelta(1, 2, 3), datetime(2020, 1, 2, 3)]
)
def test_values_of_the_library_come_back(value: Any) -> None:
    back = unpack(through(value))
    assert back == value and type(back) is type(value) and same(pack(value), through(value)) and not same(pack(value), pack([1]))
    assert written(through(value)) and not same(["v"], through(value))


def test_nan_is_nan_and_no_number() -> None:
    assert same(pack([math.nan]), through([math.nan])) and not same(pack(math.nan), through(0.0)) and math.isnan(unpack(through(math.nan)))
    assert not same(pack(math.nan), through(1.0), False, 10.0) and not same(pack(1.0), through(math.nan), False, 10.0)


def test_differs_is_pythons_own() -> None:
    check = Check(Call("f"), "differs", 1)
    assert [check.holds(["value", v]) for v in (1, 1.0, True, 2, "1")] == ["failed", "failed", "failed", "passed", "passed"]


@pytest.mark.parametrize(
    "kind, expected, holds",
    [
        ("KeyError", ("LookupError",), True),
        ("ValueError", ("Exception",), True),
        ("SystemExit", ("Exception",), False),
        ("Own", ("Own", "KeyError"), True),
        ("Own", ("Exception",), False),  # it says of nothing else that it is made of it
        ("print", ("KeyError",), False),
        ("LookupError", ("KeyError",), False),
    ],
)
def test_raises_is_as_except_sees_it(kind: str, expected: tuple[str, ...], holds: bool) -> None:
    assert Check(Call("f"), "raises", expected).holds(["raised", kind, "why"]) == ("passed" if holds else "failed")


def test_raises_knows_the_bases_that_were_told() -> None:
    told = ["raised", "JSONDecodeError", "no", "ValueError", "Exception", "BaseException", "object"]
    assert Check(Call("f"), "raises", ("ValueError",)).holds(told) == "passed"
    assert Check(Call("f"), "raises", ("KeyError",)).holds(told) == "failed"
    outcome = judge(Outcome("ran", "t", answers=(told,)), [Check(Call("f"), "raises", ("KeyError",))])
    assert outcome.detail == "f() raised JSONDecodeError: no, expected KeyError to be raised"


def test_what_is_not_there_raises_nothing() -> None:
    """Looking it up raises KeyError in the box: a test that expects one is not to be passed by code that defines nothing."""
    for expected in ((), ("KeyError",), ("Exception",)):
        check = Check(Call("f", (1,)), "raises", expected)
        assert check.holds(["missing", "f"]) == "error"
    assert judge(Outcome("ran", "t", answers=(["missing", "f"],)), [Check(Call("f", (1,)), "equals", 2)]).detail == (
        "f(1) finds no f in the code, expected 2"
    )


def test_raises_sees_what_an_exception_is_made_of() -> None:
    told = ["raised", "JSONDecodeError", "why", "ValueError"]
    assert [Check(Call("f"), "raises", (e,)).holds(told) for e in ("JSONDecodeError", "ValueError", "Exception")] == ["passed"] * 3
    assert Check(Call("f"), "raises", ("KeyError",)).holds(told) == "failed"
    assert Check(Call("f"), "raises", ("KeyError",)).holds(["raised", "E", "", ["KeyError"], 7]) == "failed"
    assert (
        judge(Outcome("ran", "t", answers=(told,)), [Check(Call("f"), "equals", 1)]).detail == "f() raised JSONDecodeError: why, expected 1"
    )


def test_what_is_printed_is_compared_by_lines_and_words() -> None:
    def holds(expected: str, found: Any, tolerance: float = 0.0) -> bool:
        return Check(Call("#main", ("",)), "prints", expected, tolerance).holds(["value", found]) == "passed"

    assert (
        holds("1 2\n3\n", "1  2 \n3") and holds("a\n\n", "a") and not holds("1 2", "1\n2") and not holds("12", "1 2") and not holds("", "x")
    )
    assert holds("0.333 x", "0.3333 x", 1e-3) and not holds("0.333", "0.3333") and not holds("1 2", "1", 1.0) and not holds("1", "nan", 1.0)
    assert not holds("1", 1) and not holds("1", None) and not holds("a", "b", 1e9)


def test_what_cannot_be_shown_is_still_judged() -> None:
    large = 1 << 20_000
    for check in (Check(Call("f", (large,)), "equals", 1), Check(Call("f"), "equals", large)):
        assert judge(Outcome("ran", "t", answers=(["value", 2],)), [check]).status == "failed"


def test_no_nan_comes_in_by_its_name() -> None:
    with pytest.raises(KeyError):
        unpack(["x", "nan"])
    assert unpack(["x", "-inf"]) == -math.inf


def test_garbage_is_never_the_same_and_never_raises() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for found in (
        [],
        [[]],
        {},
        {"a": 1},
        ["d", 1],
        ["d", [1]],
        ["q", 1],
        ["l", {"a": 1}],
        math.nan,
        math.inf,
        [math.nan],
        deep,
        ["i", 1],
        ["x", "nan"],
    ):
        for value in (1, 1.0, [1], (1,), {1: 1}, {1}, None, "a", b"a"):
            assert not same(pack(value), found) and not same(pack(value), found, False) and not same(pack(value), found, tolerance=1.0)


CHECKS = [Check(Call("f", (1,)), "equals", 2), Check(Call("f", (2,)), "equals", 3)]


@pytest.mark.parametrize(
    "outcome, status, cases",
    [
        (Outcome("ran", "t", answers=(["value", 2], ["value", 3])), "passed", ("passed", "passed")),
        (Outcome("ran", "t", answers=(["value", 2], ["value", 4])), "failed", ("passed", "failed")),
        (Outcome("ran", "t", answers=(["value", 2],)), "error", ("passed", "error")),
        (Outcome("ran", "t"), "error", ("error", "error")),
        (Outcome("error", "t", answers=(["value", 2], ["value", 3])), "error", ("passed", "passed")),
        (Outcome("timeout", "t", answers=(["value", 2],)), "timeout", ("passed", "timeout")),
        (Outcome("limit", "t"), "limit", ("limit", "limit")),
        (Outcome("sandbox_error", "t", answers=(["value", 2], ["value", 3])), "sandbox_error", ("sandbox_error", "sandbox_error")),
        (Outcome("ran", "t", answers=(["raised", "MemoryError", ""], ["late"])), "limit", ("limit", "timeout")),
        (Outcome("ran", "t", answers=(["raised", "E", ""], ["unplain", "A"])), "error", ("error", "failed")),
        (Outcome("ran", "t", answers=(["passed"], 7)), "error", ("error", "error")),
        (Outcome("ran", "t", answers=(["value", 2, 3], ["value"])), "error", ("error", "error")),
    ],
)
def test_verdicts(outcome: Outcome, status: str, cases: tuple[str, ...]) -> None:
    verdict = judge(outcome, CHECKS)
    assert (verdict.status, verdict.cases) == (status, cases) and (verdict.status == "passed") == (not verdict.detail)


def test_no_test_is_never_passed() -> None:
    assert judge(Outcome("ran", "t"), []).status == "error"


@pytest.mark.parametrize(
    "relation, expected, answer, holds",
    [
        ("differs", 2, ["value", 3], "passed"),
        ("differs", 2, ["value", 2], "failed"),
        ("differs", 2, ["value", {"no": "value"}], "failed"),
        ("true", None, ["value", 1], "passed"),
        ("true", None, ["value", ["l"]], "failed"),
        ("true", None, ["unplain", "A"], "failed"),
        ("false", None, ["value", ["l"]], "passed"),
        ("false", None, ["value", 0.0], "passed"),
        ("false", None, ["value", "x"], "failed"),
        ("raises", ("KeyError",), ["raised", "KeyError", ""], "passed"),
        ("raises", ("KeyError",), ["raised", "E", ""], "failed"),
        ("raises", ("KeyError",), ["value", 1], "failed"),
        ("close", 2.0, ["value", 2], "passed"),
    ],
)
def test_relations(relation: str, expected: Any, answer: Any, holds: str) -> None:
    assert Check(Call("f"), relation, expected, 0.1).holds(answer) == holds


def test_a_key_is_of_what_runs_and_of_nothing_else() -> None:
    trial = Trial("x", (Call("f", (1,)),), row="a", step="s")
    assert trial.key() == Trial("x", (Call("f", (1,)),), row="b").key()
    others = [
        Trial("y", (Call("f", (1,)),)),
        Trial("x", (Call("f", (True,)),)),
        Trial("x", (Call("f", (1,)),), repeat=1),
        Trial("x", (), cpu_s=4.0),
    ]
    assert len({t.key() for t in (trial, *others)}) == 5


def test_an_outcome_comes_back_from_the_journal() -> None:
    outcome = Outcome("ran", "bwrap", "CPython", (["value", ["l", 1.5, "\ud800"]], ["late"]), "d", "out\x00", "err", 0.5, 1.5, 1)
    assert Outcome.unpack(outcome.pack()) == outcome


@pytest.mark.parametrize(
    "value", [None, True, 3, -2.5, "a'b", [1, [2]], (1,), (), {1: [2], "a": (3, 4)}, set(), {7}, frozenset({1}), frozenset(), 1 << 70]
)
def test_a_packed_value_is_shown_as_python_writes_it(value: Any) -> None:
    assert eval(written(pack(value))) == value  # our own text


def test_what_went_wrong_is_said_as_a_person_would() -> None:
    def told(answer: Any, *check: Any) -> str:
        return judge(Outcome("ran", "t", answers=(answer,)), [Check(Call("f", (1,)), *check)]).detail

    assert told(["value", ["l", 1]], "equals", [2]) == "f(1) gave [1], expected [2]"
    assert told(["raised", "KeyError", "'x'"], "close", 2.5, 0.1) == "f(1) raised KeyError: 'x', expected 2.5, to within 0.1"
    assert told(["value", 0], "true") == "f(1) gave 0, expected what counts as true"
    assert told(["value", 0], "raises", ("ValueError",)) == "f(1) gave 0, expected ValueError to be raised"
    assert "cannot be read" in told(["value", {"no": 1}], "equals", 1) or "{'no': 1}" in told(["value", {"no": 1}], "equals", 1)
    deep: Any = 1
    for _ in range(400):
        deep = ["l", deep]
    assert len(told(["value", deep], "equals", 1)) < 900


def test_values_of_another_language_are_told_by_their_names() -> None:
    check = Check(Call("f", (Other("3n"),)), "none_of", (None, Other("undefined")))
    told = judge(Outcome("ran", "t", answers=(["value", ["u", "undefined"]],)), [check])
    assert (told.status, told.detail) == ("failed", "f(3n) gave undefined, expected none of (None, undefined)")
    assert judge(Outcome("ran", "t", answers=(["value", True],)), [Check(Call("f"), "none_of", (1, 2))]).status == "passed", "as m !== 1"
    assert judge(Outcome("ran", "t", answers=(["value", True],)), [Check(Call("f"), "differs", 1)]).status == "failed", "as m != 1"
