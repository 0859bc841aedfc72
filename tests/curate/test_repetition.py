"""repetition: each measure by hand, loops, bounds; people's texts pass; speed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import lines
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop, Row
from mintmark.text.repetition import BOUNDS, loop, shares

PROSE = (
    "The ferry leaves the old harbour at nine and reaches the island before noon, when the market opens and "
    "people from both villages come to trade fish, wool and honey for flour brought over by the morning boat."
)


def one(text: Any, **params: Any) -> Any:
    result = mm.curate.Repetition("t", **params).each(Row("r", {"t": text}), Context())
    return dict(result.values) if isinstance(result, Row) else result


def test_measures_by_hand() -> None:
    found = shares("ab cd\nx\nab cd\n\nab cd")
    assert found["lines"] == 2 / 4 and found["line_characters"] == 10 / 16
    assert found["top_2"] == 3 * 4 / 13 and found["top_3"] == 0.0
    assert shares("a b c d e f a b c d e g")["repeated_5"] == 5 / 12
    assert shares("hmmmmm ------ ok")["run"] == 5 and set(found) == set(BOUNDS)
    assert set(shares("").values()) == {0}


def test_drop_says_what() -> None:
    assert one(PROSE) == {"t": PROSE} and one(None) == {"t": None}
    assert one(PROSE + " and so on" * 6) == Drop("repetition", "loop 6, at most 5")
    assert one(PROSE + " and so on" * 6, from_words=20) == Drop("repetition", "top_3 0.201, at most 0.18")
    assert one(PROSE + " and so on" * 6, most={"loop": None}) == {"t": PROSE + " and so on" * 6}
    assert one("ha" + "a" * 30) == Drop("repetition", "run 31, at most 20")
    assert one("one\ntwo\none\none") == Drop("repetition", "lines 0.5, at most 0.3")
    assert one("one\ntwo\none\none", most={"lines": 0.5, "line_characters": 0.5}) == {"t": "one\ntwo\none\none"}
    assert one("the cat the cat") == {"t": "the cat the cat"}
    assert isinstance(one("the cat the cat", from_words=2), Drop)
    assert one("x y", action="flag")["t_repetition"]["loop"] == 1


@pytest.mark.parametrize("wrong", [{"lins": 0.3}, {"lines": "0.3"}, {"lines": -1}, {"lines": True}])
def test_bounds_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Repetition.from_params({"column": "t", "most": wrong}, "repetition")


@given(st.lists(st.sampled_from("ab"), max_size=12))
@settings(max_examples=200, deadline=None)
def test_loop_equals_brute_force(words: list[str]) -> None:
    most = min(1, len(words))
    for size in range(1, len(words) + 1):
        times = 1
        while words[-size:] == words[len(words) - size * (times + 1) : len(words) - size * times] and len(words) >= size * (times + 1):
            times += 1
        most = max(most, times)
    assert loop(words) == most


def test_what_people_wrote_passes(data: Path) -> None:
    """Measured: 0 of 1,319 GSM8K questions dropped with the default bounds."""
    questions = [r["question"] for r in lines(data / "gsm8k" / "test.jsonl")]
    assert sum(isinstance(one(q), Drop) for q in questions) <= 5


@pytest.mark.parametrize("text", ["a" * 500_000, "a " * 100_000, "a\n" * 100_000, "ab" * 200_000])
def test_linear(text: str) -> None:
    begun = time.process_time()
    shares(text)
    assert time.process_time() - begun < 5


def test_recorded_answers_that_loop(data: Path) -> None:
    """PandaLM's recorded answers of small models: 126 of 1,992 dropped on 2026-11-21; the first forty, looked at, loop or list the same lines."""
    rows = json.loads((data / "pandalm_judge" / "testset-v1.json").read_text())
    answers = [r[k] for r in rows for k in ("response1", "response2") if isinstance(r[k], str)]
    assert len(answers) == 1992 and 100 <= sum(isinstance(one(a), Drop) for a in answers) <= 150
