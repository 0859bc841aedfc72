"""marginals: a table under differential privacy, from noisy counts of its columns and of pairs of them. No model, no row of the real table.

    tables: {real: {path: patients.csv, budget: {epsilon: 1, delta: 1e-6, person: patient}}}
    steps:
      - marginals:
          from: real
          schema:                                                     # what is publicly known of the columns; nothing here is read from the rows
            sex: {levels: [f, m]}
            age: {low: 0, high: 110, bins: 22, whole: true}
            weight_kg: {low: 30, high: 200, missing: true}

Three releases: every column alone, how far each pair is from independence, the pairs along the tree that spans the strongest (stats/private_tree.py).
They spend `share` of the table's budget, 20, 20 and 60 % of it. Values outside the schema count at its edge, unknown levels as missing or as the
last level. A person with several rows counts as one: each row weighs 1 over their number.
Writes the schema's columns. Rows are drawn for as long as they are wanted; one pass gives as many as people, by the noisy count.
One row: id='0d51...', sex='f', age=41, weight_kg=63.2
Source: McKenna, Miklau and Sheldon 2021 (2108.04978). Not covered: three-way interactions; levels and ranges that are themselves private.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, row_id
from ..stats.gaussian_dp import mu_for
from ..stats.private_tree import Bins, Tree, alone, gaps, pairs, spanning

PARTS = {"columns alone": 0.2, "strength of pairs": 0.2, "pairs of the tree": 0.6}
BLOCK, MOST_CELLS = 10_000, 4_000_000


@dataclass(frozen=True)
class Marginals(Op):
    """from: the private table. schema: column -> {levels: [...]} or {low, high, bins (16), whole, missing}. share: of the table's budget, 0..1."""

    source: str = field(metadata={"key": "from"})
    schema: Mapping[str, Any]
    share: float = 1.0
    name: ClassVar[str] = "marginals"
    scope: ClassVar[Scope] = Scope.SOURCE
    releases: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = (
        "McKenna, Miklau and Sheldon 2021, Winning the NIST contest: differentially private synthetic data (2108.04978)",
    )

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share is {self.share:g}, expected more than 0 and at most 1: a share of the table's privacy budget")
        sizes = sorted((b.size for b in self.domain()), reverse=True)
        if not sizes:
            raise ValueError("schema names no column")
        if len(sizes) > 1 and sizes[0] * sizes[1] > MOST_CELLS:
            raise ValueError(
                f"schema: two columns have {sizes[0]:,} x {sizes[1]:,} cells, more than noise leaves anything of; use fewer bins or levels"
            )

    def domain(self) -> list[Bins]:
        return [_bins(name, told) for name, told in self.schema.items()]

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(self.schema)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def spends(self) -> Mapping[str, float]:
        return {self.source: self.share}

    def check(self, scene: Scene) -> None:
        for column in self.schema:
            scene.table_column(f"{self.source}.{column}")

    def holds(self, ctx: Context) -> int:
        return max(1, round(self._tree(ctx).total)) if (ctx.label, "tree") in ctx.cache else 1_000

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        if (ctx.label, "tree") in ctx.cache:
            return
        table, domain = ctx.table(self.source), self.domain()
        allowance = ctx.allowance(self.source)
        people = [repr(p) for p in table.column(allowance.person)] if allowance.person else None
        many = Counter(people or ())
        import numpy as np

        weight = np.asarray([1 / many[p] for p in people] if people else np.ones(len(table)), float)
        codes = {b.name: b.encode(table.column(b.name)) for b in domain}
        about = [(b, self.share) for b in domain]
        sigmas = {what: 1 / (mu_for(allowance.epsilon, allowance.delta) * (self.share * part) ** 0.5) for what, part in PARTS.items()}

        async def release(what: str, values: list[float], sensitivity: float, more: Any = ()) -> list[float]:
            noise = sigmas[what] * sensitivity
            return await ctx.release(what, self.source, values, sigma=noise, about=(about, more), sensitivity=sensitivity)

        single = await release("columns alone", alone(codes, domain, weight), len(domain) ** 0.5)
        edges: list[tuple[Bins, Bins]] = []
        joint: list[float] = []
        if len(domain) > 1:
            scores = await release("strength of pairs", gaps(codes, domain, weight), 4 * (len(domain) * (len(domain) - 1) / 2) ** 0.5)
            edges = spanning(domain, scores)
            joint = await release("pairs of the tree", pairs(codes, edges, weight), len(edges) ** 0.5, [(a.name, b.name) for a, b in edges])
        noise = sigmas["pairs of the tree"] * len(edges) ** 0.5
        ctx.cache[ctx.label, "tree"] = tree = Tree.of(domain, single, edges, joint, noise)
        told = "; ".join(f"{b.name} by {a.name}" for a, b in tree.edges)
        ctx.tell("tree", f"drawn along noisy pairs: {told or 'none, one column'}; about {tree.total:,.0f} people, with noise")

    def _tree(self, ctx: Context) -> Tree:
        found: Tree = ctx.cache[ctx.label, "tree"]
        return found

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            columns = self._tree(ctx).sample(BLOCK, seed_of(ctx.seed, ctx.label, block))
            for k in range(max(start - block * BLOCK, 0), min(stop - block * BLOCK, BLOCK)):
                yield Row(row_id(ctx.label, block, k), {name: cells[k] for name, cells in columns.items()})


def _bins(name: str, told: Any) -> Bins:
    if not isinstance(told, Mapping):
        raise RecipeError(f"marginals: schema: {name} is {told!r}, expected {{levels: [...]}} or {{low: 0, high: 100}}")
    known = ("levels", "missing") if "levels" in told else ("low", "high", "bins", "whole", "missing")
    for key in told:
        if key not in known:
            raise RecipeError(f"marginals: schema: {name} has no '{key}'.{nearest(str(key), known)}")
    if "levels" in told:
        levels = told["levels"]
        if not isinstance(levels, list) or len({repr(v) for v in levels}) < max(1, len(levels)):
            raise RecipeError(f"marginals: schema: {name}: levels is {levels!r}, expected a list of different values, at least one")
        return Bins(name, levels=tuple(levels), missing=bool(told.get("missing")))
    low, high, n = told.get("low"), told.get("high"), told.get("bins", 16)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high, n))
    if not numbers or low is None or high is None or not low < high or n != int(n) or not 1 <= n <= 10_000:
        raise RecipeError(
            f"marginals: schema: {name}: expected low below high and 1 to 10,000 bins, found low {low!r}, high {high!r}, bins {n!r}"
        )
    return Bins(name, low=float(low), high=float(high), n=int(n), whole=bool(told.get("whole")), missing=bool(told.get("missing")))
