"""The formats of Self-Instruct and Alpaca: a recorded run of the davinci model is read and judged again, row for row; then each rule alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import lines
from mintmark.text.instructions import (
    ALPACA_WORDS,
    FAULTS,
    Instance,
    Task,
    alpaca_tasks,
    instances_input_first,
    instances_output_first,
    instruction_fault,
    numbered_tasks,
)
from mintmark.text.rouge import Novelty, rouge_l

MARKS = [
    "Example 1\n",
    "Output:",
    "Input:",
    "Class label:",
    "###",
    "4. Instruction:",
    "4. Input:",
    "4. Output:",
    "\n10. ",
    "a b",
    ":",
    "<noinput>",
    " ",
    "\n",
]


def recorded(data: Path, name: str) -> list[dict[str, Any]]:
    return lines(data / "self_instruct_davinci" / f"{name}.jsonl")


def choice(metadata: dict[str, Any]) -> dict[str, Any]:
    return metadata["response"]["choices"][0]


def test_recorded_run_gives_the_67_instructions_with_their_scores(data: Path) -> None:
    rows = recorded(data, "machine_generated_instructions")
    replies = {(r["metadata"]["prompt"], choice(r["metadata"])["text"]): choice(r["metadata"]) for r in rows}
    assert len(replies) == 14
    pool = Novelty(0.7)
    texts = [s["instruction"] for s in recorded(data, "seed_tasks")]
    for text in texts:
        pool.add(text)
    found = []
    for reply in replies.values():
        for task in numbered_tasks(reply["text"], reply["finish_reason"], capitalize=True):
            if instruction_fault(task):
                continue
            nearest, mean = pool.most_similar(task)
            if pool.admit([task]) == [None]:
                found.append((task, nearest, mean))
                texts.append(task)
    assert [task for task, _, _ in found] == [r["instruction"] for r in rows] and len(found) == 67
    for (_, nearest, mean), row in zip(found, rows):
        wanted = row["most_similar"]  # by text: of equal scores at rank 10 any may stand there, and equal texts are one
        assert abs(mean - row["avg_similarity_score"]) <= 1e-9
        scores = sorted((s for _, s in nearest), reverse=True)
        assert len(scores) == len(wanted) == 10
        assert all(abs(a - b) <= 1e-9 for a, b in zip(scores, sorted(wanted.values(), reverse=True)))
        for number, score in nearest:
            assert abs(wanted.get(texts[number], scores[-1]) - score) <= 1e-9


def test_recorded_run_gives_the_78_instances(data: Path) -> None:
    found = set()
    for row, kind in zip(recorded(data, "machine_generated_instances"), recorded(data, "is_clf_or_not_davinci_template_1")):
        assert row["instruction"] == kind["instruction"]
        read = instances_output_first if kind["is_classification"].strip() in ("Yes", "yes", "YES") else instances_input_first
        for i in read(row["raw_instances"], choice(row["instance_metadata"])["finish_reason"]):
            found.add((row["instruction"], i.input, i.output))
    wanted = {(r["instruction"], r["input"], r["output"]) for r in recorded(data, "all_generated_instances")}
    assert len(wanted) == 78 and not found - wanted and not wanted - found


def test_seeds_hold_two_pairs_above_the_threshold(data: Path) -> None:
    seeds = [s["instruction"] for s in recorded(data, "seed_tasks")]
    assert sum(rouge_l(a, b) > 0.7 for i, a in enumerate(seeds) for b in seeds[:i]) == 2
    pool = Novelty(0.7)
    for seed in seeds:
        pool.add(seed)
    words = seeds[0].split()
    planted = "one two three four five six seven x y z", "one two three four five six seven u v w"
    assert rouge_l(*planted) == 0.7 and pool.admit([*planted, " ".join(words[:-1])])[:2] == [None, None]
    assert pool.admit([" ".join(words[:-1])])[0][0] == 0  # type: ignore[index]


def test_numbered_tasks() -> None:
    assert numbered_tasks(" Name a  colour.\n10. Sort\nthe list.\n11 . Say 3.5 aloud.\n12. ") == [
        "Name a colour.",
        "Sort the list.",
        "Say 3.5 aloud.",
    ]
    assert numbered_tasks("1. Name a colour.\n2. Use Python.", capitalize=True) == ["Name a colour.", "Use python."]
    assert numbered_tasks(" Name a colour.\n10. Sor", "length") == [] == numbered_tasks(" \n ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Name a colour", "too_short"), ("", "too_short"), ("Name a nice colour", None), ("word " * 150, None), ("word " * 151, "too_long"),
        ("Draw the sea at night", "black_word"), ("Tell me where to GO TO tonight", "black_word"), ("Withdraw the mapped filed graphics", None),
        ("Write a program that sorts", "write_a_program"), ("write a program that sorts", "write_a_program"), ("Now write a program that sorts", None),
        ('"Quote me" if you can', "punctuation"), (" - a list of things", "punctuation"), ("Éternité is the word", "non_ascii"), ("写 一 首 诗", "non_ascii"),
        ("Describe the music you like", None),
    ],
)  # fmt: skip
def test_faults(text: str, fault: str | None) -> None:
    assert instruction_fault(text) == fault and (fault is None or fault in FAULTS)


def test_alpaca_words_and_no_words() -> None:
    for word in ("video", "audio", "music", "flowchart", "diagram", "maps"):
        assert instruction_fault(f"Describe the {word} you like", ALPACA_WORDS) == "black_word"
    assert instruction_fault("Draw the c++ sea here", ()) is None
    assert instruction_fault("Like a (b| here now", {"(b|"}) == "black_word"  # a word is never read as a pattern


def test_input_first() -> None:
    one, two = Instance("a", "b"), Instance("c", "d")
    read = instances_input_first
    assert read("Example 1\nInput: a\nOutput: b\nExample 2\nInput 2: c\nOutput 2: d\n") == [one, two]
    assert read("Output: 42\n\n") == [Instance("", "42")] and read("42") == [] == read("")
    assert read("Example 1\nName: a\nOutput: b") == [Instance("Name: a", "b")]
    assert read("Example 1\na poem") == [Instance("", "a poem")]
    assert read("Input: a\nOutput: b\nInput: c\nOutput: d") == [one]
    assert read("Example 1\na\nOutput: b\nExample 2\nc\nOutput: d", "length") == [one] and read("Output: b", "length") == []


def test_instances_that_are_dropped() -> None:
    read = instances_input_first
    ok = "Example\nInput: a\nOutput: b\n"
    for bad in ("Input: q\nOutput: q", "Input: q\nOutput:", "Input: q\nOutput: the list:", "Input: q:\nOutput: r"):
        assert read(f"{ok}Example\n{bad}") == [Instance("a", "b")], bad
    assert read(ok + ok) == [Instance("a", "b")]
    assert read(f"{ok}Example\nInput: a\nOutput: c\nExample\nInput: x\nOutput: y") == []
    assert read("Example\nfirst poem\nExample\nsecond poem") == [Instance("", "first poem"), Instance("", "second poem")]
    many = "".join(f"Example {i}\nInput: i{i}\nOutput: o{i}\n" for i in range(9))
    assert [i.input for i in read(many)] == ["i0", "i1", "i2", "i3", "i4"] and len(read(many, most=7)) == 7


def test_output_first() -> None:
    read = instances_output_first
    assert read("Sure.\nClass label: Yes\nText: a\nb\nClass label: No\nText: c") == [
        Instance("Text: a\nb", "Yes"),
        Instance("Text: c", "No"),
    ]
    assert read("Class label: Yes\nx\nClass label: No\nx") == [] == read("Yes\nx")
    assert read("Class label: Yes\nx\nClass label: No\nhalf a se", "length") == [Instance("x", "Yes")]
    assert read("Class label: Yes") == [Instance("", "Yes")] and read("Class label: Yes", "length") == [] == read("", "length")


def test_alpaca() -> None:
    one, two = Task("Add.", "1 2", "3"), Task("Say hi.", "", "# Hi\n### Part\nhi")
    text = " Add.\n4. Input:\n1 2\n4. Output:\n3\n###\n5. Instruction: Say hi.\n5. Input:\n<noinput>\n5. Output:\n# Hi\n### Part\nhi\n###\n"
    assert alpaca_tasks(text) == [one, two] and alpaca_tasks("4. Instruction:" + text) == [one, two]
    assert alpaca_tasks(text + "6. Instruction: Tell me", finish_reason="length") == [one, two]
    assert alpaca_tasks(text.rstrip("#\n"), finish_reason="length") == [one]
    assert alpaca_tasks(text.replace("5. Input:", "6. Input:")) == [one]
    assert alpaca_tasks(text.replace("5. Output:", "Output:")) == [one]
    assert alpaca_tasks(text.replace("4. Input:\n1 2\n", "")) == [two] and alpaca_tasks("", 1) == []


@given(st.lists(st.sampled_from(MARKS), max_size=25), st.sampled_from(["stop", "length"]))
def test_whatever_the_marks_the_rules_hold(parts: list[str], finish: str) -> None:
    text = "".join(parts)
    for read in (instances_input_first, instances_output_first):
        found = read(text, finish)
        assert len(found) <= 5 and len(set(found)) == len(found)
        assert all(i.output and i.input != i.output and not i.output.endswith(":") and not i.input.endswith(":") for i in found)
        given_ = [i.input for i in found if i.input]
        assert len(set(given_)) == len(given_)
    assert all(t.input.lower() != "<noinput>" for t in alpaca_tasks(text, finish_reason=finish))
    assert all(t == " ".join(t.split()) != "" for t in numbered_tasks(text, finish))


@pytest.mark.parametrize(
    "unit",
    ["Output ", "Output 1 ", " ", "\n", "1", "1.", "###", "### \n", "4. Input:", "\n4. ", "Example ", "Class label:", "Input", "write a "],
)
def test_hostile_repeats_take_linear_time(unit: str) -> None:
    before = time.process_time()
    for text in (unit * 40_000, "Output" + unit * 40_000, "4. Instruction:" + unit * 40_000, "###" + unit * 40_000):
        for read in (instances_input_first, instances_output_first, numbered_tasks, instruction_fault, alpaca_tasks):
            read(text)
    assert time.process_time() - before < 5
