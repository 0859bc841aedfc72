"""How much one column tells of another: mutual information of a table of counts, and the weights under which it is 0.

    mutual_information({("f", "nurse"): 30, ("m", "nurse"): 10, ("f", "pilot"): 10, ("m", "pilot"): 30})  ->  0.188...  (bits)

Weights: w(g, l) = n(g) n(l) / (n n(g, l)), "reweighing" of Kamiran and Calders 2012; weighted, the columns are independent and neither margin
has changed. That is exact in rational numbers; in floats the sum is 0 up to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TypeVar

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
