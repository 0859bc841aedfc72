"""injection: flags texts that hold signs of prompt injection, drops them, or takes out what is hidden.

    injection: {column: passage}                                  writes the signs, as a list, into `injection`
    injection: {column: passage, action: drop}                    drops rows with any sign
    injection: {column: passage, action: clean}                   flags, and writes the text without hidden characters and control tokens

The signs and what they miss: text/injection.py. They are an alarm; the defence is that untrusted text only ever stands in a data slot.
Writes: into (list of names), the column where cleaned. Drops: injection (detail: the signs).
Source: Greshake et al. 2023 (2302.12173); Perez and Ribeiro 2022 (2211.09527).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.injection import clean, signals


@dataclass(frozen=True)
class Injection(Op):
    """column: the text. action: flag | drop | clean."""

    column: str = "text"
    action: Literal["flag", "drop", "clean"] = "flag"
    into: str = "injection"
    name: ClassVar[str] = "injection"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Greshake et al. 2023, Indirect prompt injection (2302.12173)",)
    drops: ClassVar[Mapping[str, str]] = {"injection": "the text holds signs of prompt injection"}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into, *((self.column,) if self.action == "clean" else ()))

    def each(self, row: Row, ctx: Context) -> Result:
        text = str(row.values[self.column] or "")
        found = signals(text)
        if found and self.action == "drop":
            return Drop("injection", ", ".join(found))
        return row.with_values({self.into: found, **({self.column: clean(text)} if self.action == "clean" else {})})
