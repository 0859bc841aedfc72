"""even: makes a label independent of a group (gender, region, author): afterwards the group tells nothing of the label, and the other way round.

    even: {group: group, label: occupation, how: drop}           every label keeps as many rows of each group; which ones is drawn
    even: {group: group, label: occupation, how: weigh}          every row stays and is weighed by n(group) n(label) / (n n(group, label))
    even: {group: group, label: occupation, how: weigh, groups: [male, female]}

Rows without a group, or of none of `groups`, stay untouched and are not counted. A label that lacks rows of one of the groups cannot be made
even: its rows are dropped (no_counterpart). `mintmark show` and manifest.json tell the mutual information before and after, in bits.
Final. Reads group, label and, where there is one, weight: rows weighed before are counted by their weight with how: weigh, and their weights are
multiplied. Writes weight with how: weigh. Drops: uneven, no_counterpart.
One row: ..., group='female', occupation='pilot', weight=2.0
Source: reweighing and preferential sampling, Kamiran and Calders 2012, Data preprocessing techniques for classification without discrimination.
Not covered: other columns and the text may still tell the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict
from ..stats.association import independent_weights, mutual_information

Cell = tuple[str, str]


@dataclass(frozen=True)
class Even(Op):
    """group, label: columns. groups: the group's values that count, default all that there are. how: drop rows, or weigh them."""

    group: str
    label: str
    how: Literal["drop", "weigh"] = "drop"
    groups: list[str] | None = None
    name: ClassVar[str] = "even"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 250
    cites: ClassVar[tuple[str, ...]] = (
        "Kamiran and Calders 2012, Data preprocessing techniques for classification without discrimination",
    )
    drops: ClassVar[Mapping[str, str]] = {
        "uneven": "its label has fewer rows of another group; drawn to go",
        "no_counterpart": "its label has no row of another group",
    }

    def __post_init__(self) -> None:
        if self.group == self.label:
            raise ValueError("group and label must be two columns")
        if self.groups is not None and len(set(self.groups)) < 2:
            raise ValueError("groups must name at least two")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.group, self.label, *(("weight",) if "weight" in scene.columns and self.how == "weigh" else ()))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("weight",) if self.how == "weigh" else ()

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        cells: dict[Cell, list[tuple[str, tuple[int, int], float]]] = {}
        outside: list[tuple[tuple[int, int], float]] = []
        weigh = self.how == "weigh"
        for batch in scan((self.group, self.label, *(("weight",) if weigh else ()))):
            weights = batch.columns.get("weight") or [None] * len(batch)
            columns = (batch.ids, batch.keys, batch.columns[self.group], batch.columns[self.label], weights)
            for row, key, group, label, weight in zip(*columns, strict=True):
                mass = 1.0 if weight is None else float(weight)
                if group is None or mass <= 0 or (self.groups is not None and group not in self.groups):
                    outside.append((key, mass))
                else:
                    cells.setdefault((_name(group), _name(label)), []).append((row, key, mass))
        sizes = {cell: fsum(mass for _, _, mass in rows) for cell, rows in cells.items()}
        groups = sorted({g for g, _ in cells})
        lacking = {label: [g for g in groups if (g, label) not in cells] for _, label in cells}
        even = {cell: n for cell, n in sizes.items() if not lacking[cell[1]]}
        if cells and (len(groups) < 2 or not even):
            found = (
                f"{self.group} has only the value {groups[0]}" if len(groups) < 2 else f"no value of {self.label} has rows of every group"
            )
            raise RecipeError(f"{ctx.label}: {found}; expected rows of each group for a label. Name the groups that count in groups:")
        factors = independent_weights(even) if weigh else dict.fromkeys(even, 1.0)
        rooms = {label: min(len(cells[g, label]) for g in groups) for _, label in even}
        after: dict[Cell, float] = {}
        for cell, rows in cells.items():
            if lacking[cell[1]]:
                for _, key, _ in rows:
                    yield key, Verdict(Drop("no_counterpart", f"{self.label} {cell[1]} has no row of {', '.join(lacking[cell[1]])}"))
                continue
            room = len(rows) if weigh else rooms[cell[1]]
            after[cell] = factors[cell] * sizes[cell] if weigh else room
            order = sorted(rows, key=lambda r: ctx.rng(r[0]).random()) if room < len(rows) else rows
            for number, (_, key, mass) in enumerate(order):
                if number >= room:
                    yield key, Verdict(Drop("uneven", f"{room} of {len(rows)} rows of {' x '.join(cell)} stay"))
                elif weigh:
                    yield key, Verdict(values={"weight": mass * factors[cell]})
        if weigh:
            yield from ((key, Verdict(values={"weight": mass})) for key, mass in outside)
        n = sum(map(len, cells.values()))
        ctx.tell_count("bits_before", mutual_information(sizes), n, "bits", "lower")
        ctx.tell_count("bits_after", mutual_information(after), n, "bits", "lower")
        ctx.tell_count("not_counted", len(outside), n + len(outside))


def _name(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
