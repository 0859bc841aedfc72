"""grounded_qa: a question strictly from a passage, its answer and the quote that shows it; or one that the passage does not answer; or one that
needs two passages.

    grounded_qa: {passage: passage}                                      question, answer, quote
    grounded_qa: {passage: passage, kind: unanswerable}                  answer and quote are null
    grounded_qa: {passage: passage, second: retrieved, kind: multi_hop}  second: a column of text, or what `retrieve` wrote (its first is used)

The passage stands in the prompt as a JSON string, in a data slot of its own, and the answer is structured: what a document says can close no
delimiter. A quote (or the plausible wrong answer) that is not in its passage, letter for letter after folding, is asked again, then
failed(not_in_passage). Checks that take a model of their own are ops of their own: `roundtrip`, `closed_book`; `quote` gives offsets.
Writes: question, answer, quote, answerable; multi_hop: second_quote; unanswerable: plausible.
One row: ..., doc_id='9b1e...', start=1200, passage='...', question='How long ...?', answer='two weeks', quote='within two weeks', answerable=True
Source: Alberti et al. 2019 (1906.05416); SQuAD 2.0 (1806.03822) for unanswerable, HotpotQA (1809.09600) for multi-hop; survey 2406.15126, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import shown_texts
from ..text.quotes import find_quote

_PROMPTS = {"answerable": "grounded_qa", "unanswerable": "grounded_unanswerable", "multi_hop": "grounded_multi_hop"}
_FIELDS = {
    "answerable": ("question", "answer", "quote"),
    "unanswerable": ("question", "plausible"),
    "multi_hop": ("question", "answer", "quote", "second_quote"),
}
_QUOTES = {
    "answerable": {"quote": "passage"},
    "unanswerable": {"plausible": "passage"},
    "multi_hop": {"quote": "passage", "second_quote": "second"},
}


class NotInPassage(ValueError):
    reason = "not_in_passage"


@dataclass(frozen=True)
class GroundedQa(Asking):
    """passage, title, second: columns. kind: answerable | unanswerable | multi_hop. prompt: the template, by default the one of the kind."""

    passage: str = "passage"
    kind: Literal["answerable", "unanswerable", "multi_hop"] = "answerable"
    second: str | None = None
    title: str | None = None
    prompt: str = ""
    name: ClassVar[str] = "grounded_qa"

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.kind == "multi_hop") != (self.second is not None):
            raise ValueError("second: goes with kind: multi_hop, and only with it")
        if not self.prompt:
            object.__setattr__(self, "prompt", built_in(_PROMPTS[self.kind]))

    def gives(self) -> tuple[str, ...]:
        return ("passage", "second", "title")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        named = (self.passage, *(c for c in (self.second, self.title) if c))
        return tuple(dict.fromkeys((*named, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        more = {"multi_hop": ("second_quote",), "unanswerable": ("plausible",)}.get(self.kind, ())
        return ("question", "answer", "quote", "answerable", *more)

    async def each(self, row: Row, ctx: Context) -> Result:
        shape = ctx.once("shape", lambda: shape_of(**{f: {"type": "string", "minLength": 1} for f in _FIELDS[self.kind]}))
        given = {
            **row.values,
            "passage": str(row.values[self.passage] or ""),
            "second": next(iter(shown_texts(row.values[self.second])), "") if self.second else "",
            "title": row.values[self.title] if self.title else "",
        }

        def check(told: Mapping[str, Any]) -> Mapping[str, Any]:
            for field, where in _QUOTES[self.kind].items():
                if find_quote(given[where], told[field]) is None:
                    raise NotInPassage(
                        f"{field} is not in the {'second ' if where == 'second' else ''}passage; copy it character by character"
                    )
            return told

        told, _ = await self.say(ctx, self.prompt, given, shape, check=check)
        out = {"answer": None, "quote": None, "answerable": self.kind != "unanswerable", **told}
        return row.with_values(out)
