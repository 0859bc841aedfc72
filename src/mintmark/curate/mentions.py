"""mentions: drops texts that do not hold the words they were asked to hold, in any of their forms.

    mentions: {column: story, words: [verb, noun, adjective]}        each of these columns names a word (or a list of words)

A word is found when the text holds it or an inflected form by a light rule (plural, -ed, -ing, -er, -est, -ly, doubled consonants, y -> i,
mute e): English; forms such as 'went' for 'go' are not known unless listed under `forms: {go: [went, gone]}`. Phrases must stand as they are.
Drops: missing_word (the detail names it).
Source: TinyStories (2305.07759), whose constraint this checks; constraint satisfaction by lemma.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENDINGS = ("s", "es", "ed", "ing", "er", "est", "ly", "'s")


@dataclass(frozen=True)
class Mentions(Op):
    """column: the text. words: columns that hold the words. forms: irregular forms, word -> list. least: how many must be found; default all."""

    column: str
    words: list[str]
    forms: Mapping[str, Any] | None = None
    least: int | None = None
    name: ClassVar[str] = "mentions"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Eldan and Li 2023, TinyStories (2305.07759)",)
    drops: ClassVar[Mapping[str, str]] = {"missing_word": "a required word is not in the text, in any of its forms"}

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("words must name at least one column")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, *self.words)

    def each(self, row: Row, ctx: Context) -> Result:
        text = _flat(row.values[self.column] or "")
        held = set(_WORD.findall(text))
        wanted = [str(w) for c in self.words for w in _listed(row.values[c])]
        missing = [w for w in wanted if not self._found(_flat(w), text, held)]
        allowed = 0 if self.least is None else max(0, len(wanted) - self.least)
        return Drop("missing_word", ", ".join(missing)[:200]) if len(missing) > allowed else row

    def _found(self, word: str, text: str, held: set[str]) -> bool:
        if not _WORD.fullmatch(word):
            return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
        return bool((inflected(word) | {_flat(f) for f in (self.forms or {}).get(word, ())}) & held)


def _flat(text: Any) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text)).lower().replace("’", "'").split())


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


@lru_cache(8192)
def inflected(word: str) -> frozenset[str]:
    """The word and its regular forms. A word of two letters takes no -ed, -er, -est: bed and beer are no forms of be."""
    out = {word, *(word + e for e in (_ENDINGS if len(word) > 2 else ("s", "es", "ing", "'s")))}
    if word.endswith("e") and len(word) > 2:
        out |= {word[:-1] + e for e in ("ing", "y")}
        out |= {word + e for e in ("d", "r", "st")} if len(word) > 3 or not word.endswith("ee") else set()  # feed is no form of fee
    if word.endswith("y") and len(word) > 2:
        out |= {word[:-1] + e for e in ("ies", "ied", "ier", "iest", "ily")}
    if len(word) > 2 and word[-1] not in "aeiouwxy" and word[-2] in "aeiou":
        out |= {word + word[-1] + e for e in ("ed", "ing", "er", "est")}
    return frozenset(out)
