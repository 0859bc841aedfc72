"""duplicates: the share of rows that nearly repeat an earlier row: Jaccard of word bigrams >= 0.8, as `dedup` means it.

Source: Broder 1997; Lee et al. 2022 (near duplicates in training data). Exact over the whole table, no sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..text.shingles import NearIndex


@dataclass(frozen=True)
class Duplicates(Metric):
    """near: Jaccard from which two texts are near duplicates."""

    near: float = 0.8
    name: ClassVar[str] = "duplicates"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = ("Broder 1997, On the resemblance and containment of documents",)
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.near_duplicates": "share of texts whose word bigrams overlap an earlier text's with Jaccard >= 0.8, 0..1, lower is better"
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        if tables.text is None or tables.text not in tables.synthetic.columns:
            return []
        n, hits = self._count(tables.synthetic.columns[tables.text])
        detail = None
        if tables.real is not None and tables.text in tables.real.columns:
            m, real_hits = self._count(tables.real.columns[tables.text])
            detail = {"reference": real_hits / m if m else 0.0}
        return [
            Measurement(
                "diversity.near_duplicates",
                hits / n if n else 0.0,
                "share",
                n,
                wilson(hits, n),
                "lower",
                caveats=("overlap of words, not of meaning",),
                detail=detail,
            )
        ]

    def _count(self, cells: object) -> tuple[int, int]:
        index, hits, n = NearIndex(self.near), 0, 0
        for cell in cells:  # type: ignore[attr-defined]
            sketch = index.sketch("" if cell is None else str(cell))
            n += 1
            if index.query(sketch) is not None:
                hits += 1
            else:
                index.add(sketch)
        return n, hits
