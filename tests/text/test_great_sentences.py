"""A row, its sentence, the row again: for every order of columns and any cells; thirty broken sentences, each named."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.great import Malformed, begin, decode, encode

ROW = {
    "age": 42,
    "sex": "f",
    "note": 'tired, pale; says "no", age is 9',
    "blood pressure": 120.5,
    "a is b": "x is y",
    "seen, at": "line\nbreak",
    "zip": "01234",
    "smoker": None,
}


def test_every_permutation() -> None:
    orders = list(itertools.permutations(list(ROW)[:6])) + [tuple(reversed(ROW))]
    for order in orders:
        assert decode(encode(ROW, order)) == {name: ROW[name] for name in order}
    assert len({encode(ROW, o) for o in orders}) == len(orders) == 721
    assert encode(ROW, ("age", "sex", "smoker", "zip")) == 'age is 42, sex is f, smoker is None, zip is "01234"'


cells = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
tricky = st.sampled_from(
    ["", " ", ",", ", ", " is ", "is", "a is", "is is is", '"', "\\", '\\"', "\n", "None", "True", "-0", "1e5", "0x1", "nan", "inf", "٣", "1_0", "a,b", "\u2028", "-", "1.", "a "]
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=8) | tricky, cells | tricky, min_size=1, max_size=6), st.randoms())
def test_round_trip(row: dict[str, Any], rng: Any) -> None:
    order = rng.sample(list(row), len(row))
    text = encode(row, order)
    found = decode(text)
    assert found == row and list(found) == order
    assert [type(v) for v in found.values()] == [type(row[n]) for n in order]
    assert "\n" not in text, "a sentence is one line, so a model's answer can be cut at the first line break"
    assert text.startswith(begin(order[0]) + " ")


BROKEN = [
    ("", "not_a_row"), (" ", "not_a_row"), ("age", "not_a_row"), ("age is", "not_a_row"), ("age is ", "not_a_row"), ("is 42", "not_a_row"),
    (" is 42", "not_a_row"), ("age 42", "not_a_row"), ("age = 42", "not_a_row"), ("age: 42", "not_a_row"), ("age is 42,", "not_a_row"),
    ("age is 42,sex is f", "not_a_row"), ("age is 42, sex", "not_a_row"), ("age is 42, sex is", "not_a_row"), ("age is 42, sex is ,", "not_a_row"),
    ("age is , sex is f", "not_a_row"), ("age is 42,, sex is f", "not_a_row"), ("age is 42 , ", "not_a_row"), (", age is 42", "not_a_row"),
    ('age is "42', "not_a_row"), ('"age is 42', "not_a_row"), ('age is "4"2, sex is f', "not_a_row"), ('"age" 42', "not_a_row"),
    ('age is "a\\x"', "not_a_row"), ("age is 42, age is 43", "repeated_column"), ('age is 42, "age" is 42', "repeated_column"),
    ("age is 42, and sex f", "not_a_row"), ("{'age': 42}", "not_a_row"), ("42, f, None", "not_a_row"), ("age,sex\n42,f", "not_a_row"),
    ("The age is 42,", "not_a_row"), ("age is 42, sex is f, " * 3, "repeated_column"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_malformed(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as told:
        decode(text)
    assert told.value.reason == reason
    assert len(str(told.value)) < 200


@given(st.text(max_size=60) | st.text('ab is,"\\ 1', max_size=40))
def test_any_text_is_a_row_or_malformed(text: str) -> None:
    try:
        found = decode(text)
    except Malformed:
        return
    assert found and decode(encode(found, found)) == found


def test_cells_that_no_sentence_holds() -> None:
    with pytest.raises(ValueError, match="no cell"):
        encode({"a": [1]}, ["a"])
    assert decode(encode({"a": float("nan"), "b": float("inf")}, "ab")) == {"a": None, "b": None}
