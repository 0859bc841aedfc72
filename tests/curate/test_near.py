"""near: exact against a plain loop, in plan order, with the twin named; embeddings through the port."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.rows import Batch, Tally
from mintmark.curate import near as module


class Fixed:
    """Vectors that stand in the text itself."""

    name, local, pure = "fixed", True, True

    def fit(self, texts: Sequence[str]) -> Fixed:
        return self

    async def embed(self, texts: Sequence[str]) -> Any:
        return [[float(x) for x in t.split()] if t else [0.0, 0.0, 0.0] for t in texts]

    async def aclose(self) -> None: ...


def drops(texts: list[str], most: float) -> dict[int, str]:
    def scan(columns: Sequence[str]) -> Any:
        yield Batch([(i, 0) for i in range(len(texts))], [f"id{i}" for i in range(len(texts))], {"t": texts})

    ctx = Context(embedders={"default": Fixed()}).at("near", "", Tally())
    found = asyncio.run(mm.curate.Near("t", most).settle(scan, ctx))  # type: ignore[arg-type]
    return {key[0]: verdict.drop.detail for key, verdict in found}  # type: ignore[union-attr]


def plain(vectors: Any, most: float) -> dict[int, int]:
    kept: list[int] = []
    out = {}
    for i, v in enumerate(vectors):
        scores = [float(v @ vectors[j]) for j in kept]
        if scores and max(scores) >= most - 1e-6:
            out[i] = kept[int(np.argmax(np.round(scores, 6)))]
        else:
            kept.append(i)
    return out


def test_equals_a_plain_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 16)
    rng = np.random.default_rng(3)
    raw = rng.normal(size=(150, 3))
    unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    found = drops([" ".join(map(str, v)) for v in raw], 0.95)
    expected = plain(unit.astype(np.float32), 0.95)
    assert set(found) == set(expected) and len(expected) > 30
    assert all(
        f"like id{expected[i]}, cosine 0.9" in detail or f"like id{expected[i]}, cosine 1.0" in detail for i, detail in found.items()
    )


def test_first_stays_and_empty_texts_are_nobodys_twin() -> None:
    assert drops(["1 0 0", "0 1 0", "2 0 0", "", ""], 0.99) == {2: "like id0, cosine 1.000"}
    with pytest.raises(ValueError, match="most"):
        mm.curate.Near("t", 0.0)


def test_in_a_run_with_tfidf(tmp_path: Any) -> None:
    texts = ["the ferry leaves at nine in the morning", "at nine in the morning the ferry leaves", "cars are not taken on board", "x"]
    recipe = mm.Recipe("n", ops=[mm.generate.Read("t"), mm.curate.Near("text", 0.8)], tables={"t": [{"text": t} for t in texts]})
    run = mm.run(recipe, out=tmp_path / "r")
    assert [r["text"] for r in run.rows()] == [texts[0], *texts[2:]] and run.manifest["dropped"] == 1
