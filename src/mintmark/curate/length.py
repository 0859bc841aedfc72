"""length: drops texts that are too short or too long, in words (split at white space) or characters.

    length: {column: text, words: [words_min, words_max]}      bounds per row: columns with numbers, such as `attributes` writes; None: no bound

Reads `column`. Drops: too_short, too_long (the detail says how long). A missing text counts as empty.
One drop: too_short, '2 words, at least 3'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row


@dataclass(frozen=True)
class Length(Op):
    """words, characters: [least, most], both included; each a number or the name of a column with one."""

    column: str
    words: tuple[int | str, int | str] | None = None
    characters: tuple[int | str, int | str] | None = None
    name: ClassVar[str] = "length"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {"too_short": "fewer words or characters than asked", "too_long": "more than asked"}

    def __post_init__(self) -> None:
        if self.words is None and self.characters is None:
            raise ValueError("give words: [least, most] or characters: [least, most]")
        for what, span in (("words", self.words), ("characters", self.characters)):
            numbers = [0, *(x for x in span or () if not isinstance(x, str))]
            if span is not None and (len(span) != 2 or numbers != sorted(numbers)):
                raise ValueError(f"{what} must be [least, most] with 0 <= least <= most")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column, *(x for span in (self.words, self.characters) for x in span or () if isinstance(x, str)))))

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        text = "" if value is None else str(value)
        for span, size, unit in ((self.words, None, "words"), (self.characters, len(text), "characters")):
            if span is None:
                continue
            n = len(text.split()) if size is None else size
            least, most = (row.values[x] if isinstance(x, str) else x for x in span)
            if least is not None and n < least:
                return Drop("too_short", f"{n} {unit}, at least {least}")
            if most is not None and n > most:
                return Drop("too_long", f"{n} {unit}, at most {most}")
        return row
