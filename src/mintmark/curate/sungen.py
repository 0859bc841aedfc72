"""sungen: a weight for each row, low where the label is probably wrong; no row is changed or dropped.

    sungen: {columns: [text], label: intent, test: holdout, learner: linear}

Weights are learnt so that a softmax regression on these columns, trained with them, does well by a noise-robust loss on other rows of the
same, equally noisy table: no clean row is needed. Writes: weight (mean 1). Tells: effective_size, curve and lift (on the table `test`, else
on a fifth of the rows), for the learner port named. With 30 % of the labels wrong the linear learner gains 8.6 points (bench/README.md).
Source: SunGen (Gao et al., ICLR 2023, arXiv 2205.12679); what differs from it stands in stats/sungen.py. Time: 3 milliseconds of one core a
row of 15 words with 10 labels, and proportional to the labels.
When not: where labels are clean, nothing is gained and the effective size falls to 65 %; with a learner that hardly follows single rows, such as
one with C = 1, which loses little to the noise and gains 1.1 points; where single labels are mostly wrong. `lift` says which it is.
Not covered: regression.
One row: id='3f0c...', text='my card has not come', intent='exchange_rate', weight=0.04
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Verdict, joined
from ..stats.encoder import Encoder
from ..stats.features import default_learner
from ..stats.softmax import with_constant
from ..stats.sungen import sungen
from ..stats.weights import facts, mean_one


@dataclass(frozen=True)
class Sungen(Op):
    """columns: features. label: the column to predict. c: inverse regularisation of the inner learner. folds: parts that take turns as the rows
    the weights are judged on. rounds: outer steps. clip: most times the mean. test: table with the same columns. learner: whose curve is told."""

    columns: list[str]
    label: str
    c: float = 10.0
    folds: int = 5
    rounds: int = 50
    clip: float | None = None
    test: str | None = None
    learner: str | None = None
    name: ClassVar[str] = "sungen"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 2_000  # features of a short text, gradients of 10 labels
    cites: ClassVar[tuple[str, ...]] = (
        "Gao et al. 2023, Self-Guided Noise-Free Data Generation for Efficient Zero-Shot Learning (SunGen, arXiv 2205.12679)",
    )

    def __post_init__(self) -> None:
        if not self.columns or self.label in self.columns:
            raise ValueError("columns must name features, and not the label")
        if self.c <= 0 or self.folds < 2 or self.rounds < 1 or (self.clip is not None and self.clip < 1):
            raise ValueError("expected c > 0, folds of at least 2, rounds and clip of at least 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (*self.columns, self.label)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("weight",)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.test,) if self.test else ()

    def check(self, scene: Scene) -> None:
        for column in self.reads(scene) if self.test else ():
            scene.table_column(f"{self.test}.{column}")

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        names = self.reads(Scene())
        table = joined(scan(names), names)
        keys, columns = table.keys, dict(table.columns)
        labels = columns.pop(self.label)
        if not keys:
            return
        x = with_constant(Encoder(columns).transform(columns))
        with ctx.refusing(f"'{self.label}' holds"):
            found = sungen(x, labels, folds_=self.folds, seed=ctx.seed, c=self.c, outer=self.rounds)
        weight = mean_one(found, self.clip).tolist()
        test = None
        if self.test:
            held = ctx.table(self.test)
            test = {c: held.column(c) for c in self.columns}, held.column(self.label)
        learner = ctx.learner_for(self.learner, default_learner(columns))
        for name, fact in facts(learner, columns, labels, weight, test, ctx.seed).items():
            ctx.tell(name, fact)
        for key, w in zip(keys, weight, strict=True):
            yield key, Verdict(values={"weight": w})
