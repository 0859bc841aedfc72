"""Cross-fitting: each row's probabilities come from a learner that has not seen the row, so that what it says of a label is no echo of it.

    fit = cross_fit(learner, {"text": texts}, labels, folds=5, seed=0);  fit.proba[i]  ->  [0.91, 0.02, 0.07]

Folds are stratified by label. Labels with fewer rows than folds, and rows without a label, are neither learnt nor judged (code -1): of a label
that some folds never saw, a probability of 0 would say nothing.
`learner` is whatever has fit(columns, labels, seed=) -> model with classes and proba(columns), such as the Learner port.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .resample import folds as folds_of

MOST_CELLS = 200_000_000  # rows x labels


@dataclass(frozen=True)
class CrossFit:
    """classes: labels, by code. codes: a row's given label as a code, -1 = not judged. proba: rows x classes, NaN where not judged."""

    classes: tuple[Any, ...]
    codes: Any
    proba: Any

    @property
    def judged(self) -> Any:
        """Numbers of the rows that are judged."""
        import numpy as np

        return np.flatnonzero(self.codes >= 0)

    @property
    def p_label(self) -> Any:
        """Each row's probability of its given label, NaN where not judged."""
        import numpy as np

        out = np.full(len(self.codes), np.nan)
        rows = self.judged
        out[rows] = self.proba[rows, self.codes[rows]]
        return out


def cross_fit(learner: Any, columns: Mapping[str, Sequence[Any]], labels: Sequence[Any], folds: int = 5, seed: int = 0) -> CrossFit:
    """ValueError where fewer than two labels have as many rows as there are folds, or the table of probabilities would be too large."""
    import numpy as np

    counts = Counter(str(v) for v in labels if v is not None)
    names = sorted(name for name, n in counts.items() if n >= folds)
    if len(names) < 2:
        raise ValueError(f"expected at least two labels with {folds} rows each, found {len(names)}")
    if len(names) * len(labels) > MOST_CELLS:
        raise ValueError(f"{len(labels):,} rows of {len(names):,} labels are too many to judge at once, at most {MOST_CELLS:,} cells")
    number = {name: i for i, name in enumerate(names)}
    values = {str(v): v for v in reversed(labels)}
    codes = np.asarray([-1 if v is None else number.get(str(v), -1) for v in labels])
    rows = np.flatnonzero(codes >= 0)
    fold = folds_of([names[c] for c in codes[rows]], folds, seed)
    proba = np.full((len(labels), len(names)), np.nan)

    def part(which: Any) -> dict[str, list[Any]]:
        return {name: [cells[i] for i in which] for name, cells in columns.items()}

    for k in range(folds):
        test, train = rows[fold == k], rows[fold != k]
        if not len(test):
            continue
        model = learner.fit(part(train), [names[c] for c in codes[train]], seed=seed)
        found = np.asarray(model.proba(part(test)), dtype=float)
        proba[test] = 0.0
        proba[np.ix_(test, [number[str(c)] for c in model.classes])] = found
    return CrossFit(tuple(values[n] for n in names), codes, proba)
