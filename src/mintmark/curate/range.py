"""range: drops rows whose number lies outside a range, or whose value is none of a list.

    range: {column: score, least: 0.5}
    range: {column: age, least: 0, most: 120, whole: true}
    range: {column: label, one_of: [spam, ham]}

Reads `column`. Both bounds are included. Drops: below, above, not_one_of, not_whole, not_a_number (text, true, a list, NaN: `parse` reads numbers out of
text), missing (null; kept where `missing: keep`). one_of tells 1 from "1" and from true. Source: none; a convenience.
One drop: above, '130, at most 120'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.names import brief


@dataclass(frozen=True)
class Range(Op):
    """least, most: bounds, either or both. whole: whole numbers only (3.0 is one). one_of: the values that stay, instead of bounds.
    missing: what becomes of a null."""

    column: str
    least: float | None = None
    most: float | None = None
    whole: bool = False
    one_of: list[Any] | None = None
    missing: Literal["drop", "keep"] = "drop"
    name: ClassVar[str] = "range"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {
        "below": "less than `least`",
        "above": "more than `most`",
        "not_one_of": "none of the values of `one_of`",
        "not_whole": "has a fraction",
        "not_a_number": "no number",
        "missing": "no value",
    }

    def __post_init__(self) -> None:
        numeric = self.least is not None or self.most is not None or self.whole
        if numeric == (self.one_of is not None):
            raise ValueError("give least, most or whole, or else one_of")
        if self.least is not None and self.most is not None and not self.least <= self.most:
            raise ValueError(f"least is {self.least:g} and most {self.most:g}, expected least <= most")
        if self.one_of is not None and not self.one_of:
            raise ValueError("one_of names no value")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        if value is None:
            return row if self.missing == "keep" else Drop("missing")
        if self.one_of is not None:
            fits = any(value == x and isinstance(value, bool) == isinstance(x, bool) for x in self.one_of)
            return row if fits else Drop("not_one_of", brief(value))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            return Drop("not_a_number", brief(value))
        if self.whole and not (isinstance(value, int) or value.is_integer()):
            return Drop("not_whole", brief(value))
        if self.least is not None and value < self.least:
            return Drop("below", f"{brief(value)}, at least {self.least:g}")
        if self.most is not None and value > self.most:
            return Drop("above", f"{brief(value)}, at most {self.most:g}")
        return row
