"""template_rate: finds openings or phrases that too many rows share, and drops or flags their surplus.

    template_rate: {column: question, most: 0.1}                                    openings of four words in more than a tenth of the rows
    template_rate: {column: reply, words: 6, where: anywhere, most: 0.05}           any run of six words
    template_rate: {column: reply, most: 0.1, action: flag}                         writes reply_template: {phrase, share}, or null

Reads `column`. Final: sees the whole table, three times. Of the rows with such a phrase, most x rows (at least one) stay, the first in plan order; the
others are dropped(template). The share is of the rows that came: where many are dropped, it can be higher among those that stay, so look at
`flag` first. Texts shorter than `words` share nothing. Memory: 50,000 candidate phrases (text/phrases.py), and the verdicts.
Source: language models fall into a few openings (Shaib et al. 2024, 2407.00211, on templates). Misra, Gries 1982.
Not covered: templates with a gap (`novelty` and `diversity.compression_ratio` see those).
One drop: template, '"can you please tell" opens 23.1 % of the rows, at most 10 %'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict
from ..text.phrases import Phrase, common, phrases


@dataclass(frozen=True)
class TemplateRate(Op):
    """most: share of rows, more than 0 and less than 1. words: length of a phrase. where: opening | anywhere. action: drop | flag."""

    column: str
    most: float = 0.1
    words: int = 4
    where: Literal["opening", "anywhere"] = "opening"
    action: Literal["drop", "flag"] = "drop"
    name: ClassVar[str] = "template_rate"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 300
    cites: ClassVar[tuple[str, ...]] = (
        "Shaib et al. 2024, Detection and Measurement of Syntactic Templates in Generated Text (2407.00211)",
        "Misra and Gries 1982, Finding repeated elements",
    )
    drops: ClassVar[Map[str, str]] = {"template": "shares its opening or a phrase with more than `most` of the rows, and came later"}

    def __post_init__(self) -> None:
        if not 0 < self.most < 1:
            raise ValueError(f"most is {self.most}, expected more than 0 and less than 1")
        if not 1 <= self.words <= 50:
            raise ValueError(f"words is {self.words}, expected 1 to 50")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (f"{self.column}_template",) if self.action == "flag" else ()

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        def texts() -> Iterator[str]:
            for batch in scan((self.column,)):
                yield from ("" if v is None else str(v) for v in batch.columns[self.column])

        anywhere = self.where == "anywhere"
        shared, total = common(texts, self.words, anywhere, self.most)
        room = Counter(dict.fromkeys(shared, max(1, int(self.most * total))))
        for batch in scan((self.column,)):
            for key, value in zip(batch.keys, batch.columns[self.column], strict=True):
                own = (
                    sorted(phrases(str(value), self.words, anywhere) & shared.keys(), key=lambda p: (-shared[p], p))
                    if value is not None
                    else []
                )
                if self.action == "flag":
                    told = {"phrase": " ".join(own[0]), "share": shared[own[0]] / total} if own else None
                    yield key, Verdict(values={f"{self.column}_template": told})
                    continue
                full = next((p for p in own if not room[p]), None)
                if full is None:
                    room.subtract(own)
                else:
                    yield key, Verdict(Drop("template", self._told(full, shared[full] / total)))

    def _told(self, phrase: Phrase, share: float) -> str:
        verb = "opens" if self.where == "opening" else "stands in"
        return f'"{" ".join(phrase)}" {verb} {100 * share:.1f} % of the rows, at most {100 * self.most:g} %'
