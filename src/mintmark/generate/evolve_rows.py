"""evolve_rows: a table under differential privacy by votes of private rows, without any model: Private Evolution for tables.

    tables: {real: {path: patients.csv, budget: {epsilon: 1, delta: 1e-6}}}
    steps:
      - evolve_rows: {from: real, rows: 500, schema: {sex: {levels: [f, m]}, age: {low: 0, high: 110, whole: true}}}

The first rows are drawn column by column from noisy counts (20 % of the share). Then, `rounds` times, each private row votes for its nearest candidate, the
histogram is released with noise, the `rows` candidates with the most votes stay, and children - 1 variations of each join them: some columns drawn anew from
the noisy counts, numbers moved by a few bins, less from round to round. The last vote's rows are the table. Nearest: a column counts 1 where the level is
the same; numbers as the cosine of a quarter turn over their range.
`marginals` keeps pairs of columns and needs fewer private rows; this keeps whole rows that many private ones stand near to, so also what three
columns do together, once there are thousands of rows for hundreds of candidates.
Writes the schema's columns. One row: id='0d51...', sex='f', age=41
Source: Lin et al. 2024 (2305.15560), algorithm 1; its form for tables, Tab-PE, is in the authors' library DPSDA.
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
from ..stats.private_tree import Bins, alone, chances
from ..stats.private_votes import SENSITIVITY, grid, histogram, pick

FIRST, MOVED = 0.2, 0.1  # share of the budget for the counts; part of a number's range that a variation may move it at first


@dataclass(frozen=True)
class EvolveRows(Released):
    """rows: how many are made. rounds: votes. children: candidates per row, the row included. change: chance that a variation draws a column anew
    in the first round; it falls to a quarter."""

    rows: int = 500
    rounds: int = 6
    children: int = 4
    change: float = 0.4
    name: ClassVar[str] = "evolve_rows"
    scope: ClassVar[Scope] = Scope.SOURCE
    cites: ClassVar[tuple[str, ...]] = (
        "Lin et al. 2024, Differentially private synthetic data via foundation model APIs 1: images (2305.15560)",
        "microsoft/DPSDA, Tab-PE (github.com/microsoft/DPSDA)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rows < 1 or self.rounds < 1 or self.children < 2:
            raise ValueError("rows and rounds must be at least 1, children at least 2 (the row and a variation)")
        if not 0 < self.change <= 1:
            raise ValueError("change must be more than 0 and at most 1")

    @property
    def goes_on(self) -> bool:
        return False

    def holds(self, ctx: Context) -> int:
        return self.rows

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        if (ctx.label, "rows") in ctx.cache:
            return
        import numpy as np

        table, domain, allowance = ctx.table(self.source), self.domain(), ctx.allowance(self.source)
        who, weight = self.people(ctx)
        codes = {b.name: b.encode(table.column(b.name)) for b in domain}
        private = _vectors(codes, domain)
        mu = mu_for(allowance.epsilon, allowance.delta) * self.share**0.5
        about = (domain, self.rows, self.rounds, self.children, self.change, self.share, ctx.seed)
        wide = len(domain) ** 0.5
        sigma = wide / (mu * FIRST**0.5)
        single = await ctx.release("columns alone", self.source, alone(codes, domain, weight), sigma=sigma, about=about, sensitivity=wide)
        ends = np.cumsum([0, *(b.size for b in domain)])
        draws = {b.name: chances(np.asarray(single[low:high])) for b, low, high in zip(domain, ends, ends[1:], strict=False)}
        rng = np.random.default_rng(seed_of(ctx.seed, ctx.label))
        rows = {b.name: rng.choice(b.size, self.rows * self.children, p=draws[b.name]) for b in domain}
        sigma = SENSITIVITY * self.rounds**0.5 / (mu * (1 - FIRST) ** 0.5)
        for number in range(1, self.rounds + 1):
            candidates = _vectors(rows, domain)
            groups = [None] * len(candidates)
            counted = histogram(private, candidates, who, [None] * len(table), groups)
            told = (about, number, [rows[b.name].tolist() for b in domain])
            noisy = await ctx.release(f"votes {number}", self.source, counted.tolist(), sigma=sigma, about=told, sensitivity=SENSITIVITY)
            kept = pick(noisy, groups, {None: self.rows}, "rank", 0.0, ctx.rng("pick", number))
            rows = {name: v[kept] for name, v in rows.items()}
            if number < self.rounds:
                left = 1 - 0.75 * (number - 1) / max(1, self.rounds - 1)
                made = [_varied(rows, domain, draws, self.change * left, MOVED * left, rng) for _ in range(self.children - 1)]
                rows = {b.name: np.concatenate([rows[b.name], *(m[b.name] for m in made)]) for b in domain}
        ctx.cache[ctx.label, "rows"] = {b.name: b.decode(rows[b.name], rng) for b in domain}

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        columns = ctx.cache[ctx.label, "rows"]
        for k in range(start, min(stop, self.rows)):
            yield Row(row_id(ctx.label, k), {name: cells[k] for name, cells in columns.items()})


def _vectors(codes: Any, domain: list[Bins]) -> Any:
    """Vectors whose dot product goes with the mean over columns of their likeness: 1 for the same level, cos of a quarter turn over a range."""
    import numpy as np

    blocks = []
    for b in domain:
        at = np.asarray(codes[b.name])
        if b.levels:
            blocks.append(np.eye(b.size)[at])
            continue
        turn = (np.arange(b.n) + 0.5) / b.n * np.pi / 2
        of_bin = np.zeros((b.n + 1, 3))  # the last: missing
        of_bin[:-1, 0], of_bin[:-1, 1], of_bin[-1, 2] = np.cos(turn), np.sin(turn), 1.0
        blocks.append(of_bin[at])
    return grid(np.hstack(blocks))


def _varied(rows: Any, domain: list[Bins], draws: Any, change: float, moved: float, rng: Any) -> Any:
    import numpy as np

    out = {}
    for b in domain:
        at = rows[b.name]
        anew = rng.random(len(at)) < change
        if not b.levels:
            step = np.round(rng.normal(0, max(1.0, moved * b.n), len(at))).astype(int)
            at = np.where(at < b.n, np.clip(at + step, 0, b.n - 1), at)
        out[b.name] = np.where(anew, rng.choice(b.size, len(at), p=draws[b.name]), at)
    return out
