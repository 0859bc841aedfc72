"""candidates: several answers to each prompt, from several models and temperatures: what preference data are chosen from.

    candidates: {prompt: "{{ instruction }}", models: [writer, small], temperatures: [0.2, 1.0], n: 1}

Every model answers at every temperature, n times. Equal answers are kept once. An answer that cannot be used is left out, not the row; an endpoint
that fails is the row's failure, as everywhere. Writes: candidates, a list of {text, model (the role), temperature}. Drops: too_few (fewer than two
different answers; their reasons in the detail).
One row: ..., instruction='...', candidates=[{'text': '...', 'model': 'writer', 'temperature': 0.2}, ...]
Source: UltraFeedback (2310.01377), section 2: several models per prompt, for variety.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError
from ..core.op import Scene
from ..core.params import within
from ..core.rows import Drop, Result, Row
from ..prompting import Asking
from ..prompting.asking import HEAT


@dataclass(frozen=True)
class Candidates(Asking):
    """prompt: a template. models: roles, default the one of `model`. temperatures: default the model's own. n: answers of each."""

    prompt: str
    models: list[str] | None = None
    temperatures: list[float] | None = None
    n: int = 1
    into: str = "candidates"
    name: ClassVar[str] = "candidates"
    cites: ClassVar[tuple[str, ...]] = ("Cui et al. 2023, UltraFeedback: boosting language models with scaled AI feedback (2310.01377)",)
    drops: ClassVar[Mapping[str, str]] = {"too_few": "fewer than two different answers"}

    def __post_init__(self) -> None:
        super().__post_init__()
        for temperature in self.temperatures or ():
            within("temperatures", temperature, *HEAT)
        if self.n * len(self.models or [1]) * len(self.temperatures or [1]) < 2:
            raise ValueError("at least two answers a prompt are needed: raise n, or name several models or temperatures")

    def calls(self) -> float:
        return float(self.n * len(self.roles()) * len(self.temperatures or [1]))

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.models or (self.model,)))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    async def each(self, row: Row, ctx: Context) -> Result:
        found: dict[str, dict[str, Any]] = {}
        faults: list[str] = []
        asks = product(self.roles(), self.temperatures or (self.temperature,), range(self.n))
        for number, (role, temperature, _) in enumerate(asks):  # numbered through: two roles may be one model, and a replay knows neither
            try:
                text, _reply = await self.say(ctx, self.prompt, row.values, role=role, sample=number, temperature=temperature)
            except ContentError as error:
                faults.append(error.reason)
                continue
            found.setdefault(text, {"text": text, "model": role, "temperature": temperature})
        if len(found) < 2:
            return Drop("too_few", f"{len(found)} different; unusable: {', '.join(faults) or 'none'}")
        return row.with_values({self.into: list(found.values())})
