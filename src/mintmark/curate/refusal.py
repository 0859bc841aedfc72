"""refusal: finds answers that refuse, and assistant boilerplate ("Sure, here is", "I hope this helps"); drops, flags or strips.

    refusal: {column: reply}                                     drops refusals
    refusal: {column: reply, kinds: [refusal, boilerplate]}      drops both
    refusal: {column: reply, action: flag}                       writes reply_refusal, the kinds found
    refusal: {column: reply, action: strip}                      takes boilerplate out of the text's two ends, drops refusals

Reads `column`. Writes: COLUMN_refusal where flagged, the column where stripped. Drops: refusal, boilerplate (detail: the beginning of the text), empty
(nothing but boilerplate). Patterns and languages: text/refusals.py.
Measured on our own list, which the patterns were written with in view: 60 of 60 hits, 0 of 60 near-misses (tests/curate/refusal_texts.py); on
10,003 bank customers' questions, which refuse nothing, no hit.
Source: the clean-up of ShareGPT for Vicuna (Chiang et al. 2023) drops such answers; phrases are our own.
Not covered: polite evasion, refusals in the middle of a long text.
One drop: refusal, "I'm sorry, but I can't help with that."
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.refusals import kinds, stripped

KINDS = ("refusal", "boilerplate")


@dataclass(frozen=True)
class Refusal(Op):
    """kinds: what counts, refusal and boilerplate; by default refusal, and both where flagged. action: drop | flag | strip."""

    column: str
    action: Literal["drop", "flag", "strip"] = "drop"
    kinds: tuple[Literal["refusal", "boilerplate"], ...] | None = None
    name: ClassVar[str] = "refusal"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Chiang et al. 2023, Vicuna: an open-source chatbot, whose clean-up of ShareGPT drops such answers",
    )
    drops: ClassVar[Mapping[str, str]] = {
        "refusal": "the text refuses to answer",
        "boilerplate": "the text opens or closes as an assistant does",
        "empty": "nothing was left without the boilerplate",
    }

    def __post_init__(self) -> None:
        if self.kinds is not None and self.action == "strip":
            raise ValueError("action: strip drops refusals and strips boilerplate; leave kinds out")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return {"drop": (), "flag": (f"{self.column}_refusal",), "strip": (self.column,)}[self.action]

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        text = "" if value is None else str(value)
        wanted = self.kinds or (KINDS if self.action == "flag" else KINDS[:1])
        found = [k for k in kinds(text) if k in wanted]
        if self.action == "flag":
            return row.with_values({f"{self.column}_refusal": found})
        if found:
            return Drop(found[0], text[:100])
        if self.action == "drop":
            return row
        left = stripped(text)
        return row.with_values({self.column: left if text else value}) if left or not text else Drop("empty", text[:100])
