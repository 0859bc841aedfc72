"""persona: people for whom, or by whom, data are made: from texts, and on from person to person along relations.

    persona: {from: text, n: 2, hops: 1, related: 3}        text-to-persona twice, then three related people for each of them

The row is split: one row per person, the related ones too. Near-equal people are the next step's business: `dedup: {column: persona, near: 0.9}`.
Writes: persona (one sentence), hop (0 = from the text), via (the person it came from, or '').
One row: id='77ab...', text='...', persona='A retired tram driver who ...', hop=1, via='A city archivist who ...'
Source: Persona Hub (2406.20094), sections 2.1 and 2.2; it goes up to six hops and de-duplicates by MinHash and embeddings at 0.9.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of

_PEOPLE = {"type": "array", "items": {"type": "string", "minLength": 8}, "minItems": 1}
MOST_PEOPLE = 10_000


@dataclass(frozen=True)
class Persona(Asking):
    """from: the text column. n: people per text. hops: 0..6 rounds of person-to-person. related: people per person and hop.
    related_prompt: the template of a hop."""

    source: str = field(metadata={"key": "from"})
    n: int = 1
    hops: int = 0
    related: int = 2
    prompt: str = field(default_factory=partial(built_in, "persona_from_text"))
    related_prompt: str = field(default_factory=partial(built_in, "persona_related"))
    name: ClassVar[str] = "persona"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.related < 1 or not 0 <= self.hops <= 6:
            raise ValueError("related must be at least 1, hops 0 to 6")
        if self.n * sum(self.related**k for k in range(self.hops + 1)) > MOST_PEOPLE:
            raise ValueError(f"one text would give more than {MOST_PEOPLE:,} people; lower hops, related or n")

    def prompts(self) -> tuple[str, ...]:
        return (self.prompt, self.related_prompt) if self.hops else (self.prompt,)

    def gives(self) -> tuple[str, ...]:
        return ("text", "n", "persona")

    def calls(self) -> float:
        return 1.0 + self.n * float(sum(self.related**k for k in range(self.hops)))

    def fan_out(self, scene: Scene) -> float:
        return self.n * float(sum(self.related**k for k in range(self.hops + 1)))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.source, *super().reads(scene))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("persona", "hop", "via")

    async def each(self, row: Row, ctx: Context) -> Result:
        shape = ctx.once("shape", lambda: shape_of(personas=_PEOPLE))
        told, _ = await self.say(ctx, self.prompt, {**row.values, "text": row.values[self.source], "n": self.n}, shape)
        people: list[tuple[str, int, str]] = [(p, 0, "") for p in _some(told, self.n)]
        last = people
        for hop in range(1, self.hops + 1):
            found: list[tuple[str, int, str]] = []
            for person, _, _ in last:
                told, _ = await self.say(ctx, self.related_prompt, {**row.values, "persona": person, "n": self.related}, shape)
                found += [(p, hop, person) for p in _some(told, self.related)]
            people, last = people + found, found
        return [row.child(ctx.label, k, {"persona": p, "hop": hop, "via": via}) for k, (p, hop, via) in enumerate(people)]


def _some(told: Any, n: int) -> list[str]:
    """The first n different descriptions."""
    return list(dict.fromkeys(" ".join(p.split()) for p in told["personas"]))[:n]
