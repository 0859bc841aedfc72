"""distil: soft labels: how probable each label is by a learner that has not seen the row, for a student that learns from the whole distribution.

    distil: {label: intent, columns: [text], temperature: 2.0}

Final. Reads label and columns. Writes `into` (default soft): {label: probability}, adding up to 1, proportional to p^(1/temperature); a temperature
above 1 flattens, below 1 sharpens. None for rows that are not judged (without a label, or with one of fewer rows than folds). Drops nothing.
One row: text='where is my card', intent='card_lost', soft={'card_arrival': 0.61, 'card_lost': 0.39}
Source: Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network (1503.02531); cross-fitting so that no row is its own teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context, seed_of
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Verdict, joined
from ..stats.crossfit import cross_fit
from ..stats.features import default_learner


@dataclass(frozen=True)
class Distil(Op):
    """temperature: above 0. learner, folds: as label_errors."""

    label: str
    columns: tuple[str, ...]
    temperature: float = 1.0
    into: str = "soft"
    learner: str | None = None
    folds: int = 5
    name: ClassVar[str] = "distil"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 4_000
    cites: ClassVar[tuple[str, ...]] = ("Hinton et al. 2015, Distilling the Knowledge in a Neural Network (1503.02531)",)

    def __post_init__(self) -> None:
        if not self.columns or self.label in self.columns:
            raise ValueError("columns must name what the learner sees, without the label")
        if not 0.01 <= self.temperature <= 100 or self.folds < 2:
            raise ValueError("temperature must be from 0.01 to 100, folds at least 2")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.label, *self.columns)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        import numpy as np

        table = joined(scan(self.reads(Scene())), self.reads(Scene()))
        features = {c: table.columns[c] for c in self.columns}
        learner = ctx.learner_for(self.learner, default_learner(features))
        with ctx.refusing(f"{self.label}:"):
            fit = cross_fit(learner, features, table.columns[self.label], self.folds, seed_of(ctx.seed, ctx.label) % 2**32)
        names = [str(c) for c in fit.classes]
        for key, code, row in zip(table.keys, fit.codes, fit.proba, strict=True):
            if code < 0:
                yield key, Verdict(values={self.into: None})
                continue
            log = np.log(np.maximum(row, 1e-12)) / self.temperature
            soft = np.exp(log - log.max())
            yield key, Verdict(values={self.into: {n: round(float(p), 6) for n, p in zip(names, soft / soft.sum(), strict=True)}})
