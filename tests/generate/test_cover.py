"""cover: k-centre greedy over the gaps. Whole runs with it are in tests/runner/test_steering.py."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene, State
from mintmark.core.rows import Batch, Columns

REAL = ["0", "2", "4", "90", "92", "180", None]


class Angles:
    """A text is an angle in degrees; the gap between two is 1 - cos of what lies between."""

    name, local = "angles", True

    def fit(self, texts: Sequence[str]) -> Angles:
        return self

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[np.cos(np.radians(float(t))), np.sin(np.radians(float(t)))] if t else [0.0, 0.0] for t in texts]

    async def aclose(self) -> None: ...


def plan(op: Any, number: int = 1, kept: Sequence[str] = (), planned: dict[int, int] | None = None, room: int = 99) -> list[Any]:
    ctx = Context(tables={"real": Columns("real", {"t": REAL})}, embedders={"default": Angles()}).at("cover", "", None)  # type: ignore[arg-type]

    def scan(columns: Any) -> Iterator[Batch]:
        for text in kept:
            yield Batch([(0, 0)], ["k"], {"text": [text]})

    state = State(number, {"anchor_number": Counter(planned or {})}, {"anchor_number": Counter()}, {}, scan)
    asyncio.run(op.ready(ctx, state))
    return list(op.plan(ctx, 0, room, state))


def anchors(rows: list[Any]) -> list[Any]:
    return [r.values["anchor_number"] for r in rows]


def test_the_widest_gap_first_and_what_an_anchor_covers_is_covered() -> None:
    op = mm.generate.Cover("real.t", "text", per_round=4, radius=0.01)
    rows = plan(op, 2, ["1"])
    assert anchors(rows) == [5, 6, 3], "180, then the text without a word, then 90, which covers 92"
    assert rows[0].values == {"anchor": "180", "anchor_number": 5, "gap": pytest.approx(1 - np.cos(np.radians(179)), abs=1e-5)}


def test_gaps_count_every_kept_row_and_end_by_radius() -> None:
    op = mm.generate.Cover("real.t", "text", radius=0.02)
    assert anchors(plan(op, 2, ["1", "91", "178"], {6: 3})) == []
    assert anchors(plan(op, 2, ["1", "91"], {6: 3})) == [5]
    assert [(r.values["anchor_number"], r.values["gap"]) for r in plan(op, 2, [], {6: 3})] == [(2, 2.0), (5, 2.0), (4, 2.0)], (
        "the most typical first"
    )


def test_patience_room_and_ids() -> None:
    op = mm.generate.Cover("real.t", "text", per_round=2, patience=2)
    first, again = plan(op, 2, ["1"]), plan(op, 3, ["1"], {5: 1})
    assert anchors(first)[0] == anchors(again)[0] == 5 and first[0].id != again[0].id
    assert 5 not in anchors(plan(op, 3, ["1"], {5: 2})) and len(plan(op, room=1)) == 1


def test_refused() -> None:
    for more in ({"per_round": 0}, {"radius": 3.0}, {"patience": 0}, {"source": "real"}):
        with pytest.raises(ValueError):
            mm.generate.Cover(**{"source": "real.t", "column": "text", **more})  # type: ignore[arg-type]
    scene = Scene((), {"real": Columns("real", {"t": REAL})}, where="cover")
    with pytest.raises(RecipeError, match="writes itself"):
        mm.generate.Cover("real.t", "anchor").check(scene)
    with pytest.raises(RecipeError, match="has the columns t"):
        mm.generate.Cover("real.x", "text").check(scene)
