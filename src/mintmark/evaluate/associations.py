"""associations: do columns hang together as in the real table? Differences of correlation, pair by pair.

    measure: [realism]

`correlations`: mean over pairs of numbers (dates too) of 1 - |r real - r synthetic| / 2, Pearson. `associations`: mean over pairs with a category of
1 - |difference| of Cramér's V (two categories) or of the correlation ratio eta (number and category). Against the holdout, else the real rows.
Most pairs hang together weakly, so independent columns come near 1 as well: read it beside `detail.floor` (each synthetic column shuffled by itself)
and `detail.ceiling` (real rows against the holdout); `detail.furthest` names the pairs with both values. V and eta rise with fewer rows.
Sources: Cramér 1946; the definition of `correlations` is that of SDMetrics' CorrelationSimilarity. Not covered: texts, ids, more than two columns at once.
One line of `furthest`: height, weight: 0.71 real, 0.02 synthetic
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.association import correlation_ratio, cramers_v, pearson
from ..stats.cells import encoded
from ..stats.features import kind_of
from ..stats.resample import jackknife_of_two, subsample

Cells = dict[str, Any]
KINDS = {"number": "number", "date": "date", "category": "category"}


@dataclass(frozen=True)
class Associations(Metric):
    """most: rows a side. most_pairs: of each measure, drawn at random where there are more."""

    most: int = 5_000
    most_pairs: int = 150
    name: ClassVar[str] = "associations"
    family: ClassVar[str] = "realism"
    gives: ClassVar[Mapping[str, str]] = {
        "realism.correlations": "mean of 1 - |difference of Pearson's r| / 2 over pairs of numbers, 0..1, higher is better, beside floor and ceiling",
        "realism.associations": "mean of 1 - |difference of Cramér's V or eta| over pairs with a category, 0..1, higher is better, beside floor and ceiling",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        import numpy as np

        real = tables.reference
        if real is None or min(len(real), len(tables.synthetic)) < 5:
            return []
        kinds = {c: KINDS.get(kind_of(real.columns[c]), "") for c in tables.synthetic.columns if c in real.columns}
        kinds = {c: k for c, k in kinds.items() if k}
        third = tables.ceiling(kinds)
        levels: dict[str, dict[Any, int]] = {}
        own, against, *ceiling = (self._cells(d, kinds, levels, tables.seed) for d in (tables.synthetic, real, third) if d is not None)
        rng = np.random.default_rng(tables.seed)
        floor = {c: x[rng.permutation(len(x))] for c, x in own.items()}
        out = []
        for name, wanted, scale in (("correlations", True, 2.0), ("associations", False, 1.0)):
            every = [p for p in combinations(kinds, 2) if all(kinds[c] != "category" for c in p) == wanted]
            pairs = [every[i] for i in sorted(rng.choice(len(every), min(len(every), self.most_pairs), replace=False).tolist())]
            if not pairs:
                continue

            def found(cells: Cells, pairs: Sequence[tuple[str, str]] = pairs) -> Any:
                return np.asarray([_strength(cells[a], cells[b], kinds[a], kinds[b]) for a, b in pairs])

            def score(a: Cells, b: Cells, found: Any = found, scale: float = scale) -> float:
                return float(1 - np.abs(found(a) - found(b)).mean() / scale)

            value, sizes = score(own, against), tuple(len(next(iter(d.values()))) for d in (own, against))

            def of_parts(i: Any, j: Any, score: Any = score) -> float:
                return float(score(_part(own, i), _part(against, j)))

            low, high = jackknife_of_two(of_parts, (sizes[0], sizes[1]), value, tables.seed, 8)
            there, here = found(against), found(own)
            worst = np.argsort(-np.abs(there - here), kind="stable")[:5]
            detail: dict[str, Any] = {"floor": score(floor, against), **({"ceiling": score(ceiling[0], against)} if ceiling else {})}
            detail["furthest"] = [f"{', '.join(pairs[i])}: {there[i]:.2f} real, {here[i]:.2f} synthetic" for i in worst]
            caveats = (
                tables.against,
                f"{len(pairs)} of {len(every)} pairs of columns; most hang together weakly: read it beside floor and ceiling",
            )
            out.append(Measurement(f"realism.{name}", value, "share", sizes[0], (low, high), "higher", None, caveats, detail))
        return out

    def _cells(self, data: Data, kinds: Mapping[str, str], levels: dict[str, dict[Any, int]], seed: int) -> Cells:
        return encoded(data.columns, subsample(len(data), self.most, seed), kinds, levels)


def _part(cells: Cells, rows: Any) -> Cells:
    return {c: x[rows] for c, x in cells.items()}


def _strength(a: Any, b: Any, kind: str, other: str) -> float:
    if kind != "category" and other != "category":
        return pearson(a, b)
    if kind == other:
        return cramers_v(a, b)
    return correlation_ratio(b, a) if kind == "category" else correlation_ratio(a, b)
