"""topics: what is planned from a tree that was kept. Whole runs with it are in tests/runner/test_steering.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.op import State
from mintmark.core.rows import Batch

CTX = Context().at("topics", "", None)  # type: ignore[arg-type]


def plan(op: Any, kept: list[tuple[str, str, list[str]]] = [], asked: dict[str, int] = {}, room: int = 99) -> list[Any]:  # noqa: B006
    def scan(columns: Any) -> Iterator[Batch]:
        values = {"subtopic": [k[0] for k in kept], "topic": [k[1] for k in kept], "path": [k[2] for k in kept]}
        yield Batch([(0, 0) for _ in kept], [f"id {k[0]}" for k in kept], {c: values[c] for c in columns})

    return list(op.plan(CTX, 0, room, State(2, {"topic": Counter(asked)}, {"topic": Counter()}, {}, scan) if asked else None))


def test_breadth_first_down_to_depth() -> None:
    op = mm.generate.Topics(["a", "b"], branch=4, depth=2)
    assert [(r.values, r.parents) for r in plan(op)] == [
        ({"topic": t, "path": [t], "depth": 1, "branch": 4, "known": []}, ()) for t in ("a", "b")
    ]  # fmt: skip
    kept = [("x", "a", ["a"]), (" Y ", "b", ["b"]), ("deep", "x", ["a", "x"])]
    second = plan(op, kept[:2], {"a": 1, "b": 1})
    assert [(r.values["topic"], r.values["path"], r.values["depth"], r.parents) for r in second] == [
        ("x", ["a", "x"], 2, ("id x",)), ("Y", ["b", "Y"], 2, ("id  Y ",)),
    ]  # fmt: skip
    assert [r.values["topic"] for r in plan(op, kept, {"a": 1, "b": 1, "x": 1})] == ["Y"], "x is done, and deep is deep enough"


def test_a_topic_without_children_is_asked_twice() -> None:
    op = mm.generate.Topics(["a", "b"], depth=1)
    kept = [("x", "a", ["a"])]
    (again,) = plan(op, kept, {"a": 1, "b": 1})
    assert again.values["topic"] == "b" and again.values["known"] == ["x", "a"] and again.id != plan(op)[1].id
    assert plan(op, kept, {"a": 1, "b": 2}) == []


def test_merged_blank_and_similar_topics() -> None:
    op = mm.generate.Topics(["C", "C++"], depth=2)
    kept = [("c", "C++", ["C++"]), ("", "C", ["C"]), ("C#", "C", ["C"]), ("c#", "C++", ["C++"])]
    assert [r.values["path"] for r in plan(op, kept, {"C": 1, "C++": 1})] == [["C", "C#"]], "c is C, c# is C#, and a blank is no topic"


def test_room_and_refusals() -> None:
    assert len(plan(mm.generate.Topics(list("abc")), room=2)) == 2
    for more in ({"roots": []}, {"roots": ["a", " A "]}, {"roots": ["a"], "depth": 0}, {"roots": ["a"], "branch": 0}):
        with pytest.raises(ValueError):
            mm.generate.Topics(**more)  # type: ignore[arg-type]
