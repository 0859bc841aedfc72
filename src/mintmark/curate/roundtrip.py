"""roundtrip: a reader answers the question from its passage; the row stays only if it comes to the stated answer.

    roundtrip: {question: question, passage: passage, answer: answer, f1: 0.5, model: judge}

Answers are compared by SQuAD's token F1, or as numbers. A row whose answer is null (an unanswerable question) stays only if the reader finds none.
`passages: [passage, retrieved]` shows several (texts, or what `retrieve` wrote).
Writes: roundtrip_answer, roundtrip_f1 (0..1, higher is better). Drops: not_recovered, answerable.
Source: roundtrip consistency, Alberti et al. 2019 (1906.05416), section 2.
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
class Roundtrip(Asking):
    """question, passage, answer: columns. passages: several in place of passage. f1: the least F1 that counts as the same answer."""

    question: str = "question"
    passage: str = "passage"
    answer: str = "answer"
    passages: list[str] | None = None
    least: float = field(default=0.5, metadata={"key": "f1"})
    prompt: str = field(default_factory=partial(built_in, "reader"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "roundtrip"
    drops: ClassVar[Mapping[str, str]] = {
        "not_recovered": "the reader comes to another answer, or to none",
        "answerable": "the question was to be unanswerable, and the reader answers it",
    }

    def gives(self) -> tuple[str, ...]:
        return ("question", "passages")

    def _shown(self) -> list[str]:
        return self.passages if self.passages is not None else [self.passage]

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.question, self.answer, *self._shown(), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("roundtrip_answer", "roundtrip_f1")

    async def each(self, row: Row, ctx: Context) -> Result:
        shape = ctx.once("shape", lambda: shape_of(answer={"type": ["string", "null"]}))
        shown = [t for c in self._shown() for t in shown_texts(row.values[c])]
        told, _ = await self.say(ctx, self.prompt, {**row.values, "question": row.values[self.question], "passages": shown}, shape)
        found, stated = told["answer"], row.values[self.answer]
        if stated is None:
            return row.with_values({"roundtrip_answer": found, "roundtrip_f1": None}) if not found else Drop("answerable", str(found)[:200])
        score = answer_score(found, stated)
        if score < self.least:
            return Drop("not_recovered", f"stated: {stated}; the reader: {found}; F1 {score:.2f}"[:300])
        return row.with_values({"roundtrip_answer": found, "roundtrip_f1": round(score, 6)})
