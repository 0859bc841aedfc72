"""utility: what the rows are good for: train on synthetic, test on real (TSTR), beside the same learner trained on the real rows (TRTR)
and on both (lift = both - real). Same learner, same test rows; source: Esteban, Hyland and Raetsch 2017.

Score: ROC AUC for a target of two classes, accuracy for more, R2 for numbers. The value is the score with all training rows. Its interval
has two levels: other test rows (bootstrap, paired for the lift), and other training rows: five refits on random 80 % of them, whose
variance is scaled to whole sets (delete-d jackknife, Shao and Wu 1989: m / (n - m) = 4), with Student's t over the five.
A lift is only claimed where its interval lies above 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.features import default_learner, is_regression
from ..stats.intervals import auc
from ..stats.resample import subsample

SHARE = 0.8


@dataclass(frozen=True)
class Utility(Metric):
    """seeds: refits for the interval. most: training rows above which a random part is used (said in a caveat)."""

    seeds: int = 5
    most: int = 20_000
    name: ClassVar[str] = "utility"
    family: ClassVar[str] = "utility"
    cites: ClassVar[tuple[str, ...]] = ("Esteban, Hyland and Raetsch 2017, Real-valued (medical) time series generation (TSTR)",)
    gives: ClassVar[Mapping[str, str]] = {
        "utility.tstr": "score on the holdout of a learner trained on the synthetic rows: AUC, accuracy or R2, higher is better",
        "utility.trtr": "the same learner trained on the real rows",
        "utility.lift": "score with real + synthetic rows less score with real rows alone, above 0 is a gain",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        target, real, test = tables.target, tables.real, tables.holdout
        if target is None or real is None or test is None:
            return []
        if any(target not in d.columns for d in (tables.synthetic, real, test)):
            return []
        features = [c for c in tables.synthetic.columns if c != target and c in real.columns and c in test.columns]
        own, real, test = (_labelled(d, target) for d in (tables.synthetic, real, test))
        if not features or min(len(own), len(real)) < 5 or len(test) < 2:
            return []
        task = "regression" if is_regression([*real.columns[target], *test.columns[target]]) else "classification"
        caveats = list(tables.notes)
        cut = {}
        for name, data in (("synthetic", own), ("real", real)):
            if len(data) > self.most:
                caveats.append(f"trained on {self.most:,} of {len(data):,} {name} rows, drawn at random")
            cut[name] = data.take(subsample(len(data), self.most, tables.seed))
        own, real = cut["synthetic"], cut["real"]
        both = Data({c: [*real.columns[c], *own.columns[c]] for c in (*features, target)})
        learner = ctx.learner_for(None, default_learner({c: real.columns[c] for c in features}, target))
        score = _Score(test, target, task, real)
        runs = {}
        for name, data in (("tstr", own), ("trtr", real), ("both", both)):
            runs[name] = self._fits(learner, data, features, target, task, score, tables.seed)
        caveats.append(f"learner: {getattr(learner, 'name', 'user')}; features {', '.join(features)}; one learner on one task")
        out = []
        for name in ("tstr", "trtr"):
            value, span, per_seed = score.interval(runs[name])
            detail = {"per_seed": per_seed, "score": score.unit, "rows": len(own if name == "tstr" else real)}
            groups = score.by_class(runs[name][0][0])
            out.append(Measurement(f"utility.{name}", value, score.unit, len(test), span, "higher", groups, tuple(caveats), detail))
        value, span, per_seed = score.interval(runs["both"], runs["trtr"])
        detail = {"per_seed": per_seed, "score": score.unit, "both": score(runs["both"][0][0]), "real": score(runs["trtr"][0][0])}
        out.append(Measurement("utility.lift", value, score.unit, len(test), span, "higher", None, tuple(caveats), detail))
        return out

    def _fits(
        self, learner: Any, data: Data, features: Sequence[str], target: str, task: str, score: _Score, seed: int
    ) -> list[tuple[Any, int]]:
        """Predictions on the test rows: of the learner on all rows, then on `seeds` random parts of 80 %."""
        out = []
        for k in range(self.seeds + 1):
            rows = range(len(data)) if k == 0 else subsample(len(data), max(2, int(SHARE * len(data))), seed * 1_000 + k)
            part = data if k == 0 else data.take(list(rows))
            fitted = learner.fit({c: part.columns[c] for c in features}, part.columns[target], task=task, seed=seed + k)
            out.append((score.predictions(fitted, features), len(part)))
        return out


def _labelled(data: Data, target: str) -> Data:
    rows = [i for i, t in enumerate(data.columns[target]) if t is not None]
    return data if len(rows) == len(data) else data.take(rows)


class _Score:
    """The score of predictions on fixed test rows; `interval` adds both levels of variance."""

    def __init__(self, test: Data, target: str, task: str, real: Data) -> None:
        import numpy as np

        self._test, self._task = test, task
        self.truth = list(test.columns[target])
        labels = sorted({str(t) for t in [*self.truth, *real.columns[target]]})
        self.positive = labels[-1] if len(labels) == 2 else None
        if task == "regression":
            self.unit = "R2"
            self._y = np.asarray([float(t) for t in self.truth])
        elif self.positive is not None and len({str(t) for t in self.truth}) == 2:
            self.unit = "AUC"
            self._y = np.asarray([str(t) == self.positive for t in self.truth])
        else:
            self.positive, self.unit = None, "accuracy"
            self._y = np.asarray([str(t) for t in self.truth])

    def predictions(self, fitted: Any, features: Sequence[str]) -> Any:
        import numpy as np

        table = {c: self._test.columns[c] for c in features}
        if self.unit == "R2":
            return np.asarray(fitted.predict(table), float)
        if self.unit == "AUC":
            names = [str(c) for c in fitted.classes]
            if self.positive not in names:
                return np.zeros(len(self._y))
            return np.asarray(fitted.proba(table))[:, names.index(str(self.positive))]
        return np.asarray([str(p) for p in fitted.predict(table)])

    def __call__(self, predicted: Any, rows: Any = None) -> float:
        import numpy as np

        y, p = (self._y, predicted) if rows is None else (self._y[rows], predicted[rows])
        if self.unit == "accuracy":
            return float(np.mean(y == p))
        if self.unit == "AUC":
            return auc(p, y) if 0 < y.sum() < len(y) else float("nan")
        spread = float(np.sum((y - y.mean()) ** 2))
        return 1 - float(np.sum((y - p) ** 2)) / spread if spread else 0.0

    def interval(
        self, runs: list[tuple[Any, int]], less: list[tuple[Any, int]] | None = None
    ) -> tuple[float, tuple[float, float], list[float]]:
        """(value, interval, score of each refit); with `less` of the paired difference."""
        import math

        import numpy as np
        from scipy.stats import t

        def score(k: int, rows: Any = None) -> float:
            return self(runs[k][0], rows) - (self(less[k][0], rows) if less is not None else 0.0)

        value = score(0)
        rng = np.random.default_rng(0)
        n = len(self._y)
        times = 200 if n <= 20_000 else 50
        drawn = np.asarray([score(0, rng.integers(0, n, n)) for _ in range(times)])
        within = float(np.nanvar(drawn, ddof=1))
        per_seed = [score(k) for k in range(1, len(runs))]
        between = SHARE / (1 - SHARE) * float(np.var(per_seed, ddof=1)) if len(per_seed) > 1 else 0.0
        total = within + between
        freedom = (total / between) ** 2 * (len(per_seed) - 1) if between > 0 else 1e6
        half = float(t.ppf(0.975, min(freedom, 1e6))) * math.sqrt(total)
        return value, (value - half, value + half), per_seed

    def by_class(self, predicted: Any) -> dict[str, float] | None:
        """Share of each class's test rows predicted right (accuracy only)."""
        import numpy as np

        if self.unit != "accuracy":
            return None
        return {str(c): float(np.mean(predicted[self._y == c] == c)) for c in np.unique(self._y)}
