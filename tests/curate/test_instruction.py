"""Which instructions the published rules drop, per set of rules, and what input and output add."""

from __future__ import annotations

from typing import Any

import pytest

from each import each, reasons
from mintmark.core.errors import RecipeError
from mintmark.curate.instruction import Instruction

CASES = {  # text: (self_instruct, alpaca, code)
    "List three ways to save water.": ("kept", "kept", "kept"),
    "Say hello now.": ("too_short", "too_short", "too_short"),
    "Describe the image in one line.": ("black_word", "black_word", "kept"),
    "Explain what a graph is.": ("black_word", "black_word", "kept"),
    "Explain what a graphite pencil is.": ("kept", "kept", "kept"),  # whole words alone
    "Please go to the shop.": ("black_word", "black_word", "kept"),
    "Describe this piece of music.": ("kept", "black_word", "kept"),
    "Draw a FLOWCHART of the morning.": ("black_word", "black_word", "kept"),
    "Explain the flowchart of a morning.": ("kept", "black_word", "kept"),
    "Write a program that adds numbers.": ("write_a_program", "write_a_program", "kept"),
    "write A Program that adds numbers.": ("write_a_program", "write_a_program", "kept"),
    "Please write a program that adds.": ("kept", "kept", "kept"),
    "- list three colours here": ("punctuation", "punctuation", "punctuation"),
    "Écris une phrase sur la mer.": ("non_ascii", "non_ascii", "non_ascii"),
    " ".join(["word"] * 150): ("kept", "kept", "kept"),
    " ".join(["word"] * 151): ("too_long", "too_long", "too_long"),
    "": ("too_short", "too_short", "too_short"),
}


@pytest.mark.parametrize("number, rules", enumerate(["self_instruct", "alpaca", "code"]))
def test_rules(number: int, rules: Any) -> None:
    found = reasons(each(Instruction(rules=rules), [{"instruction": t} for t in CASES]))
    assert dict(zip(CASES, found, strict=True)) == {t: want[number] for t, want in CASES.items()}


def test_input_and_output() -> None:
    good = "Sort these numbers upwards."
    rows = [
        {"instruction": good, "input": i, "output": o}
        for i, o in [("2 1", "1 2"), ("", "1"), ("2", ""), ("2", None), ("5", " 5 "), ("", "")]
    ]
    assert reasons(each(Instruction(input="input", output="output"), rows)) == [
        "kept", "kept", "empty_output", "empty_output", "input_is_output", "empty_output",
    ]  # fmt: skip
    assert reasons(each(Instruction(), [{"instruction": None}])) == ["too_short"]


def test_words() -> None:
    rows = [{"instruction": " ".join(["word"] * n)} for n in (1, 2, 6, 7)]
    assert reasons(each(Instruction(words=[2, 6]), rows)) == ["too_short", "kept", "kept", "too_long"]
    for words in ([5], [6, 2], [1, 2, 3]):
        with pytest.raises(RecipeError, match="least, most"):
            Instruction.from_params({"words": words}, "instruction")


def test_every_reason_is_documented() -> None:
    assert {r for want in CASES.values() for r in want} - {"kept"} <= set(Instruction.drops)
