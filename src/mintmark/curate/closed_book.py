"""closed_book: drops questions that a model answers without their passage: they test memory, not reading.

    closed_book: {question: question, answer: answer, samples: 2, f1: 0.5, model: judge}
    closed_book: {question: question, answer: answer, shown: [passage]}        multi-hop: is one of the two passages enough?

Each sample is a further ask; the row is dropped when any of them comes to the answer. Rows without an answer (unanswerable) pass.
Writes: closed_book_f1 (0..1, the best of the samples, lower is better). Drops: known_without_passage, one_hop (with `shown`).
Source: closed-book question answering, Roberts, Raffel and Shazeer 2020 (2002.08910); survey 2406.15126, section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import answer_score, shown_texts


@dataclass(frozen=True)
class ClosedBook(Asking):
    """question, answer: columns. shown: columns that may be seen: texts, or what `retrieve` wrote. samples: asks. f1: the least F1 that counts
    as the answer."""

    question: str = "question"
    answer: str = "answer"
    shown: list[str] | None = None
    samples: int = 1
    least: float = field(default=0.5, metadata={"key": "f1"})
    prompt: str = field(default_factory=partial(built_in, "closed_book"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "closed_book"
    drops: ClassVar[Mapping[str, str]] = {
        "known_without_passage": "a model answers it without the passage",
        "one_hop": "a model answers it from `shown` alone",
    }

    def gives(self) -> tuple[str, ...]:
        return ("question", "passages")

    def calls(self) -> float:
        return float(self.samples)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.question, self.answer, *(self.shown or ()), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("closed_book_f1",)

    async def each(self, row: Row, ctx: Context) -> Result:
        stated = row.values[self.answer]
        if stated is None:
            return row.with_values({"closed_book_f1": None})
        shape = ctx.once("shape", lambda: shape_of(answer={"type": ["string", "null"]}))
        given = {
            **row.values,
            "question": row.values[self.question],
            "passages": [t for c in self.shown or () for t in shown_texts(row.values[c])],
        }
        best = 0.0
        for k in range(self.samples):
            told, _ = await self.say(ctx, self.prompt, given, shape, sample=k)
            found = told["answer"]
            best = max(best, answer_score(found, stated))
            if best >= self.least:
                return Drop("one_hop" if self.shown else "known_without_passage", f"stated: {stated}; found: {found}"[:200])
        return row.with_values({"closed_book_f1": round(best, 6)})
