"""parents: which row each line gives in each round. Whole runs with it are in tests/runner/test_steering.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene, State
from mintmark.core.rows import Batch, Columns

SEEDS = {"id": [7, 8, 9], "text": ["a", "b", "c"], "n": [1, None, 3]}
CTX = Context(tables={"seeds": Columns("seeds", SEEDS)}).at("parents", "", None)  # type: ignore[arg-type]


def state(number: int, kept: list[tuple[str, int, int, str]]) -> State:
    """kept: (id, line, round, text)."""

    def scan(columns: Any) -> Iterator[Batch]:
        assert set(columns) == {"text", "n", "line", "round"}
        for i in range(0, len(kept), 2):
            part = kept[i : i + 2]
            values = {"text": [k[3] for k in part], "n": [0 for _ in part], "line": [k[1] for k in part], "round": [k[2] for k in part]}
            yield Batch([(0, 0) for _ in part], [k[0] for k in part], {c: values[c] for c in columns})

    return State(number, {"line": Counter()}, {"line": Counter()}, {}, scan)


def plan(op: Any, number: int = 1, kept: Any = (), room: int = 99) -> list[Any]:
    return list(op.plan(CTX, 0, room, state(number, list(kept)) if number > 1 else None))


def test_the_newest_kept_descendant_is_given_or_the_seed() -> None:
    op = mm.generate.Parents("seeds")
    first = plan(op)
    assert [(r.values, r.parents) for r in first] == [
        ({"text": t, "n": n, "line": i}, ()) for i, (t, n) in enumerate(zip("abc", [1, None, 3]))
    ]
    third = plan(op, 3, [("k1", 0, 1, "a1"), ("k2", 2, 1, "c1"), ("k3", 0, 2, "a2")])
    assert [(r.values["text"], r.parents) for r in third] == [("a2", ("k3",)), ("b", ()), ("c1", ("k2",))]
    assert not {r.id for r in first} & {r.id for r in third}


def test_patience_counts_rounds_since_the_line_last_kept_something() -> None:
    op = mm.generate.Parents("seeds", patience=2)
    given = {n: [r.values["line"] for r in plan(op, n, [("k", 0, 3, "a3")] if n > 3 else [])] for n in range(1, 8)}
    assert given == {1: [0, 1, 2], 2: [0, 1, 2], 3: [], 4: [0], 5: [0], 6: [], 7: []}


def test_room_and_refusals() -> None:
    assert len(plan(mm.generate.Parents("seeds"), room=2)) == 2
    with pytest.raises(ValueError):
        mm.generate.Parents("seeds", patience=0)
    with pytest.raises(RecipeError, match="'line'"):
        mm.generate.Parents("s").check(Scene((), {"s": Columns("s", {"line": [1]})}, where="parents"))
