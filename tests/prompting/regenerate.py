"""Writes golden/NAME.txt for every built-in prompt, rendered with fixed values: python tests/prompting/regenerate.py, then read the diff."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
from mintmark.prompting import Prompt, built_in, built_in_names

GOLDEN = Path(__file__).parent / "golden"
SEEDS = [
    {"instruction": "Name three uses of vinegar in the house.", "input": "", "output": "Cleaning, pickling, softening water."},
    {"instruction": "Correct the spelling.", "input": "Their going too the lake.", "output": "They're going to the lake."},
    {"instruction": "Is this sentence a question?", "input": "Where the road ends, turn left.", "output": "No."},
]
TOOLS = [
    {"name": "find_book", "description": "Finds a book.", "parameters": {"type": "object", "properties": {"title": {"type": "string"}}}}
]
VALUES: dict[str, Any] = {
    "about": "messages to a library's help desk",
    "adjective": "quiet",
    "arguments": {"title": "Emma"},
    "attributes": {"style": "terse", "subtopics": "a lost book"},
    "branch": 5,
    "candidates": ["It's at 9.", "At nine o'clock."],
    "claim": "The bridge is old.",
    "class_name": "late_fee",
    "classes": ["late_fee", "renewal", "opening_hours"],
    "criteria": [
        {"name": "clear", "ask": "Is it easy to follow?", "low": 1, "high": 5, "anchors": ""},
        {"name": "right", "ask": "Is it true?", "low": 0, "high": 2, "anchors": "0 = false; 1 = partly; 2 = true"},
    ],
    "dimension": "subtopics",
    "document": "Basil dies below ten degrees.",
    "document_label": "Argument:",
    "evolved": "Name three uses of vinegar in the house, each in under ten words.",
    "examples": [
        {"document": "Trams are quiet.", "query": "Trams wake nobody."},
        {"document": "Buses are cheap.", "query": "Fuel is not."},
    ],
    "entry_point": "add",
    "features": ["dialogue", "moral"],
    "feedback": "add(1, 2) gave -1, expected 3",
    "first": "At nine.",
    "goal": "to renew a book",
    "group": "late_fee",
    "history": [{"role": "user", "content": "Hello, when do you open?"}, {"role": "assistant", "content": "At nine."}],
    "input": "",
    "instruction": "Name three uses of vinegar in the house.",
    "how": "paraphrase",
    "known": ["picture books"],
    "label": "late_fee",
    "labels": ["yes", "no"],
    "material": [{"name": "text", "value": "I got a fine for a book that I'd returned."}, {"name": "tone", "value": None}],
    "most": 4,
    "n": 10,
    "noun": "spoon",
    "of": "late_fee",
    "options": [{"letter": "A", "label": "renewal"}, {"letter": "B", "label": "late_fee"}],
    "passage": "The library's bridge – built in 1904 – is 80 m long.",
    "passages": ["The bridge was built in 1904.", "It is 80 m long."],
    "parent": "I brought the book back on Friday.",
    "path": ["reading", "novels"],
    "persona": "A retired tram driver who restores clocks.",
    "problem": "Write a function that adds two numbers: `add(1, 2) < 4`.",
    "property": "intent",
    "query": "how cold can basil stand",
    "query_label": "Counter argument:",
    "question": "How long is the bridge?",
    "rationale": "80 m less 10 m are 70 m.",
    "request": "When does the library open?",
    "scenario": "a rainy Sunday",
    "second": "The bridge stands in Ulm.",
    "seeds": SEEDS,
    "sentences": ["It's 80 m long.", "It is old."],
    "similar": ["renewal", "opening_hours"],
    "snippet": "for i in range(3):\n    print(i < 2)",
    "target": "renewal",
    "tasks": 20,
    "shots": [{"text": "Where is my card?", "label": "yes"}, {"text": 'It said "closed".\nWhy?', "label": "no"}],
    "text": "I got a fine for a book that I'd returned.",
    "title": "Bridges",
    "columns": ["age (whole number, years): from 18 to 95; mean 57.1", "sex (one of its levels): f (52 %), m (48 %)"],
    "dependencies": ["age and kg go together: rank correlation 0.31"],
    "given": ["sex is f"],
    "head": "age,sex",
    "header": "age, sex",
    "rows": 4,
    "sets": [["42,f", "61,m"], ["35,f", "58,m"]],
    "tool": TOOLS[0],
    "tools": TOOLS,
    "topic": "novels",
    "values": ["a lost book", "a holiday"],
    "vary": {"tone": "plain"},
    "verb": "hide",
    "verdict": "failed",
    "wanted": "find_book",
    "words": 9,
    "words_max": 70,
    "words_min": 20,
}


def rendered(name: str, **changed: Any) -> str:
    messages = Prompt(built_in(name)).messages({**VALUES, **changed})
    return "".join(f"[{m['role']}]\n{m['content']}\n" for m in messages)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for name in built_in_names():
        (GOLDEN / f"{name}.txt").write_text(rendered(name), "utf-8")
