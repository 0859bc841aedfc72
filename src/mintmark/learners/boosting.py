"""boosting: scikit-learn's histogram gradient boosting, the default for tables of numbers and categories.

Categories are ordinal codes that the trees treat as categories (the 254 most frequent; the rest share one code); missing values stay
missing; dates are days. Texts, ids and columns without a value are left out; where none remains the classes' shares are learned. Default
settings, but 30 rounds where there are more than 20 classes; `seed` is the learner's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.ports import Fitted, Learner
from ..stats.constant import Constant
from ..stats.features import days, kind_of, labelled, length_of, number


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

        table, target, weight = labelled(table, target, weight)
        codes = _Codes(table)
        x = codes.transform(table, len(target))
        options = dict(random_state=seed % 2**32, categorical_features=codes.is_category, early_stopping=False)
        if task == "regression":
            model = HistGradientBoostingRegressor(**options).fit(x, [float(t) for t in target], sample_weight=weight)
            return _Boosted(codes, model, ())
        names = {str(t): t for t in target}
        if len(names) < 2:
            return Constant(next(iter(names.values()), None))
        if len(names) > 20:
            options["max_iter"] = 30  # one tree a class and round: 77 classes x 100 rounds would take minutes
        model = HistGradientBoostingClassifier(**options).fit(x, [str(t) for t in target], sample_weight=weight)
        return _Boosted(codes, model, tuple(names[c] for c in model.classes_))


class _Codes:
    def __init__(self, table: Mapping[str, Sequence[Any]]) -> None:
        self.kinds = {n: k for n, c in table.items() if (k := kind_of(c)) in ("number", "category", "date") and _has_value(c, k)}
        self.levels: dict[str, dict[str, int]] = {}
        for name, kind in self.kinds.items():
            if kind == "category":
                # one code is kept for all other levels: scikit-learn takes at most 255
                common = Counter(str(c) for c in table[name] if c is not None).most_common(253)
                self.levels[name] = {level: i for i, (level, _) in enumerate(sorted(common))}
        self.is_category = [k == "category" for k in self.kinds.values()]

    def transform(self, table: Mapping[str, Sequence[Any]], n: int | None = None) -> Any:
        """n x columns; a column of zeros where no column can be used (scikit-learn takes neither none nor one that is all missing)."""
        import numpy as np

        n = length_of(table) if n is None else n
        out = np.full((n, len(self.kinds)), np.nan) if self.kinds else np.zeros((n, 1))
        for j, (name, kind) in enumerate(self.kinds.items()):
            cells = table.get(name)
            if cells is None:
                continue
            if kind == "category":
                levels = self.levels[name]
                out[:, j] = [np.nan if c is None else levels.get(str(c), 253) for c in cells]
            else:
                out[:, j] = [days(c) if kind == "date" else number(c) for c in cells]
        return out


def _has_value(cells: Sequence[Any], kind: str) -> bool:
    """False for a column of NaN or of dates that no calendar has."""
    read = days if kind == "date" else number
    return kind == "category" or any(v == v for v in map(read, cells))


class _Boosted:
    def __init__(self, codes: _Codes, model: Any, classes: Sequence[Any]) -> None:
        self._codes, self._model, self.classes = codes, model, classes

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        if not length_of(table):
            return []
        found = self._model.predict(self._codes.transform(table))
        if not self.classes:
            return [float(v) for v in found]
        names = {str(c): c for c in self.classes}
        return [names[v] for v in found]

    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any:
        import numpy as np

        return self._model.predict_proba(self._codes.transform(table)) if length_of(table) else np.zeros((0, len(self.classes)))


def build(spec: Any) -> Learner:
    return BoostingLearner()
