"""boosting: scikit-learn's histogram gradient boosting, the default for tables of numbers and categories.

Categories are ordinal codes that the trees treat as categories (the 254 most frequent; the rest share one code); missing values stay
missing; dates are days. Texts and ids are left out. Default settings; `seed` is the learner's own.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.ports import Fitted, Learner
from ..stats.constant import Constant
from ..stats.features import kind_of


class BoostingLearner:
    name = "boosting"

    def fit(
        self,
        table: Mapping[str, Sequence[Any]],
        target: Sequence[Any],
        *,
        task: str = "classification",
        weight: Sequence[float] | None = None,
        seed: int = 0,
    ) -> Fitted:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        codes = _Codes(table)
        x = codes.transform(table)
        options = dict(random_state=seed % 2**32, categorical_features=codes.is_category, early_stopping=False)
        if task == "regression":
            model = HistGradientBoostingRegressor(**options)
            with _threads(x):
                model.fit(x, [float(t) for t in target], sample_weight=weight)
            return _Boosted(codes, model, ())
        names = {str(t): t for t in target}
        if len(names) < 2:
            return Constant(next(iter(names.values()), None))
        if len(names) > 20:
            options["max_iter"] = 30  # one tree a class and round: 77 classes x 100 rounds would take minutes
        order = {name: i for i, name in enumerate(sorted(names))}
        model = HistGradientBoostingClassifier(**options)
        with _threads(x):  # numbers for labels: scikit-learn sorts texts several times over
            model.fit(x, [order[str(t)] for t in target], sample_weight=weight)
        return _Boosted(codes, model, tuple(names[n] for n in order))


def _threads(x: Any) -> Any:
    """One thread for small tables: OpenMP's threads spin while they wait, which on a busy machine makes seconds of milliseconds."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if x.size < 1_000_000 else None, user_api="openmp")


class _Codes:
    def __init__(self, table: Mapping[str, Sequence[Any]]) -> None:
        self.kinds = {n: k for n, c in table.items() if (k := kind_of(c)) in ("number", "category", "date")}
        self.levels: dict[str, dict[str, int]] = {}
        for name, kind in self.kinds.items():
            if kind == "category":
                common = Counter(c for c in _texts(table[name]) if c is not None).most_common(253)
                self.levels[name] = {level: i for i, (level, _) in enumerate(sorted(common))}
        self.is_category = [k == "category" for k in self.kinds.values()] or [False]

    def transform(self, table: Mapping[str, Sequence[Any]]) -> Any:
        import numpy as np

        n = len(next(iter(table.values()), ()))
        out = np.full((n, len(self.kinds)), np.nan) if self.kinds else np.zeros((n, 1))  # nothing to learn from: one constant
        for j, (name, kind) in enumerate(self.kinds.items()):
            cells = table.get(name)
            if cells is None:
                continue
            if kind == "category":
                texts = _texts(cells)
                code = {t: np.nan if t is None else self.levels[name].get(t, 253) for t in set(texts)}
                out[:, j] = list(map(code.__getitem__, texts))
            elif kind == "date":
                out[:, j] = [days(c) for c in cells]
            elif set(map(type, cells)) <= {int, float, type(None)}:
                out[:, j] = np.asarray(cells, float)
            else:
                out[:, j] = [float(c) if isinstance(c, (int, float)) else np.nan for c in cells]
        return out


def _texts(cells: Sequence[Any]) -> Sequence[Any]:
    """Cells as texts, None stays; most columns are texts already, and a look at the types is cheaper than a copy."""
    return cells if set(map(type, cells)) <= {str, type(None)} else [None if c is None else str(c) for c in cells]


def days(cell: Any) -> float:
    """Days since 1970 of a date, datetime or ISO text; NaN for what is none."""
    if isinstance(cell, str):
        try:
            cell = datetime.datetime.fromisoformat(cell)
        except ValueError:
            return float("nan")
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=cell.tzinfo or datetime.UTC).timestamp() / 86_400
    if isinstance(cell, datetime.date):
        return float(cell.toordinal() - 719_163)
    return float("nan")


class _Boosted:
    def __init__(self, codes: _Codes, model: Any, classes: Sequence[Any]) -> None:
        self._codes, self._model, self.classes = codes, model, classes

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        x = self._codes.transform(table)
        with _threads(x):
            found = self._model.predict(x)
        if not self.classes:
            return [float(v) for v in found]
        return [self.classes[v] for v in found]

    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any:
        x = self._codes.transform(table)
        with _threads(x):
            return self._model.predict_proba(x)


def build(spec: Any) -> Learner:
    return BoostingLearner()
