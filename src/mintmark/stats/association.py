"""How much one column tells of another: mutual information of a table of counts, and the weights under which it is 0.

    mutual_information({("f", "nurse"): 30, ("m", "nurse"): 10, ("f", "pilot"): 10, ("m", "pilot"): 30})  ->  0.188...  (bits)

Weights: w(g, l) = n(g) n(l) / (n n(g, l)), "reweighing" of Kamiran and Calders 2012; weighted, the columns are independent and neither margin
has changed. That is exact in rational numbers; in floats the sum is 0 up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

G = TypeVar("G", bound=Hashable)
L = TypeVar("L", bound=Hashable)


def margins(counts: Mapping[tuple[G, L], float]) -> tuple[dict[G, float], dict[L, float], float]:
    rows: dict[G, float] = {}
    columns: dict[L, float] = {}
    for (g, label), n in counts.items():
        rows[g] = rows.get(g, 0) + n
        columns[label] = columns.get(label, 0) + n
    return rows, columns, sum(rows.values())


def mutual_information(counts: Mapping[tuple[G, L], float]) -> float:
    """Bits, at least 0. Equal counts in every cell of a row give 0.0 itself."""
    rows, columns, total = margins(counts)
    if not total:
        return 0.0
    bits = math.fsum(n / total * math.log2(n * total / (rows[g] * columns[label])) for (g, label), n in counts.items() if n)
    return max(0.0, bits)


def independent_weights(counts: Mapping[tuple[G, L], float]) -> dict[tuple[G, L], float]:
    """A weight a cell. ValueError for an empty cell of a group and a label that both have rows: nothing can be weighed there."""
    rows, columns, total = margins(counts)
    for g in rows:
        for label in columns:
            if not counts.get((g, label)):
                raise ValueError(f"no row has group {g} and label {label}")
    return {(g, label): rows[g] * columns[label] / (total * n) for (g, label), n in counts.items()}


def pearson(x: Any, y: Any) -> float:
    """Pearson's r of the rows in which both are numbers; 0 where one of them does not vary."""
    import numpy as np

    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    x, y = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)  # scaled first: squares of large numbers overflow
    return float(np.clip((x @ y) / np.sqrt((x @ x) * (y @ y)), -1, 1))


def cramers_v(a: Any, b: Any) -> float:
    """Cramér's V of two arrays of codes, 0..1; 0 where one of them has a single level."""
    import numpy as np

    (rows, a), (columns, b) = (np.unique(x, return_inverse=True) for x in (a, b))
    least = min(len(rows), len(columns))
    if least < 2:
        return 0.0
    cells, seen = np.unique(a.astype(np.int64) * len(columns) + b, return_counts=True)  # of many cells few are filled
    n = len(a)
    expected = np.bincount(a)[cells // len(columns)] * np.bincount(b)[cells % len(columns)] / n
    chi = float((seen * seen / expected).sum()) - n  # the sum of n(g, l)^2 / e - n = chi squared, empty cells included
    return float(np.sqrt(min(1.0, max(0.0, chi / (n * (least - 1))))))


def correlation_ratio(x: Any, groups: Any) -> float:
    """Eta: root of the share of x's variance that lies between groups, 0..1, over the rows with a number."""
    import numpy as np

    there = ~np.isnan(x)
    x, groups = x[there], groups[there]
    if len(x) < 2 or np.ptp(x) == 0:
        return 0.0
    x = (x - x.mean()) / np.ptp(x)
    _, at = np.unique(groups, return_inverse=True)
    n = np.bincount(at)
    return float(np.sqrt(min(1.0, float((np.bincount(at, x) ** 2 / n).sum() / (x @ x)))))
