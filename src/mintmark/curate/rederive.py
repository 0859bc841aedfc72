"""rederive: keeps a row only if the answer that follows from its rationale is the answer it states (the rationalisation filter).

    rederive: {question: question, rationale: rationale, answer: answer, model: judge, samples: 3}
    rederive: {rationale: rationale, answer: answer, as: number}                      no model: the last number of the rationale

With a model: it sees the question and the rationale, never the stated answer, and says where the reasoning leads; with `samples` the most
frequent of its answers counts (ties: the first). Answers are equal as numbers, or as text after folding.
Writes: rederived (the answer found), rederived_agreement (share of samples that gave it). Drops: disagrees (detail: both answers), no_answer.
Source: keep-if-correct as in STaR (2203.14465), majority over samples as in self-consistency (2203.11171).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import same_answer
from ..text.extract import extract


@dataclass(frozen=True)
class Rederive(Asking):
    """rationale, answer, question: columns. as: number | label reads the rationale itself, without a model. labels: what the answer can be."""

    rationale: str
    answer: str
    question: str | None = None
    kind: Literal["number", "label"] | None = field(default=None, metadata={"key": "as"})
    labels: list[str] | None = None
    samples: int = 1
    prompt: str = field(default_factory=partial(built_in, "rederive"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "rederive"
    cites: ClassVar[tuple[str, ...]] = ("Wang et al. 2022, Self-consistency improves chain of thought reasoning (2203.11171)",)
    drops: ClassVar[Mapping[str, str]] = {
        "disagrees": "the rationale leads to another answer than the row states",
        "no_answer": "the rationale leads to no answer",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind is None and self.question is None:
            raise ValueError("give question: (a model reads the rationale), or as: number | label (read without a model)")
        if self.kind == "label" and not self.labels:
            raise ValueError("as: label needs labels:")

    def prompts(self) -> tuple[str, ...]:
        return () if self.kind else (self.prompt,)

    def gives(self) -> tuple[str, ...]:
        return ("question", "rationale", "labels")

    def calls(self) -> float:
        return 0.0 if self.kind else float(self.samples)

    def roles(self) -> tuple[str, ...]:
        return () if self.kind else (self.model,)

    def citations(self) -> tuple[str, ...]:
        return tuple(c for c in super().citations() if self.samples > 1 or "2203.11171" not in c)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.rationale, self.answer, *((self.question,) if self.question else ()), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("rederived", "rederived_agreement")

    async def each(self, row: Row, ctx: Context) -> Result:
        stated, rationale = row.values[self.answer], str(row.values[self.rationale] or "")
        if self.kind:
            try:
                found: list[Any] = [extract(self.kind, rationale, labels=self.labels or ())]
            except ValueError as error:
                return Drop("no_answer", str(error)[:200])
        else:
            shape = ctx.once("shape", lambda: shape_of(answer="string"))
            given = {**row.values, "question": row.values[self.question or ""], "rationale": rationale, "labels": self.labels or []}
            found = []
            for k in range(self.samples):
                told, _ = await self.say(ctx, self.prompt, given, shape, sample=k)
                found.append(told["answer"].strip())
        votes = [sum(same_answer(a, b) for b in found) for a in found]
        best = votes.index(max(votes))
        answer, share = found[best], max(votes[best], 1) / len(found)
        if str(answer).strip().lower() in ("none", ""):
            return Drop("no_answer", f"stated: {stated}")
        if not same_answer(answer, stated):
            return Drop("disagrees", f"stated: {stated}; the rationale gives: {answer}"[:200])
        return row.with_values({"rederived": answer, "rederived_agreement": share})
