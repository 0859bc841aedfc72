"""confidence: how probable a model holds a row's answer: from log-probabilities that `write` kept, or by asking for the label.

    confidence: {logprob: text_logprob, least: 0.5}                    after write: {column: text, logprobs: true}
    confidence: {column: intent, by: judge, least: 0.5}                labels: [...] or table.column; default: a table's column `intent`

logprob: confidence = exp(mean log-probability of the answer's tokens), their geometric mean. column: the model sees the columns `shown` (default:
`text` where there is one, else all others), not the label, and answers with the letter of one of at most 26 labels in a drawn order; confidence =
p(its letter) over the letters among the 20 likeliest tokens, mean over `samples` asks with other orders. A label that is none of them has 0.
Writes: confidence (0..1, higher is better), and with `column` believed (the likeliest label). Drops: unsure (below `least`, or no value).
Fails: no_logprobs (the model gives none), no_letter (it answers with something else).
One threshold says little: measure: [confidence] draws the whole risk-coverage curve where rows have `correct`, or `gold` beside the target.
Source: Kadavath et al. 2022 (2207.05221), section 3: lettered options, probability of the answer. Not covered: recalibration; the log-probability
of a generation as InPars scores it (`inpars` writes query_score); models without log-probabilities (`agree`); a small model's loss (`small_model_loss`).
One row: text='I was fined for ...', intent='late_fee', confidence=0.93, believed='late_fee'
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from string import ascii_uppercase
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.labels import check_shown, known_labels, label_tables, shown_columns
from ..text.logprobs import answer_shares

TOP = 20
STOP = (".", ",", ";", "\n")  # a model that goes on to explain itself is not cut for length


@dataclass(frozen=True)
class Confidence(Asking):
    """logprob: a column of mean log-probabilities. column: the label, where it is asked for instead. by: the role asked. least: 0..1.
    shown: columns that the model sees. labels: a list, or table.column."""

    column: str | None = None
    logprob: str | None = None
    shown: list[str] | None = None
    labels: list[Any] | str | None = None
    samples: int = 1
    least: float | None = None
    prompt: str = field(default_factory=partial(built_in, "confidence"))
    model: str = field(default="judge", kw_only=True, metadata={"key": "by"})
    temperature: float | None = field(default=0.0, kw_only=True)
    max_tokens: int | None = field(default=8, kw_only=True)
    name: ClassVar[str] = "confidence"
    words_out: ClassVar[int] = 2
    drops: ClassVar[Mapping[str, str]] = {"unsure": "the confidence is below `least`, or there is none"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.column is None) == (self.logprob is None):
            raise ValueError("give either logprob: (a column that `write` with logprobs: true wrote) or column: (the label to ask for)")
        if self.least is not None and not 0 <= self.least <= 1:
            raise ValueError("least is a probability, 0..1")

    def roles(self) -> tuple[str, ...]:
        return () if self.logprob else (self.model,)

    def prompts(self) -> tuple[str, ...]:
        return () if self.logprob else (self.prompt,)

    def gives(self) -> tuple[str, ...]:
        return ("material", "property", "options")

    def calls(self) -> float:
        return 0.0 if self.logprob else float(self.samples)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        if self.logprob:
            return (self.logprob,)
        return tuple(dict.fromkeys((str(self.column), *shown_columns(self.shown, scene.columns, self.column), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("confidence",) if self.logprob else ("confidence", "believed")

    def reads_tables(self) -> tuple[str, ...]:
        return () if self.logprob else label_tables(self.labels)

    def check(self, scene: Scene) -> None:
        if self.logprob:
            return
        check_shown(scene, self.shown, self.column)
        if isinstance(self.labels, str):
            scene.table_column(self.labels)
        found = known_labels(self.labels, scene.tables, self.column)
        if not 2 <= len(set(found)) <= len(ascii_uppercase):
            raise RecipeError(
                f"{scene.where}: found {len(set(found))} labels of '{self.column}', expected 2 to {len(ascii_uppercase)}, one letter each; "
                "give labels:, or use `agree` or `small_model_loss`"
            )

    async def each(self, row: Row, ctx: Context) -> Result:
        if self.logprob:
            value = row.values[self.logprob]
            known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            sure = math.exp(min(0.0, value)) if known else None
            return self._judged(row, sure, {})
        labels = ctx.once("labels", lambda: known_labels(self.labels, ctx.tables, self.column))
        total = dict.fromkeys(labels, 0.0)
        for k in range(self.samples):
            order = ctx.rng("order", k).sample(labels, len(labels))
            for label, p in (await self._asked(row, order, ctx, k)).items():
                total[label] += p / self.samples
        believed = max(total, key=lambda x: total[x])
        return self._judged(row, total.get(str(row.values[str(self.column)]), 0.0), {"believed": believed})

    def _judged(self, row: Row, sure: float | None, more: Mapping[str, Any]) -> Result:
        if self.least is not None and (sure is None or sure < self.least):
            told = "no log-probability" if sure is None else f"confidence {sure:.3f}"
            return Drop("unsure", f"{told}; the model says {more['believed']}" if more else told)
        return row.with_values({"confidence": None if sure is None else round(sure, 6), **more})

    async def _asked(self, row: Row, labels: Sequence[str], ctx: Context, k: int) -> dict[str, float]:
        """label -> p, over the letters seen."""
        letters = tuple(ascii_uppercase[: len(labels)])
        given = {
            **row.values,
            "material": [{"name": c, "value": row.values[c]} for c in shown_columns(self.shown, row.values, self.column)],
            "property": self.column,
            "options": [{"letter": x, "label": label} for x, label in zip(letters, labels, strict=True)],
        }
        told, reply = await self.say(ctx, self.prompt, given, sample=k, logprobs=TOP, stop=STOP)
        if not reply.logprobs:
            raise ContentError("no_logprobs", "the model gives no log-probabilities; use another, or `agree`")
        found = answer_shares(reply.logprobs, letters)
        if not found:
            raise ContentError("no_letter", f"none of the letters {letters[0]} to {letters[-1]} is the answer: {told[:60]}")
        return {label: found.get(x, 0.0) for x, label in zip(letters, labels, strict=True)}
