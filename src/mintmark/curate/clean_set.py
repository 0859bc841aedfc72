"""clean_set: marks the rows whose label a small model finds easy (the clean set), and gives the others clean rows to learn from (FreeAL).

    clean_set: {label: intent, columns: [text], examples: 8}
    relabel: {column: text, label: intent, labels: real.intent, only: not clean, examples: examples}      a model annotates the rest again

Language model labels -> clean set of the small model -> the rest annotated again with clean rows as demonstrations: one round of FreeAL. Another
round is the same two steps again, under other names.
Final. The loss is -log of the probability of the given label by a learner that has not seen the row; a mixture of two Gaussians on the losses says
how probably a row is of the small ones. Reads label and columns. Writes loss, p_clean (0..1), clean (p_clean at least `least`) and, with examples: k,
examples: for a row that is not clean the k most similar clean rows (TF-IDF of the columns; most similar last), else an empty list. A row without
a label, or with one of fewer rows than folds, is not clean, without a loss. Drops nothing.
One row: text='where is my card', intent='card_lost', loss=3.4, p_clean=0.0, clean=False, examples=[{'text': ..., 'intent': 'card_arrival'}, ...]
Source: FreeAL, Xiao et al. 2023 (2311.15614); the mixture, Arazo et al. 2019 (1904.11238), Li et al. 2020 (2002.07394).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context, seed_of
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Batch, Verdict, joined
from ..stats.crossfit import cross_fit
from ..stats.features import default_learner
from ..stats.small_loss import clean_probability

BLOCK = 512  # rows compared with all clean ones at once


@dataclass(frozen=True)
class CleanSet(Op):
    """least: p_clean from which a row is clean, above 0. examples: per row that is not clean. learner, folds: as label_errors."""

    label: str
    columns: tuple[str, ...]
    least: float = 0.5
    examples: int = 0
    learner: str | None = None
    folds: int = 5
    name: ClassVar[str] = "clean_set"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 5_000
    cites: ClassVar[tuple[str, ...]] = (
        "Xiao et al. 2023, FreeAL: Towards Human-Free Active Learning in the Era of Large Language Models (2311.15614)",
        "Arazo et al. 2019, Unsupervised Label Noise Modeling and Loss Correction (1904.11238)",
    )

    def __post_init__(self) -> None:
        if not self.columns or self.label in self.columns:
            raise ValueError("columns must name what the learner sees, without the label")
        if not 0 < self.least <= 1 or self.folds < 2 or not 0 <= self.examples <= 100:
            raise ValueError("least must be above 0 and at most 1, folds at least 2, examples 0 to 100")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.label, *self.columns)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("loss", "p_clean", "clean", *(("examples",) if self.examples else ()))

    def must_be_read(self) -> tuple[str, ...]:
        return ("examples",) if self.examples else ()

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        import numpy as np

        table = joined(scan(self.reads(Scene())), self.reads(Scene()))
        features = {c: table.columns[c] for c in self.columns}
        learner = ctx.learner_for(self.learner, default_learner(features))
        with ctx.refusing(f"{self.label}:"):
            fit = cross_fit(learner, features, table.columns[self.label], self.folds, seed_of(ctx.seed, ctx.label) % 2**32)
        rows = fit.judged
        loss, p_clean = np.full(len(table), np.nan), np.zeros(len(table))
        loss[rows] = -np.log(np.maximum(fit.p_label[rows], 1e-6))
        p_clean[rows] = clean_probability(loss[rows])
        clean = p_clean >= self.least
        shown = self._examples(table, clean) if self.examples else {}
        ctx.tell_count("judged", len(rows), len(table))
        ctx.tell_count("clean", int(clean.sum()), max(1, len(rows)))
        for i, key in enumerate(table.keys):
            known = not np.isnan(loss[i])
            values = {"loss": round(float(loss[i]), 6) if known else None, "p_clean": round(float(p_clean[i]), 6), "clean": bool(clean[i])}
            yield key, Verdict(values={**values, "examples": shown.get(i, [])} if self.examples else values)

    def _examples(self, table: Batch, clean: Any) -> dict[int, list[dict[str, Any]]]:
        """Row number -> clean rows like it."""
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        good, rest = np.flatnonzero(clean), np.flatnonzero(~clean)
        if not len(good) or not len(rest):
            return {}
        texts = [" ".join(str(v) for v in cells if v is not None) for cells in zip(*(table.columns[c] for c in self.columns), strict=True)]
        vectoriser = TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
        vectors = vectoriser.fit_transform([t if any(map(str.isalnum, t)) else "none" for t in texts])
        out: dict[int, list[dict[str, Any]]] = {}
        for start in range(0, len(rest), BLOCK):
            block = rest[start : start + BLOCK]
            near = (vectors[block] @ vectors[good].T).toarray()
            for i, scores in zip(block.tolist(), near, strict=True):
                best = np.argsort(-scores, kind="stable")[: self.examples][::-1]
                out[i] = [self._row(table.columns, int(good[j])) for j in best]
        return out

    def _row(self, columns: Any, i: int) -> dict[str, Any]:
        names: Sequence[str] = (*self.columns, self.label)
        return {name: columns[name][i] for name in names}
