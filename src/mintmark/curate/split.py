"""split: deals the rows into named parts (train, test, ...) and writes the part's name into the column `split`.

stratify: each value of that column is dealt in the same proportions. group: rows that share its value go to one part together, so that
nothing leaks between parts. Final; exact within rounding; deterministic by seed and row id.
One row: id='3f0c...', text='hi, ...', split='train'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Verdict


@dataclass(frozen=True)
class Split(Op):
    """parts: {train: 0.8, test: 0.2}: shares that add up to 1. stratify: a column whose values are dealt alike. group: a column whose
    equal values stay together."""

    parts: Mapping[str, Any]
    stratify: str | None = None
    group: str | None = None
    into: str = "split"
    name: ClassVar[str] = "split"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 250

    def __post_init__(self) -> None:
        shares = list(self.parts.values())
        if not shares or any(isinstance(s, bool) or not isinstance(s, (int, float)) or s < 0 for s in shares):
            raise ValueError("parts must be names with shares, such as {train: 0.8, test: 0.2}")
        if abs(sum(shares) - 1.0) > 1e-6:
            raise ValueError(f"the shares of parts add up to {sum(shares):g}, expected 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c in (self.stratify, self.group) if c is not None)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        strata: dict[str, dict[str, list[tuple[int, int]]]] = {}
        for batch in scan(self.reads(Scene())):
            for k, key in enumerate(batch.keys):
                group = repr(batch.columns[self.group][k]) if self.group else batch.ids[k]
                stratum = repr(batch.columns[self.stratify][k]) if self.stratify else ""
                strata.setdefault(stratum, {}).setdefault(group, []).append(key)
        if self.group:  # a group with rows in several strata goes whole, with the stratum it was seen in first
            strata = _whole(strata)
        carry = dict.fromkeys(self.parts, 0.0)
        for stratum in sorted(strata):
            groups = strata[stratum]
            total = sum(map(len, groups.values()))
            room = {part: share * total + carry[part] for part, share in self.parts.items()}
            for group in sorted(groups, key=lambda g: seed_of(ctx.seed, ctx.label, g)):
                part = max(room, key=lambda p: room[p])
                room[part] -= len(groups[group])
                for key in groups[group]:
                    yield key, Verdict(values={self.into: part})
            carry = room


def _whole(strata: dict[str, dict[str, list[tuple[int, int]]]]) -> dict[str, dict[str, list[tuple[int, int]]]]:
    home: dict[str, str] = {}
    out: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for stratum, groups in strata.items():
        for group, keys in groups.items():
            at = home.setdefault(group, stratum)
            out.setdefault(at, {}).setdefault(group, []).extend(keys)
    return out
