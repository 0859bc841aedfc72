"""inpars: a query for each document, as a search engine's users would write it, with the log-probability that ranks it (InPars v1 and v2).

    inpars: {document: passage, style: inpars}            three fixed examples
    inpars: {document: passage, style: gbq}               guided by bad questions
    inpars: {document: passage, style: arguana, examples: {from: pairs, k: 8}}      ten dynamic styles, with the user's own pairs (document, query)
    ... then: select: {n: 10000, by: query_score}          v1's filter;  or `rerank` and select by relevance: v2's

score: mean (default) | sum | prob of the generated tokens' log-probabilities, end marks left out; none where the model gives none. The document
is cut to `tokens` tokens (about 4 characters each). raw: true sends the prompt as text to go on from, for models without a chat template.
Writes: query, query_score (float or None), query_tokens (int), style. Drops: too_few_tokens, too_many_tokens (3..1000), copied (the query stands
in the document: after folding, on the query itself). Fails: no_logprobs.
One row: ..., passage='...', query='how long until ...', query_score=-0.31, query_tokens=9, style='inpars'
Source: InPars (2202.05144), InPars-v2 (2301.01820), Promptagator (2209.11755) for the ten styles. Greedy, 64 new tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.ports import Reply
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..text.shingles import fold

#: style -> (label of the document, label of the query): Promptagator's tasks
STYLES: Mapping[str, tuple[str, str]] = {
    "arguana": ("Argument:", "Counter argument:"),
    "dbpedia": ("Entity:", "Query that looks for it:"),
    "fever": ("Article:", "Is it true that"),
    "fiqa": ("Financial answer:", "Question:"),
    "hotpotqa": ("Evidence:", "Question that needs it:"),
    "nfcorpus": ("Medical article:", "Query:"),
    "scidocs": ("Abstract:", "The passage is about"),
    "scifact": ("Abstract:", "Claim:"),
    "touche": ("Argument:", "Debated question:"),
    "trec_covid": ("Paper:", "Question about the virus:"),
}
FIXED = {"inpars": "inpars", "gbq": "inpars_gbq"}
_ENDS = ("", "\n", "\n\n", "</s>", "<eos>", "<pad>", "[PAD]")


def query_score(logprobs: Sequence[float], how: str = "mean") -> float:
    """mean or sum of log-probabilities, or the mean probability: for all three higher is better."""
    if how == "prob":
        return sum(map(math.exp, logprobs)) / len(logprobs)
    return sum(logprobs) / (len(logprobs) if how == "mean" else 1)


def copied(query: str, document: str) -> bool:
    """Whether the query stands in the document as it is, after folding and without its end mark."""
    told = fold(query).rstrip("?.! ")
    return bool(told) and told in fold(document)


@dataclass(frozen=True)
class Inpars(Asking):
    """document: column. style: inpars, gbq, or one of ten. examples: {from: table, k, document, query} for the dynamic ones. score: of the
    tokens' log-probabilities. tokens: of the document that are shown. query_tokens: [least, most]. drop_copied: whether a query that
    stands in its document is dropped. raw: text to go on from, without a chat template."""

    document: str = "passage"
    style: str = "inpars"
    examples: Mapping[str, Any] | None = None
    score: Literal["mean", "sum", "prob", "none"] = "mean"
    tokens: int = 256
    query_tokens: list[int] = field(default_factory=lambda: [3, 1000])
    drop_copied: bool = True
    raw: bool = False
    prompt: str = ""
    max_tokens: int | None = field(default=64, kw_only=True)
    temperature: float | None = field(default=0.0, kw_only=True)
    name: ClassVar[str] = "inpars"
    words_out: ClassVar[int] = 20
    drops: ClassVar[Mapping[str, str]] = {
        "too_few_tokens": "the query has fewer tokens than query_tokens allows",
        "too_many_tokens": "the query has more tokens than query_tokens allows",
        "copied": "the query stands in the document as it is",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style not in (*FIXED, *STYLES):
            raise ValueError(f"style is '{self.style}', expected one of {', '.join((*FIXED, *STYLES))}")
        if (self.style in STYLES) != (self.examples is not None):
            raise ValueError(f"examples: {{from: TABLE}} goes with the styles {', '.join(STYLES)}, and only with them")
        if self.examples is not None and ("from" not in self.examples or set(self.examples) - {"from", "k", "document", "query"}):
            raise ValueError("examples must be {from: TABLE, k: 8, document: COLUMN, query: COLUMN}")
        if not self.prompt:
            object.__setattr__(self, "prompt", built_in(FIXED.get(self.style, "inpars_dynamic")))

    def gives(self) -> tuple[str, ...]:
        return ("document", "examples", "document_label", "query_label")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.document, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("query", "query_score", "query_tokens", "style")

    def reads_tables(self) -> tuple[str, ...]:
        return (str(self.examples["from"]),) if self.examples else ()

    def check(self, scene: Scene) -> None:
        if self.examples:
            for name in ("document", "query"):
                scene.table_column(f"{self.examples['from']}.{self.examples.get(name, name)}")
            if not len(scene.table(str(self.examples["from"]))):
                raise RecipeError(f"{scene.where}: the table '{self.examples['from']}' holds no examples")

    def _shots(self, ctx: Context, text: str) -> list[dict[str, Any]]:
        """k pairs drawn for this row, none of them about this document."""
        if not self.examples:
            return []
        at = self.examples

        def pairs() -> list[dict[str, Any]]:
            table = ctx.table(at["from"])
            cells = zip(table.column(at.get("document", "document")), table.column(at.get("query", "query")), strict=True)
            return [{"document": self._cut(str(d)), "query": " ".join(str(q).split())} for d, q in cells if d and q]

        found = [p for p in ctx.once("pairs", pairs) if p["document"] != text]
        return ctx.rng("examples").sample(found, min(int(at.get("k", 8)), len(found)))

    def _cut(self, text: str) -> str:
        """The first `tokens` tokens, at about 4 characters each, up to the end of a word."""
        most = self.tokens * 4
        flat = " ".join(text.split())
        return flat if len(flat) <= most else flat[:most].rsplit(" ", 1)[0]

    async def each(self, row: Row, ctx: Context) -> Result:
        text = self._cut(str(row.values[self.document] or ""))
        labels = STYLES.get(self.style, ("", ""))
        given = {**row.values, "document": text, "examples": self._shots(ctx, text), "document_label": labels[0], "query_label": labels[1]}
        wanted = None if self.score == "none" else 0

        def first_line(told: str) -> str:
            line = next((x.strip() for x in told.splitlines() if x.strip()), "")
            if not line:
                raise ValueError("the query is empty")
            return line

        if self.raw:
            (prompt,) = self.compiled()
            messages = ({"role": "raw", "content": "\n\n".join(m["content"] for m in prompt.messages(given))},)
            query, reply = await self.reply(ctx, messages, check=first_line, logprobs=wanted, stop=("\n",))
        else:
            query, reply = await self.say(ctx, self.prompt, given, check=first_line, logprobs=wanted, stop=("\n",))
        found = _logprobs(reply)
        if not found and self.score != "none":
            raise ContentError("no_logprobs", "the model gives no log-probabilities; use another, or score: none and `rerank`")
        n = len(found) or len(query.split())
        low, high = self.query_tokens
        if n < low:
            return Drop("too_few_tokens", f"{n} tokens: {query[:80]}")
        if n > high:
            return Drop("too_many_tokens", f"{n} tokens")
        if self.drop_copied and copied(query, str(row.values[self.document] or "")):
            return Drop("copied", query[:120])
        score = query_score(found, self.score) if found and self.score != "none" else None
        return row.with_values({"query": query, "query_score": score, "query_tokens": n, "style": self.style})


def _logprobs(reply: Reply) -> list[float]:
    """Log-probabilities of the tokens of the query itself: those of the first line that says something, end marks left out."""
    out: list[float] = []
    for token in reply.logprobs or ():
        text = str(token["token"])
        if out and text.startswith(("\n", "\r")):
            break
        if text.strip() in _ENDS or (text.startswith("<|") and text.endswith("|>")):
            continue
        out.append(float(token["logprob"]) if token["logprob"] is not None else -math.inf)  # JSON has no infinity
        if "\n" in text.lstrip():
            break
    return [p for p in out if math.isfinite(p)]
