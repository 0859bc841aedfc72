"""The base of ops whose private rows vote for synthetic texts: what they share of parameters, checks and the noisy histogram.

The rows' vectors stay in memory; the votes leave through Context.release alone. See generate/vote.py and curate/elect.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Scene
from ..stats.gaussian_dp import mu_for
from ..stats.one_cell import plain
from ..stats.private_votes import SENSITIVITY, grid, histogram, shares


@dataclass(frozen=True)
class Voting(Op):
    """from: the private table; column: its text, and the synthetic rows' too. rows: how many are chosen. share: of the table's budget, 0..1.
    label: a column of the private table; labels: its levels, as is public, or {level: share of the rows}.
    embedder: role; it must be on this machine and learn nothing from the rows."""

    source: str = field(metadata={"key": "from"})
    column: str
    rows: int
    share: float = 1.0
    label: str | None = None
    labels: Mapping[str, float] | list[Any] | None = None
    embedder: str = "hashing"
    releases: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = (
        "Lin et al. 2024, Differentially private synthetic data via foundation model APIs 1: images (2305.15560)",
        "Xie et al. 2024, Differentially private synthetic data via foundation model APIs 2: text (2403.01749)",
    )

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError("rows must be at least 1")
        if not 0 < self.share <= 1:
            raise ValueError(f"share is {self.share:g}, expected more than 0 and at most 1: a share of the table's privacy budget")
        if (self.label is None) != (self.labels is None):
            raise ValueError(
                "label and labels go together: the column, and its levels as they are publicly known (not read from private rows)"
            )
        if self.labels is not None and len({plain(v) for v in self.labels}) < max(1, len(self.labels)):
            raise ValueError("labels must hold different levels, at least one (1 and '1' are the same)")
        if isinstance(self.labels, Mapping) and not all(isinstance(w, (int, float)) and w > 0 for w in self.labels.values()):
            raise ValueError("labels: the shares must be numbers above 0")

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def embeds(self) -> tuple[str, ...]:
        return (self.embedder,)

    def spends(self) -> Mapping[str, float]:
        return {self.source: self.share}

    def check(self, scene: Scene) -> None:
        for column in (self.column, *((self.label,) if self.label else ())):
            scene.table_column(f"{self.source}.{column}")

    def groups(self) -> dict[Any, int]:
        """Level -> how many are chosen."""
        levels = list(self.labels) if self.labels is not None else [None]
        return shares(self.rows, levels, self.labels if isinstance(self.labels, Mapping) else None)

    async def noisy_votes(
        self, ctx: Context, what: str, texts: Sequence[Sequence[str]], groups: Sequence[Any], releases: int = 1
    ) -> list[float]:
        """The private rows' votes with noise: one of `releases` equal releases that together spend `share` of the budget. texts: of each candidate
        those whose mean vector stands for it, at least one."""
        import numpy as np

        table = ctx.table(self.source)
        embedder = ctx.embedder(self.embedder)
        bare = getattr(embedder, "inner", embedder)  # vectors of private rows are journaled nowhere
        if (ctx.label, "private") not in ctx.cache:
            ctx.cache[ctx.label, "private"] = grid(await bare.embed([plain(t) or "" for t in table.column(self.column)]))
        allowance = ctx.allowance(self.source)
        people = [plain(p) for p in table.column(allowance.person)] if allowance.person else range(len(table))
        labels = [plain(v) for v in table.column(self.label)] if self.label else [None] * len(table)
        starts = np.cumsum([0, *(len(of) for of in texts[:-1])])
        candidates = grid(np.add.reduceat(np.asarray(await embedder.embed([t for of in texts for t in of]), float), starts))
        counted = histogram(ctx.cache[ctx.label, "private"], candidates, people, labels, [plain(g) for g in groups])
        sigma = SENSITIVITY * (releases / self.share) ** 0.5 / mu_for(allowance.epsilon, allowance.delta)
        about = ([list(of) for of in texts], [repr(g) for g in groups], self.column, self.label, embedder.name)
        return await ctx.release(what, self.source, counted.tolist(), sigma=sigma, about=about, sensitivity=SENSITIVITY)
