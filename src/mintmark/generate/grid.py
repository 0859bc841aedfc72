"""grid: rows of conditions, the cells of a grid of columns and their values (conditional prompting; survey 2406.15126, section 3).

    grid: {intent: {from: real.intent, balance: true}, tone: [plain, worried]}      every cell once; a larger `want` cycles (replica + 1)
    grid: {intent: {from: real.intent}, tone: {values: [plain, worried], weights: [3, 1]}, _sample: 500}      500 draws by frequency

A column is a list of values, {values, weights}, or {from: table.column, balance: true} for the levels of a table's column. A column with
frequencies (weights, or `from` without balance) makes the grid a sample: each row draws its values independently; `_sample` is how many
(default: the number of cells). Otherwise it is the product, in an order whose every prefix is spread over all columns' values.
One row: id='3f0c...', intent='late_fee', tone='worried'
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..core.context import Context, seed_of
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, content_hash, row_id


def stride(n: int) -> int:
    """A step near n / golden ratio that is coprime to n: multiples of it visit every cell, evenly spread at every prefix."""
    step = max(1, round(n * 0.6180339887))
    while math.gcd(step, n) != 1:
        step += 1
    return step


@dataclass(frozen=True)
class Grid(Op):
    """columns: name -> list | {values, weights} | {from, balance}. sample: number of draws (YAML key `_sample`)."""

    columns: Mapping[str, Any]
    sample: int | None = None
    name: ClassVar[str] = "grid"
    scope: ClassVar[Scope] = Scope.SOURCE

    @classmethod
    def from_params(cls, params: Any, where: str) -> Self:
        if not isinstance(params, Mapping) or not params:
            raise RecipeError(f"{where}: expected columns with their values, such as {{tone: [plain, worried]}}")
        columns = {str(k): v for k, v in params.items() if k != "_sample"}
        sample = params.get("_sample")
        if sample is not None and (isinstance(sample, bool) or not isinstance(sample, int) or sample < 1):
            raise RecipeError(f"{where}: _sample is {sample!r}, expected a whole number of draws")
        for column, given in columns.items():
            if isinstance(given, Mapping):
                known = ("from", "balance") if "from" in given else ("values", "weights")
                for key in given:
                    if key not in known:
                        raise RecipeError(f"{where}: column '{column}' has no '{key}'.{nearest(str(key), known)}")
                if "from" not in given and not isinstance(given.get("values"), list):
                    raise RecipeError(f"{where}: column '{column}': expected {{values: [...]}} or {{from: table.column}}")
                if "from" in given and (not isinstance(given["from"], str) or "." not in given["from"]):
                    raise RecipeError(f"{where}: column '{column}': from is {given['from']!r}, expected table.column")
                weights = given.get("weights")
                if weights is not None:
                    fits = isinstance(weights, list) and len(weights) == len(given["values"])
                    if (
                        not fits
                        or not all(isinstance(w, (int, float)) and not isinstance(w, bool) and w >= 0 for w in weights)
                        or sum(weights) <= 0
                    ):
                        raise RecipeError(f"{where}: column '{column}': weights must be as many numbers as values, none below 0, not all 0")
                given = given.get("values", [0])
            if not isinstance(given, list) or not given:
                raise RecipeError(f"{where}: column '{column}' is {given!r}, expected a list of values")
        if not columns:
            raise RecipeError(f"{where}: expected at least one column")
        return cls(columns, sample)

    def params(self) -> dict[str, Any]:
        return {**self.columns, **({"_sample": self.sample} if self.sample is not None else {})}

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(self.columns)

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v["from"].partition(".")[0] for v in self.columns.values() if isinstance(v, Mapping) and "from" in v))

    def check(self, scene: Scene) -> None:
        for given in self.columns.values():
            if isinstance(given, Mapping) and "from" in given:
                name, column = scene.table_column(given["from"])
                if all(v is None for v in scene.table(name).column(column)):
                    raise RecipeError(f"{scene.where}: '{given['from']}' holds no values")

    def _axes(self, ctx: Context) -> list[tuple[str, list[Any], list[float] | None]]:
        def make() -> list[tuple[str, list[Any], list[float] | None]]:
            out: list[tuple[str, list[Any], list[float] | None]] = []
            for column, given in self.columns.items():
                if isinstance(given, Mapping) and "from" in given:
                    counts = Counter(v for v in ctx.column(given["from"]) if v is not None)
                    out.append((column, list(counts), None if given.get("balance") else [float(n) for n in counts.values()]))
                elif isinstance(given, Mapping):
                    weights = given.get("weights")
                    out.append((column, given["values"], [float(w) for w in weights] if weights else None))
                else:
                    out.append((column, list(given), None))
            return out

        return ctx.once("axes", make)

    def holds(self, ctx: Context) -> int:
        return self.sample or math.prod(len(values) for _, values, _ in self._axes(ctx))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        axes = self._axes(ctx)
        if self.sample is not None or any(weights for _, _, weights in axes):
            for k in range(start, stop):
                rng = ctx.rng(k)
                cell = {c: rng.choices(values, weights)[0] if weights else rng.choice(values) for c, values, weights in axes}
                yield Row(row_id(ctx.label, content_hash(cell), k), cell)
            return
        size = math.prod(len(values) for _, values, _ in axes)
        step, first = stride(size), seed_of(ctx.seed, ctx.label) % size
        for k in range(start, stop):
            replica, position = divmod(k, size)
            at = (position * step + first) % size
            cell = {}
            for column, values, _ in reversed(axes):
                at, digit = divmod(at, len(values))
                cell[column] = values[digit]
            cell = {column: cell[column] for column, _, _ in axes}
            yield Row(row_id(ctx.label, content_hash(cell), replica), cell)
