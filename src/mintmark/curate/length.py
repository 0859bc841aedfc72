"""length: drops texts that are too short or too long, in words (split at white space) or characters.

    length: {column: text, words: [4, 60]}
    length: {column: text, words: [words_min, words_max]}      a bound may name a column, such as those that `attributes` writes

Reads `column` and the columns named as bounds. Drops: too_short, too_long (the detail says how long). A missing text counts as empty.
A column that holds null is no bound. Fails: bound (one that holds no number). One drop: too_short, '2 words, at least 3'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row

Bound = int | str


@dataclass(frozen=True)
class Length(Op):
    """words, characters: [least, most], both included; each a whole number or the name of a column that holds one."""

    column: str
    words: tuple[Bound, Bound] | None = None
    characters: tuple[Bound, Bound] | None = None
    name: ClassVar[str] = "length"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {"too_short": "fewer words or characters than asked", "too_long": "more than asked"}

    def __post_init__(self) -> None:
        if self.words is None and self.characters is None:
            raise ValueError("give words: [least, most] or characters: [least, most]")
        for what, span in (("words", self.words), ("characters", self.characters)):
            fixed = [b for b in span or () if isinstance(b, int)]
            if span is not None and (len(span) != 2 or any(b < 0 for b in fixed) or fixed != sorted(fixed)):
                raise ValueError(f"{what} must be [least, most] with 0 <= least <= most")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        named = (b for span in (self.words, self.characters) for b in span or () if isinstance(b, str))
        return tuple(dict.fromkeys((self.column, *named)))

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        text = "" if value is None else str(value)
        for span, size, unit in ((self.words, None, "words"), (self.characters, len(text), "characters")):
            if span is None:
                continue
            n = len(text.split()) if size is None else size
            least, most = (_bound(row.values, b) for b in span)
            if least is not None and n < least:
                return Drop("too_short", f"{n} {unit}, at least {least}")
            if most is not None and n > most:
                return Drop("too_long", f"{n} {unit}, at most {most}")
        return row


def _bound(values: Mapping[str, Any], given: Bound) -> float | None:
    found = values[given] if isinstance(given, str) else given
    if found is not None and (isinstance(found, bool) or not isinstance(found, (int, float))):
        raise ContentError("bound", f"the column '{given}' holds {found!r}, expected a number")
    return found
