"""rerank: how relevant a document is to a query, by any model role: the filter of InPars v2, with a chat model in monoT5's place.

    rerank: {query: query, document: passage, model: judge}      ... then: select: {n: 10000, by: relevance}

The model says yes or no. Where it gives log-probabilities, relevance = p(yes) / (p(yes) + p(no)) over the first token that is either; otherwise
the share of yes in `samples` asks. Writes: relevance (0..1, higher is better). Drops: irrelevant (below `least`, where given).
Source: monoT5 (2003.06713), section 3; as a filter in InPars-v2 (2301.01820).
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
from ..text.extract import extract
from ..text.logprobs import answer_shares

TOP = 5
STOP = (".", ",", ";")  # a model that goes on to explain itself is not cut for length


@dataclass(frozen=True)
class Rerank(Asking):
    """query, document: columns. least: below it the row is dropped. samples: asks where there are no log-probabilities."""

    query: str = "query"
    document: str = "passage"
    least: float | None = None
    samples: int = 1
    prompt: str = field(default_factory=partial(built_in, "relevance"))
    model: str = field(default="judge", kw_only=True)
    temperature: float | None = field(default=0.0, kw_only=True)
    max_tokens: int | None = field(default=8, kw_only=True)
    name: ClassVar[str] = "rerank"
    words_out: ClassVar[int] = 2
    cites: ClassVar[tuple[str, ...]] = ("Jeronymo et al. 2023, InPars-v2 (2301.01820)",)
    drops: ClassVar[Mapping[str, str]] = {"irrelevant": "relevance is below `least`"}

    def gives(self) -> tuple[str, ...]:
        return ("query", "document")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.query, self.document, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("relevance",)

    async def each(self, row: Row, ctx: Context) -> Result:
        given = {**row.values, "query": row.values[self.query], "document": str(row.values[self.document] or "")}
        votes: list[float] = []
        for k in range(self.samples):
            told, reply = await self.say(
                ctx, self.prompt, given, sample=k, check=lambda t: extract("label", t, labels=("yes", "no")), logprobs=TOP, stop=STOP
            )
            shares = answer_shares(reply.logprobs, ("yes", "no"), str.lower)
            if shares:
                votes = [shares.get("yes", 0.0)]
                break
            votes.append(float(told == "yes"))
        relevance = sum(votes) / len(votes)
        if self.least is not None and relevance < self.least:
            return Drop("irrelevant", f"relevance {relevance:.3f}")
        return row.with_values({"relevance": round(relevance, 6)})
