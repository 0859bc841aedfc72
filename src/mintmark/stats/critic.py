"""A critic: P(real | row) for every row, each from a learner that saw neither the row nor a twin of it; weighted AUC; cues that are too easy.

P is for equally many real and synthetic rows, so 0.5 = cannot tell, and P / (1 - P) is the density ratio real over synthetic
(Sugiyama, Suzuki, Kanamori 2012, section 4; classifier two-sample test: Lopez-Paz and Oquab, ICLR 2017, arXiv 1610.06545).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from .features import kind_of, spaced
from .intervals import delong, wilson
from .resample import folds, subsample

Table = Mapping[str, Sequence[Any]]


def cross_fitted(learner: Any, real: Table, own: Table, weight: Any = None, *, k: int = 5, most: int = 20_000, seed: int = 0) -> Any:
    """P(real) of the real rows, then of the own ones. weight: of the own rows (what the critic should not tell apart any more).

    Rows with equal cells share a fold. Both sides weigh the same in every fit, which sees at most `most` rows of each.
    """
    import numpy as np

    both = {c: [*real[c], *own[c]] for c in own}
    n, m = (len(next(iter(t.values()))) for t in (real, own))
    labels = np.repeat([1, 0], [n, m])
    w = np.concatenate([np.ones(n), np.ones(m) if weight is None else np.asarray(weight, float)])
    fold = _folds_of_twins(both, labels, k, seed)
    out = np.full(n + m, 0.5)
    for j in range(k):
        train = np.concatenate(
            [rows[subsample(len(rows), most, seed + j)] for rows in (np.flatnonzero((fold != j) & (labels == s)) for s in (1, 0))]
        )
        test = np.flatnonzero(fold == j)
        side = np.array([w[train][labels[train] == s].sum() for s in (0, 1)])
        if not len(test) or not side.all():
            continue
        balanced = w[train] / side[labels[train]] * len(train) / 2
        fitted = learner.fit(_take(both, train), labels[train].tolist(), weight=balanced.tolist(), seed=seed + j)
        out[test] = fitted.proba(_take(both, test))[:, list(fitted.classes).index(1)]
    return out


def _folds_of_twins(both: Table, labels: Any, k: int, seed: int) -> Any:
    """folds() in which rows with equal cells share a fold."""
    import numpy as np

    first: dict[str, int] = {}
    group = [first.setdefault(repr(row), i) for i, row in enumerate(zip(*both.values(), strict=True))]
    heads = np.unique(group)
    fold = np.zeros(len(labels), dtype=int)
    fold[heads] = folds(labels[heads].tolist(), k, seed)
    return fold[group]


def odds(p: Any) -> Any:
    """P / (1 - P), at most a million."""
    import numpy as np

    p = np.clip(np.asarray(p, float), 1e-6, 1 - 1e-6)
    return p / (1 - p)


def weighted_auc(scores: Any, labels: Any, weight: Any) -> tuple[float, tuple[float, float]]:
    """(AUC, interval) where row i counts weight_i times: DeLong's placements, weighted. Equal weights give delong()."""
    import numpy as np

    scores, labels, weight = np.asarray(scores, float), np.asarray(labels).astype(bool), np.asarray(weight, float)
    variance, value, least = 0.0, 0.5, float(len(scores))
    for side in (True, False):
        mine, other = labels == side, labels != side
        order = np.argsort(scores[other], kind="stable")
        ranked, mass = scores[other][order], np.concatenate([[0.0], np.cumsum(weight[other][order])])
        below, upto = (mass[np.searchsorted(ranked, scores[mine], how)] for how in ("left", "right"))
        placed = (below + upto) / 2 / mass[-1]
        placed = placed if side else 1 - placed
        w = weight[mine] / weight[mine].sum()
        value = float(w @ placed)
        least = min(least, 1 / float(w @ w))  # rows that these weights are worth
        variance += float((w * w) @ (placed - value) ** 2) * len(placed) / max(1, len(placed) - 1)
    if value in (0.0, 1.0):
        return value, wilson(value * least, least)
    half = 1.959964 * math.sqrt(variance)
    return value, (max(0.0, value - half), min(1.0, value + half))


def _share(kinds: str) -> Any:
    return lambda text: sum(unicodedata.category(ch)[0] in kinds for ch in text) / max(1, len(text))


CUES: Mapping[str, Any] = {
    "words": lambda text: len(spaced(text).split()),
    "characters": len,
    "line breaks": lambda text: text.count("\n"),
    "punctuation": _share("P"),
    "markup": lambda text: sum(ch in "*#<>|`_[]{}\\$" for ch in text) / max(1, len(text)),
    "digits": _share("N"),
    "capitals": lambda text: sum(ch.isupper() for ch in text) / max(1, len(text)),
    "beyond ASCII": lambda text: sum(ord(ch) > 127 for ch in text) / max(1, len(text)),
    "ends without a full stop": lambda text: not text.rstrip().endswith((".", "!", "?")),
}


def cues(real: Table, own: Table) -> list[tuple[str, float, tuple[float, float]]]:
    """(cue, AUC of that number alone, interval) of the text columns, most telling first; AUC is turned to lie above 0.5.

    The intervals are of three standard errors, since the best of many is looked at. A second score of each
    cue is its distance from the own rows' median, for texts that are all alike in length.
    """
    import numpy as np

    out = []
    for column in own:
        if kind_of([*real[column], *own[column]]) not in ("text", "id"):
            continue
        texts = [[str(t or "") for t in side[column]] for side in (real, own)]
        labels = [1] * len(texts[0]) + [0] * len(texts[1])
        for name, measure in CUES.items():
            there, here = (np.array([float(measure(t)) for t in side]) for side in texts)
            found = np.concatenate([there, here])
            for what, scores in ((name, found), (f"{name} (distance from the usual)", np.abs(found - np.median(here)))):
                value, (low, high) = delong(scores, labels, 3.0)
                out.append((f"{column}: {what}", *((value, (low, high)) if value >= 0.5 else (1 - value, (1 - high, 1 - low)))))
    return sorted(out, key=lambda t: -t[1])


def _take(table: Table, rows: Any) -> dict[str, list[Any]]:
    return {k: [v[i] for i in rows] for k, v in table.items()}
