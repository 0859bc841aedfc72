"""citations: checks whether the documents that an answer cites, as [1] or [2, 3], bear its sentences out (ALCE's recall and precision).

    citations: {text: answer, documents: retrieved, model: judge}
    citations: {text: answer, documents: [passage, second], by: ngrams}          no model, and weak: see below

documents: columns of texts, or what `retrieve` wrote, numbered from 1 in this order. Recall of a sentence: what it cites, together, entails it; no
citation or one of a document that is not there is none. A citation counts for precision unless it alone does not entail the sentence and the others
still do. An ask is one sentence with one set of documents: 1 for a sentence with one citation, up to 7 for one with three.
by: ngrams takes a sentence for entailed if at least `overlap` of its words stand in the documents: it sees no negation and no wrong number among right
words, and finds long documents to entail much; good for finding citations that are plainly about something else.
Writes: citations (a list of {sentence, cites, recall, counted, precise}), citation_recall (share of sentences), citation_precision (share of the
citations; None where none counts). Drops: not_borne_out (citation_recall below `least`), needless_citations (citation_precision below `precise`).
Source: Gao et al. 2023 (2305.14627), section 4.3. Not covered: whether the documents are true; sentences that need no citation.
One row: answer='It is red [1].', citations=[{'sentence': 'It is red.', 'cites': [1], 'recall': True, 'counted': 1, 'precise': 1}]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import texts_of
from ..text.citations import Judged, asked, containment, read


@dataclass(frozen=True)
class Citations(Asking):
    """text, documents (one or several): columns. by: model | ngrams. most: citations of a sentence that are looked at. least, precise: shares below
    which a row is dropped. overlap: share of words, for ngrams."""

    text: str = "answer"
    documents: str | list[str] = "retrieved"
    by: Literal["model", "ngrams"] = "model"
    most: int = 3
    least: float = 0.0
    precise: float = 0.0
    overlap: float = 0.8
    prompt: str = field(default_factory=partial(built_in, "entails"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "citations"
    words_out: ClassVar[int] = 10
    drops: ClassVar[Mapping[str, str]] = {
        "not_borne_out": "fewer sentences than `least` are entailed by what they cite",
        "needless_citations": "a smaller share of the citations than `precise` adds to what the sentence rests on",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 <= self.least <= 1 and 0 <= self.precise <= 1 and 0 < self.overlap <= 1):
            raise ValueError("least, precise and overlap must be shares, 0..1, overlap above 0")
        if self.most < 1 or not self.documents:
            raise ValueError("most must be at least 1, and documents must name a column")

    def _columns(self) -> list[str]:
        return [self.documents] if isinstance(self.documents, str) else list(self.documents)

    def prompts(self) -> tuple[str, ...]:
        return (self.prompt,) if self.by == "model" else ()

    def gives(self) -> tuple[str, ...]:
        return ("passages", "claim")

    def calls(self) -> float:
        """Of an answer of three sentences with one or two citations each."""
        return 6.0 if self.by == "model" else 0.0

    def roles(self) -> tuple[str, ...]:
        return (self.model,) if self.by == "model" else ()

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.text, *self._columns(), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("citations", "citation_recall", "citation_precision")

    async def each(self, row: Row, ctx: Context) -> Result:
        documents = [t for c in self._columns() for t in texts_of(row.values[c])]
        told: list[dict[str, Any]] = []
        for sentence, numbers in read(str(row.values[self.text] or "")):
            one = await self._judged(sentence, numbers, documents, row, ctx)
            told.append(
                {"sentence": sentence, "cites": list(numbers), "recall": one.recall, "counted": one.citations, "precise": one.precise}
            )
        counted = sum(t["counted"] for t in told)
        recall = sum(t["recall"] for t in told) / len(told) if told else None
        precision = sum(t["precise"] for t in told) / counted if counted else None
        if recall is not None and recall < self.least - 1e-9:
            first = next(t for t in told if not t["recall"])
            return Drop("not_borne_out", f"{recall:.2f}; {first['cites'] or 'no citation'}: {first['sentence']}"[:300])
        if precision is not None and precision < self.precise - 1e-9:
            return Drop("needless_citations", f"{precision:.2f} of {counted} citations")
        shares = {"citation_recall": recall, "citation_precision": precision}
        return row.with_values({"citations": told, **{k: None if v is None else round(v, 6) for k, v in shares.items()}})

    async def _judged(self, sentence: str, numbers: tuple[int, ...], documents: list[str], row: Row, ctx: Context) -> Judged:
        steps = asked(numbers, len(documents), self.most)
        try:
            wanted = next(steps)
            while True:
                wanted = steps.send(await self._entails([documents[n - 1] for n in wanted], sentence, row, ctx))
        except StopIteration as done:
            found: Judged = done.value
            return found

    async def _entails(self, passages: list[str], sentence: str, row: Row, ctx: Context) -> bool:
        if self.by == "ngrams":
            share = containment(sentence, "\n".join(passages))
            return share is not None and share >= self.overlap
        shape = ctx.once("shape", lambda: shape_of(entailed="boolean"))
        told, _ = await self.say(ctx, self.prompt, {**row.values, "passages": passages, "claim": sentence}, shape)
        return bool(told["entailed"])
