"""swap: adds to each row its counterfactual, in which words of one group became those of the other; the label stays (no model is asked).

    swap: {column: text}                                                gendered words, pronouns and first names, English
    swap: {column: text, how: replace, share: 0.5}                      each row by chance one or the other (substitution): as many rows as before
    swap: {column: text, pairs: {black: white, Jamal: Jake}, groups: [black, white]}
    swap: {column: text, from: words, groups: [young, old]}             the table's columns young and old, a pair a row

A row is swapped only where swapping the result gives the text back, letter for letter (text/swaps.py says by which rules); all others stay as
they are, or are dropped with otherwise: drop. With how: add a swapped row is split into two. What makes a text counterfactual in its label asks
a model: see `perturb`, kind contrast.
Writes: the column; group (a group's name, both, or None for no such word); counterfactual_of (id of the row that it is the counterfactual of,
None for originals, its own id with how: replace); swap (original, counterfactual, no_words, not_reversible, too_long, not_drawn); with how: replace, <column>_before.
One row: text='Her boss praised him', group='both', counterfactual_of='9ab1...', swap='counterfactual', label='work'
Source: Lu et al. 2018 (1807.11714); Hall Maudslay et al. 2019 (1909.00871), substitution and names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.ports import Table
from ..core.rows import Drop, Result, Row
from ..text.swaps import Swaps


@dataclass(frozen=True)
class Swap(Op):
    """pairs: word of the first group -> word of the second. from: a table with a column per group. gender: the built-in words (default:
    where no pairs are given); names: first names among them. share: of the rows, drawn. otherwise: what becomes of rows that cannot be
    swapped. how: add a row, or replace its text. groups: names of the two groups, or the table's two columns."""

    column: str
    how: Literal["add", "replace"] = "add"
    pairs: Mapping[str, Any] | None = None
    source: str | None = field(default=None, metadata={"key": "from"})
    groups: list[str] = field(default_factory=lambda: ["male", "female"])
    gender: bool | None = None
    names: bool = True
    share: float = 1.0
    otherwise: Literal["keep", "drop"] = "keep"
    name: ClassVar[str] = "swap"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Lu et al. 2018, Gender Bias in Neural Natural Language Processing (1807.11714)",
        "Hall Maudslay et al. 2019, It's All in the Name: Mitigating Gender Bias with Name-Based Counterfactual Data Substitution (1909.00871)",
    )
    drops: ClassVar[Mapping[str, str]] = {
        "no_words": "no word of either group",
        "not_reversible": "swapping the swapped text does not give the text back",
        "too_long": "more than a million characters",
    }

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError("share must be above 0 and at most 1")
        if len(self.groups) != 2:
            raise ValueError("groups must be two names")
        if self.source is None:
            self._swaps(self.pairs or {})

    def _swaps(self, pairs: Mapping[str, Any]) -> Swaps:
        if any(not isinstance(w, str) for pair in pairs.items() for w in pair):
            raise ValueError("pairs must be words; write a word such as yes or no in quotation marks")
        gender = self.gender if self.gender is not None else self.pairs is None and self.source is None
        return Swaps(pairs, (self.groups[0], self.groups[1]), gender, self.names)

    def _with(self, table: Table) -> Swaps:
        given = dict(self.pairs or {})
        for a, b in zip(*(table.column(g) for g in self.groups), strict=True):
            if a in given:
                raise ValueError(f"the word {a} stands in two pairs")
            given[a] = b
        return self._swaps(given)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        before = (f"{self.column}_before",) if self.how == "replace" else ()
        return (self.column, "group", "counterfactual_of", "swap", *before)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,) if self.source else ()

    def fan_out(self, scene: Scene) -> float:
        return 1.0 + self.share if self.how == "add" else 1.0

    def check(self, scene: Scene) -> None:
        if self.source:
            for group in self.groups:
                scene.table_column(f"{self.source}.{group}")
            try:
                self._with(scene.table(self.source))
            except ValueError as error:
                raise RecipeError(f"{scene.where}: table '{self.source}': {error}") from error

    def each(self, row: Row, ctx: Context) -> Result:
        swaps = ctx.once("swaps", lambda: self._with(ctx.table(self.source)) if self.source else self._swaps(self.pairs or {}))
        text = str(row.values[self.column] or "")
        found = swaps.swap(text)
        if found.why and self.otherwise == "drop":
            return Drop(found.why, text[:80])
        before = {f"{self.column}_before": text} if self.how == "replace" else {}
        told: dict[str, Any] = {"group": found.group, "counterfactual_of": None, **before}
        if found.why or (self.share < 1 and ctx.rng().random() >= self.share):
            return row.with_values({**told, "swap": found.why or "not_drawn"})
        other = dict(zip(swaps.groups, reversed(swaps.groups), strict=True)).get(found.group or "", found.group)
        made = {self.column: found.text, "group": other, "swap": "counterfactual"}
        if self.how == "replace":
            return row.with_values({**told, **made, "counterfactual_of": row.id})
        first = row.child(ctx.label, 0, {**told, "swap": "original"})
        return [first, row.child(ctx.label, 1, {**made, "counterfactual_of": first.id})]
