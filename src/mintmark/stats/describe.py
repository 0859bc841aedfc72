"""Descriptive statistics of a table's columns, in the words of text/table_schema: what a prompt may say of a table without showing a row.

    describe({"age": [34, 61, ...], "sex": ["f", "m", ...]})
    ->  {"age": {"type": "whole", "mean": 57.1, "sd": 15.2, "quartiles": [45, 59, 69]}, "sex": {"levels": ["f", "m"], "shares": [0.52, 0.48]}}

No minimum, no maximum and no level with fewer than `LEAST` rows is told: those are single rows' values. There is no noise: what is told is not
differentially private. Columns of texts and ids are named without statistics. correlations: Spearman's rank correlations of at least .2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .cells import finite, numbers
from .features import kind_of

LEAST, MOST_LEVELS, FEW = 5, 50, 10


def describe(columns: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Name -> what is known of the column, as a schema in a recipe says it; a column without any value is left out."""
    return {name: told for name, cells in columns.items() if (told := _told(cells))}


def types(columns: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Name -> type, all levels and the share without a value: what a row of the table must fit, in the same words."""
    return {name: _told(cells, 1, statistics=False) or {"type": "text", "missing": 0.999} for name, cells in columns.items()}


def correlations(columns: Mapping[str, Sequence[Any]], least: float = 0.2, most: int = 12) -> list[tuple[str, str, float]]:
    """Pairs of number columns whose ranks go together, the strongest first."""
    import numpy as np
    from scipy.stats import rankdata

    names = [n for n, cells in columns.items() if kind_of(cells) == "number"]
    data = {n: numbers(columns[n]) for n in names}
    out = []
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            both = ~(np.isnan(data[a]) | np.isnan(data[b]))
            x, y = rankdata(data[a][both]), rankdata(data[b][both])
            if len(x) >= 2 * LEAST and x.std() and y.std():
                out.append((a, b, float(np.corrcoef(x, y)[0, 1])))
    return sorted((p for p in out if abs(p[2]) >= least), key=lambda p: -abs(p[2]))[:most]


def _told(cells: Sequence[Any], least: int = LEAST, statistics: bool = True) -> dict[str, Any]:
    import numpy as np

    there = [c for c in finite(cells) if c is not None]
    if not there:
        return {}
    kind = kind_of(there)
    lost = 1 - len(there) / len(cells)
    missing = {"missing": max(1e-4, round(lost, 4))} if lost else {}
    counts = Counter(map(str, there))
    few = len(counts) <= (FEW if kind == "number" else MOST_LEVELS)
    if few and kind in ("number", "category", "constant") and (kind != "number" or all(float(c).is_integer() for c in there)):
        by_text = {str(c): c for c in there}
        levels = [(by_text[t], n) for t, n in counts.most_common() if n >= least]
        if levels:
            known = sum(n for _, n in levels)
            shares = {"shares": [round(n / known, 4) for _, n in levels]} if statistics else {}
            return {"levels": [v for v, _ in levels], **shares, **missing}
    if kind == "number":
        values = numbers(there)
        whole = bool((values == np.round(values)).all())
        if not statistics:
            return {"type": "whole" if whole else "number", **missing}
        cut = None if whole else min(6, max(len(f"{v:.6f}".rstrip("0").partition(".")[2]) for v in values[:1_000]))
        quartiles = [float(f"{q:.6g}") for q in np.quantile(values, [0.25, 0.5, 0.75])]
        sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        told = {
            "type": "whole" if whole else "number",
            "mean": float(f"{values.mean():.6g}"),
            "sd": float(f"{sd:.6g}"),
            "quartiles": quartiles,
        }
        return {**told, **({} if cut is None else {"decimals": cut}), **missing}
    return {"type": "date" if kind == "date" else "text", **missing}
