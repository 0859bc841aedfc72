"""dedup: drops rows that say what an earlier row says: equal after case and white-space folding, or nearly so.

Reads the column(s). Streaming: the first row in plan order stays, a verdict is final, rows of earlier rounds are history.
Drops: duplicate (detail: the twin's id), near_duplicate (detail: the twin's id and the Jaccard of their word bigrams).
Candidates by MinHash (128 permutations, 32 bands), verified exactly; see text/shingles.py. Overlap of words, not of meaning.
One drop: near_duplicate, 'like 77ab0c..., Jaccard 0.86'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Judge, Op, Scene, Scope
from ..core.rows import Batch, Drop, Verdict
from ..text.shingles import NearIndex, fingerprint


@dataclass(frozen=True)
class Dedup(Op):
    """column or columns (joined). near: Jaccard at or above which two texts are near duplicates; null = equal texts only."""

    column: str | None = None
    columns: tuple[str, ...] | None = None
    near: float | None = 0.8
    name: ClassVar[str] = "dedup"
    scope: ClassVar[Scope] = Scope.TABLE
    bytes_per_row: ClassVar[int] = 1_300
    cites: ClassVar[tuple[str, ...]] = ("Broder 1997, On the resemblance and containment of documents",)
    drops: ClassVar[Mapping[str, str]] = {
        "duplicate": "equal to an earlier row after case and white-space folding",
        "near_duplicate": "Jaccard of word bigrams with an earlier row at or above `near`",
    }

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("give either column or columns")
        if self.near is not None and not 0 < self.near <= 1:
            raise ValueError("near must be more than 0 and at most 1, or null")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple(self.columns or ())

    def judge(self, ctx: Context) -> Judge:
        return _Seen(self.near)


class _Seen:
    def __init__(self, near: float | None) -> None:
        self._ids: list[str] = []
        self._equal: dict[bytes, int] = {}
        self._near = NearIndex(near) if near is not None else None

    def _texts(self, batch: Batch) -> list[str]:
        cells = list(batch.columns.values())
        if len(cells) == 1:
            return ["" if v is None else str(v) for v in cells[0]]
        return ["\n".join("" if v is None else str(v) for v in row) for row in zip(*cells, strict=True)]

    def remember(self, batch: Batch) -> None:
        for row, text in zip(batch.ids, self._texts(batch), strict=True):
            self._keep(row, fingerprint(text), text)

    def _keep(self, row: str, mark: bytes, text: str) -> None:
        self._equal[mark] = len(self._ids)
        self._ids.append(row)
        if self._near is not None:
            self._near.add(self._near.sketch(text))

    def judge(self, batch: Batch) -> Sequence[Verdict | None]:
        out: list[Verdict | None] = []
        for row, text in zip(batch.ids, self._texts(batch), strict=True):
            mark = fingerprint(text)
            twin = self._equal.get(mark)
            if twin is not None:
                out.append(Verdict(Drop("duplicate", f"like {self._ids[twin]}")))
                continue
            if self._near is not None:
                sketch = self._near.sketch(text)
                found = self._near.query(sketch)
                if found is not None:
                    out.append(Verdict(Drop("near_duplicate", f"like {self._ids[found[0]]}, Jaccard {found[1]:.2f}")))
                    continue
                self._near.add(sketch)
            self._equal[mark] = len(self._ids)
            self._ids.append(row)
            out.append(None)
        return out
