"""judge: a model scores any columns by a rubric: several criteria, each with its own scale, with repeated votes.

    judge: {columns: [text], criteria: {clear: "Is it easy to follow?", fits: "Does it fit the intent?"}, least: 0.6}
    judge: {columns: [question, answer], model: judge, votes: 3, criteria: {
        right: {ask: {file: right.txt}, scale: {1: wrong, 3: partly right, 5: right}, least: 4, weight: 2}, brief: {ask: "...", scale: [0, 10]}}}

All criteria stand in one prompt, in an order drawn for each row and vote. A criterion is a text or a prompt file, itself a template over columns
(material in it as {{ column|tojson }}); its scale is [low, high], default [1, 5], or what the steps mean. `votes` are further asks.
Writes: INTO (default `judged`: criterion -> {score: mean over votes, votes, reason: of the first vote}), INTO_score (mean over criteria by `weight`,
each brought to 0..1, higher is better), INTO_agreement (share of pairs of votes with the same score, mean over criteria; null for one vote).
Drops: below (INTO_score under `least`, or a criterion under its own `least`, which is in the units of its scale).
Source: G-Eval (2303.16634) for rubric and reason before score; Zheng et al. 2023 (2306.05685). The whole run's agreement: measure: [judging].
One row: text='I was fined ...', judged={'clear': {'score': 4.33, 'votes': [4, 4, 5], 'reason': '...'}}, judged_score=0.83, judged_agreement=0.33
Not covered: several candidates beside each other (`rate`, `compare`), answers against a passage (`faithful`), calibration against people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any, ClassVar, NamedTuple

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, Prompt, built_in
from ..prompting.asking import shape_of
from ..prompting.prompt import compiled

_KNOWN = ("ask", "scale", "least", "weight")


class Criterion(NamedTuple):
    name: str
    ask: str
    low: int
    high: int
    anchors: str
    least: float | None
    weight: float


@dataclass(frozen=True)
class Judge(Asking):
    """columns: what is judged. criteria: name -> text, or {ask, scale, least, weight}. votes: asks a row. least: 0..1."""

    columns: list[str]
    criteria: Mapping[str, Any]
    votes: int = 1
    least: float | None = None
    into: str = "judged"
    prompt: str = field(default_factory=partial(built_in, "judge"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "judge"
    cites: ClassVar[tuple[str, ...]] = ("Liu et al. 2023, G-Eval: NLG evaluation using GPT-4 with better human alignment (2303.16634)",)
    drops: ClassVar[Mapping[str, str]] = {"below": "the score, or that of one criterion, is below `least`"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.columns or not self.criteria:
            raise ValueError("columns and criteria must not be empty")
        if self.least is not None and not 0 <= self.least <= 1:
            raise ValueError("least is a share of the scale, 0..1; a criterion's own least is in the units of its scale")
        for c in self._criteria():
            if len(compiled(c.ask).templates) != 1 or compiled(c.ask).templates[0][0] != "user":
                raise ValueError(f"criterion '{c.name}' must be a text without [system] and other roles; the prompt is `prompt`")

    def _criteria(self) -> list[Criterion]:
        return [_criterion(str(name), given) for name, given in self.criteria.items()]

    def gives(self) -> tuple[str, ...]:
        return ("material", "criteria")

    def calls(self) -> float:
        return float(self.votes)

    def compiled(self) -> list[Prompt]:
        return [*super().compiled(), *(compiled(c.ask) for c in self._criteria())]

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into, f"{self.into}_score", f"{self.into}_agreement")

    async def each(self, row: Row, ctx: Context) -> Result:
        criteria = ctx.once("criteria", self._criteria)
        material = [{"name": c, "value": row.values[c]} for c in self.columns]
        told: list[Mapping[str, Any]] = []
        for k in range(self.votes):
            order = ctx.rng("order", k).sample(criteria, len(criteria))
            asked = [{**c._asdict(), "ask": compiled(c.ask).messages(row.values)[0]["content"]} for c in order]
            shape = shape_of(**{c.name: _one(c) for c in order})  # 0.1 ms; there are too many orders to keep them all
            told.append((await self.say(ctx, self.prompt, {**row.values, "material": material, "criteria": asked}, shape, sample=k))[0])
        judged: dict[str, Any] = {}
        for c in criteria:
            votes = [t[c.name]["score"] for t in told]
            judged[c.name] = {"score": round(sum(votes) / len(votes), 6), "votes": votes, "reason": told[0][c.name]["reason"]}
        score = sum(c.weight * (judged[c.name]["score"] - c.low) / (c.high - c.low) for c in criteria) / sum(c.weight for c in criteria)
        low = [
            f"{c.name} {judged[c.name]['score']:g} of {c.high}"
            for c in criteria
            if c.least is not None and judged[c.name]["score"] < c.least
        ]
        if self.least is not None and score < self.least - 1e-9:
            low.insert(0, f"score {score:.2f}")
        if low:
            return Drop("below", "; ".join(low)[:200])
        pairs = [a == b for c in criteria for a, b in combinations(judged[c.name]["votes"], 2)]
        agreement = round(sum(pairs) / len(pairs), 6) if pairs else None
        return row.with_values({self.into: judged, f"{self.into}_score": round(score, 6), f"{self.into}_agreement": agreement})


def _one(c: Criterion) -> dict[str, Any]:
    inner = {"reason": {"type": "string"}, "score": {"type": "integer", "minimum": c.low, "maximum": c.high}}
    return {"type": "object", "properties": inner, "required": ["reason", "score"], "additionalProperties": False}


def _criterion(name: str, given: Any) -> Criterion:
    """ValueError, in words, for what is none."""
    at = given if isinstance(given, Mapping) else {"ask": given}
    if set(at) - set(_KNOWN) or not isinstance(at.get("ask"), str) or not at["ask"].strip():
        raise ValueError(f"criterion '{name}' must be a text, or {{ask: text, scale: [1, 5], least, weight}}")
    scale, anchors = at.get("scale", [1, 5]), ""
    try:
        if isinstance(scale, Mapping):
            steps = {int(k): str(v) for k, v in scale.items()}
            low, high = min(steps), max(steps)
            anchors = "; ".join(f"{k} = {steps[k]}" for k in sorted(steps))
        else:
            low, high = (int(x) for x in scale)
    except (TypeError, ValueError) as error:
        raise ValueError(f"criterion '{name}': scale must be [low, high] or {{1: what it means, ...}}, whole numbers") from error
    least, weight = at.get("least"), at.get("weight", 1.0)
    if any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in (least or 0, weight)) or weight <= 0:
        raise ValueError(f"criterion '{name}': least and weight must be numbers, weight above 0")
    if low >= high or (least is not None and not low <= least <= high):
        raise ValueError(f"criterion '{name}': the scale must rise, and least must lie on it")
    return Criterion(name, at["ask"].strip(), low, high, anchors, least, float(weight))
