"""robustness: how far the score falls on careless rows and on rows of a kind of their own, trained on real rows, on synthetic ones, on both.

    measure: [{robustness: {by: region, noise: 0.25, missing: 0.2}}]

Score, arms and intervals as in utility (AUC, accuracy or R2 on the holdout). A drop is the score on the test rows as they are less that on
  perturbed  the same rows with typos (3 of 100 characters), other case, lost_words (20 %), in text columns; noise (a normal of 0.25 standard
             deviations of the real column) in numbers; missing cells (20 %) in all columns but text. Labels stay. At random, by the run's seed
  shifted    some of them: short and long (fifths by number of words), rare (a level that less than 5 % of the real rows hold), outer (a number
             beyond the real 5 % and 95 % quantiles), and each level of the column `by`; those of at least 30 rows
The value is the mean drop over kinds with real + synthetic rows, by_group each kind; reference: with real rows alone; less_than_real: how much less
falls with the synthetic rows added, above 0 is a gain. Source: CheckList, Ribeiro et al. 2020; Kaushik et al. 2020 for out-of-domain tests.
Costs 21 fits: an audit leaves it out unless it is named. Not covered: synonyms and meaning, attacks, other domains than the holdout's; a
subset's score differs from that of all rows also by its mix of classes.
One row: robustness.perturbed 0.031 [0.024, 0.038] AUC of 500 test rows, with real rows alone 0.045
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.features import kind_of, spaced
from ..stats.trained import Task, arms, halves, task_of
from ..text.typing_errors import other_case, with_typos, without_words

Table = Mapping[str, Sequence[Any]]
TYPOS, LOST, FIFTH, RARE, OUTER, ENOUGH = 3.0, 0.2, 0.2, 0.05, 0.05, 30
ROLES = {"real": "real", "both": "both", "synthetic": "synthetic"}


@dataclass(frozen=True)
class Robustness(Metric):
    """by: column whose levels are looked at one by one. noise: in standard deviations. missing: share of cells. seeds, most: as in utility."""

    by: str | None = None
    noise: float = 0.25
    missing: float = 0.2
    seeds: int = 6
    most: int = 10_000
    name: ClassVar[str] = "robustness"
    family: ClassVar[str] = "robustness"
    costly: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = (
        "Ribeiro et al. 2020, Beyond accuracy: behavioral testing of NLP models with CheckList (2005.04118)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "robustness.perturbed": "mean drop in score on careless test rows (typos, noise, missing cells), real + synthetic rows, lower is better",
        "robustness.shifted": "mean drop in score on kinds of test rows (short, long, rare, outer, levels), real + synthetic rows, lower is better",
    }

    def __post_init__(self) -> None:
        if self.seeds < 4 or self.seeds % 2 or self.most < 20 or self.noise <= 0 or not 0 < self.missing < 1:
            raise ValueError("seeds must be even and at least 4, most at least 20, noise above 0, missing between 0 and 1")

    def reads(self) -> tuple[str, ...]:
        return (self.by,) if self.by else ()

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        if (given := task_of(tables, self.most, ctx.learner_for)) is None:
            return []
        task, learner, notes = given
        if task.n < ENOUGH:
            return []
        known = {c: task.tables["real"][c].tolist() for c in task.features}
        careless = perturbed(task.test, known, self.noise, self.missing, tables.seed)
        kinds = {k: r for k, r in shifted(task.test, known, self.by).items() if task.count(r) >= ENOUGH}
        drops: dict[str, dict[str, list[Any]]] = {arm: {} for arm in ROLES}
        for k, chosen in enumerate(arms(task.size, self.seeds // 2, tables.seed)):
            for arm in ROLES:
                fitted = task.fit(learner, chosen[arm], tables.seed + k)
                plain = task.predict(fitted)
                whole = task.judge(plain)
                for kind, table in careless.items():
                    drops[arm].setdefault(kind, []).append(whole - task.judge(task.predict(fitted, table)))
                for kind, rows in kinds.items():
                    drops[arm].setdefault(kind, []).append(whole - task.judge(plain, rows))
        sizes = {k: len(r) for k, r in kinds.items()}
        return [
            *_told(task, "perturbed", drops, {k: task.count() for k in careless}, notes, {}),
            *_told(task, "shifted", drops, {k: task.count(r) for k, r in kinds.items()}, notes, {"rows": sizes}),
        ]


def perturbed(test: Table, real: Table, noise: float, missing: float, seed: int) -> dict[str, Table]:
    """Kind -> the test rows so perturbed; only kinds that some column is fit for."""
    import numpy as np

    rng, dice = np.random.default_rng(seed), random.Random(seed)
    kinds = {c: kind_of(cells) for c, cells in real.items()}
    texts = [c for c, k in kinds.items() if k == "text"]
    numbers = [c for c, k in kinds.items() if k == "number"]
    others = [c for c, k in kinds.items() if k in ("number", "category", "date")]

    def changed(columns: Sequence[str], change: Any) -> Table:
        return {c: [None if v is None else change(c, v) for v in cells] if c in columns else cells for c, cells in test.items()}

    out: dict[str, Table] = {}
    if texts:
        out["typos"] = changed(texts, lambda c, v: with_typos(str(v), TYPOS, dice))
        out["case"] = changed(texts, lambda c, v: other_case(str(v), dice))
        out["lost_words"] = changed(texts, lambda c, v: without_words(str(v), LOST, dice))
    if numbers:
        sd = {c: float(np.std([float(v) for v in real[c] if isinstance(v, (int, float))])) for c in numbers}
        out["noise"] = changed(numbers, lambda c, v: float(v + noise * sd[c] * rng.normal()) if isinstance(v, (int, float)) else v)
    if others:
        out["missing"] = changed(others, lambda c, v: None if rng.random() < missing else v)
    return out


def shifted(test: Table, real: Table, by: str | None) -> dict[str, Any]:
    """Kind -> numbers of its test rows."""
    import numpy as np

    n = len(next(iter(test.values()), ()))
    kinds = {c: kind_of(cells) for c, cells in real.items()}
    out: dict[str, Any] = {}
    if any(k == "text" for k in kinds.values()):
        words = np.array([sum(len(spaced(str(test[c][i] or "")).split()) for c, k in kinds.items() if k == "text") for i in range(n)])
        order, fifth = np.argsort(words, kind="stable"), max(1, round(FIFTH * n))
        out["short"], out["long"] = np.sort(order[:fifth]), np.sort(order[-fifth:])
    rare, outer = np.zeros(n, bool), np.zeros(n, bool)
    for c, kind in kinds.items():
        if kind == "category":
            held, total = Counter(map(str, real[c])), len(real[c])
            rare |= np.array([held[str(v)] < RARE * total for v in test[c]], bool)
        elif kind == "number":
            column = np.array([float(v) if isinstance(v, (int, float)) else np.nan for v in test[c]])
            low, high = np.quantile([float(v) for v in real[c] if isinstance(v, (int, float))], [OUTER, 1 - OUTER])
            outer |= (column < low) | (column > high)
    out["rare"], out["outer"] = np.flatnonzero(rare), np.flatnonzero(outer)
    if by is not None and by in test:
        cells = np.array([str(v) for v in test[by]])
        out.update({f"{by} = {level}": np.flatnonzero(cells == level) for level, _ in Counter(cells.tolist()).most_common(20)})
    return {k: rows for k, rows in out.items() if ENOUGH <= len(rows) < n}


def _told(
    task: Task,
    what: str,
    drops: Mapping[str, Mapping[str, list[Any]]],
    counts: Mapping[str, float],
    notes: tuple[str, ...],
    more: dict[str, Any],
) -> list[Measurement]:
    import numpy as np

    if not counts:
        return []

    def told(found: Sequence[Any], count: float) -> dict[str, Any]:
        return {"value": float(found[0][0]), "interval": task.interval(found[0], halves(found[1:]), False, count)}

    def mean(arm: str) -> Any:
        return np.mean([drops[arm][k] for k in counts], axis=0)

    fewest = min(counts.values())
    by_arm = {arm: {k: told(drops[arm][k], n) for k, n in counts.items()} for arm in ROLES}
    whole, real = told(mean("both"), fewest), told(mean("real"), fewest)
    less = told(mean("real") - mean("both"), fewest)
    detail = {
        "score": task.unit,
        "reference": real["value"],
        "less_than_real": less,
        "synthetic": told(mean("synthetic"), fewest),
        "by_arm": by_arm,
        **more,
    }
    bars = [
        {"name": arm, "role": role, "points": [[k, v["value"], *v["interval"]] for k, v in by_arm[arm].items()]}
        for arm, role in ROLES.items()
    ]
    picture = {"kind": "bars", "title": f"Drop on {what} rows", "x": "", "y": f"drop in {task.unit}", "series": bars}
    groups = {k: v["value"] for k, v in by_arm["both"].items()}
    unit = f"{task.unit} difference"
    return [Measurement(f"robustness.{what}", whole["value"], unit, task.n, whole["interval"], "lower", groups, notes, detail, picture)]
