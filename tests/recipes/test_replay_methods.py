"""A run whose ops ask one prompt several times a row, recorded and replayed: the same bytes at any concurrency, nothing missing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conftest import check_books, lines, mintmark

RECIPE = """
name: methods
models: {writer: "scripted:cast:answer", small: "scripted:cast:answer", judge: "scripted:cast:answer", user: "scripted:cast:answer"}
tables: {seeds: seeds.jsonl}
steps:
  - grid: {topic: [fees, rooms, trains, bread], tone: [plain, warm, curt]}
  - chain:
      - {ask: question, prompt: "Ask about {{ topic }}, {{ tone }}."}
      - {ask: number, as: number, check: "number > 2", prompt: "How many words? {{ question }}"}
      - schema: {type: object, properties: {a: {type: string}, b: {type: integer}}, required: [a, b], additionalProperties: false}
        prompt: "Two things about {{ question }}"
  - dialogue: {turns: [1, 3], topic: topic}
  - candidates: {prompt: "{{ question }}", models: [writer, small], temperatures: [0.2, 1.0], n: 2}
  - compare: {request: question, votes: 3}
  - rate: {request: question, aspects: [honesty, helpfulness]}
  - prefer: {by: scores, rejected: random}
  - {name: more, instruct: {from: seeds, tasks: 6, k: 2}}
  - dedup: {columns: [question, instruction], near: null}
"""
# Answers depend on the attempt and, at random, are no JSON, too small or empty: re-asks of every kind.
CAST = """
import json, random

def answer(request):
    asked = request.messages[-1]["content"]
    first = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.row} {request.attempt} {request.temperature} {first}")
    fault = rng.random()
    if request.attempt % 100 < 2 and fault < 0.15:
        return {"text": "", "finish_reason": "stop"} if fault < 0.05 else {"text": "half", "finish_reason": "length"} if fault < 0.1 else "no {json"
    schema = request.schema
    if schema is None:
        if "How many words" in first:
            return f"about {rng.randint(1, 9)}"
        if "Instruction:" in first:
            return "".join(f" Do {rng.random()}.\\n{n}. Input:\\n<noinput>\\n{n}. Output:\\nok\\n###\\n{n + 1}. Instruction:" for n in (3, 4))
        return f"said {rng.randint(0, 10 ** 6)} at {request.attempt}"
    names = set(schema["properties"])
    if names == {"reason", "better"}:
        return json.dumps({"reason": "x", "better": rng.choice(["first", "second", "tie"])})
    if names == {"ratings"}:
        n = schema["properties"]["ratings"]["minItems"]
        return json.dumps({"ratings": [{"reason": "", "rating": rng.randint(1, 5)} for _ in range(n)]})
    if names == {"message", "done"}:
        return json.dumps({"message": f"turn {rng.randint(0, 999)}", "done": rng.random() < 0.2})
    return json.dumps({"a": "x", "b": rng.randint(0, 99)})
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "cast.py").write_text(CAST)
    seeds = [{"instruction": f"Seed {i}.", "input": "", "output": "done"} for i in range(5)]
    (folder / "seeds.jsonl").write_text("".join(json.dumps(s) + "\n" for s in seeds))
    done = mintmark("run", "recipe.yaml", "--out", "first", "--concurrency", 7, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert mintmark("show", "first", "--record", "replies.jsonl", cwd=folder).returncode == 0
    return folder


def test_the_record_names_row_attempt_and_first_messages(recorded: Path) -> None:
    told = lines(recorded / "replies.jsonl")
    manifest = check_books(recorded / "first")
    assert len(told) == manifest["calls"] and manifest["kept"] >= 8
    attempts = Counter(t["attempt"] for t in told)
    assert {0, 1, 100, 101, 200, 300, 700} <= set(attempts), "several asks of one prompt, and re-asks of them"
    once: Counter[tuple[Any, ...]] = Counter((t["row"], t["attempt"], json.dumps(t["messages"])) for t in told)
    assert max(once.values()) == 1, "a line is told apart from every other"


@pytest.mark.parametrize("concurrency", [1, 16])
def test_replayed_byte_for_byte(recorded: Path, concurrency: int) -> None:
    roles = [x for role in ("writer", "small", "judge", "user") for x in ("--model", f"{role}=replay:replies.jsonl")]
    done = mintmark("run", "recipe.yaml", "--out", f"again{concurrency}", "--concurrency", concurrency, *roles, cwd=recorded)
    assert done.returncode == 0, done.stderr
    first, again = check_books(recorded / "first"), check_books(recorded / f"again{concurrency}")
    assert (recorded / f"again{concurrency}/data.jsonl").read_bytes() == (recorded / "first/data.jsonl").read_bytes()
    assert [again[k] for k in ("kept", "dropped", "failed", "calls")] == [first[k] for k in ("kept", "dropped", "failed", "calls")]
    assert not any("no_recorded_reply" in s["failed"] for s in again["steps"])
    assert [(s["dropped"], s["failed"]) for s in again["steps"]] == [(s["dropped"], s["failed"]) for s in first["steps"]]
