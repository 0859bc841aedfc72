"""Exports of pairs: what a trainer reads back; tool calls survive chatml and sharegpt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import lines
from mintmark.core.errors import InputError
from mintmark.stores.exports import export_rows

PREFERENCES = [{"id": "r1", "instruction": "Say hi", "chosen": "Hello!", "rejected": "no", "margin": 1.0}]
QUERIES: list[dict[str, Any]] = [
    {"id": "q1", "query": "when\tbooked", "doc_id": "d1", "start": 10, "title": "Rooms", "passage": "Rooms are booked\nby noon.",
     "negatives": [{"doc_id": "d2", "start": 0, "text": "Fees are paid.", "title": "Fees"}, {"doc_id": "d3", "start": 5, "text": "Closed."}]},
    {"id": "q2", "query": "who", "doc_id": "d1", "start": 10, "title": "Rooms", "passage": "Rooms are booked\nby noon.", "negatives": []},
]  # fmt: skip


def export(fmt: str, rows: list[dict[str, Any]], to: Path, **more: Any) -> Path:
    return export_rows(lambda: iter(rows), fmt, to, **more)


def test_dpo_and_kto(tmp_path: Path) -> None:
    assert lines(export("dpo", PREFERENCES, tmp_path / "d")) == [{"prompt": "Say hi", "chosen": "Hello!", "rejected": "no"}]
    assert lines(export("kto", PREFERENCES, tmp_path / "k")) == [
        {"prompt": "Say hi", "completion": "Hello!", "label": True},
        {"prompt": "Say hi", "completion": "no", "label": False},
    ]
    with pytest.raises(InputError, match=r"dpo needs a column for 'chosen'; found .*--map chosen=COLUMN"):
        export("dpo", [{"id": "a", "instruction": "x"}], tmp_path / "x")
    mapped = export("dpo", [{"id": "a", "q": "x", "chosen": "1", "rejected": "2"}], tmp_path / "m", mapping={"prompt": "q"})
    assert lines(mapped)[0]["prompt"] == "x"


def test_triples_and_beir(tmp_path: Path) -> None:
    found = lines(export("triples", QUERIES, tmp_path / "t"))
    assert [t["negative"] for t in found] == ["Fees are paid.", "Closed."] and {t["positive"] for t in found} == {QUERIES[0]["passage"]}
    folder = export("beir", QUERIES, tmp_path / "beir")
    corpus = {c["_id"]: c for c in lines(folder / "corpus.jsonl")}
    assert set(corpus) == {"d1-10", "d2-0", "d3-5"} and corpus["d1-10"]["title"] == "Rooms"
    assert {q["_id"]: q["text"] for q in lines(folder / "queries.jsonl")} == {"q1": "when\tbooked", "q2": "who"}
    head, *judged = (folder / "qrels/train.tsv").read_text().splitlines()
    assert head == "query-id\tcorpus-id\tscore"
    assert sorted(judged) == ["q1\td1-10\t1", "q1\td2-0\t0", "q1\td3-5\t0", "q2\td1-10\t1"]
    for line in judged:
        query, document, _ = line.split("\t")
        assert query in ("q1", "q2") and document in corpus


def test_tool_calls_survive(tmp_path: Path) -> None:
    call = {"id": "call_0", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}}
    messages = [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_0", "content": '{"b": 2}'},
        {"role": "assistant", "content": "There it is."},
    ]
    tools = [{"name": "look", "description": "looks", "parameters": {"type": "object"}}]
    (chat,) = lines(export("chatml", [{"id": "1", "messages": messages, "tools": tools}], tmp_path / "c"))
    assert chat["messages"][1]["tool_calls"] == [call] and chat["messages"][2]["tool_call_id"] == "call_0"
    assert chat["tools"] == [{"type": "function", "function": tools[0]}]
    (share,) = lines(export("sharegpt", [{"id": "1", "messages": messages, "tools": tools}], tmp_path / "s"))
    assert [m["from"] for m in share["conversations"]] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(share["conversations"][1]["value"])["name"] == "look"
