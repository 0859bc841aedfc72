"""One example of every op for `check_op`, and where each port implementation is started for real. A new op adds a line here."""

from __future__ import annotations

from typing import Any

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.rows import Columns
from mintmark.fetchers.scripted import ScriptedFetcher
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.models.scripted import ScriptedModel

TEXTS = [
    "the cat sat on the mat by the door",
    "The cat  sat on the mat by the DOOR",
    "the cat sat on the mat by the window",
    "a completely different sentence about fees and cards",
    "short",
    "",
    "answer: 1,234.5",
    "positive indeed",
]
ROWS = [{"text": t, "label": "ab"[i % 2], "score": float(i)} for i, t in enumerate(TEXTS)]
REAL = Columns(
    "real",
    {
        "text": [f"real text number {i} about {'fees' if i % 2 else 'rooms'} and more of it" for i in range(60)],
        "label": ["ab"[i % 2] for i in range(60)],
        "size": [float(i % 17) + i / 100 for i in range(60)],
    },
)


def context() -> Context:
    writer = ScriptedModel(lambda request: f"made from {request.messages[-1]['content']}", "example")
    pages = {"https://example.org/a": ("text/html", b"<title>A</title><p>hello")}
    return Context(
        fetcher=ScriptedFetcher(pages),
        seed=7, models={"writer": writer}, tables={"real": REAL}, learners={"linear": LinearLearner(), "boosting": BoostingLearner()}
    )


OPS: list[Any] = [
    mm.generate.Read("real"),
    mm.generate.Documents("real"),
    mm.generate.Documents("real", clean=True),
    mm.generate.Grid({"a": [1, 2, 3], "b": ["x", "y"]}),
    mm.generate.Grid({"a": {"values": [1, 2], "weights": [3, 1]}}, 10),
    mm.generate.Synthesize("real", target="label"),
    mm.generate.Balance(column="a", to=3, values=["x", "y"]),
    mm.generate.Examples("real", match="label", k=2),
    mm.generate.Examples("real", k=2, pick="similar", by="text"),
    mm.generate.Examples("real", k=3, pick="diverse"),
    mm.generate.Fetch(column="text", allow=("example.org",)),
    mm.generate.Write(prompt="Say {{ text }} {{ label }}", column="out"),
    mm.curate.Length(column="text", words=(2, 8)),
    mm.curate.Pattern(column="text", drop="fees", keep=["cat", "answer"]),
    mm.curate.Parse(column="text", kind="number", into="n"),
    mm.curate.Parse(column="text", kind="label", labels=["positive", "negative"], into="l"),
    mm.curate.Dedup(column="text"),
    mm.curate.Dedup(columns=("text", "label"), near=None),
    mm.curate.Select(n=2, by="score", per="label"),
    mm.curate.Select(share=0.5),
    mm.curate.Shuffle(),
    mm.curate.Split({"train": 0.75, "test": 0.25}, stratify="label"),
]
