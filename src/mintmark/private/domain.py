"""What a recipe states of a private table's columns: their public domain, by which ops count without looking at the rows' own values.

schema:
  sex: [f, m]
  ward: {levels: [A, B], missing: true}
  age: {low: 0, high: 110, bins: 22, whole: true}
  weight_kg: {low: 30, high: 200, missing: true}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Scene
from ..stats.one_cell import plain
from ..stats.private_tree import Bins
from ..stats.private_votes import floored


@dataclass(frozen=True)
class Released(Op):
    """Base of ops that make tables out of noisy releases. from: the private table. schema: column -> {levels: [...]} or {low, high, bins (16), whole,
    missing}; what is publicly known of it. share: of the table's privacy budget, 0..1."""

    source: str = field(metadata={"key": "from"})
    schema: Mapping[str, Any]
    share: float = 1.0
    releases: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share is {self.share:g}, expected more than 0 and at most 1: a share of the table's privacy budget")
        if not self.domain():
            raise ValueError("schema names no column")

    def domain(self) -> list[Bins]:
        return [bins_of(name, told, self.name) for name, told in self.schema.items()]

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(self.schema)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def spends(self) -> Mapping[str, float]:
        return {self.source: self.share}

    def check(self, scene: Scene) -> None:
        for column in self.schema:
            scene.table_column(f"{self.source}.{column}")

    def people(self, ctx: Context) -> tuple[list[Any], Any]:
        """(who each private row belongs to, its weight): a person's rows weigh at most 1 together, in sums that are exact."""
        table, allowance = ctx.table(self.source), ctx.allowance(self.source)
        who = [plain(p) for p in table.column(allowance.person)] if allowance.person else list(range(len(table)))
        many = Counter(who)
        return who, floored([1 / many[p] for p in who])


def bins_of(name: str, told: Any, where: str) -> Bins:
    """A column's public domain as a recipe states it; a bare list of words is its levels ([0, 110] might be meant as a range)."""
    if isinstance(told, list) and all(isinstance(v, str) for v in told):
        told = {"levels": told}
    if not isinstance(told, Mapping):
        raise RecipeError(f"{where}: schema: {name} is {told!r}, expected {{levels: [...]}} or {{low: 0, high: 100}}")
    known = ("levels", "missing") if "levels" in told else ("low", "high", "bins", "whole", "missing")
    for key in told:
        if key not in known:
            raise RecipeError(f"{where}: schema: {name} has no '{key}'.{nearest(str(key), known)}")
    if "levels" in told:
        levels = told["levels"]
        if not isinstance(levels, list) or len({plain(v) for v in levels}) < max(1, len(levels)):
            raise RecipeError(
                f"{where}: schema: {name}: levels is {levels!r}, expected a list of different values, at least one (1 and '1' are the same)"
            )
        return Bins(name, levels=tuple(levels), missing=bool(told.get("missing")))
    low, high, n = told.get("low"), told.get("high"), told.get("bins", 16)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high, n))
    if not numbers or low is None or high is None or not low < high or n != int(n) or not 1 <= n <= 10_000:
        raise RecipeError(
            f"{where}: schema: {name}: expected low below high and 1 to 10,000 bins, found low {low!r}, high {high!r}, bins {n!r}"
        )
    return Bins(name, low=float(low), high=float(high), n=int(n), whole=bool(told.get("whole")), missing=bool(told.get("missing")))
