"""duplicates: the share of rows that nearly repeat an earlier row: Jaccard of word bigrams >= 0.8, as `dedup` means it.

Exact over the whole table, no sample. The share grows with the number of rows, so the reference is of as many real rows; where there are fewer,
`detail.at_reference_rows` is the value at their number. Source: Broder 1997; Lee et al. 2022 (near duplicates in training data).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..stats.resample import same_size
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
        own = tables.synthetic.columns[tables.text]
        n, hits = len(own), self._count(own)
        if not n:
            return []
        caveats = [f"at {n:,} rows: more rows hold more near duplicates", "overlap of words, not of meaning"]
        detail: dict[str, float] | None = None
        if tables.real is not None and tables.text in tables.real.columns and len(tables.real):
            mine, real = same_size([n, len(tables.real)], n, tables.seed)
            cells = tables.real.columns[tables.text]
            detail = {"reference": self._count([cells[i] for i in real]) / len(real)}
            if len(real) < n:
                detail["at_reference_rows"] = self._count([own[i] for i in mine]) / len(mine)
                caveats.append(f"real rows: at {len(real):,}, where these have {detail['at_reference_rows']:.3f}")
        span = wilson(hits, n)
        return [Measurement("diversity.near_duplicates", hits / n, "share", n, span, "lower", caveats=tuple(caveats), detail=detail)]

    def _count(self, cells: Sequence[Any]) -> int:
        index, hits, bare = NearIndex(self.near), 0, False
        for cell in cells:
            sketch = index.sketch("" if cell is None else str(cell))
            if index.query(sketch) is not None or (bare and not sketch[1]):  # empty texts are one text
                hits += 1
            elif sketch[1]:
                index.add(sketch)
            else:
                bare = True
        return hits
