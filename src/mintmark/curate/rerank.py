"""rerank: how relevant a document is to a query, by any model role: the filter of InPars v2, with a chat model in monoT5's place.

    rerank: {query: query, document: passage, model: judge}      ... then: select: {n: 10000, by: relevance}

The model says yes or no. Where it gives log-probabilities, relevance = p(yes) / (p(yes) + p(no)) over the first token that is either; otherwise
the share of yes in `samples` asks. Writes: relevance (0..1, higher is better). Drops: irrelevant (below `least`, where given).
Source: monoT5 (2003.06713), section 3; as a filter in InPars-v2 (2301.01820).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.ports import Reply
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..text.extract import extract

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
            weighed = yes_share(reply)
            if weighed is not None:
                votes = [weighed]
                break
            votes.append(float(told == "yes"))
        relevance = sum(votes) / len(votes)
        if self.least is not None and relevance < self.least:
            return Drop("irrelevant", f"relevance {relevance:.3f}")
        return row.with_values({"relevance": round(relevance, 6)})


def yes_share(reply: Reply) -> float | None:
    """p(yes) / (p(yes) + p(no)) at the first token that says either; None without log-probabilities."""
    for token in reply.logprobs or ():
        if _word(token) not in ("yes", "no"):
            continue
        seen = {str(t["token"]): t for t in (*token.get("top", ()), token)}  # of different spellings each counts: yes, Yes, YES
        share = {w: sum(math.exp(t["logprob"]) for t in seen.values() if _word(t) == w) for w in ("yes", "no")}
        if any(share.values()):
            return share["yes"] / sum(share.values())
    return None


def _word(token: Mapping[str, Any]) -> str:
    return str(token["token"]).strip(" \t\n▁Ġ.,;:!*\"'").lower()
