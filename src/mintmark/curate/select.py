"""select: keeps the best rows: so many, or a share, by a column's value, if wanted per value of another column (balance).

Reads `by` and `per`. Final: judges the whole table once. Drops: not_selected (detail: rank and value). Ties keep plan order; a missing
value ranks last. Without `by` the rows are chosen at random.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict


@dataclass(frozen=True)
class Select(Op):
    """n: rows to keep (per value of `per`, where given); or share: 0..1. order: desc keeps the highest values of `by`. by: a column of
    numbers; at random without it. per: a column, for each value of which is kept apart."""

    n: int | None = None
    share: float | None = None
    by: str | None = None
    order: Literal["desc", "asc"] = "desc"
    per: str | None = None
    name: ClassVar[str] = "select"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 120
    drops: ClassVar[Mapping[str, str]] = {"not_selected": "others ranked before it"}

    def __post_init__(self) -> None:
        if (self.n is None) == (self.share is None):
            raise ValueError("give either n or share")
        if self.n is not None and self.n < 1:
            raise ValueError("n must be at least 1")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError("share must be more than 0 and at most 1")

    @property
    def drop_share(self) -> float:
        return 0.0 if self.share is None else 1.0 - self.share

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c in (self.by, self.per) if c is not None)

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        groups: dict[Any, list[tuple[float, int]]] = {}
        keys: list[tuple[int, int]] = []
        shown = array("d")
        sign = -1.0 if self.order == "desc" else 1.0
        for batch in scan(self.reads(Scene())):
            values = batch.columns[self.by] if self.by else None
            for k, key in enumerate(batch.keys):
                value = values[k] if values is not None else ctx.rng(batch.ids[k]).random()
                number = float(value) if isinstance(value, (int, float)) and value == value else None
                rank = sign * number if number is not None else float("inf")
                group = repr(batch.columns[self.per][k]) if self.per else ""
                groups.setdefault(group, []).append((rank, len(keys)))
                keys.append(key)
                shown.append(number if number is not None else float("nan"))
        for members in groups.values():
            room = self.n if self.n is not None else max(1, round((self.share or 0.0) * len(members)))
            kept = {number for _, number in heapq.nsmallest(room, members)}
            for _, number in members:
                if number not in kept:
                    yield (
                        keys[number],
                        Verdict(Drop("not_selected", f"{self.by or 'random'} = {shown[number]:.4g}, {room} of {len(members)} kept")),
                    )
