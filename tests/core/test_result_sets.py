"""Results of queries compared: bags or lists, NULL, types, floats, duplicates; anything at all may be found."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.core.plain import pack
from mintmark.core.result_sets import same_rows


@pytest.mark.parametrize(
    "expected, found, ordered, bag",
    [
        ([[1], [2]], [[1], [2]], True, True),
        ([[1], [2]], [[2], [1]], False, True),
        ([[1], [1], [2]], [[1], [2], [2]], False, False),  # a bag, no set
        ([[1]], [[1], [1]], False, False),
        ([], [], True, True),
        ([], [[None]], False, False),
        ([[None]], [[None]], True, True),
        ([[None]], [[0]], False, False),
        ([[None]], [["NULL"]], False, False),
        ([[1]], [[1.0]], False, False),
        ([[1]], [[True]], False, False),
        ([[1]], [["1"]], False, False),
        ([[b"a"]], [["a"]], False, False),
        ([[0.1 + 0.2]], [[0.3]], True, True),
        ([[0.3000001]], [[0.3]], False, False),
        ([[1e300 * 10, -0.0]], [[1e300 * 10, 0.0]], True, True),
        ([[float("inf")]], [[1e308]], False, False),
        ([[1, 2]], [[2, 1]], False, False),  # columns have an order
        ([[1, 2]], [[1]], False, False),
        ([[2**70]], [[2**70]], True, True),
        ([[[1.5, None], {"k": 0.1 + 0.2}]], [[[1.5, None], {"k": 0.3}]], True, True),
        ([[0.3, "a"], [0.1 + 0.2, "b"]], [[0.3, "b"], [0.1 + 0.2, "a"]], False, True),
        ([[0.3, 1.0], [0.1 + 0.2, 0.0]], [[0.1 + 0.2, 1.0], [0.3, 0.0]], True, True),  # sorting alone would pair them wrongly
    ],
)
def test_by_hand(expected: Any, found: Any, ordered: bool, bag: bool) -> None:
    assert same_rows(pack(expected), pack(found), True, tolerance=1e-9) is ordered
    assert same_rows(pack(expected), pack(found), False, tolerance=1e-9) is bag


def test_numbers_as_python_sees_them() -> None:
    assert same_rows(pack([[1, True], [2.0, 0]]), pack([[2, False], [1.0, 1]]), False, exact=False)
    assert not same_rows(pack([["1"]]), pack([[1]]), False, exact=False)


@pytest.mark.parametrize(
    "found", [None, 3, "x", [], ["l", 1], ["t"], ["l", ["t", 1]], ["l", ["l", ["q", 1]]], ["l", ["l", ["d", 1]]], ["l", ["l", float("nan")]], ["l", []], {"a": 1}, ["l", ["l", []]]]
)  # fmt: skip
def test_what_is_no_result_is_never_the_same(found: Any) -> None:
    assert not same_rows(pack([[1.0]]), found, False) and not same_rows(pack([[1.0]]), found, True)


CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.binary(max_size=2)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8), st.integers(0, 99))
def test_a_bag_is_itself_in_any_order_and_no_other(rows: list[list[Any]], seed: int) -> None:
    mixed = random.Random(seed).sample(rows, len(rows))
    assert same_rows(pack(rows), pack(mixed), False, tolerance=1e-9) and same_rows(pack(rows), pack(mixed), False)
    assert same_rows(pack(rows), pack(rows), True)
    assert not same_rows(pack(rows), pack([*rows, [None, None]]), False)
    assert not same_rows(pack([*rows, ["other", 1]]), pack([*rows, ["other", 2]]), False)


def test_ten_thousand_rows_are_quick() -> None:
    import time

    rows = [[i % 7, i / 3, "x"] for i in range(10_000)]
    start = time.process_time()
    assert same_rows(pack(rows), pack(rows[::-1]), False, tolerance=1e-9)
    assert not same_rows(pack(rows), pack([[a, b + 0.1, c] for a, b, c in rows]), False, tolerance=1e-9)
    assert time.process_time() - start < 5
