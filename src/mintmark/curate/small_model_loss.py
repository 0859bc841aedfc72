"""small_model_loss: a small learner's loss on each row's label, never by a learner that was trained on the row (or on an equal one).

    small_model_loss: {column: intent, features: [text]}                                    then: select: {share: 0.9, by: loss, order: asc}
    small_model_loss: {column: income, features: [age, job], learner: boosting, least: 0.05}

Cross-fitted: rows are dealt into `folds` by label, rows with equal features into one fold; each fold is scored by a learner fitted on the others
(at most 20,000 rows, drawn at random). Final: sees the whole table once, after the last round.
Writes: p_label (probability of the row's label, 0..1, higher is better), loss (-ln p_label, at most 13.8; lower is better). Both are null where
no other row has the label, or the table has fewer than 4 different rows: nothing can be said, and the row stays. Drops: unlikely (p_label below `least`).
Source: small-loss selection in FreeAL (2311.15614), with cross-fitting in place of early training; out-of-fold p as in confident learning (1911.00068).
Not covered: labels that are numbers to predict; noise that the features explain (a class mislabelled throughout looks right). It keeps what a small
model finds easy: rare but right rows go first, so read by label what was dropped.
One row: text='I was fined ...', intent='late_fee', p_label=0.81, loss=0.21
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict
from ..stats.features import default_learner
from ..stats.resample import folds, subsample

MOST, FLOOR = 20_000, 1e-6


@dataclass(frozen=True)
class SmallModelLoss(Op):
    """column: the label. features: columns a learner sees. learner: role or built-in name. least: p_label below which a row is dropped."""

    column: str
    features: list[str] = field(default_factory=lambda: ["text"])
    learner: str | None = None
    folds: int = 5
    least: float | None = None
    name: ClassVar[str] = "small_model_loss"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 2_000
    cites: ClassVar[tuple[str, ...]] = (
        "Xiao et al. 2023, FreeAL: towards human-free active learning in the era of large language models (2311.15614)",
        "Northcutt, Jiang and Chuang 2021, Confident learning (1911.00068)",
    )
    drops: ClassVar[Mapping[str, str]] = {"unlikely": "a learner that never saw the row finds its label less likely than `least`"}

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise ValueError("folds must be at least 2")
        if not self.features or self.column in self.features:
            raise ValueError("features must name columns, and not the label")
        if self.least is not None and not 0 <= self.least < 1:
            raise ValueError("least is a probability, 0..1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column, *self.features)))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("loss", "p_label")

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        keys: list[tuple[int, int]] = []
        table: dict[str, list[Any]] = {c: [] for c in self.reads(Scene())}
        for batch in scan(self.reads(Scene())):
            keys.extend(batch.keys)
            for c in table:
                table[c].extend(batch.columns[c])
        for key, label, p in zip(keys, table[self.column], self._out_of_fold(table, ctx), strict=True):
            if self.least is not None and p is not None and p < self.least:
                yield key, Verdict(Drop("unlikely", f"p({label}) = {p:.3g}"[:200]))
            else:
                values: dict[str, float | None] = {"loss": None, "p_label": None}
                if p is not None:
                    values = {"loss": round(-math.log(max(p, FLOOR)), 6), "p_label": round(p, 6)}
                yield key, Verdict(values=values)

    def _out_of_fold(self, table: Mapping[str, list[Any]], ctx: Context) -> list[float | None]:
        """p of each row's label, by a learner fitted on the other folds."""
        labels = table[self.column]
        out: list[float | None] = [None] * len(labels)
        groups: dict[str, list[int]] = {}
        for i, cells in enumerate(zip(*(table[c] for c in self.features), strict=True)):
            if labels[i] is not None:
                groups.setdefault(repr(cells), []).append(i)
        rows = list(groups.values())
        if len(rows) < 4:
            return out
        k = min(self.folds, len(rows) // 2)
        fold = folds([labels[g[0]] for g in rows], k, ctx.seed)
        features = {c: table[c] for c in self.features}
        learner = ctx.learner_for(self.learner, default_learner(features))
        for f in range(k):
            train = [i for g, at in zip(rows, fold, strict=True) if at != f for i in g]
            train = [train[j] for j in subsample(len(train), MOST, ctx.seed + f)]
            test = [i for g, at in zip(rows, fold, strict=True) if at == f for i in g]
            with ctx.refusing(f"the learner '{learner.name}' cannot be fitted on {', '.join(features)}:"):
                fitted = learner.fit({c: [v[i] for i in train] for c, v in features.items()}, [labels[i] for i in train], seed=ctx.seed + f)
                shares = fitted.proba({c: [v[i] for i in test] for c, v in features.items()})
            place = {str(c): j for j, c in enumerate(fitted.classes)}
            for i, p in zip(test, shares, strict=True):
                j = place.get(str(labels[i]))
                out[i] = None if j is None else float(p[j])
        return out
