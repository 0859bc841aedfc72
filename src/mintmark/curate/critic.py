"""critic: a learner that tells real rows from these; drops the least real share, or weighs the rows by the odds that they are real.

    critic: {against: real, columns: [text], share: 0.2}
    critic: {against: real, columns: [text], weigh: odds, clip: 10, label: intent}

Cross-fitted: no row is scored by a learner that saw it, or one with equal cells. Writes: critic (P(real), as if both kinds were as frequent;
0.5 = cannot tell) and, with weigh, weight (P / (1 - P), the density ratio real over synthetic, scaled to mean 1). Drops: least_real.
Tells: auc_before and auc_after (a new critic, on what is kept or weighed), auc_reference (one half of the real rows against the other: what
this learner finds where there is nothing to find), a warning where one plain cue such as length or markup tells nearly as much as the critic;
with weigh also effective_size, and with label the curve and lift of a learner of that column.
Source: density ratios by classification (Sugiyama et al. 2012); classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv 1610.06545).
When not: where the warning shows, mend the cue first (`length`, a prompt), or the critic keeps what has the right length. A critic sees
likeness to the real rows it was given, not truth or use, and takes away what they lack; the real rows also judge auc_after.
One row: id='3f0c...', text='hi, I got a fine ...', critic=0.41. One drop: least_real, 'P(real) = 0.03'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict, joined
from ..stats.critic import cross_fitted, cues, odds, weighted_auc
from ..stats.features import default_learner
from ..stats.resample import subsample
from ..stats.weights import facts, mean_one

NEARLY = 0.8  # a cue that reaches this share of the critic's AUC above 0.5 is told


@dataclass(frozen=True)
class Critic(Op):
    """against: table of real rows. columns: what the critic sees, in both. share: dropped (0..1). weigh: odds. clip: most times the mean
    weight. label, test: for the curve, as in sungen. folds, most: parts of the cross-fit, rows of each kind in a fit. learner: its
    role."""

    against: str
    columns: list[str]
    share: float | None = None
    weigh: Literal["odds"] | None = None
    clip: float | None = None
    label: str | None = None
    test: str | None = None
    folds: int = 5
    most: int = 20_000
    learner: str | None = None
    name: ClassVar[str] = "critic"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 2_000
    cites: ClassVar[tuple[str, ...]] = (
        "Lopez-Paz and Oquab 2017, Revisiting classifier two-sample tests (arXiv 1610.06545)",
        "Sugiyama, Suzuki and Kanamori 2012, Density Ratio Estimation in Machine Learning",
    )
    drops: ClassVar[Mapping[str, str]] = {"least_real": "among the share that the critic takes for the least real"}

    def __post_init__(self) -> None:
        if (self.share is None) == (self.weigh is None):
            raise ValueError("give either share, to drop, or weigh: odds")
        if self.share is not None and not 0 < self.share < 1:
            raise ValueError(f"share is {self.share}, expected more than 0 and less than 1")
        if self.weigh is None and (self.clip is not None or self.label is not None or self.test is not None):
            raise ValueError("clip, label and test go with weigh: odds")
        if not self.columns or (self.clip is not None and self.clip < 1) or self.folds < 2 or self.most < 10:
            raise ValueError("expected columns, clip of at least 1, folds of at least 2 and most of at least 10")

    @property
    def drop_share(self) -> float:
        return self.share or 0.0

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, *((self.label,) if self.label else ()))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("critic", "weight") if self.weigh else ("critic",)

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.against, *((self.test,) if self.test else ()))))

    def check(self, scene: Scene) -> None:
        for column in self.columns:
            scene.table_column(f"{self.against}.{column}")
        if len(scene.table(self.against)) < 2 * self.folds:
            raise RecipeError(f"{scene.where}: table '{self.against}' has fewer than {2 * self.folds} rows, too few for a critic")
        for column in self.reads(scene) if self.test else ():
            scene.table_column(f"{self.test}.{column}")

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        import numpy as np

        names = self.reads(Scene())
        rows = joined(scan(names), names)
        keys, all_columns = rows.keys, dict(rows.columns)
        own = {c: list(all_columns[c]) for c in self.columns}
        table = ctx.table(self.against)
        picked = subsample(len(table), self.most, ctx.seed)
        real = {c: [cells[i] for i in picked] for c, cells in ((c, table.column(c)) for c in self.columns)}
        n, m = len(picked), len(keys)
        if m < 2 * self.folds:
            ctx.tell("warning", f"{m} rows are too few for a critic: none was judged")
            values = {"critic": None, **({"weight": 1.0} if self.weigh else {})}
            yield from ((key, Verdict(values=values)) for key in keys)
            return
        learner = ctx.learner_for(self.learner, default_learner(own))

        def judged(a: dict[str, list[Any]], b: dict[str, list[Any]], weight: Any = None) -> Any:
            return cross_fitted(learner, a, b, weight, k=self.folds, most=self.most, seed=ctx.seed)

        before = judged(real, own)
        self._tell(ctx, "auc_before", before, n, None, f"{n:,} real rows against {m:,}, out of fold")
        self._warn(ctx, real, own, weighted_auc(before, _labels(n, m), np.ones(n + m))[0])
        half = n // 2
        if half >= 2 * self.folds:
            dealt = np.random.default_rng(ctx.seed).permutation(n).tolist()  # at random: every other row of a table may be of one kind
            a, b = ({c: [v[i] for i in s] for c, v in real.items()} for s in (dealt[:half], dealt[half:]))
            self._tell(ctx, "auc_reference", judged(a, b), n - half, None, "one half of the real rows against the other")
        p = before[n:]
        if self.share is not None:
            gone = set(np.argsort(p, kind="stable")[: int(self.share * m)].tolist())
            stay = [i for i in range(m) if i not in gone]
            after = judged(real, {c: [v[i] for i in stay] for c, v in own.items()})
            self._tell(ctx, "auc_after", after, n, None, f"a new critic on the {len(stay):,} rows kept; the same real rows chose them")
            for i, key in enumerate(keys):
                drop = Drop("least_real", f"P(real) = {p[i]:.3g}") if i in gone else None
                yield key, Verdict(drop, None if drop else {"critic": float(p[i])})
            return
        weight = mean_one(odds(p), self.clip)
        self._tell(
            ctx, "auc_after", judged(real, own, weight), n, weight, "a new critic on the weighted rows; the same real rows gave the weights"
        )
        self._tell_weights(ctx, own, all_columns, weight.tolist())
        for i, key in enumerate(keys):
            yield key, Verdict(values={"critic": float(p[i]), "weight": float(weight[i])})

    def _tell(self, ctx: Context, name: str, p: Any, n: int, weight: Any, caveat: str) -> None:
        import numpy as np

        m = len(p) - n
        value, span = weighted_auc(p, _labels(n, m), np.concatenate([np.ones(n), np.ones(m) if weight is None else weight]))
        ctx.tell(name, {"value": value, "unit": "AUC", "n": n + m, "interval": span, "better": "near 0.5", "caveats": [caveat]})

    def _warn(self, ctx: Context, real: Mapping[str, Any], own: Mapping[str, Any], auc: float) -> None:
        telling = [
            (name, value)
            for name, value, span in cues(real, own)[:1]
            if value >= 0.6 and span[0] > 0.5 and value - 0.5 >= NEARLY * (auc - 0.5)
        ]
        for name, value in telling:
            ctx.tell(
                "warning",
                f"one plain cue gives the rows away: {name} alone has AUC {value:.2f}, the critic {auc:.2f}; mend that first, or the critic "
                "selects by it",
            )

    def _tell_weights(self, ctx: Context, own: Mapping[str, Any], columns: Mapping[str, Any], weight: list[float]) -> None:
        if self.label is None:
            from ..stats.weights import effective_size

            ctx.tell("effective_size", effective_size(weight))
            return
        features = {c: v for c, v in own.items() if c != self.label}
        test = None
        if self.test:
            table = ctx.table(self.test)
            test = {c: table.column(c) for c in features}, table.column(self.label)
        learner = ctx.learner_for(self.learner, default_learner(features))
        for name, fact in facts(learner, features, columns[self.label], weight, test, ctx.seed).items():
            ctx.tell(name, fact)


def _labels(n: int, m: int) -> list[int]:
    return [1] * n + [0] * m
