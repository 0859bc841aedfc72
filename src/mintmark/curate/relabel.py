"""relabel: a model, or several by vote, labels rows again: all of them, or those that a column marks. The label before is kept; nothing is dropped.

    relabel: {column: text, label: intent, labels: real.intent}
    relabel: {column: text, label: intent, labels: [refund, fee], only: label_error, models: [judge, small, writer]}
    relabel: {column: text, label: intent, labels: real.intent, only: not clean, examples: examples}            after clean_set (FreeAL)

The label with the most votes wins; where several have as many, the given label if it is among them, else the one that was voted for first. A vote that
cannot be used after all attempts counts for nothing; with none at all the label stays.
Reads column, label, only, examples (a list column of rows that have `column` and `label`). Writes label, <label>_before, relabelled (a vote was counted),
agreement (share of the votes for the label, 0..1, None without votes).
One row: text='where is my card', intent='card_arrival', intent_before='card_lost', relabelled=True, agreement=1.0
Source: FreeAL, Xiao et al. 2023 (2311.15614), for examples; the vote is self-consistency, Wang et al. 2023 (2203.11171).
Not covered: several labels a row; the model's own confidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of

MOST_LABELS = 2_000


@dataclass(frozen=True)
class Relabel(Asking):
    """labels: a list, or 'table.column'. only: a column, or 'not COLUMN'. models: roles that vote, default the one of `model`. votes: of
    each. examples: a list column of labelled rows, for the prompt."""

    column: str
    label: str
    labels: list[Any] | str
    only: str | None = None
    examples: str | None = None
    models: list[str] | None = None
    votes: int = 1
    prompt: str = ""
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "relabel"
    words_out: ClassVar[int] = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.labels, str):
            self._named(self.labels)
        elif not all(self.labels.partition(".")):
            raise ValueError(f"labels is '{self.labels}', expected a list, or table.column such as real.intent")
        if self.models == []:
            raise ValueError("models must name at least one role")
        object.__setattr__(self, "prompt", self.prompt or built_in("relabel"))

    @staticmethod
    def _named(values: Any) -> dict[str, Any]:
        """What a model says -> the label, in the order given."""
        named = {str(v): v for v in values if v is not None}
        if not 2 <= len(named) <= MOST_LABELS:
            raise ValueError(f"labels must be 2 to {MOST_LABELS:,} different ones, found {len(named)}")
        return named

    def _labels(self, table: Any) -> dict[str, Any]:
        return self._named(self.labels if table is None else table.column(str(self.labels).partition(".")[2]))

    @property
    def _flag(self) -> str:
        return (self.only or "").removeprefix("not ").strip()

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.models or (self.model,)))

    def calls(self) -> float:
        return float(self.votes * len(self.models or (1,)))

    def gives(self) -> tuple[str, ...]:
        return ("text", "label", "labels", "shots")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        own = (self.column, self.label, self._flag, self.examples)
        return tuple(dict.fromkeys((*(c for c in own if c), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.label, f"{self.label}_before", "relabelled", "agreement")

    def reads_tables(self) -> tuple[str, ...]:
        return (self.labels.partition(".")[0],) if isinstance(self.labels, str) else ()

    def check(self, scene: Scene) -> None:
        if isinstance(self.labels, str):
            table, _ = scene.table_column(self.labels)
            try:
                self._labels(scene.table(table))
            except ValueError as error:
                raise RecipeError(f"{scene.where}: {self.labels}: {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        given = row.values[self.label]
        wanted = not self.only or bool(row.values[self._flag]) != self.only.startswith("not ")
        votes = await self._votes(row, ctx) if wanted else []
        named, counts = dict(votes), Counter(name for name, _ in votes)
        most = [name for name, n in counts.items() if n == max(counts.values())]  # in the order they were voted for
        winner = str(given) if str(given) in most else most[0] if most else ""
        values: Mapping[str, Any] = {
            self.label: named.get(winner, given),
            f"{self.label}_before": given,
            "relabelled": bool(votes),
            "agreement": round(counts[winner] / len(votes), 6) if votes else None,
        }
        return row.with_values(values)

    async def _votes(self, row: Row, ctx: Context) -> list[tuple[str, Any]]:
        """(name, label) of each vote that can be used."""
        named = ctx.once("labels", lambda: self._labels(ctx.table(self.reads_tables()[0]) if isinstance(self.labels, str) else None))
        shape = ctx.once("shape", lambda: shape_of(label={"type": "string", "enum": list(named)}))
        given = row.values[self.examples] or () if self.examples else ()
        shots = [{"text": s[self.column], "label": str(s[self.label])} for s in given if str(s[self.label]) in named]
        values = {**row.values, "text": row.values[self.column], "label": row.values[self.label], "labels": list(named), "shots": shots}
        out: list[tuple[str, Any]] = []
        for number, role in enumerate(role for role in self.models or (self.model,) for _ in range(self.votes)):
            try:
                told, _ = await self.say(ctx, self.prompt, values, shape, role=role, sample=number)
            except ContentError as error:  # nothing is dropped: the row keeps the label it has
                if error.reason == "template":  # nobody was asked
                    raise
                continue
            out.append((told["label"], named[told["label"]]))
        return out
