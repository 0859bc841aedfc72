"""pii: finds personal data in texts and redacts it, flags it, or drops the row.

    pii: {column: reply}                                            redacts: <EMAIL_1>, <PERSON_2>; equal values of a row share a number
    pii: {columns: [question, answer], action: flag}                writes question_pii and answer_pii, lists of the types found
    pii: {column: messages, types: [EMAIL, PHONE, CARD], action: drop, regions: [DE, AT]}

Reads the columns; text inside lists and mappings (chat messages) is searched too. Writes: COLUMN_pii (types found, in order of the alphabet), and the
columns where redacted. Drops: pii; the detail counts types and never holds what was found. What is found, and what is not: text/pii.py.
Measured on Presidio-research's 1,500 synthetic texts, which the rules were written with in view (bench/pii.py): cards, e-mails, IBANs, IPs and SSNs
all found, phones 99 %, person names 32 % (after titles, introductions and labels), street addresses 44 %. On values that Faker made in ten locales:
phones 100 % after 'Phone:', 78 % without a word; names 100 % after a title, a greeting or 'my name is', 0 % without; streets 62 %, national numbers
of nine countries 100 %. So a redacted row may still hold names and addresses.
Not covered: what reaches a model before this step, and the journal, which keeps answers as they came: redact first, or keep the run folder private.
One row: reply='Write to <EMAIL_1>.', reply_pii=['EMAIL']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.pii import DEFAULT_TYPES, REGIONS, TYPES, Redactor, find

MOST_DEPTH = 40


@dataclass(frozen=True)
class Pii(Op):
    """types: which to look for; all but URL by default. regions: countries whose phone numbers are known without a country code. action:
    redact | flag | drop."""

    column: str | None = None
    columns: tuple[str, ...] | None = None
    action: Literal["redact", "flag", "drop"] = "redact"
    types: tuple[str, ...] | None = None
    regions: tuple[str, ...] = REGIONS
    name: ClassVar[str] = "pii"
    scope: ClassVar[Scope] = Scope.EACH
    shows_changes: ClassVar[bool] = False  # what it takes out must not stand in the report
    cites: ClassVar[tuple[str, ...]] = (
        "phonenumbers, the Python port of Google's libphonenumber",
        "Microsoft Presidio (github.com/microsoft/presidio), whose entity types this follows",
    )
    drops: ClassVar[Mapping[str, str]] = {"pii": "the text holds personal data; the detail says of which types"}

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("give either column or columns")
        if unknown := set(self.types or ()) - set(TYPES):
            raise ValueError(f"there is no type {', '.join(sorted(unknown))}; known are {', '.join(TYPES)}")
        if wrong := [r for r in self.regions if not (len(r) == 2 and r.isascii() and r.isupper())]:
            raise ValueError(f"regions holds {wrong[0]!r}, expected codes of two capital letters such as DE")

    def _columns(self) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple(self.columns or ())

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return self._columns()

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (*(f"{c}_pii" for c in self._columns()), *(self._columns() if self.action == "redact" else ()))

    def each(self, row: Row, ctx: Context) -> Result:
        types, columns = self.types or DEFAULT_TYPES, self._columns()
        if self.action == "redact":
            redactor = Redactor(types, self.regions)
            for column in columns:
                _texts(row.values[column], redactor.reserve)
            changed: dict[str, Any] = {}
            for column in columns:
                redactor.types.clear()
                changed[column] = _texts(row.values[column], redactor.redact)
                changed[f"{column}_pii"] = sorted(redactor.types)
            return row.with_values(changed)
        found: dict[str, list[str]] = {}
        for column in columns:
            texts: list[str] = []
            _texts(row.values[column], texts.append)
            found[column] = [f.type for text in texts for f in find(text, types, self.regions)]
        every = [t for some in found.values() for t in some]
        if every and self.action == "drop":
            return Drop("pii", ", ".join(f"{t} {every.count(t)}" for t in sorted(set(every))))
        return row.with_values({f"{c}_pii": sorted(set(some)) for c, some in found.items()})


def _texts(value: Any, do: Callable[[str], Any], depth: int = 0) -> Any:
    """The value with `do` done to every text in it; a number is searched as text and stays a number where nothing is found."""
    if isinstance(value, str):
        return do(value)
    if isinstance(value, (list, tuple)) and depth < MOST_DEPTH:
        return [_texts(v, do, depth + 1) for v in value]
    if isinstance(value, Mapping) and depth < MOST_DEPTH:
        return {k: _texts(v, do, depth + 1) for k, v in value.items()}
    if value is None or isinstance(value, (bool, float)):
        return value
    told = do(str(value))
    return value if told == str(value) else told
