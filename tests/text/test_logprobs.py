"""Shares of yes and no, and of letters: every spelling counts, and where nothing can be said nothing is."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.logprobs import answer_shares


def token(text: str, p: float, **top: float) -> dict[str, Any]:
    return {"token": text, "logprob": math.log(p), "top": [{"token": t, "logprob": math.log(q)} for t, q in top.items()]}


@pytest.mark.parametrize(
    "tokens, share",
    [
        ([token("yes", 0.6, yes=0.6, no=0.2)], 0.75),
        ([token(" No", 0.6, **{" No": 0.6, " Yes": 0.3, "no": 0.1})], 0.3),
        ([token("yes", 0.9)], 1.0),
        ([token("no", 0.9)], 0.0),
        ([token("The", 0.9, yes=0.05), token(" answer", 0.9), token(" is", 1.0), token(" No", 0.8, **{" Yes": 0.2})], 0.2),
        ([token("**", 0.9), token("Yes.", 0.5, **{"Yes.": 0.5, "No.": 0.5})], 0.5),
        ([token("maybe", 0.9, yes=0.1)], None),
        ([], None),
        ([{"token": "yes", "logprob": -1e6, "top": []}], None),
    ],
)
def test_yes_share(tokens: list[dict[str, Any]], share: float | None) -> None:
    found = answer_shares(tokens, ("yes", "no"), str.lower)
    assert (found.get("yes", 0.0) if found else None) == (None if share is None else pytest.approx(share))


@given(st.lists(st.tuples(st.sampled_from(["A", " A", "B", "▁B", "the", "", "AB", "Z"]), st.floats(-8, 0)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_shares_add_to_one_or_are_none(top: list[tuple[str, float]]) -> None:
    tops = [{"token": t, "logprob": p} for t, p in dict(top).items()]
    found = answer_shares([{**tops[0], "top": tops}], ("A", "B"))
    assert set(found) <= {"A", "B"} and (not found or sum(found.values()) == pytest.approx(1))
    assert bool(found) == (tops[0]["token"].strip(" ▁") in ("A", "B"))
