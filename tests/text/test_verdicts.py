"""Verdicts in the layouts that judges have; never a guess; all 999 recorded ones (PandaLM's test set, GPT-3.5's judgements)."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.verdicts import majority, verdict

LAYOUTS = {
    "first": ["1", 1, 1.0, "A", "first", "[[A]]", "Response 1", "Answer A.", "**First**", "Response 1 is better because it is short.", "the better one is: 1",
              "I looked at both. The first answer is clearly better.", "Verdict: A", "Winner: Assistant A", "Assistant A wins", "My verdict is [[A]], yes [[A]]"],
    "second": ["2", 2, "B", "[[B]]", "second", "Response 2 is better as it is right; Response 1 is not better.", "The second response is better."],
    "tie": ["Tie", "tie", 0, "0", "C", "[[C]]", "equal", "It's a tie.", "Both answers are equally good.", "The two are tied."],
}  # fmt: skip


@pytest.mark.parametrize(("said", "value"), [(s, v) for s, values in LAYOUTS.items() for v in values])
def test_layouts(said: str, value: object) -> None:
    assert verdict(value) == said


@pytest.mark.parametrize(
    "value",
    ["garbage", "", None, True, 3, 7.5, "[[A]] or rather [[B]]", "[[Z]]", "Response 1 is better. Response 2 is better.", "a cat sat", [], {},
     "Response 1 is worse.", "Response 1 is better, but it's a tie"],
)  # fmt: skip
def test_what_says_nothing_or_two_things_is_none(value: object) -> None:
    assert verdict(value) is None


@given(st.text(max_size=200) | st.integers() | st.floats() | st.none() | st.lists(st.integers(), max_size=3))
def test_anything_is_read_or_none(value: object) -> None:
    assert verdict(value) in ("first", "second", "tie", None)


def test_long_texts_take_no_time() -> None:
    begin = time.process_time()
    for text in ("response " * 100_000, "the first " * 100_000, "better is " * 100_000, "[[" * 300_000, " " * 1_000_000 + "1"):
        verdict(text)
    assert time.process_time() - begin < 1


def test_majority() -> None:
    assert majority([2, 2, 1]) == 2 and majority(["a", None, "a", "b"]) == "a"
    assert majority([1, 2]) is None and majority([]) is None and majority([None]) is None


def test_all_recorded_verdicts(data: Path) -> None:
    """GPT-3.5: 974 usable, 25 'garbage'; PandaLM's integers: all usable. Against the majority of three people: 697 of 999 alike."""
    folder = data / "pandalm_judge"
    people = json.loads((folder / "testset-v1.json").read_text())
    gpt = [verdict(g["gpt_result"]) for g in json.loads((folder / "gpt-3.5-turbo-testset-v1.json").read_text())]
    panda = [verdict(g["pandalm_result"]) for g in json.loads((folder / "pandalm-7b-testset-v1.json").read_text())]
    assert Counter(gpt) == {"second": 476, "first": 460, "tie": 38, None: 25}
    assert Counter(panda) == {"second": 459, "first": 433, "tie": 107}
    human = [majority(verdict(p[f"annotator{k}"]) for k in (1, 2, 3)) for p in people]
    assert None not in human and sum(a == b for a, b in zip(gpt, human, strict=True)) == 697
    assert sum(a == b for a, b in zip(panda, human, strict=True)) == 667  # 66.77 %, as PandaLM reports
    # "Response 2 is better because ..." in the judges' reasons says what their verdict says; 2 of 764 contradict themselves in the recording
    pairs = [(r, v) for r, v in zip(_reasons(folder), [*gpt, *panda], strict=True) if r is not None]
    assert (len(pairs), sum(a == b for a, b in pairs)) == (764, 762)


def _reasons(folder: Path) -> list[str | None]:
    names = (("gpt-3.5-turbo-testset-v1.json", "gpt_reason"), ("pandalm-7b-testset-v1.json", "pandalm_reason"))
    return [verdict(g[key]) for name, key in names for g in json.loads((folder / name).read_text())]
