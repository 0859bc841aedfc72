"""shuffle: puts the rows into a random order, by hashing row ids with the seed: the same at any concurrency, and stable when rows come or go.

Reads nothing, writes nothing; moves rows in the exported order. Final. Takes no parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context, seed_of
from ..core.op import Op, Scan, Scope, Settled
from ..core.rows import Verdict


@dataclass(frozen=True)
class Shuffle(Op):
    name: ClassVar[str] = "shuffle"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 150

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        keys = [(seed_of(ctx.seed, ctx.label, i), key) for batch in scan(()) for key, i in zip(batch.keys, batch.ids, strict=True)]
        keys.sort()
        for rank, (_, key) in enumerate(keys):
            yield key, Verdict(rank=rank)
