"""quote: keeps rows whose quote really stands in their passage, and says where; with answer:, only if the quote holds the answer.

    quote: {quote: quote, passage: passage, answer: answer}

Reads the columns named by `quote` and `passage` (and `answer`, `near` where given). Writes `quote_start`, `quote_end` (character offsets:
passage[quote_start:quote_end]) and `quote_match` (exact | folded: equal but for case, white space, quotation marks and dashes); where the row
has a column `start`, as from `chunk`, also `quote_doc_start`, the offset in the document. Drops: not_in_passage, answer_not_in_quote.
It checks words, not truth: a quote that stands there may still not support the answer.
Source: attributed answers by verbatim quote, Menick et al. 2022 (GopherCite); token F1, Rajpurkar et al. 2016 (SQuAD).
One row: quote='a 3.6-fold increased risk', quote_start=512, quote_end=537, quote_match='exact', quote_doc_start=1722
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.answers import answer_tokens, f1
from ..text.quotes import find_quote


@dataclass(frozen=True)
class Quote(Op):
    """quote, passage, answer, near: columns. near: an offset into the passage; of several occurrences the nearest to it is taken, else the first.

    answer_f1: 0 asks for every word of the answer in the quote; above 0, a token F1 of answer and quote of at least this is enough, too.
    """

    quote: str = "quote"
    passage: str = "passage"
    answer: str | None = None
    near: str | None = None
    answer_f1: float = 0.0
    name: ClassVar[str] = "quote"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {
        "not_in_passage": "the passage does not say this, not even folded",
        "answer_not_in_quote": "the quote lacks words of the answer",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Menick et al. 2022, Teaching language models to support answers with verified quotes",
        "Rajpurkar et al. 2016, SQuAD: 100,000+ questions for machine comprehension of text",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.answer_f1 <= 1:
            raise ValueError("answer_f1 must be from 0 to 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        start = ("start",) if "start" in scene.columns else ()
        return tuple(dict.fromkeys(c for c in (self.quote, self.passage, self.answer, self.near, *start) if c is not None))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("quote_start", "quote_end", "quote_match", *(("quote_doc_start",) if "start" in scene.columns else ()))

    def each(self, row: Row, ctx: Context) -> Result:
        passage, quote = _text(row, self.passage), _text(row, self.quote)
        near = row.values[self.near] if self.near is not None else None
        found = find_quote(passage, quote, near if isinstance(near, int) else None)
        if found is None:
            return Drop("not_in_passage", quote[:80])
        if self.answer is not None:
            answer, said = _text(row, self.answer), passage[found.start : found.end]
            lacking = Counter(answer_tokens(answer)) - Counter(answer_tokens(said))
            if (lacking or not answer.strip()) and not 0 < self.answer_f1 <= f1(answer, said):
                return Drop("answer_not_in_quote", ", ".join(lacking)[:80])
        written: dict[str, Any] = {"quote_start": found.start, "quote_end": found.end, "quote_match": found.match}
        if "start" in row.values:
            start = row.values["start"]
            written["quote_doc_start"] = start + found.start if isinstance(start, int) else None
        return row.with_values(written)


def _text(row: Row, column: str) -> str:
    value = row.values[column]
    return "" if value is None else str(value)
