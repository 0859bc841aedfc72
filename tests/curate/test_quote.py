"""quote: what it writes, each drop, and that a changed number is caught."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.op import Scene
from mintmark.core.rows import Drop, Row

PASSAGE = "Infants had a 3.6-fold risk. The risk rose 5.7-fold later. Infants had a 3.6-fold risk."


def judge(op: Any, **values: Any) -> Any:
    return op.each(Row("r", {"passage": PASSAGE, **values}), Context())


def test_writes_the_place() -> None:
    op = mm.curate.Quote(near="at")
    made = judge(op, quote="infants  had a 3.6–fold risk", start=1000, at=50).values
    assert PASSAGE[made["quote_start"] : made["quote_end"]] == "Infants had a 3.6-fold risk" and made["quote_start"] == 59
    assert (made["quote_match"], made["quote_doc_start"]) == ("folded", 1059)
    assert op.writes(Scene(("quote", "start"))) == ("quote_start", "quote_end", "quote_match", "quote_doc_start")
    bare = judge(mm.curate.Quote(), quote="3.6-fold").values
    assert (bare["quote_start"], bare["quote_match"]) == (14, "exact") and "quote_doc_start" not in bare


@pytest.mark.parametrize("quote", ["a 3.7-fold risk", "", None, "risk rose. Infants"])
def test_drops_what_is_not_said(quote: Any) -> None:
    found = judge(mm.curate.Quote(), quote=quote)
    assert isinstance(found, Drop) and found.reason == "not_in_passage"


@pytest.mark.parametrize(
    ("answer", "answer_f1", "kept"),
    [
        ("The 5.7-fold!", 0, True),
        ("5.7-FOLD risk", 0, True),
        ("risk risk", 0, False),
        ("5.6-fold", 0, False),
        ("", 0, False),
        (None, 0, False),
        ("risk went up 5.7-fold", 0, False),
        ("risk went up 5.7-fold", 0.5, True),
        ("risk went up 5.7-fold", 0.6, False),
    ],
)
def test_the_answer_stands_in_the_quote(answer: Any, answer_f1: float, kept: bool) -> None:
    found = judge(mm.curate.Quote(answer="answer", answer_f1=answer_f1), quote="The risk rose 5.7-fold later", answer=answer)
    assert isinstance(found, Row) if kept else found.reason == "answer_not_in_quote"


def test_refuses() -> None:
    with pytest.raises(ValueError, match="answer_f1"):
        mm.curate.Quote(answer_f1=2)
