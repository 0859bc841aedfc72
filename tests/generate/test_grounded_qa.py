"""grounded_qa: questions whose quote stands in the passage; the passage is data, whatever it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from each import last, run_op
from mintmark.core.errors import ContentError, RecipeError
from mintmark.core.op import Scene
from mintmark.generate.grounded_qa import NotInPassage

PASSAGE = "The bridge – built in 1904 – is 80 m long. It’s closed."
OTHER = "Fritz Leonhardt drew the bridge's plans."


def ask(answers: list[dict[str, Any]], values: dict[str, Any] | None = None, **more: Any) -> tuple[Any, Any]:
    left = list(answers)
    (made,), asked = run_op(mm.generate.GroundedQa(**more), [{"passage": PASSAGE, **(values or {})}], lambda r: left.pop(0))
    return made, asked


def test_answerable() -> None:
    made, (request,) = ask([{"question": "How long is the bridge?", "answer": "80 m", "quote": "is 80 M  long"}])
    assert made.values["quote"] == "is 80 M  long" and made.values["answerable"] is True, "folded: case, blanks, dashes, quotation marks"
    assert set(made.values) == {"passage", *mm.generate.GroundedQa().writes(Scene())}
    assert json.dumps(PASSAGE, ensure_ascii=False) in last(request).splitlines() and request.schema is not None


def test_a_quote_from_elsewhere_is_asked_again_then_fails() -> None:
    bad = {"question": "Q?", "answer": "90 m", "quote": "is 90 m long"}
    made, asked = ask([bad, {**bad, "quote": "80 m"}])
    assert made.values["quote"] == "80 m" and "quote is not in the passage; copy it" in last(asked[1])
    made, asked = ask([bad] * 3)
    assert isinstance(made, ContentError) and made.reason == NotInPassage.reason == "not_in_passage" and len(asked) == 3


def test_unanswerable() -> None:
    made, _ = ask(
        [{"question": "How wide is it?", "plausible": "ninety"}, {"question": "How wide is it?", "plausible": "80 m"}], kind="unanswerable"
    )
    assert (made.values["answer"], made.values["quote"], made.values["answerable"], made.values["plausible"]) == (None, None, False, "80 m")


@pytest.mark.parametrize("second", [OTHER, [{"text": OTHER, "score": 3.0}, {"text": "x"}], [OTHER]])
def test_multi_hop_needs_a_quote_from_each(second: Any) -> None:
    right = {"question": "Who drew the 1904 bridge?", "answer": "Leonhardt", "quote": "built in 1904", "second_quote": "Fritz Leonhardt"}
    made, asked = ask([{**right, "second_quote": "built in 1904"}, right], {"hits": second}, kind="multi_hop", second="hits")
    assert made.values["second_quote"] == "Fritz Leonhardt" and "second_quote is not in the second passage" in last(asked[1])
    assert json.dumps(OTHER, ensure_ascii=False) in last(asked[0])


def test_no_passage_no_quote() -> None:
    made, _ = ask([{"question": "Q?", "answer": "a", "quote": "a"}] * 3, {"passage": None})
    assert isinstance(made, ContentError) and made.reason == "not_in_passage"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=80), st.text(max_size=20))
def test_a_passage_and_its_title_stand_on_lines_of_their_own(passage: str, title: str) -> None:
    left = [{"question": "Q?", "answer": "a", "quote": passage}]
    (made,), (request, *_) = run_op(mm.generate.GroundedQa(title="name"), [{"passage": passage, "name": title}], lambda r: left[0])
    plain = last(
        run_op(mm.generate.GroundedQa(title="name"), [{"passage": "P", "name": "T" if title else ""}], lambda r: {**left[0], "quote": "P"})[
            1
        ][0]
    )
    assert len(last(request).splitlines()) == len(plain.splitlines())
    if passage.strip():
        assert not isinstance(made, ContentError) or made.reason != "schema"


def test_refused() -> None:
    for bad in ({"kind": "multi_hop"}, {"second": "x"}, {"kind": "trick"}):
        with pytest.raises(RecipeError):
            mm.generate.GroundedQa.from_params(bad, "grounded_qa")
    assert mm.generate.GroundedQa(title="t", passage="p").reads(Scene()) == ("p", "t")
