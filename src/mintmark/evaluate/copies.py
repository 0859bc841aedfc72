"""copies: real rows given away: rows equal to a real row in all cells, and texts that nearly repeat a real text.

`privacy.copies` counts; read it beside `privacy.copies_holdout`, the same count for real rows that the generator never saw (what chance and
common phrases explain), scaled to as many rows. A count of 0 is no proof of privacy: see the caveats, and membership tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import clopper_pearson, wilson
from ..text.shingles import NearIndex, fold


def folded(cell: Any) -> Any:
    """A cell for comparison: text folded, whole decimals as integers, NaN as missing, everything else as its text."""
    if isinstance(cell, str):
        return fold(cell)
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None if cell != cell else cell
    return cell if isinstance(cell, (int, float, type(None))) else repr(cell)


def count_equal(rows: Data, real: Data, columns: Sequence[str]) -> int:
    known = _rows(real, columns)
    return sum(row in known for row in zip(*([folded(c) for c in rows.columns[n]] for n in columns)))


def _rows(data: Data, columns: Sequence[str]) -> set[tuple[Any, ...]]:
    return set(zip(*([folded(c) for c in data.columns[n]] for n in columns)))


@dataclass(frozen=True)
class Copies(Metric):
    """near: Jaccard from which two texts are near copies."""

    near: float = 0.8
    name: ClassVar[str] = "copies"
    family: ClassVar[str] = "privacy"
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.copies": "kept rows equal in all shared cells to a real row (text after folding), count, lower is better",
        "privacy.copies_holdout": "the same count for the holdout's rows, scaled to as many rows: what chance explains",
        "privacy.near_copies": "share of texts with Jaccard >= 0.8 of word bigrams to some real text, 0..1, lower is better",
        "privacy.near_copies_holdout": "the same share for the holdout's texts",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real, own, held = tables.real, tables.synthetic, tables.holdout
        if real is None or not len(own) or not len(real):
            return []
        columns = [c for c in own.columns if c in real.columns]
        if not columns:
            return []
        n = len(own)
        no_proof = f"compared in the columns {', '.join(columns)}; 0 copies is no proof of privacy"
        different = len(_rows(real, columns)) / len(real)
        if different < 0.5:
            no_proof += "; real rows repeat each other in these columns, so being equal to one gives little away"
        out = []
        hits = count_equal(own, real, columns)
        low, high = clopper_pearson(hits, n)
        out.append(
            Measurement(
                "privacy.copies", hits, "rows", n, (low * n, high * n), "lower", None, (no_proof,), {"different_real_rows": different}
            )
        )
        if held is not None and len(held) and all(c in held.columns for c in columns):
            seen = count_equal(held, real, columns)
            low, high = clopper_pearson(seen, len(held))
            caveat = f"{seen} of {len(held):,} holdout rows, scaled to {n:,}"
            out.append(
                Measurement(
                    "privacy.copies_holdout", seen * n / len(held), "rows", len(held), (low * n, high * n), "none", caveats=(caveat,)
                )
            )
        if tables.text is not None and tables.text in columns:
            index = NearIndex(self.near)
            for cell in real.columns[tables.text]:
                index.add(index.sketch("" if cell is None else str(cell)))
            for name, data, better in (("privacy.near_copies", own, "lower"), ("privacy.near_copies_holdout", held, "none")):
                if data is None or tables.text not in data.columns or not len(data):
                    continue
                found = sum(index.query(index.sketch("" if c is None else str(c))) is not None for c in data.columns[tables.text])
                out.append(
                    Measurement(
                        name,
                        found / len(data),
                        "share",
                        len(data),
                        wilson(found, len(data)),
                        better,
                        caveats=("overlap of words, not of meaning",),
                    )
                )
        return out
