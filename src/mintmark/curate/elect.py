"""elect: the last differentially private vote: private rows choose which of the synthetic texts stay.

    elect: {from: real, column: text, rows: 200, share: 0.2}             after a repeat with `vote`, or after any rows that no private row has made

Each private row votes for the nearest synthetic text of its label, over all that were kept; the histogram is released with Gaussian noise through
Context.release; the `rows` texts with the most votes stay. Spends `share` of the table's budget, in one release.
Reads `column`, and `group` where labels are given. Writes: votes (noisy). Drops: not_elected. Final: votes once, after the last round.
One row: id='7c2e...', text='Quiet night; rates pain at two.', votes=11.3
Source: Lin et al. 2024 (2305.15560), the last selection of Private Evolution. What is not covered: as in generate/vote.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict
from ..private.voting import Voting
from ..stats.private_votes import pick


@dataclass(frozen=True)
class Elect(Voting):
    """group: the column of the synthetic rows that holds their label, where labels are given."""

    group: str = "group"
    name: ClassVar[str] = "elect"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 4_300  # its vector
    drops: ClassVar[Mapping[str, str]] = {"not_elected": "private rows, with noise, have chosen others"}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, self.group) if self.labels is not None else (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("votes",)

    async def settle(self, scan: Scan, ctx: Context) -> Settled:
        keys: list[Any] = []
        texts: list[str] = []
        groups: list[Any] = []
        for batch in scan(self.reads(Scene())):
            keys += batch.keys
            texts += ["" if t is None else str(t) for t in batch.columns[self.column]]
            groups += batch.columns[self.group] if self.labels is not None else [None] * len(batch.keys)
        if not texts:
            return []
        noisy = await self.noisy_votes(ctx, "election", [[t] for t in texts], groups)
        chosen = set(pick(noisy, groups, self.groups(), "rank", 0.0, ctx.rng("pick")))
        return [
            (
                key,
                Verdict(values={"votes": round(noisy[i], 6)})
                if i in chosen
                else Verdict(Drop("not_elected", f"{noisy[i]:.1f} votes, with noise")),
            )
            for i, key in enumerate(keys)
        ]
