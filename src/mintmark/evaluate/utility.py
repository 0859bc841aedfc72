"""utility: what the rows are good for: train on synthetic, test on real (TSTR), beside the same learner trained on the real rows (TRTR)
and on both (lift = both - real).

    measure: [{utility: {seeds: 10}}]

Score: ROC AUC for a target of two classes, accuracy for more, R2 for numbers, on the holdout. Same learner, same test rows; rows that carry a
weight count by it. The value is that of a learner trained on all rows; its interval has two levels (stats/trained): other test rows, and other
training rows by refits on halves. Beside tstr: `detail.reference` is trtr, `detail.floor` a learner of synthetic rows whose labels are dealt out anew
(independent columns; tables without text). by_group: share of each class's rows predicted right, for the lift its gain, with intervals in detail.
  equal_size  half of the real rows + as many synthetic ones, less that half + the other half: 0 says that a synthetic row is worth a real one
A lift is only claimed where its interval lies above 0. Source: Esteban, Hyland and Raetsch 2017. Not covered: other learners, tuning; an
interval that holds for all classes at once.
One row: utility.lift +0.021 [+0.006, +0.036] AUC of 500 test rows
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.features import kind_of
from ..stats.trained import Task, arms, halves, task_of

MOST_CLASSES = 200


@dataclass(frozen=True)
class Utility(Metric):
    """seeds: refits for the interval, in pairs. most: training rows above which a random part is used (a caveat says so)."""

    seeds: int = 6
    most: int = 20_000
    name: ClassVar[str] = "utility"
    family: ClassVar[str] = "utility"
    cites: ClassVar[tuple[str, ...]] = ("Esteban, Hyland and Raetsch 2017, Real-valued (medical) time series generation (TSTR)",)
    gives: ClassVar[Mapping[str, str]] = {
        "utility.tstr": "score on the holdout of a learner trained on the synthetic rows: AUC, accuracy or R2, higher is better",
        "utility.trtr": "the same learner trained on the real rows",
        "utility.lift": "score with real + synthetic rows less score with real rows alone, above 0 is a gain",
        "utility.equal_size": "real + synthetic rows less real + as many more real rows, 0 where synthetic rows are worth as much as real ones",
    }

    def __post_init__(self) -> None:
        if self.seeds < 4 or self.seeds % 2 or self.most < 20:
            raise ValueError("seeds must be even and at least 4, most at least 20")

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        if (given := task_of(tables, self.most, ctx.learner_for)) is None:
            return []
        task, learner, notes = given
        instead = min(task.size["synthetic"], task.size["real"] // 2) if task.size["real"] >= 20 else 0
        runs: dict[str, list[Any]] = {}
        for k, chosen in enumerate(arms(task.size, self.seeds // 2, tables.seed, instead)):
            for arm, parts in chosen.items():
                runs.setdefault(arm, []).append(task.predict(task.fit(learner, parts, tables.seed + k)))
        floor: dict[str, Any] = {}
        if all(kind_of(task.tables["real"][c]) != "text" for c in task.features):
            dealt = task.fit(learner, {"synthetic": range(task.size["synthetic"])}, tables.seed, True)
            floor = {"floor": float(task.judge(task.predict(dealt))[0])}
        judged = {arm: [task.judge(p) for p in found] for arm, found in runs.items()}
        score = {arm: float(found[0][0]) for arm, found in judged.items()}

        def told(
            name: str, arm: str, less: str | None = None, groups: Any = None, more: tuple[str, ...] = (), **detail: Any
        ) -> Measurement:
            found = judged[arm] if less is None else [a - b for a, b in zip(judged[arm], judged[less])]
            span = task.interval(found[0], halves(found[1:]), share=less is None and task.unit != "R2")
            unit = f"{task.unit} difference" if name == "equal_size" else task.unit
            detail = {"per_seed": [float(j[0]) for j in found[1:]], "score": task.unit, **detail}
            return Measurement(f"utility.{name}", float(found[0][0]), unit, task.n, span, "higher", groups, (*notes, *more), detail)

        by_class = {
            name: _classes(task, *found)
            for name, found in (("tstr", (runs["synthetic"],)), ("trtr", (runs["real"],)), ("lift", (runs["both"], runs["real"])))
        }
        groups = {name: {c: g["value"] for c, g in found.items()} or None for name, found in by_class.items()}
        out = [
            told(
                "tstr",
                "synthetic",
                None,
                groups["tstr"],
                rows=task.size["synthetic"],
                by_class=by_class["tstr"],
                reference=score["real"],
                **floor,
            ),
            told("trtr", "real", None, groups["trtr"], rows=task.size["real"], by_class=by_class["trtr"]),
            told("lift", "both", "real", groups["lift"], both=score["both"], real=score["real"], by_class=by_class["lift"]),
        ]
        if "mixed" in judged:
            rest = task.size["real"] - instead
            rows = f"{rest:,} real + {instead:,} synthetic rows against {rest:,} + {instead:,} real ones"
            out.append(told("equal_size", "mixed", "real", None, (rows,), mixed=score["mixed"], real=score["real"]))
        else:
            why = (
                f"no equal-size control: it takes 20 real and 10 synthetic rows, here are {task.size['real']} and {task.size['synthetic']}"
            )
            out.append(Measurement("utility.equal_size", None, f"{task.unit} difference", task.n, None, "higher", None, (*notes, why)))
        return out


def _classes(task: Task, found: Sequence[Any], less: Sequence[Any] | None = None) -> dict[str, dict[str, Any]]:
    """{class: {n, value, interval}} of the share predicted right, or of its gain over `less`; empty for numbers."""
    import numpy as np

    if task.unit == "R2":
        return {}
    right = np.stack([task.right(p) for p in found]) - (0 if less is None else np.stack([task.right(p) for p in less]))
    out = {}
    for name in np.unique(task.truth)[:MOST_CLASSES]:
        rows = np.flatnonzero(task.truth == name)
        of = [task.mean(r[rows], rows) for r in right]
        low, high = task.interval(of[0], halves(of[1:]), less is None, len(rows))
        out[str(name)] = {"n": len(rows), "value": float(of[0][0]), "interval": [max(low, 0.0 if less is None else -1.0), min(high, 1.0)]}
    return out
