"""A schema in words: what is refused, what a prompt is told, and derived columns in their order."""

from __future__ import annotations

from typing import Any

import pytest

from mintmark.text.table_schema import Column, columns_of, derived, row_of


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (3, "expected a mapping"),
        ({"hi": 3}, "has no 'hi'"),
        ({"type": "int"}, "expected one of number"),
        ({"type": "category"}, "needs its levels"),
        ({"levels": []}, "expected a list"),
        ({"levels": [1, "1"]}, "different values"),
        ({"levels": ["a", "b"], "shares": [1]}, "expected as many"),
        ({"low": 9, "high": 3}, "expected low <= high"),
        ({"low": "x"}, "expected a number"),
        ({"mean": float("nan")}, "expected a number"),
        ({"missing": 1}, "a share of rows"),
        ({"decimals": -1}, "0 to 15"),
        ({"type": "date", "low": "yesterday"}, "ISO date"),
        ({"unit": 5}, "expected text"),
        ({"derive": "abs(y)"}, "not allowed"),
        ({"derive": "nobody + 1"}, "uses 'nobody'"),
        ({"derive": "x + 1"}, "need each other"),
    ],
)
def test_refused_in_words(told: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        columns_of({"x": told, "y": {}})


def test_words() -> None:
    age = Column.of("age", {"type": "whole", "unit": "years", "low": 18, "high": 95, "mean": 57.1, "sd": 15.0, "note": "older in ward B"})
    assert age.words() == "age (whole number, years): from 18 to 95; mean 57.1, standard deviation 15; older in ward B"
    assert Column.of("s", {"levels": ["f", "m"], "shares": [0.52, 0.48], "missing": 0.02}).words() == (
        "s (one of its levels): f (52 %), m (48 %); null in 2 % of the rows"
    )
    assert Column.of("t", {"type": "text"}).words() == "t (text)"


def test_derived_in_their_order() -> None:
    columns = columns_of(
        {
            "bmi": {"derive": "kg / square", "decimals": 1},
            "square": {"derive": "m * m"},
            "m": {},
            "kg": {"missing": 0.5},
            "fat": {"derive": "bmi > 30"},
        }
    )
    assert [c.name for c, _ in derived(columns)] == ["square", "bmi", "fat"]
    row = row_of(columns, derived(columns), {"m": 2, "kg": 80, "bmi": 999}, {})
    assert row == {"bmi": 20.0, "square": 4, "m": 2, "kg": 80, "fat": False}
    assert row_of(columns, derived(columns), {"m": 2, "kg": None}, {})["bmi"] is None
    with pytest.raises(ValueError, match="need each other: .*a.* <- "):
        columns_of({"a": {"derive": "b + 1"}, "b": {"derive": "a + 1"}})
