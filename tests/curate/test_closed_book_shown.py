"""closed_book: what it shows, and when it drops."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.ports import Request
from mintmark.core.rows import Drop, Row
from mintmark.models.scripted import ScriptedModel

ROW = {
    "question": "How high?",
    "answer": "31 metres",
    "passage": "It is low.",
    "retrieved": [{"text": "It is 31 metres high.", "doc_id": 7}],
}


def one(shown: list[str] | None) -> tuple[Any, list[str]]:
    """What the op says, and the lines of its prompt that are texts; the model knows what it is shown."""
    lines: list[str] = []

    def judge(request: Request) -> str:
        found = request.messages[-1]["content"].splitlines()
        lines.extend(json.loads(line) for line in found if line.startswith('"'))
        return json.dumps({"answer": "31 metres" if any("31" in line for line in lines) else None})

    ctx = Context(models={"judge": ScriptedModel(judge)})
    return asyncio.run(mm.curate.ClosedBook(shown=shown).each(Row("r", ROW), ctx)), lines  # type: ignore[arg-type]


def test_texts_and_what_retrieve_wrote_are_shown_as_texts() -> None:
    kept, lines = one(["passage"])
    assert lines == ["It is low."] and kept.values["closed_book_f1"] == 0
    dropped, lines = one(["passage", "retrieved"])
    assert lines == ["It is low.", "It is 31 metres high."]
    assert isinstance(dropped, Drop) and dropped.reason == "one_hop"
    kept, lines = one(None)
    assert lines == [] and kept.values["closed_book_f1"] == 0
