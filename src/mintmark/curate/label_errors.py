"""label_errors: finds labels that are probably wrong, by confident learning over a learner's cross-fitted probabilities; flags, drops or corrects.

    label_errors: {label: intent, columns: [text]}                                       flags
    label_errors: {label: intent, columns: [text], action: correct, learner: linear}     the label before stays in intent_before

Final. Reads label and columns. Writes p_label (probability of the given label by a learner that has not seen the row; None where not judged),
suggested (the label the row is confidently of, else the given one), label_error (true or false); with action: correct also the label and
<label>_before. Drops with action: drop: label_error. Rows without a label, or whose label has fewer rows than folds, are not judged and stay.
`mintmark show` tells the suspected rows and the estimated share of wrong labels. A learner that is good at the task is the whole art: suspected rows
are those on which it contradicts the label with more confidence than it usually has.
One row: text='where is my card', intent='card_lost', p_label=0.03, suggested='card_arrival', label_error=True
Source: Northcutt, Jiang and Chuang 2021 (1911.00068). Not covered: several labels a row, numbers as labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context, seed_of
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict, joined
from ..stats.confident_learning import confident
from ..stats.crossfit import cross_fit
from ..stats.features import default_learner


@dataclass(frozen=True)
class LabelErrors(Op):
    """label: column. columns: what the learner sees. learner: a role, default the user's default, else by the kind of columns. folds: at
    least 2. action: flag | drop | correct."""

    label: str
    columns: tuple[str, ...]
    action: Literal["flag", "drop", "correct"] = "flag"
    learner: str | None = None
    folds: int = 5
    name: ClassVar[str] = "label_errors"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 4_000
    cites: ClassVar[tuple[str, ...]] = ("Northcutt et al. 2021, Confident Learning: Estimating Uncertainty in Dataset Labels (1911.00068)",)
    drops: ClassVar[Mapping[str, str]] = {"label_error": "confidently of another label"}

    def __post_init__(self) -> None:
        if not self.columns or self.label in self.columns:
            raise ValueError("columns must name what the learner sees, without the label")
        if self.folds < 2:
            raise ValueError("folds must be at least 2")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.label, *self.columns)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        corrected = (self.label, f"{self.label}_before") if self.action == "correct" else ()
        return ("p_label", "suggested", "label_error", *corrected)

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        table = joined(scan(self.reads(Scene())), self.reads(Scene()))
        labels, features = table.columns[self.label], {c: table.columns[c] for c in self.columns}
        learner = ctx.learner_for(self.learner, default_learner(features))
        with ctx.refusing(f"{self.label}:"):
            fit = cross_fit(learner, features, labels, self.folds, seed_of(ctx.seed, ctx.label) % 2**32)
        rows = fit.judged
        found = confident(fit.proba[rows], fit.codes[rows])
        wrong = {int(i): fit.classes[g] for i, g in zip(rows, found.guess, strict=True) if g >= 0 and g != fit.codes[i]}
        judged = set(rows.tolist())
        p_label = fit.p_label
        ctx.tell_count("label_errors", len(wrong), max(1, len(judged)))
        ctx.tell_count("estimated_noise", found.noise, max(1, len(judged)), "share")
        for i, (key, label) in enumerate(zip(table.keys, labels, strict=True)):
            p = round(float(p_label[i]), 6) if i in judged else None
            suggested = wrong.get(i, label)
            if i in wrong and self.action == "drop":
                yield key, Verdict(Drop("label_error", f"{label} (p {p:.3g}) looks like {suggested}"))
                continue
            values = {"p_label": p, "suggested": suggested, "label_error": i in wrong}
            yield key, Verdict(values={**values, **self._corrected(label, suggested)})

    def _corrected(self, label: Any, suggested: Any) -> dict[str, Any]:
        return {self.label: suggested, f"{self.label}_before": label} if self.action == "correct" else {}
