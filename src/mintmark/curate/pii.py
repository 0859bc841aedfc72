"""pii: finds personal data in texts and flags it, drops the row, or redacts as `redact` does.

    pii: {column: reply}                                            redacts: <EMAIL_1>, <PERSON_2>; equal values of a row share a number
    pii: {columns: [question, answer], action: flag}                writes question_pii and answer_pii, lists of the types found
    pii: {column: messages, types: [EMAIL, PHONE, CARD], action: drop, regions: [DE, AT]}

Reads the columns; text inside lists and mappings (chat messages) is searched too. Writes: COLUMN_pii (types found, in order of the alphabet), and the
columns where redacted. Drops: pii; the detail counts types and never holds what was found. What is found, and what is not: text/pii.py.
Measured on Presidio-research's 1,500 synthetic texts, which the rules were written with in view (bench/pii.py): cards, e-mails, IBANs, IPs and SSNs
all found, phones 99 %, person names 57 %, street addresses 44 %. On values that Faker made in ten locales: phones 100 % after 'Phone:', 78 % without a
word; names 100 % after a title, a greeting or 'my name is', 52 % without; streets 62 %, national numbers of nine countries 100 % (docs/pii.md). So a redacted row may still hold names and addresses.
Not covered: what reaches a model before this step, and the journal, which keeps answers as they came: redact first, or keep the run folder private.
One row: reply='Write to <EMAIL_1>.', reply_pii=['EMAIL']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..private.personal import Personal


@dataclass(frozen=True)
class Pii(Personal):
    """action: redact | flag | drop. What the others mean: `mintmark op redact`."""

    action: Literal["redact", "flag", "drop"] = "redact"
    name: ClassVar[str] = "pii"
    drops: ClassVar[Mapping[str, str]] = {"pii": "the text holds personal data; the detail says of which types"}

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (*(f"{c}_pii" for c in self.looked_at()), *(self.looked_at() if self.action == "redact" else ()))

    def each(self, row: Row, ctx: Context) -> Result:
        if self.action == "redact":
            return self.redacted(row)
        found = self.found(row)
        every = [t for some in found.values() for t in some]
        if every and self.action == "drop":
            return Drop("pii", ", ".join(f"{t} {every.count(t)}" for t in sorted(set(every))))
        return row.with_values({f"{c}_pii": sorted(set(some)) for c, some in found.items()})
