"""agree: keeps a row if enough votes say what its label says: asked of one or several models, or answers that stand in columns already.

    agree: {column: intent, by: judge}                                             one vote; labels: those of a table's column `intent`, if any
    agree: {column: intent, by: [a, b], samples: 3, labels: real.intent, least: 0.67}
    agree: {columns: [a1, a2, a3, a4], as: number, least: 3}                       no model: what do at least 3 of 4 answers say?

Who votes sees the columns `shown` (default: `text` where there is one, else all others) and never the label; the labels' order is drawn for
each vote. With labels an answer is equal to one as it stands; otherwise as a number or after folding. `least` is a share up to 1 (in two
decimals, so 0.67 is 2 of 3), or from 2 on a number of votes; 0 drops nothing. A column without an answer is a vote for nothing.
as: number reads what stands after the last `A:` or `####`, or, where no answer of the row has such a mark, the last number.
Ties: a label (or, without `column`, a leading answer) that another answer equals in votes is dropped as `tie`, however many votes it has.
Writes: agreed (what most votes say, null in a tie), agreement (share of votes equal to the label, or to `agreed` where there is no label; 0..1,
higher is better), votes (every answer, in order). Drops: disagrees, tie. GSM8K's four recorded solvers: 3 of 4 alike are right in 88.5 %.
Source: Wang et al. 2022, self-consistency (2203.11171); several models in place of annotators, survey 2406.15126, section 3.2.
One row: text='I was fined for ...', intent='late_fee', agreed='late_fee', agreement=1.0, votes=['late_fee', 'late_fee', 'late_fee']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..prompting.labels import check_shown, known_labels, label_tables, shown_columns
from ..text.answers import same_answer
from ..text.arithmetic import last_answer, number
from ..text.extract import extract


@dataclass(frozen=True)
class Agree(Asking):
    """column: the label; or columns: answers to compare (both: the answers with the label). by: a role or several. as: number | label |
    text, how answers are read from `columns`. labels: a list, or table.column. shown: columns that a voter sees. samples: votes of each
    role. least: a share of the votes, or from 2 on their number."""

    column: str | None = None
    columns: list[str] | None = None
    shown: list[str] | None = None
    labels: list[Any] | str | None = None
    samples: int = 1
    least: float = 0.5
    kind: Literal["number", "label", "text"] = field(default="text", metadata={"key": "as"})
    prompt: str = field(default_factory=partial(built_in, "agree"))
    model: str | list[str] = field(default="judge", kw_only=True, metadata={"key": "by"})  # type: ignore[assignment]
    name: ClassVar[str] = "agree"
    words_out: ClassVar[int] = 12
    cites: ClassVar[tuple[str, ...]] = ("Wang et al. 2022, Self-consistency improves chain of thought reasoning (2203.11171)",)
    drops: ClassVar[Mapping[str, str]] = {
        "disagrees": "fewer votes than `least` say what the label says, or another answer has more",
        "tie": "another answer has as many votes",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.column is None and not self.columns:
            raise ValueError("give column: (the label that models are asked for), or columns: (answers that exist)")
        if self.columns and (len(self.columns) < 2) and self.column is None:
            raise ValueError("columns needs at least two columns, or column: with the label to compare with")
        if not self._roles():
            raise ValueError("by: must name a role")
        if self.kind == "label" and not isinstance(self.labels, list):
            raise ValueError("as: label needs labels: [...]")
        votes = len(self.columns) if self.columns else self.samples * len(self._roles())
        if self.least < 0 or (self.least > 1 and (self.least != int(self.least) or self.least > votes)):
            raise ValueError(f"least is {self.least:g}, expected a share up to 1, or a whole number of votes up to {votes}")

    def _roles(self) -> tuple[str, ...]:
        return (self.model,) if isinstance(self.model, str) else tuple(self.model)

    def roles(self) -> tuple[str, ...]:
        return () if self.columns else tuple(dict.fromkeys(self._roles()))

    def prompts(self) -> tuple[str, ...]:
        return () if self.columns else (self.prompt,)

    def gives(self) -> tuple[str, ...]:
        return ("material", "property", "labels")

    def calls(self) -> float:
        return 0.0 if self.columns else float(self.samples * len(self._roles()))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        label = (self.column,) if self.column else ()
        seen = self.columns or shown_columns(self.shown, scene.columns, self.column)
        return tuple(dict.fromkeys((*label, *seen, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("agreed", "agreement", "votes")

    def reads_tables(self) -> tuple[str, ...]:
        return () if self.columns else label_tables(self.labels)

    def check(self, scene: Scene) -> None:
        if isinstance(self.labels, str):
            scene.table_column(self.labels)
        if self.columns is None:
            check_shown(scene, self.shown, self.column)

    async def each(self, row: Row, ctx: Context) -> Result:
        if self.columns:
            cells = [row.values[c] for c in self.columns]
            marked = self.kind == "number" and any(isinstance(c, str) and last_answer(c) is not None for c in cells)
            votes = [self._read(c, marked) for c in cells]
            labels: Sequence[Any] = self.labels if isinstance(self.labels, list) else ()
        else:
            labels = ctx.once("labels", lambda: known_labels(self.labels, ctx.tables, self.column))
            votes = await self._ask(row, ctx, labels)
        same = _same_label if labels else _same
        groups: list[list[Any]] = []
        for vote in votes:
            if vote is not None:
                alike = next((g for g in groups if same(vote, g[0])), None)
                groups.append([vote]) if alike is None else alike.append(vote)
        lead = max(map(len, groups), default=0)
        leading = [g[0] for g in groups if len(g) == lead]
        agreed = leading[0] if len(leading) == 1 else None
        stated = row.values[self.column] if self.column else leading[0] if leading else None
        own = next((len(g) for g in groups if stated is not None and same(stated, g[0])), 0)
        share = own / len(votes)
        if self.least:
            told = f"votes: {', '.join('-' if v is None else str(v) for v in votes)}"[:160]
            if self.column:
                told = f"stated: {stated}; {told}"[:200]
            if own < lead or (own < self.least if self.least > 1 else round(share, 2) < self.least):
                return Drop("disagrees", told)
            if agreed is None:
                return Drop("tie", told)
        return row.with_values({"agreed": agreed, "agreement": round(share, 6), "votes": votes})

    async def _ask(self, row: Row, ctx: Context, labels: Sequence[str]) -> list[Any]:
        material = [{"name": c, "value": row.values[c]} for c in shown_columns(self.shown, row.values, self.column)]
        answer = {"type": "string", "enum": list(labels)} if labels else {"type": "string"}
        shape = ctx.once("shape", lambda: shape_of(answer=answer))
        out = []
        for r, role in enumerate(self._roles()):
            for k in range(self.samples):
                drawn = ctx.rng(role, k).sample(labels, len(labels))
                given = {**row.values, "material": material, "property": self.column, "labels": drawn}
                told, _ = await self.say(ctx, self.prompt, given, shape, role=role, sample=r * self.samples + k)
                out.append(told["answer"] if labels else told["answer"].strip())
        return out

    def _read(self, value: Any, marked: bool) -> Any:
        """The answer in a cell, or None. marked: the row's answers say where the final one stands, so a text that does not was cut."""
        text = "" if value is None or (isinstance(value, bool) and self.kind == "number") else str(value).strip()
        if not text:
            return None
        try:
            if self.kind == "number":
                return _number(text, marked)
            return extract("label", text, labels=[str(x) for x in self.labels or ()]) if self.kind == "label" else text
        except ValueError:
            return None


def _number(text: str, marked: bool) -> int | float | str | None:
    """The text where it is a number; else what stands after its last mark (A: or ####); else, where nothing is marked, its last number."""
    answer = text if number(text) else last_answer(text) if marked else str(extract("number", text))
    found = number(answer or "")
    if found is None or answer is None:
        return None
    value, percent = found
    if percent or abs(value) >= 2**53:
        return answer
    return int(value) if value.denominator == 1 else float(value)


def _same_label(a: Any, b: Any) -> bool:
    return str(a) == str(b)


def _same(a: Any, b: Any) -> bool:
    """As `same_answer`; late_fee is late fee."""
    return str(a) == str(b) or same_answer(a, b) or (number(str(a)) is None and same_answer(_words(a), _words(b)))


def _words(x: Any) -> str:
    return str(x).replace("_", " ").replace("-", " ")
