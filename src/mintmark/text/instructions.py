"""Reads what models write in the formats of Self-Instruct and Alpaca: numbered tasks, instances, and the rules that drop the bad ones.

    numbered_tasks(" Name a colour that rhymes.\\n10. Sort the list below.")     ->  ["Name a colour that rhymes.", "Sort the list below."]
    instruction_fault("Draw a picture of the sea.")                              ->  "black_word"
    instances_input_first("Example 1\\nList: 2, 1\\nOutput: 1, 2")                ->  [Instance("List: 2, 1", "1, 2")]
    instances_output_first("Class label: Spam\\nEmail: You won!")                ->  [Instance("Email: You won!", "Spam")]
    alpaca_tasks(" Add.\\n4. Input:\\n1 2\\n4. Output:\\n3\\n###")                 ->  [Task("Add.", "1 2", "3")]

Source: Self-Instruct (Wang et al., ACL 2023, arXiv 2212.10560, sections 2.2-2.3 and its released code); Stanford Alpaca (Taori et al. 2023).
finish_reason "length" = the answer was cut: Self-Instruct gives up such a list of tasks, and the last instance; Alpaca the last task.

Not covered: the random clean-up of field names when training files are written; of more than `most` instances the first stay, where the
authors draw some at random; JSON answers (see structured.py). Nearness to other instructions is judged by rouge.py.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

SELF_INSTRUCT_WORDS = frozenset(
    ("image", "images", "graph", "graphs", "picture", "pictures", "file", "files", "map", "maps", "draw", "plot", "go to")
)
ALPACA_WORDS = SELF_INSTRUCT_WORDS | {"video", "audio", "music", "flowchart", "diagram"}
FAULTS = {
    "too_short": "3 words or fewer",
    "too_long": "more than 150 words",
    "black_word": "names something that a language model cannot see, open or draw",
    "write_a_program": "starts with 'Write a program': whether to write or to run it is unclear",
    "punctuation": "starts with a punctuation mark",
    "non_ascii": "starts with a character outside ASCII",
}
# No two neighbouring repeats can match the same blanks: hostile runs of blanks stay linear.
_NUMBER = re.compile(r"(?:\A\s*|\n)\d+\s?\. ")
_EXAMPLE = re.compile(r"Example\s?\d*\.?")
_OUTPUT = re.compile(r"Output\s*(?:\d+\s*)?:")
_INPUT = re.compile(r"Input\s*(?:\d+\s*)?:")
_TASK = re.compile(r"###(?=\s*(?:\d+\.\s*Instruction:|\Z))")
_FIELD = re.compile(r"^[ \t]*(\d+)\.[ \t]*(Instruction|Input|Output):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Instance:
    """One example of a task. input: '' where the task needs none."""

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its one instance, as Alpaca asks for it."""

    instruction: str
    input: str
    output: str


def numbered_tasks(text: str, finish_reason: str = "stop", capitalize: bool = False) -> list[str]:
    """The tasks of a numbered list whose first number the prompt may have given, white space folded; none of a cut list.

    capitalize: first letter upper, all others lower case, as the authors' code does ("Write in python."); for parity only.
    """
    if finish_reason == "length":
        return []
    found = (" ".join(part.split()) for part in _NUMBER.split(text))
    return [task.capitalize() if capitalize else task for task in found if task]


def instruction_fault(text: str, blacklist: Collection[str] = SELF_INSTRUCT_WORDS, words: tuple[int, int] = (4, 150)) -> str | None:
    """Why an instruction is refused, a key of FAULTS, or None. blacklist: words or phrases, matched whole, in any case."""
    n = len(text.split())
    if n < words[0]:
        return "too_short"
    if n > words[1]:
        return "too_long"
    if blacklist and _whole_words(frozenset(blacklist)).search(text):
        return "black_word"
    start = text.lstrip()
    if start[:15].lower() == "write a program":
        return "write_a_program"
    if start[0] in string.punctuation:
        return "punctuation"
    return None if start[0].isascii() else "non_ascii"


@lru_cache(maxsize=32)
def _whole_words(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(words)))})(?!\w)", re.IGNORECASE)


def instances_input_first(text: str, finish_reason: str = "stop", most: int = 5) -> list[Instance]:
    """Tasks that are not classification: 'Example N' parts with an input and 'Output:', or one 'Output:' alone; else none.

    A part without 'Output:' is an output without input. The leading 'Input:' goes; an output ends where a further 'Input:' stands.
    """
    if _EXAMPLE.search(text):
        parts = [part for part in map(str.strip, _EXAMPLE.split(text)) if part]
    elif _OUTPUT.search(text):
        parts = [text]
    else:
        return []
    return _usable(map(_input_output, parts), finish_reason, most)


def _input_output(part: str) -> Instance:
    head, *rest = _OUTPUT.split(part, maxsplit=2)
    given, answer = (head.strip(), rest[0]) if rest else ("", head)
    leading = _INPUT.match(given)
    return Instance(given[leading.end() :].strip() if leading else given, _INPUT.split(answer, maxsplit=1)[0].strip())


def instances_output_first(text: str, finish_reason: str = "stop", most: int = 5, mark: str = "Class label:") -> list[Instance]:
    """Classification: after each mark the label to the end of the line, then its input; text before the first mark is passed over."""
    pairs = (part.strip().partition("\n") for part in text.split(mark)[1:])
    return _usable((Instance(given.strip(), label.strip()) for label, _, given in pairs), finish_reason, most)


def _usable(found: Iterable[Instance], finish_reason: str, most: int) -> list[Instance]:
    """The rules of step 4, in the authors' order: the cut one, useless ones, contradictions (which condemn all), duplicates, the count."""
    instances = list(found)[: -1 if finish_reason == "length" else None]
    good = [i for i in instances if i.output and i.input != i.output and not i.input.endswith(":") and not i.output.endswith(":")]
    answers: dict[str, str] = {}
    if any(i.input and answers.setdefault(i.input, i.output) != i.output for i in good):
        return []
    return list(dict.fromkeys(good))[:most]


def alpaca_tasks(text: str, first: int = 4, finish_reason: str = "stop") -> list[Task]:
    """Tasks between '###' marks, each with 'N. Instruction:', 'N. Input:', 'N. Output:' on lines of their own; others are passed over.

    first: the number whose 'Instruction:' ends the prompt (3 examples stand before it). '<noinput>' is an empty input.
    A '###' that no task follows is part of an output (a Markdown heading).
    """
    start = _FIELD.match(text.lstrip())
    if start is None or start[2] != "Instruction":
        text = f"{first}. Instruction:{text}"
    blocks = _TASK.split(text)[: -1 if finish_reason == "length" else None]
    return [task for task in map(_task, blocks) if task]


def _task(block: str) -> Task | None:
    parts = _FIELD.split(block)  # before, number, name, text, number, name, text, ...
    if parts[2::3] != ["Instruction", "Input", "Output"] or len(set(parts[1::3])) != 1:
        return None
    instruction, given, output = (part.strip() for part in parts[3::3])
    return Task(instruction, "" if given.lower() == "<noinput>" else given, output)
