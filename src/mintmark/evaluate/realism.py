"""realism: can a learner tell the synthetic rows from real ones (classifier two-sample test, Lopez-Paz and Oquab 2017)?

Out-of-fold AUC (5 folds) of the default learner, synthetic against the holdout (against the real rows the generator saw where there is
none, and then it says so), over the columns in both tables. 0.5 = cannot tell; 1 = always. Repeated rows land in different folds and raise
it. `detail.gives_away` says in words what the learner goes by, `detail.reference` is the AUC of real rows against the holdout, `detail.floor` that of
synthetic columns shuffled independently (tables without text).

Interval: DeLong's, 1.5 times as wide, since folds share training rows (Nadeau and Bengio 2003: variance x (1/5 + 1/4) / (1/5)); as it stands it leaves
0.5 out in 17 of 100 pairs of equal tables. `detail.p` is a test of its own: fitted on one half, rank sums of the other (few rows: by permutation).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import level, numbers
from ..stats.features import WORD, default_learner, kind_of
from ..stats.intervals import delong
from ..stats.resample import folds, subsample
from ..stats.two_sample import one_sided_ranks

WIDER = 1.5


def learner_for(ctx: Context, columns: Mapping[str, Sequence[Any]], target: str | None) -> Any:
    """The user's default learner, else boosting for tables and linear for text."""
    return ctx.learner_for(None, default_learner(columns, target))


@dataclass(frozen=True)
class Realism(Metric):
    """most: rows a side."""

    most: int = 10_000
    name: ClassVar[str] = "realism"
    family: ClassVar[str] = "realism"
    cites: ClassVar[tuple[str, ...]] = (
        "Lopez-Paz and Oquab 2017, Revisiting classifier two-sample tests",
        "Nadeau and Bengio 2003, Inference for the generalization error",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "realism.c2st_auc": "out-of-fold AUC of a learner that tells synthetic from real rows, 0..1, best near 0.5 (Lopez-Paz and Oquab 2017)"
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real = tables.reference
        if real is None:
            return []
        columns = [c for c in tables.synthetic.columns if c in real.columns]
        n = min(self.most, len(real), len(tables.synthetic))
        if n < 10 or not columns:
            return []
        value, span, gives_away, p = self._c2st(tables.synthetic, real, columns, n, tables, ctx)
        if value is None:
            why = f"the learner finds nothing to go by in {', '.join(columns)}"
            return [Measurement("realism.c2st_auc", None, "AUC", 2 * n, None, "near 0.5", caveats=(why,))]
        caveats = [f"{n:,} rows a side, columns {', '.join(columns)}", *(() if tables.holdout else (tables.against,))]
        if n < 200:
            caveats.append("few rows: the learner may miss what more would show")
        detail: dict[str, Any] = {"gives_away": gives_away, "p": p}
        if (seen := tables.ceiling(columns)) and len(seen) >= 10:
            detail["reference"] = self._c2st(seen, real, columns, min(n, len(seen)), tables, ctx, False)[0]
        if len(columns) > 1 and not any(kind_of(real.columns[c]) == "text" for c in columns):
            detail["floor"] = self._c2st(_shuffled(tables.synthetic.only(columns), tables.seed), real, columns, n, tables, ctx, False)[0]
        return [Measurement("realism.c2st_auc", value, "AUC", 2 * n, span, "near 0.5", caveats=tuple(caveats), detail=detail)]

    def _c2st(
        self, own: Data, real: Data, columns: list[str], n: int, tables: Tables, ctx: Context, explain: bool = True
    ) -> tuple[float | None, tuple[float, float], list[str], float | None]:
        import numpy as np

        a = own.take(subsample(len(own), n, tables.seed)).only(columns)
        b = real.take(subsample(len(real), n, tables.seed + 1)).only(columns)
        both = {c: [*a.columns[c], *b.columns[c]] for c in columns}
        labels = [1] * n + [0] * n
        learner = learner_for(ctx, both, None)
        fold = folds(labels, 5, tables.seed)
        scores = np.zeros(2 * n)
        fitted = None
        for k in range(5):
            train, test = np.flatnonzero(fold != k).tolist(), np.flatnonzero(fold == k).tolist()
            fitted = learner.fit({c: [v[i] for i in train] for c, v in both.items()}, [labels[i] for i in train], seed=tables.seed + k)
            scores[test] = fitted.proba({c: [v[i] for i in test] for c, v in both.items()})[:, list(fitted.classes).index(1)]
        if not np.ptp(scores) > 1e-9:  # one score for all: ids, and columns of one value, are no features
            return None, (0.0, 1.0), [], None
        value, span = delong(scores, labels, WIDER * 1.959964)
        words: list[str] = []
        p = _half_test(learner, both, labels, tables.seed) if explain else None
        if explain and fitted is not None:
            last = np.flatnonzero(fold == 4).tolist()
            test_rows = {c: [v[i] for i in last] for c, v in both.items()}
            words = _gives_away(fitted, test_rows, [labels[i] for i in last], tables.seed, a, b)
        return value, span, words, p


def _shuffled(data: Data, seed: int) -> Data:
    """Each column by itself."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return Data({c: [cells[i] for i in rng.permutation(len(cells))] for c, cells in data.columns.items()})


def _half_test(learner: Any, both: Mapping[str, Sequence[Any]], labels: Sequence[int], seed: int) -> float:
    """p of "the learner cannot tell": rank sums of the half it was not fitted on. The fitted learner is fixed there, so the test has its size."""
    import numpy as np

    train, test = ((folds(labels, 2, seed) == k).nonzero()[0].tolist() for k in (0, 1))
    fitted = learner.fit({c: [v[i] for i in train] for c, v in both.items()}, [labels[i] for i in train], seed=seed)
    scores = fitted.proba({c: [v[i] for i in test] for c, v in both.items()})[:, list(fitted.classes).index(1)]
    return one_sided_ranks(scores, np.asarray(labels)[test], seed)


def _gives_away(fitted: Any, test: Mapping[str, Sequence[Any]], labels: Sequence[int], seed: int, a: Data, b: Data) -> list[str]:
    """What the learner goes by, in words, with how often it stands in synthetic (a) against real rows (b): strongest n-grams on each side,
    or the columns whose shuffling costs the most AUC."""
    import numpy as np

    if hasattr(fitted, "weights"):
        weights = fitted.weights()
        shares = Shares(a, b)
        own = [shares.told(name) for name in [name for name, w in weights if w > 0][:8]]
        real = [shares.told(name) for name in [name for name, w in weights if w < 0][:8]]
        return [f"more in {which} rows: {', '.join(found)}" for which, found in (("synthetic", own), ("real", real)) if found]
    at = list(fitted.classes).index(1)
    base = delong(fitted.proba(test)[:, at], labels)[0]
    rng = np.random.default_rng(seed)
    losses = []
    for column, cells in test.items():
        order = rng.permutation(len(cells))
        shuffled = {**test, column: [cells[i] for i in order]}
        losses.append((base - delong(fitted.proba(shuffled)[:, at], labels)[0], column))
    return [
        f"{column} (without it the AUC falls by {loss:.2f}{_difference(a.columns[column], b.columns[column])})"
        for loss, column in sorted(losses, reverse=True)[:5]
        if loss > 0.005
    ]


class Shares:
    """Shares of synthetic and real rows that hold an n-gram, words as the linear learner cuts them. Told for “n-grams” only."""

    def __init__(self, a: Data, b: Data) -> None:
        self.sides = [[_plain(row) for row in zip(*data.columns.values(), strict=True)] for data in (a, b)]

    def told(self, feature: str) -> str:
        if not (feature.startswith("“") and feature.endswith("”")):
            return feature
        gram = f" {feature[1:-1]} "
        own, real = (sum(gram in text for text in side) / max(1, len(side)) for side in self.sides)
        return f"{feature} ({own:.0%} against {real:.0%})"


def _plain(row: Sequence[Any]) -> str:
    cells = (" ".join(re.findall(WORD, cell.lower())) for cell in row if isinstance(cell, str))
    return "|".join(f" {cell} " for cell in cells)


def _difference(own: Sequence[Any], real: Sequence[Any]) -> str:
    """'; mean 3.1 against 2.2' of numbers, '; no: 40% against 12%' of the level whose share differs most."""
    import numpy as np

    kind = kind_of(real)
    if kind == "number":
        means = [np.nanmean(found) if len(found := numbers(side)) and not np.isnan(found).all() else np.nan for side in (own, real)]
        return "; mean " + " against ".join(f"{m:,.0f}" if abs(m) >= 1000 else f"{m:.3g}" for m in means)
    if kind not in ("category", "constant"):
        return ""
    a, b = (Counter(map(level, side)) for side in (own, real))
    gaps = {v: abs(a[v] / max(1, len(own)) - b[v] / max(1, len(real))) for v in {**a, **b}}
    most = max(sorted(gaps, key=str), key=lambda v: gaps[v])
    shown = "missing" if most is None else str(most)[:40]
    return f"; {shown}: {a[most] / max(1, len(own)):.0%} against {b[most] / max(1, len(real)):.0%}"
