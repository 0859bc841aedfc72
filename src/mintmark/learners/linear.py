"""linear: TF-IDF of words and word pairs + logistic regression, the default where a text column is the feature.

Text columns: sublinear TF-IDF (1-2 grams, at most 100,000 of them, from the training rows alone); categories one-hot; numbers scaled with
missing ones at the mean and flagged. Regression: ridge. Deterministic: `seed` changes nothing. Not covered: calibration, tuning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.ports import Fitted, Learner
from ..stats.constant import Constant
from ..stats.features import kind_of


class LinearLearner:
    name = "linear"

    def __init__(self, c: float = 10.0) -> None:
        self.c = c

    def fit(
        self,
        table: Mapping[str, Sequence[Any]],
        target: Sequence[Any],
        *,
        task: str = "classification",
        weight: Sequence[float] | None = None,
        seed: int = 0,
    ) -> Fitted:
        import numpy as np
        from sklearn.linear_model import LogisticRegression, Ridge

        features = _Features(table)
        x = features.transform(table)
        if task == "regression":
            y = np.asarray([float(t) for t in target])
            return _Linear(features, Ridge(alpha=1.0).fit(x, y, sample_weight=weight), ())
        labels = [str(t) for t in target]
        names = {str(t): t for t in target}
        if len(names) < 2:
            return Constant(next(iter(names.values()), None))
        model = LogisticRegression(C=self.c, max_iter=300, tol=1e-3)
        model.fit(x, labels, sample_weight=weight)
        return _Linear(features, model, tuple(names[c] for c in model.classes_))


class _Features:
    def __init__(self, table: Mapping[str, Sequence[Any]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        self.kinds = {n: kind_of(c) for n, c in table.items()}
        self.parts: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            cells = table[name]
            if kind in ("text", "id") or (kind == "category" and len(set(map(str, cells))) > 200):
                vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000, token_pattern=r"(?u)\b\w+\b")
                try:
                    vectoriser.fit([_text(c) for c in cells])
                except ValueError:  # no word at all
                    continue
                self.parts[name] = ("text", vectoriser)
            elif kind in ("category", "date"):
                self.parts[name] = ("category", OneHotEncoder(handle_unknown="ignore", min_frequency=2).fit([[_text(c)] for c in cells]))
            elif kind == "number":
                import numpy as np

                column = _numbers(cells)
                mean = float(np.nanmean(column)) if np.isfinite(column).any() else 0.0
                scaler = StandardScaler().fit(np.nan_to_num(column, nan=mean).reshape(-1, 1))
                self.parts[name] = ("number", (mean, scaler))

    def transform(self, table: Mapping[str, Sequence[Any]]) -> Any:
        import numpy as np
        from scipy import sparse

        n = len(next(iter(table.values()), ()))
        blocks = []
        for name, (kind, part) in self.parts.items():
            cells = table.get(name)
            if cells is None:
                cells = [None] * n
            if kind == "text":
                blocks.append(part.transform([_text(c) for c in cells]))
            elif kind == "category":
                blocks.append(part.transform([[_text(c)] for c in cells]))
            else:
                mean, scaler = part
                column = _numbers(cells)
                scaled = scaler.transform(np.nan_to_num(column, nan=mean).reshape(-1, 1))
                blocks.append(sparse.csr_matrix(np.hstack([scaled, np.isnan(column).reshape(-1, 1)])))
        return sparse.hstack(blocks, format="csr") if blocks else sparse.csr_matrix((n, 1))

    def names(self) -> list[str]:
        out: list[str] = []
        for name, (kind, part) in self.parts.items():
            if kind == "text":
                out.extend(f"“{g}”" for g in part.get_feature_names_out())
            elif kind == "category":
                out.extend(f"{name} = {g.split('_', 1)[1]}" for g in part.get_feature_names_out())
            else:
                out.extend([name, f"{name} missing"])
        return out


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _numbers(cells: Sequence[Any]) -> Any:
    import numpy as np

    return np.asarray([float(c) if isinstance(c, (int, float)) else np.nan for c in cells])


class _Linear:
    def __init__(self, features: _Features, model: Any, classes: Sequence[Any]) -> None:
        self._features, self._model, self.classes = features, model, classes

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        found = self._model.predict(self._features.transform(table))
        if not self.classes:
            return [float(v) for v in found]
        names = {str(c): c for c in self.classes}
        return [names[v] for v in found]

    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any:
        return self._model.predict_proba(self._features.transform(table))

    def weights(self) -> list[tuple[str, float]]:
        """(feature in words, weight towards the last class), strongest first; two classes only."""
        if len(self.classes) != 2:
            return []
        pairs = zip(self._features.names(), self._model.coef_[0], strict=True)
        return sorted(((n, float(w)) for n, w in pairs), key=lambda t: -abs(t[1]))


def build(spec: Any) -> Learner:
    return LinearLearner()
