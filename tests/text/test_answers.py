"""Short answers: numbers are equal as numbers alone, texts after folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.answers import f1, same_answer, shown_texts, texts_of


@pytest.mark.parametrize(("a", "b"), [("$1,000", "1000.0"), (5, 5.0), ("1/2", "50%"), ("The old Bridge.", "old bridge"), ("late", "Late!")])
def test_the_same(a: object, b: object) -> None:
    assert same_answer(a, b) and same_answer(b, a)


@pytest.mark.parametrize(("a", "b"), [("-5", "5"), ("1.5", "15"), (0.5, 5), ("12", "1/2"), ("", ""), ("5", "five"), ("?", "!")])
def test_not_the_same(a: object, b: object) -> None:
    """Folding takes signs and points away: -5 must not become 5."""
    assert not same_answer(a, b) and not same_answer(b, a)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_integers(a: int, b: int) -> None:
    assert same_answer(a, b) == (a == b) and same_answer(a / 100, b / 100) == (a == b)


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [("The cat.", "a Cat", 1), ("cat sat", "cat", 2 / 3), ("cat cat", "cat", 2 / 3), ("U.S.", "us", 1), ("", "the", 1), ("", "x", 0), ("x", "y", 0), ("“1,200”", "1200", 1)],
)  # fmt: skip
def test_f1(a: str, b: str, value: float) -> None:
    assert f1(a, b) == pytest.approx(value) == f1(b, a)


def test_texts_of_a_cell() -> None:
    assert texts_of([{"text": "a"}, "b", None, {"score": 1}, 0]) == ["a", "b", "", "", "0"] and texts_of(None) == []
    assert texts_of("a") == ["a"] and texts_of({"text": "a"}) == ["a"] and shown_texts([{"text": ""}, None, "b"]) == ["b"]
