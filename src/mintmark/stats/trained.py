"""A learner trained on rows of two tables and scored on fixed test rows, with intervals that know of both: what utility metrics share.

Score: ROC AUC for a target of two classes, accuracy for more, R2 for numbers. A fit is judged into one array, [score, influence of each test
row]: scores add, subtract and average, and so do influences, so the interval of any contrast of fits comes from the same contrast of arrays.
Two levels, joined by stats/intervals.widened:
  test rows      mean squared influence / n, the limit of resampling the test rows (infinitesimal jackknife, Efron 1982; for an AUC DeLong et
                 al. 1988); for a score in 0..1 as Wilson's interval of as many rows as have this variance
  training rows  the variance between refits, less what the test rows alone make of their difference, which the first level already holds;
                 refits in pairs on two halves that share no row: halved, for a learner of twice the rows. Or the mean of draws: over their
                 number, and for the rows that they share (Nadeau and Bengio 2003)
Overlapping parts of 80 % times 4 (delete-d) were tried and are too wide: a good learner's error falls faster than 1 / n, and its own randomness
is multiplied too; they held the true lift in 99-100 % of simulated tables, these in 95-98 % (bench/coverage.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .features import default_learner, is_regression
from .intervals import _placements, widened, wilson
from .resample import subsample
from .weights import mean_one

Columns = Mapping[str, Sequence[Any]]
Parts = Mapping[str, Any]  # table -> numbers of its rows


class Task:
    """size: rows of 'synthetic' and 'real' with a label, at most `most`, drawn at random. unit: AUC | accuracy | R2. n: test rows. notes: caveats."""

    def __init__(
        self, tables: Mapping[str, Columns], target: str, weight: Sequence[float] | None = None, most: int = 20_000, seed: int = 0
    ) -> None:
        """tables: synthetic, real and test; features are the columns that all have."""
        import numpy as np

        self.target = target
        self.features = [c for c in tables["synthetic"] if c != target and all(c in t for t in tables.values())]
        self.notes: list[str] = []
        self.tables: dict[str, dict[str, Any]] = {}
        for name, table in tables.items():
            rows = [i for i, t in enumerate(table[target]) if t is not None]
            if name != "test" and len(rows) > most:
                self.notes.append(f"trained on {most:,} of {len(rows):,} {name} rows, drawn at random")
                rows = [rows[i] for i in subsample(len(rows), most, seed)]
            self.tables[name] = {c: _objects([table[c][i] for i in rows]) for c in (*self.features, target)}
            if name == "synthetic" and weight is not None:
                weight = [weight[i] for i in rows]
        self.weight: Any = None
        if weight is not None and all(math.isfinite(w) and w >= 0 for w in weight):
            self.weight = mean_one(weight)
            self.notes.append("synthetic rows count by their weight")
        elif weight is not None:
            self.notes.append("weights are left out: some are below 0 or no number")
        self.test = {c: cells.tolist() for c, cells in self.tables.pop("test").items()}
        self.size = {name: len(table[target]) for name, table in self.tables.items()}
        truth, known = self.test[target], self.tables["real"][target].tolist()
        self.n = len(truth)
        labels = sorted({str(t) for t in [*truth, *known]})
        self.kind, self.positive = "classification", None
        if is_regression([*known, *truth]):
            self.kind, self.unit = "regression", "R2"
            self.truth = np.asarray([float(t) for t in truth])
        else:
            self.positive = labels[-1] if len(labels) == 2 and len(set(map(str, truth))) == 2 else None
            self.unit = "AUC" if self.positive else "accuracy"
            self.truth = np.asarray([str(t) for t in truth])

    def fit(self, learner: Any, parts: Parts, seed: int, dealt: bool = False) -> Any:
        """The learner trained on rows of the tables, one after the other; synthetic rows count by their weight, real ones 1. dealt: with the
        target's cells dealt out anew, as if the columns were independent."""
        import numpy as np

        columns = {
            c: np.concatenate([self.tables[t][c][rows] for t, rows in parts.items()]).tolist() for c in (*self.features, self.target)
        }
        weight = None
        if self.weight is not None and "synthetic" in parts:
            weight = np.concatenate([self.weight[rows] if t == "synthetic" else np.ones(len(rows)) for t, rows in parts.items()])
        target = columns.pop(self.target)
        if dealt:
            target = [target[i] for i in np.random.default_rng(seed).permutation(len(target))]
        return learner.fit(columns, target, task=self.kind, weight=weight, seed=seed)

    def predict(self, fitted: Any, table: Columns | None = None) -> Any:
        """What the score needs of each test row: the probability of the positive class, the class as text, or the number."""
        import numpy as np

        table = {c: (table or self.test)[c] for c in self.features}
        if self.unit == "R2":
            return np.asarray(fitted.predict(table), float)
        if self.unit == "AUC":
            names = [str(c) for c in fitted.classes]
            return np.asarray(fitted.proba(table))[:, names.index(str(self.positive))] if self.positive in names else np.zeros(self.n)
        return np.asarray([str(p) for p in fitted.predict(table)])

    def right(self, predicted: Any) -> Any:
        """1.0 where the predicted class is the row's (probability of at least one half for two classes)."""
        return ((predicted >= 0.5) == (self.truth == self.positive) if self.unit == "AUC" else predicted == self.truth).astype(float)

    def judge(self, predicted: Any, rows: Any = None) -> Any:
        """[score, influence of each of the n test rows]; of some rows alone: the others have none. NaN where one class is left."""
        import numpy as np

        rows = np.arange(self.n) if rows is None else rows
        y, p, n = self.truth[rows], predicted[rows], len(rows)
        if self.unit == "accuracy":
            return self.mean((y == p).astype(float), rows)
        if self.unit == "R2":
            spread = float(np.mean((y - y.mean()) ** 2)) or 1.0
            missed = (y - p) ** 2 / spread
            return self._judged(1 - missed.mean(), missed.mean() * (y - y.mean()) ** 2 / spread - missed, rows)
        hits = y == self.positive
        if not 0 < hits.sum() < n:
            return np.full(self.n + 1, np.nan)
        value, positives, negatives = _placements(p, hits)
        influence = np.empty(n)
        influence[hits] = (positives - value) * n / hits.sum()
        influence[~hits] = (negatives - value) * n / (~hits).sum()
        return self._judged(value, influence, rows)

    def mean(self, values: Any, rows: Any) -> Any:
        """The same of a mean over some test rows."""
        return self._judged(values.mean(), values - values.mean(), rows)

    def _judged(self, value: float, influence: Any, rows: Any) -> Any:
        import numpy as np

        out = np.zeros(self.n + 1)
        out[0] = value
        out[1 + rows] = influence * (self.n / len(rows))
        return out

    def count(self, rows: Any = None) -> float:
        """Test rows; of two classes twice their harmonic mean, which an AUC's variance goes by near 1 (Hanley and McNeil 1982)."""
        import numpy as np

        truth = self.truth if rows is None else self.truth[rows]
        if self.unit != "AUC":
            return float(len(truth))
        hits = float(np.sum(truth == self.positive))
        return 4 * hits * (len(truth) - hits) / len(truth)

    def interval(self, judged: Any, training: tuple[float, int], share: bool, count: float | None = None) -> tuple[float, float]:
        """95 % interval of judged[0]. training: variance and degrees of freedom. share: a number in 0..1. count: test rows, where not all."""
        import numpy as np

        value, n = float(judged[0]), self.count() if count is None else count
        # 13 of 13 right are no proof of 1, nor 13 equal answers of no difference: to the variance comes that of one further row that comes
        # out the other way (half a row either way in Agresti and Min 2005). All right, this is Wilson's interval of n + 1 right rows. Differences
        # of AUC or R2 are not counts: there it is the least, and added it would hold the true lift in 99 of 100 small tables.
        seen, one = float(np.mean(judged[1:] ** 2)) / self.n, 1 / (n + 2) ** 2
        variance = seen + one if share or self.unit == "accuracy" else max(seen, one)
        if share:
            pulled = (value * n + 1) / (n + 2)
            alike = pulled * (1 - pulled) / variance
            low, high = wilson(value * alike, alike)
        else:
            half = 1.959964 * math.sqrt(variance)
            low, high = value - half, value + half
        return widened(value, (low, high), training)


def task_of(tables: Any, most: int, learner_for: Callable[[str | None, str], Any]) -> tuple[Task, Any, tuple[str, ...]] | None:
    """(the task, the learner for it, caveats); None where a table, the target, features or rows are missing. tables: what a metric is given.
    learner_for: of its context."""
    target, real, test = tables.target, tables.real, tables.holdout
    if target is None or real is None or test is None or any(target not in d.columns for d in (tables.synthetic, real, test)):
        return None
    three = {"synthetic": tables.synthetic.columns, "real": real.columns, "test": test.columns}
    task = Task(three, target, tables.weight, most, tables.seed)
    if not task.features or min(task.size.values()) < 5 or task.n < 2:
        return None
    learner = learner_for(None, default_learner({c: real.columns[c] for c in task.features}, target))
    about = f"learner: {getattr(learner, 'name', 'user')}; features {', '.join(task.features)}; one learner on one task"
    return task, learner, (*tables.notes, *task.notes, about)


def arms(size: Mapping[str, int], pairs: int, seed: int, instead: int = 0) -> list[dict[str, Parts]]:
    """What is trained on: synthetic, real and both: first all rows, then pairs of halves that share none.

    instead: from 10 rows on there is also `mixed`, of as many rows as real, so many of them synthetic in place of real ones."""
    import numpy as np

    rng = np.random.default_rng(seed)
    rounds = [{t: rng.permutation(n) for t, n in size.items()}]
    for _ in range(pairs):
        drawn = {t: rng.permutation(n) for t, n in size.items()}
        rounds += [{t: rows[k : len(rows) // 2 * 2 : 2] for t, rows in drawn.items()} for k in (0, 1)]
    out: list[dict[str, Parts]] = []
    for k, rows in enumerate(rounds):
        out.append({"synthetic": {"synthetic": rows["synthetic"]}, "real": {"real": rows["real"]}, "both": rows})
        if instead >= 10:
            swapped = instead // 2 if k else instead
            out[-1]["mixed"] = {"real": rows["real"][: len(rows["real"]) - swapped], "synthetic": rows["synthetic"][:swapped]}
    return out


def halves(refits: Sequence[Any]) -> tuple[float, int]:
    """(variance by training rows, degrees of freedom) from refits on two halves that share no row: pairs, one after the other."""
    import numpy as np

    found = [_between(refits[k : k + 2]) for k in range(0, len(refits) - 1, 2)]
    return max(0.0, float(np.mean(found))) / 2, len(found)


def draws(refits: Sequence[Any], rows: Sequence[Any]) -> tuple[float, int]:
    """The same of the mean of fits on random draws, given the numbers of each draw's rows: the share of its rows that one draw has in common
    with another is how far they agree by that alone, at most (Nadeau and Bengio 2003)."""
    import numpy as np

    held = np.bincount(np.concatenate(rows)).astype(float)
    shared = float((held**2 - held).sum() / ((len(rows) - 1) * held.sum()))
    return max(0.0, _between(refits)) * (1 / len(refits) + shared / (1 - shared)), len(refits) - 1


def _between(judged: Sequence[Any]) -> float:
    import numpy as np

    found = np.var(np.stack(judged), axis=0, ddof=1)
    return float(found[0] - found[1:].mean() / (len(found) - 1))


def _objects(cells: Sequence[Any]) -> Any:
    """An array that holds the cells as they are and is indexed at once."""
    import numpy as np

    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out
