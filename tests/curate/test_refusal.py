"""refusal: measured hits on our own lists, what strip leaves, near-misses, speed."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal_texts import BOILERPLATE, NEAR_MISSES, REFUSALS

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop, Row
from mintmark.text.refusals import kinds, stripped


def one(text: Any, **params: Any) -> Any:
    result = mm.curate.Refusal("t", **params).each(Row("r", {"t": text}), Context())
    return dict(result.values) if isinstance(result, Row) else result


def test_measured_hits() -> None:
    """60 of 60 and 0 of 60 on 2026-11-21, patterns written with the lists in view; a change may lose no more than one of each."""
    assert len(REFUSALS) + len(BOILERPLATE) == len(NEAR_MISSES) == 60
    hits = sum("refusal" in kinds(t) for t in REFUSALS) + sum("boilerplate" in kinds(t) for t in BOILERPLATE)
    wrong = [t for t in NEAR_MISSES if kinds(t)]
    assert hits >= 59 and len(wrong) <= 1, (hits, wrong)


def test_customers_do_not_refuse(data: Path) -> None:
    with (data / "banking77" / "train.csv").open() as file:
        texts = [r["text"] for r in csv.DictReader(file)]
    assert len(texts) == 10_003 and not [t for t in texts if kinds(t)]


def test_actions() -> None:
    refusal, opener = "I'm sorry, but I can't help with that.", "Sure! Here is a poem:\nThe sea is wide.\n\nI hope this helps!"
    assert one(refusal) == Drop("refusal", refusal) and one(opener) == {"t": opener} and one(None) == {"t": None}
    assert one(opener, kinds=("refusal", "boilerplate")) == Drop("boilerplate", opener)
    assert one(refusal, kinds=("boilerplate",)) == {"t": refusal}
    assert one(opener, action="flag") == {"t": opener, "t_refusal": ["boilerplate"]}
    assert one("The sea.", action="flag") == {"t": "The sea.", "t_refusal": []}
    assert one(opener, action="strip") == {"t": "The sea is wide."}
    assert one("I hope this helps!", action="strip") == Drop("empty", "I hope this helps!")
    assert one(refusal, action="strip") == Drop("refusal", refusal)
    assert one(None, action="strip") == {"t": None}
    with pytest.raises(RecipeError, match="leave kinds out"):
        mm.curate.Refusal.from_params({"column": "t", "action": "strip", "kinds": ["refusal"]}, "refusal")
    with pytest.raises(RecipeError, match="kinds"):
        mm.curate.Refusal.from_params({"column": "t", "kinds": ["refused"]}, "refusal")


def test_what_stands_in_the_middle_stays() -> None:
    text = "The letter said: Let me know if you have time. Then it ended.\nWe went home.\nIt rained. It was late."
    assert stripped(text) == text
    assert stripped("Of course! Here are two:\n1. Ash\n2. Oak\nLet me know if you need more!") == "1. Ash\n2. Oak"


@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([*REFUSALS, *BOILERPLATE, "\n", " "])), max_size=6).map("".join))
@settings(max_examples=150, deadline=None)
def test_stripping_takes_out_and_adds_nothing(text: str) -> None:
    left = stripped(text)
    assert kinds(text) or left == text
    letters = iter(text)
    assert all(c in letters for c in left), "a subsequence of the text"


@pytest.mark.parametrize("piece", ["a", '"', ". ", "I am sorry, but ", "here is a ", "\n"])
def test_linear(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    kinds(text)
    stripped(text)
    assert time.process_time() - begun < 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I'm sorry, but as an AI language model I cannot help with that.", ["refusal"]),
        ("I apologize, but as a large language model, I am not able to browse the web.", ["refusal"]),
        ("I'm sorry, but as an assistant I missed your call.", []),
        ("Unfortunately, as an assistant manager I cannot help you on Sundays.", []),
    ],
)
def test_sorry_and_as_an_ai_in_one_sentence(text: str, found: list[str]) -> None:
    assert kinds(text) == found
