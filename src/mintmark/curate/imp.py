"""imp: importance weights from a few real, labelled rows: how much likelier the row's label is among real rows than among these.

    imp: {against: real, columns: [text], label: intent, loss: imp, clip: 10, test: holdout}

loss: imp   weight = P'(label | row) / Q(label | row); P' is learnt from the real table, Q from these rows, both by the learner port
      dimp  Q is the model while it is trained (a softmax regression here); the weight is its mean over the steps of that training, since a
            column can hold one number a row; the learner is trained once less
Writes: weight (mean 1). No row is changed or dropped. Tells: effective_size, curve and lift (on the table `test`, else on a fifth of the rows),
a warning where labels do not occur in the real table (weight 0).
Source: IMP-Loss and DIMP-Loss (Kuo et al., ICLR 2025, arXiv 2410.21526). Not covered: regression; rows whose texts, not labels, differ from real
ones (`critic` with weigh: odds does that).
When not: as for sungen; and look whether the real rows alone teach as much. Of labels that are systematically wrong it finds more than sungen does. A small effective_size says that few rows carry it all: clip.
One row: id='3f0c...', text='my card has not come', intent='exchange_rate', weight=0.02
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Verdict, joined
from ..stats.encoder import Encoder
from ..stats.features import default_learner
from ..stats.importance import dimp, of_label, ratio
from ..stats.softmax import one_hot, with_constant
from ..stats.weights import facts, mean_one


@dataclass(frozen=True)
class Imp(Op):
    """against: table of real rows with the same columns and label. clip: most times the mean weight. test: another table, for the curve.
    c: inverse regularisation of the model of dimp. learner: the role of P', Q and the curve. loss: imp | dimp, see above."""

    against: str
    columns: list[str]
    label: str
    loss: Literal["imp", "dimp"] = "imp"
    clip: float | None = None
    c: float = 10.0
    test: str | None = None
    learner: str | None = None
    name: ClassVar[str] = "imp"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 2_000
    cites: ClassVar[tuple[str, ...]] = (
        "Kuo, Liao, Chao, Ma and Cheng 2025, Not All LLM-Generated Data Are Equal (IMP-Loss, DIMP-Loss, arXiv 2410.21526)",
    )

    def __post_init__(self) -> None:
        if not self.columns or self.label in self.columns:
            raise ValueError("columns must name features, and not the label")
        if self.c <= 0 or (self.clip is not None and self.clip < 1):
            raise ValueError("expected c > 0 and clip of at least 1")
        if self.test == self.against:
            raise ValueError(f"test is '{self.test}', whose rows make the weights; name a table of other real rows")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (*self.columns, self.label)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("weight",)

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(t for t in (self.against, self.test) if t)

    def check(self, scene: Scene) -> None:
        for table in self.reads_tables():
            for column in self.reads(scene):
                scene.table_column(f"{table}.{column}")
        if len(set(map(str, scene.table(self.against).column(self.label)))) < 2:
            raise RecipeError(
                f"{scene.where}: '{self.against}.{self.label}' holds fewer than two labels, so there is nothing to learn from"
            )

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        names = self.reads(Scene())
        rows = joined(scan(names), names)
        keys, columns = rows.keys, dict(rows.columns)
        labels = columns.pop(self.label)
        if not keys:
            return
        with ctx.refusing(f"'{self.label}' holds"):
            y, _ = one_hot(labels)
        learner = ctx.learner_for(self.learner, default_learner(columns))
        real = ctx.table(self.against)
        known = real.column(self.label)
        checker = learner.fit({c: real.column(c) for c in self.columns}, known, seed=ctx.seed)
        quality = of_label(checker.proba(columns), checker.classes, labels)
        if self.loss == "dimp":
            x = with_constant(Encoder(columns).transform(columns))
            weight = dimp(x, y, quality, c=self.c, clip=self.clip)[1]
        else:
            other = learner.fit(columns, labels, seed=ctx.seed)
            weight = ratio(quality, of_label(other.proba(columns), other.classes, labels))
        weights = mean_one(weight, self.clip).tolist()
        strange = sorted({str(t) for t in labels} - {str(t) for t in known})
        if strange:
            n = sum(str(t) in strange for t in labels)
            ctx.tell("warning", f"{n:,} rows have labels that '{self.against}' does not show, such as {strange[0]!r}: their weight is 0")
        test = None
        if self.test:
            table = ctx.table(self.test)
            test = {c: table.column(c) for c in self.columns}, table.column(self.label)
        for name, fact in facts(learner, columns, labels, weights, test, ctx.seed).items():
            ctx.tell(name, fact)
        for key, w in zip(keys, weights, strict=True):
            yield key, Verdict(values={"weight": w})
