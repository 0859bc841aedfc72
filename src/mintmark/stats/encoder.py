"""A table of columns as one sparse matrix of features, learnt from the rows it is made of: what linear models take.

Text columns: sublinear TF-IDF (1-2 grams, at most 100,000 of them, of the first 20,000 characters); categories one-hot; numbers scaled, missing ones at the mean and flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .features import WORD, kind_of, text_column

LONGEST = 20_000  # characters of a text: rows of a megabyte would cost minutes a fit


class Encoder:
    def __init__(self, table: Mapping[str, Sequence[Any]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        lone = text_column(table)  # texts that repeat each other look like levels
        self.kinds = {n: "text" if n == lone else kind_of(c) for n, c in table.items()}
        self.parts: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            cells = table[name]
            if kind in ("text", "id") or (kind == "category" and len(set(map(str, cells))) > 200):
                vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000, token_pattern=WORD)
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
        return out or ["nothing"]


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)[:LONGEST]


def _numbers(cells: Sequence[Any]) -> Any:
    import numpy as np

    return np.asarray([float(c) if isinstance(c, (int, float)) else np.nan for c in cells])
