"""prefer: the chosen and the rejected answer of each row, by the candidates' scores or wins: preference pairs for DPO and KTO.

    prefer: {by: scores, margin: 0.5}                       then: mintmark export DIR --as dpo    (or kto)
    prefer: {by: wins, rejected: random}

Chosen is the best candidate; rejected the worst, or a random one below it (UltraFeedback's binarised sets do that, so that the pairs are not only
the extremes). Ties go to the earlier candidate. Writes: chosen, rejected (texts), margin (difference of their scores, more is clearer), chosen_by,
rejected_by (the models' roles, where known). Drops: no_preference (no candidate lies `margin` below the best).
Source: direct preference optimisation, Rafailov et al. 2023 (2305.18290); KTO, Ethayarajh et al. 2024 (2402.01306).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row


@dataclass(frozen=True)
class Prefer(Op):
    """by: the column of numbers beside the candidates. margin: the least difference, more than 0 in any case. candidates: the list column.
    rejected: the worst, or a random one below the best."""

    by: str = "scores"
    candidates: str = "candidates"
    margin: float = 0.0
    rejected: Literal["worst", "random"] = "worst"
    name: ClassVar[str] = "prefer"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Rafailov et al. 2023, Direct preference optimization (2305.18290)",)
    drops: ClassVar[Mapping[str, str]] = {"no_preference": "no candidate lies far enough below the best"}

    def __post_init__(self) -> None:
        if self.margin < 0:
            raise ValueError("margin must not be below 0")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.candidates, self.by)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("chosen", "rejected", "margin", "chosen_by", "rejected_by")

    def each(self, row: Row, ctx: Context) -> Result:
        items = [c if isinstance(c, dict) else {"text": c} for c in row.values[self.candidates] or ()]
        values = row.values[self.by] if isinstance(row.values[self.by], list) else []
        pairs = [(float(s), i) for i, s in enumerate(values[: len(items)]) if isinstance(s, (int, float)) and s == s]  # no NaN
        if not pairs:
            return Drop("no_preference", f"{self.by} holds no numbers for the candidates")
        top, best = max(pairs, key=lambda p: (p[0], -p[1]))
        below = [(s, i) for s, i in pairs if top - s >= self.margin and s < top]
        if not below:
            return Drop("no_preference", f"{self.by}: {', '.join(f'{s:g}' for s, _ in pairs)}"[:120])
        low, other = min(below) if self.rejected == "worst" else ctx.rng().choice(below)
        out: dict[str, Any] = {"chosen": items[best]["text"], "rejected": items[other]["text"], "margin": round(top - low, 6)}
        return row.with_values({**out, "chosen_by": items[best].get("model"), "rejected_by": items[other].get("model")})
