"""fidelity: how well single columns and pairs of columns agree with the real table's.

marginals: mean over columns of 1 - KS (numbers; the larger of KS and the gap in missing shares) or 1 - TVD (categories). pairs: mean over
column pairs of 1 - TVD of the joint counts, numbers in 10 bins at the real quantiles, missing a bin of its own. Against the holdout, or the
real rows where there is none. Beside the value: the floor (synthetic columns shuffled independently) and the ceiling (real rows against the holdout;
without one, halves of the real rows). Dates are numbers of days.
Independent columns pass any test of marginals: read pairs, C2ST and utility with it. Text and id columns are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import level, numbers
from ..stats.distances import joint_tvd, ks, tvd
from ..stats.features import kind_of
from ..stats.resample import subsample, subsample_interval


def agreement(a: Sequence[Any], b: Sequence[Any], kind: str) -> float:
    """1 - KS of numbers and dates, or the gap in missing shares where that is larger; 1 - TVD of categories."""
    import numpy as np

    if kind == "category":
        return 1 - tvd(Counter(map(level, a)), Counter(map(level, b)))
    sides = [numbers(x, kind) for x in (a, b)]
    x, y = (v[~np.isnan(v)] for v in sides)
    return 1 - max(ks(x, y), abs(len(x) / max(1, len(a)) - len(y) / max(1, len(b))))


def _halves(data: Data, seed: int) -> tuple[Data, Data]:
    import numpy as np

    rows = np.random.default_rng(seed).permutation(len(data)).tolist()
    return data.take(rows[::2]), data.take(rows[1::2])


def _codes(cells: Sequence[Any], kind: str, edges: Any, levels: dict[str, int]) -> Any:
    import numpy as np

    if kind != "category":
        x = numbers(cells, kind)
        return np.where(np.isnan(x), 11, np.searchsorted(edges, x, "right"))
    return np.asarray([levels.setdefault(str(level(c)), len(levels)) for c in cells])


@dataclass(frozen=True)
class Fidelity(Metric):
    """most: rows a side. most_pairs: of columns, drawn at random where there are more."""

    most: int = 20_000
    most_pairs: int = 300
    name: ClassVar[str] = "fidelity"
    family: ClassVar[str] = "realism"
    gives: ClassVar[Mapping[str, str]] = {
        "realism.marginals": "agreement of single columns with real rows (1 - KS or 1 - TVD), 0..1, higher is better",
        "realism.pairs": "agreement of pairs of columns with real rows (1 - TVD of joint counts), 0..1, higher is better",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real = tables.reference
        if real is None or len(tables.synthetic) < 2 or len(real) < 2:
            return []
        kinds = {c: kind_of(real.columns[c]) for c in tables.synthetic.columns if c in real.columns}
        kinds = {
            c: k if k in ("number", "date") else "category" for c, k in kinds.items() if k in ("number", "date", "category", "constant")
        }
        if not kinds:
            return []
        n = min(self.most, len(tables.synthetic))
        own = tables.synthetic.take(subsample(len(tables.synthetic), n, tables.seed)).only(list(kinds))
        reference = tables.ceiling(kinds)
        caveats: tuple[str, ...] = (tables.against,)
        if reference is None:
            caveats += ("ceiling: one half of the real rows against the other, fewer rows than the value has",)
        out = [self._marginals(own, real, reference, kinds, tables, caveats)]
        if len(kinds) > 1:
            out.append(self._pairs(own, real, reference, kinds, tables, caveats))
        return out

    def _marginals(
        self, own: Data, real: Data, reference: Data | None, kinds: Mapping[str, str], tables: Tables, caveats: tuple[str, ...]
    ) -> Measurement:
        by_column = {c: agreement(own.columns[c], real.columns[c], k) for c, k in kinds.items()}
        value = sum(by_column.values()) / len(by_column)

        def mean(rows: list[int]) -> float:
            part = own.take(rows)
            return sum(agreement(part.columns[c], real.columns[c], k) for c, k in kinds.items()) / len(kinds)

        first, second = reference or real, real
        if reference is None:
            first, second = _halves(real, tables.seed)
        ceiling = sum(agreement(first.columns[c], second.columns[c], k) for c, k in kinds.items()) / len(kinds)
        detail = {"floor": value, "ceiling": ceiling}
        span = subsample_interval(len(own), mean, value, tables.seed, 10)
        note = "floor = value: independent columns have the very same marginals; read it with the pairs"
        return Measurement("realism.marginals", value, "share", len(own), span, "higher", by_column, (*caveats, note), detail)

    def _pairs(
        self, own: Data, real: Data, reference: Data | None, kinds: Mapping[str, str], tables: Tables, caveats: tuple[str, ...]
    ) -> Measurement:
        import numpy as np

        every = list(combinations(kinds, 2))
        rng = np.random.default_rng(tables.seed)
        pairs = [every[i] for i in sorted(rng.choice(len(every), min(len(every), self.most_pairs), replace=False).tolist())]
        base = tables.real if tables.real is not None and all(c in tables.real.columns for c in kinds) else real
        levels: dict[str, dict[str, int]] = {c: {} for c in kinds}
        edges = {}
        for c, kind in kinds.items():
            if kind != "category":
                x = numbers(base.columns[c], kind)
                x = x[~np.isnan(x)]
                edges[c] = np.unique(np.quantile(x, np.linspace(0.1, 0.9, 9))) if len(x) else np.zeros(0)

        def coded(data: Data) -> dict[str, Any]:
            return {c: _codes(data.columns[c], k, edges.get(c), levels[c]) for c, k in kinds.items()}

        a, b = coded(own), coded(real)
        first, second = (coded(reference), b) if reference is not None else map(coded, _halves(real, tables.seed))

        def joint(x: dict[str, Any], y: dict[str, Any], rows: Any = None) -> float:
            total = 0.0
            for c, d in pairs:
                width = 1 + max(int(x[d].max()), int(y[d].max()))
                u, v = x[c] * width + x[d], y[c] * width + y[d]
                total += 1 - joint_tvd(u if rows is None else u[rows], v)
            return total / len(pairs)

        value = joint(a, b)
        floor = joint({c: x[rng.permutation(len(x))] for c, x in a.items()}, b)
        detail = {"floor": floor, "ceiling": joint(first, second)}
        span = subsample_interval(len(own), lambda i: joint(a, b, np.asarray(i)), value, tables.seed, 10)
        notes = caveats if len(pairs) == len(every) else (*caveats, f"{len(pairs)} of {len(every)} pairs, drawn at random")
        return Measurement(
            "realism.pairs",
            value,
            "share",
            len(own),
            span,
            "higher",
            None,
            (*notes, "falls with fewer rows: read it beside the ceiling"),
            detail,
        )
