"""What is told of weights: effective sample size, clipping, and the learning curve of a learner trained with them.

Facts are mappings with the fields of a Measurement (value, unit, n, interval, better, caveats, ...), ready for `Context.tell`.
Sources: effective sample size (sum w)^2 / sum w^2, Kish 1965; paired difference of two learners on the same test rows, normal interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .intervals import wilson
from .resample import folds

SHARES = (0.1, 0.25, 0.5, 1.0)
Table = Mapping[str, Sequence[Any]]


def mean_one(weight: Any, clip: float | None = None) -> Any:
    """Scaled to mean 1; with `clip` no weight exceeds so many times the mean it had before. All 0: all 1."""
    import numpy as np

    w = np.asarray(weight, float)
    if clip is not None:
        w = np.minimum(w, clip * w.mean())
    return w / w.mean() if w.sum() > 0 else np.ones(len(w))


def effective_size(weight: Any) -> dict[str, Any]:
    import numpy as np

    w = np.asarray(weight, float)
    value = float(w.sum() ** 2 / (w @ w))
    caveat = f"a weighted mean of these {len(w):,} rows varies as one of {value:,.0f} equal rows; exact, so no interval; largest weight {w.max():.3g}"
    return {"value": value, "unit": "rows", "n": len(w), "better": "higher", "caveats": [caveat]}


def facts(
    learner: Any, table: Table, labels: Sequence[Any], weight: Sequence[float], test: tuple[Table, Sequence[Any]] | None, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """effective_size, and curve and lift where there are rows enough."""
    return {"effective_size": effective_size(weight), **learning_curve(learner, table, labels, weight, test, seed)}


def learning_curve(
    learner: Any, table: Table, labels: Sequence[Any], weight: Sequence[float], test: tuple[Table, Sequence[Any]] | None, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """{"curve": accuracy of the weighted learner over shares of the rows, "lift": weighted less unweighted, with all rows}; {} for too few.

    test: (columns, labels) of other rows; without it a stratified fifth of these rows is set aside. Shares are nested random parts.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(labels))
    caveats = ["accuracy on rows of the test table"]
    if test is None:
        apart = folds(labels, 5, seed) == 0
        held = np.flatnonzero(apart).tolist()
        rows = rows[~apart[rows]]
        test = _take(table, held), [labels[i] for i in held]
        caveats = [
            "accuracy on a fifth of the same rows, set aside here: their labels are as noisy as the rest, and they had a part in the weights"
        ]
    if len(rows) < 5 or len(test[1]) < 2:
        return {}
    truth = np.asarray([str(t) for t in test[1]], dtype=object)

    def right(part: Any, weighted: bool) -> Any:
        own = [float(weight[i]) for i in part] if weighted else None
        if own is not None and not any(own):
            own = None
        fitted = learner.fit(_take(table, part), [labels[i] for i in part], weight=own, seed=seed)
        return np.asarray([str(p) for p in fitted.predict(test[0])], dtype=object) == truth

    points, gain = [], np.zeros(len(truth))
    for share in SHARES:
        part = rows[: max(2, round(share * len(rows)))]
        ours, plain = right(part, True), right(part, False)
        gain = ours.astype(float) - plain
        points.append({"share": share, "rows": len(part), "weighted": float(ours.mean()), "unweighted": float(plain.mean())})
    groups = {f"{p['rows']:,} rows, {how}": p[how] for p in points for how in ("weighted", "unweighted")}
    n = len(truth)
    curve = {
        "value": points[-1]["weighted"], "unit": "accuracy", "n": n, "interval": wilson(round(points[-1]["weighted"] * n), n),
        "better": "higher", "by_group": groups, "caveats": caveats, "detail": {"curve": points},
    }  # fmt: skip
    half = 1.96 * math.sqrt(float(gain.var(ddof=1)) / n)
    lift = {
        "value": float(gain.mean()), "unit": "accuracy difference", "n": n, "interval": (float(gain.mean()) - half, float(gain.mean()) + half),
        "better": "higher", "caveats": [*caveats, "weighted less unweighted, one learner, one draw of the rows"],
    }  # fmt: skip
    return {"curve": curve, "lift": lift}


def _take(table: Table, rows: Any) -> dict[str, list[Any]]:
    return {k: [v[i] for i in rows] for k, v in table.items()}
