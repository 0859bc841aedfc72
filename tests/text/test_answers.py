"""Short answers: numbers are equal as numbers alone, texts after folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.answers import same_answer


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
