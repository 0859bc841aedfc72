"""faithful: checks a text sentence by sentence against its passage: supported, contradicted or not found there.

    faithful: {text: answer, passage: passage, least: 1.0, model: judge}
    faithful: {text: summary, passage: [passage, retrieved]}              several passages: texts, or what `retrieve` wrote

The sentences are cut here, not by the model, so none can be left out; at most `sentences` of them stand in one ask. A sentence that states nothing
counts as supported; a text without sentences has no share and stays.
Writes: claims (a list of {sentence, verdict, reason}), supported (share of sentences that are supported, 0..1, higher is better), contradicted
(how many are). Drops: unsupported (supported is below `least`; detail: the first sentence that is not).
Source: after FActScore (2305.14251), with sentences in place of atomic facts; verdicts as in FEVER (1803.05355).
Not covered: whether the passage is true; pronouns that need the sentences before (all sentences of the ask are in sight); citations.
One row: answer='The bridge is 80 m long. It is old.', claims=[{'sentence': 'The bridge is 80 m long.', 'verdict': 'supported', 'reason': '...'}, ...]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import shown_texts
from ..text.chunks import sentences
from ..text.structured import Schema

VERDICTS = ("supported", "contradicted", "not_found")


@dataclass(frozen=True)
class Faithful(Asking):
    """text, passage (one or several): columns. least: share of sentences that must be supported, 0..1. sentences: most in one ask."""

    text: str = "answer"
    passage: str | list[str] = "passage"
    least: float = 1.0
    sentences: int = 20
    prompt: str = field(default_factory=partial(built_in, "faithful"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "faithful"
    drops: ClassVar[Mapping[str, str]] = {"unsupported": "fewer sentences than `least` are supported by the passage"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.least <= 1:
            raise ValueError("least must be a share, 0..1")
        if self.sentences < 1 or not self.passage:
            raise ValueError("sentences must be at least 1, and passage must name a column")

    def gives(self) -> tuple[str, ...]:
        return ("passages", "sentences")

    def _passages(self) -> list[str]:
        return [self.passage] if isinstance(self.passage, str) else list(self.passage)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.text, *self._passages(), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("claims", "supported", "contradicted")

    async def each(self, row: Row, ctx: Context) -> Result:
        found = sentences(str(row.values[self.text] or ""))
        passages = [t for c in self._passages() for t in shown_texts(row.values[c])]
        claims: list[dict[str, str]] = []
        for k, start in enumerate(range(0, len(found), self.sentences)):
            part = found[start : start + self.sentences]
            n = len(part)
            shape = ctx.once(f"shape {n}", partial(_shape, n))
            told, _ = await self.say(ctx, self.prompt, {**row.values, "passages": passages, "sentences": part}, shape, sample=k)
            for sentence, one in zip(part, told["claims"], strict=True):
                claims.append({"sentence": sentence, "verdict": one["verdict"], "reason": one["reason"]})
        counts = {v: sum(c["verdict"] == v for c in claims) for v in VERDICTS}
        share = counts["supported"] / len(claims) if claims else None
        if share is not None and share < self.least - 1e-9:
            first = next(c for c in claims if c["verdict"] != "supported")
            return Drop("unsupported", f"{counts['supported']} of {len(claims)}; {first['verdict']}: {first['sentence']}"[:300])
        values = {"claims": claims, "supported": None if share is None else round(share, 6), "contradicted": counts["contradicted"]}
        return row.with_values(values)


def _shape(n: int) -> Schema:
    one: dict[str, Any] = {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "verdict": {"enum": list(VERDICTS)}},
        "required": ["reason", "verdict"],
        "additionalProperties": False,
    }
    return shape_of(claims={"type": "array", "items": one, "minItems": n, "maxItems": n})
