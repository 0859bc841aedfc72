"""Numbers out of free text: no wrong sign, no decimal comma read as thousands, nothing infinite."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.extract import extract


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The answer is 42.", 42),
        ("$1,012.50", 1012.5),
        ("1,000,000 people", 1_000_000),
        ("1_000", 1000),
        ("5, 6 and 7,", 7),
        ("\u22127 degrees", -7),
        ("x = -3", -3),
        ("(-.5)", -0.5),
        ("between 10-20", 20),
        ("2e3", 2000.0),
        ("12345678901234567890", 12345678901234567890.0),
    ],
)
def test_the_last_number(text: str, found: float) -> None:
    assert extract("number", text) == found


@pytest.mark.parametrize("text", ["3,5", "0,500", "1,2,3", "1,23,456", "1e999", "-1e999", "1e99999", "no idea", "NaN", "9" * 5_000])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="several ways|too large|no number"):
        extract("number", text)


@given(st.text("0123456789.,_-+eE ", max_size=60))
def test_a_finite_number_or_a_word_why_not(text: str) -> None:
    try:
        assert math.isfinite(extract("number", text))
    except ValueError as error:
        assert str(error)


@given(st.integers(-(10**15), 10**15))
def test_as_people_write_it(n: int) -> None:
    assert extract("number", f"It is {n:,}.") == extract("number", f"It is {n}") == n
