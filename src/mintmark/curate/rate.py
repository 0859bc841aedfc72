"""rate: a judge rates every candidate from 1 to 5 by each aspect of a rubric, all candidates of a row at once (UltraFeedback).

    rate: {request: instruction, candidates: candidates, model: judge}
    rate: {request: question, candidates: answer, aspects: [truthfulness]}                     a single text is rated like a list of one
    rate: {..., rubrics: {brevity: {file: brevity.txt}}}                                       an aspect of your own: a prompt file

The candidates stand in an order drawn for each row and aspect, so that no place is favoured over the data set.
`votes: 3` asks three times, each in an order of its own; a rating is then their mean, and stands with its votes and the first vote's reason.
Writes: ratings (per candidate {aspect: {rating, reason}}, with `votes` where asked more than once), scores (per candidate the mean over aspects, 1..5, higher is better).
Source: UltraFeedback (2310.01377), section 2.2: instruction following, truthfulness, honesty, helpfulness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import texts_of

ASPECTS = ("instruction_following", "truthfulness", "honesty", "helpfulness")


@dataclass(frozen=True)
class Rate(Asking):
    """request, candidates: columns. aspects: of the built-in rubric, default all four. rubrics: aspects of your own, name -> prompt.
    votes: asks an aspect."""

    request: str = "instruction"
    candidates: str = "candidates"
    aspects: list[str] | None = None
    rubrics: Mapping[str, Any] | None = None
    votes: int = 1
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "rate"

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.rubrics or {}
        for aspect in self.aspects or ():
            if aspect not in ASPECTS and aspect not in given:
                raise ValueError(f"there is no aspect '{aspect}', only {', '.join(ASPECTS)}, or one under rubrics:")
        names = self.aspects or ([*given] if given else [*ASPECTS])
        object.__setattr__(
            self, "rubrics", {n: given.get(n) or built_in(f"rate_{n}") for n in (*names, *(x for x in given if x not in names))}
        )

    def prompts(self) -> tuple[str, ...]:
        return tuple((self.rubrics or {}).values())

    def calls(self) -> float:
        return float(len(self.prompts()) * self.votes)

    def gives(self) -> tuple[str, ...]:
        return ("request", "candidates")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.request, self.candidates, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("ratings", "scores")

    async def each(self, row: Row, ctx: Context) -> Result:
        texts = texts_of(row.values[self.candidates])
        ratings: list[dict[str, Any]] = [{} for _ in texts]
        one: dict[str, Any] = {
            "type": "object",
            "properties": {"reason": {"type": "string"}, "rating": {"type": "integer", "minimum": 1, "maximum": 5}},
        }
        one |= {"required": ["reason", "rating"], "additionalProperties": False}
        n = len(texts)
        shape = ctx.once(f"shape {n}", lambda: shape_of(ratings={"type": "array", "items": one, "minItems": n, "maxItems": n}))
        for aspect, prompt in (self.rubrics or {}).items() if texts else ():
            votes: list[list[dict[str, Any]]] = [[] for _ in texts]
            for k in range(self.votes):
                order = ctx.rng(aspect, *([k] if k else [])).sample(range(n), n)
                given = {**row.values, "request": str(row.values[self.request]), "candidates": [texts[i] for i in order]}
                told, _ = await self.say(ctx, prompt, given, shape, sample=k)
                for i, rating in zip(order, told["ratings"], strict=True):
                    votes[i].append(rating)
            for i, of_one in enumerate(votes):
                ratings[i][aspect] = of_one[0]
                if self.votes > 1:
                    said = [v["rating"] for v in of_one]
                    ratings[i][aspect] = {"rating": round(sum(said) / len(said), 6), "reason": of_one[0]["reason"], "votes": said}
        scores = [round(sum(r["rating"] for r in of.values()) / len(of), 6) if of else None for of in ratings]
        return row.with_values({"ratings": ratings, "scores": scores})
