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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.op import Planned, Scope, State
from ..core.rows import Row, row_id
from ..private.domain import Released
from ..stats.gaussian_dp import mu_for
from ..stats.private_tree import GAP, Bins, Tree, alone, gaps, pairs, spanning

PARTS = {"columns alone": 0.2, "strength of pairs": 0.2, "pairs of the tree": 0.6}
BLOCK, MOST_CELLS = 10_000, 4_000_000


@dataclass(frozen=True)
class Marginals(Released):
    name: ClassVar[str] = "marginals"
    scope: ClassVar[Scope] = Scope.SOURCE
    cites: ClassVar[tuple[str, ...]] = (
        "McKenna, Miklau and Sheldon 2021, Winning the NIST contest: differentially private synthetic data (2108.04978)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = sorted((b.size for b in self.domain()), reverse=True)
        if len(sizes) > 1 and sizes[0] * sizes[1] > MOST_CELLS:
            raise ValueError(
                f"schema: two columns have {sizes[0]:,} x {sizes[1]:,} cells, more than noise leaves anything of; use fewer bins or levels"
            )

    def holds(self, ctx: Context) -> int:
        return max(1, round(self._tree(ctx).total)) if (ctx.label, "tree") in ctx.cache else 1_000

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        if (ctx.label, "tree") in ctx.cache:
            return
        table, domain = ctx.table(self.source), self.domain()
        allowance = ctx.allowance(self.source)
        _, weight = self.people(ctx)
        codes = {b.name: b.encode(table.column(b.name)) for b in domain}
        about = [(b, self.share) for b in domain]
        parts = PARTS if len(domain) > 1 else {"columns alone": 1.0}
        sigmas = {what: 1 / (mu_for(allowance.epsilon, allowance.delta) * (self.share * part) ** 0.5) for what, part in parts.items()}

        async def release(what: str, values: list[float], sensitivity: float, more: Any = ()) -> list[float]:
            noise = sigmas[what] * sensitivity
            return await ctx.release(what, self.source, values, sigma=noise, about=(about, more), sensitivity=sensitivity)

        single = await release("columns alone", alone(codes, domain, weight), len(domain) ** 0.5)
        edges: list[tuple[Bins, Bins]] = []
        joint: list[float] = []
        if len(domain) > 1:
            scores = await release("strength of pairs", gaps(codes, domain, weight), GAP * (len(domain) * (len(domain) - 1) / 2) ** 0.5)
            edges = spanning(domain, scores)
            joint = await release("pairs of the tree", pairs(codes, edges, weight), len(edges) ** 0.5, [(a.name, b.name) for a, b in edges])
        noise = sigmas["pairs of the tree"] * len(edges) ** 0.5 if edges else 0.0
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
