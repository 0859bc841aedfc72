"""learning_curve: what the synthetic rows add to 20, 50, 100, ... real ones, and what as many more real ones would: where the gain ends.

    measure: [{learning_curve: {sizes: [20, 50, 100, 200], share: 1.0, seeds: 10}}]

For each number n of real rows, drawn anew by every seed, the same learner is trained on n real rows; on these and the synthetic rows (`share` of
them, all by default); and on these and as many more real rows (the control: up to half of the real rows in all, `detail` says how many). All are
scored on the whole holdout, as utility is. n goes up to four fifths of the real rows: the rest lets the seeds differ.
  gain          real + synthetic less real, at the smallest n. detail: the curve; gain_until: up to which n the gain lies above 0
  against_real  real + synthetic less real + as many more real rows, at the smallest n
Intervals: two levels, other test rows and other real rows (stats/trained); the synthetic rows are taken as given. With good rows of a language
model the gain is largest at tens of rows and decays (but rows whose generator saw all real rows carry more of them than the n: a caveat says so);
for subjective tasks expect little or none (Li et al. 2023). Costs (2 to 3 fits) x seeds x
sizes: an audit leaves it out unless it is named. Not covered: another learner, another task, rows picked better than at random.
One row: learning_curve.gain +0.12 [+0.06, +0.18] accuracy of 500 test rows, at 20 real rows; gain_until 100
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.trained import Parts, Task, draws, task_of

SIZES = (20, 50, 100, 200, 500, 1_000, 2_000)
TOP, MOST_CONTROL = 0.8, 0.5  # of the real rows; draws that share more than half of them say little of how others would do
NAMES = {"real": "real rows", "both": "real + synthetic", "control": "real + more real"}


@dataclass(frozen=True)
class LearningCurve(Metric):
    """sizes: real rows. share: of the synthetic rows that are added, 0..1. seeds: draws per size. most: rows of a table that are used."""

    sizes: tuple[int, ...] = SIZES
    share: float = 1.0
    seeds: int = 10
    most: int = 5_000
    name: ClassVar[str] = "learning_curve"
    family: ClassVar[str] = "learning_curve"
    costly: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = (
        "Li et al. 2023, Synthetic data generation with large language models for text classification: potential and limitations (2310.07849)",
        "Nadeau and Bengio 2003, Inference for the generalization error",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "learning_curve.gain": "score with real + synthetic rows less score with real rows alone, at the fewest real rows; above 0 is a gain",
        "learning_curve.against_real": "score with real + synthetic rows less score with real + as many more real rows, 0 where worth as much",
    }

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 2 or not 0 < self.share <= 1 or self.seeds < 5 or self.most < 20:
            raise ValueError("sizes must be at least 2, share above 0 and at most 1, seeds at least 5, most at least 20")

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        import numpy as np

        if (given := task_of(tables, self.most, ctx.learner_for)) is None:
            return []
        task, learner, notes = given
        top, half = (int(share * task.size["real"]) for share in (TOP, MOST_CONTROL))
        added = round(self.share * task.size["synthetic"])
        sizes = sorted({*(n for n in self.sizes if n <= top), *((top,) if top < max(self.sizes) else ())})
        if added < 1 or top < 5:
            return []
        curve = []
        for n in sizes:
            more = max(0, min(added, half - n))
            orders = _orders(task.size["real"], n, self.seeds, tables.seed)
            judged: dict[str, list[Any]] = {"real": [], "both": [], **({"control": []} if more else {})}
            for k, order in enumerate(orders):
                own = np.random.default_rng([tables.seed, k]).permutation(task.size["synthetic"])[:added]
                parts: dict[str, Parts] = {"real": {"real": order[:n]}, "both": {"real": order[:n], "synthetic": own}}
                parts["control"] = {"real": order[: n + more]}
                for arm in judged:
                    judged[arm].append(task.judge(task.predict(task.fit(learner, parts[arm], tables.seed + k))))
            curve.append(_point(task, n, more, orders, judged))
        first, gains = curve[0], [p["gain"]["interval"][0] > 0 for p in curve]
        until = curve[(gains.index(False) if False in gains else len(gains)) - 1]["n"] if gains[0] else None
        end = "no gain can be shown even there" if until is None else f"the gain can be shown up to {until:,} real rows"
        notes = (
            *notes,
            f"at {first['n']:,} real rows and {added:,} synthetic ones; {end}",
            "the interval speaks of these synthetic rows, with other real and other test rows",
            f"if their generator saw more than {first['n']:,} real rows, the gain there is more than it would have made of {first['n']:,}",
            "another learner may gain more, less or nothing",
        )
        unit, detail = f"{task.unit} difference", {"score": task.unit, "gain_until": until, "synthetic_rows": added, "curve": curve}
        picture = _picture(curve, task.unit)
        gain = first["gain"]
        out = [Measurement("learning_curve.gain", gain["value"], unit, task.n, gain["interval"], "higher", None, notes, detail, picture)]
        if "control" in first:
            against = first["against_real"]
            few = f"the control holds {first['control']['rows']:,} more real rows" + (
                ", not as many" if first["control"]["rows"] < added else ""
            )
            out.append(
                Measurement(
                    "learning_curve.against_real", against["value"], unit, task.n, against["interval"], "higher", None, (*notes, few)
                )
            )
        return out


def _orders(size: int, n: int, seeds: int, seed: int) -> list[Any]:
    """Per seed an order of all real rows, of which it takes the first; the first n are shared by no other seed as far as there are rows."""
    import numpy as np

    rng, at_once = np.random.default_rng([seed, n]), max(1, size // n)
    shuffled = [rng.permutation(size) for _ in range(-(-seeds // at_once))]
    return [np.roll(shuffled[k // at_once], -n * (k % at_once)) for k in range(seeds)]


def _point(task: Task, n: int, more: int, orders: Sequence[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """{n, real, both, control, gain, against_real}, each with value and interval."""
    import numpy as np

    def told(judged: Any, rows: int, share: bool) -> dict[str, Any]:
        mean = np.mean(judged, axis=0)
        low, high = task.interval(mean, draws(judged, [order[:rows] for order in orders]), share)
        return {"value": float(mean[0]), "interval": (max(low, 0.0), min(high, 1.0)) if share else (low, high)}

    arms = {arm: np.stack(judged) for arm, judged in found.items()}
    share = task.unit != "R2"
    out = {"n": n, **{arm: told(arms[arm], n, share) for arm in ("real", "both")}, "gain": told(arms["both"] - arms["real"], n, False)}
    if more:
        out["control"] = {"rows": more, **told(arms["control"], n + more, share)}
        out["against_real"] = told(arms["both"] - arms["control"], n + more, False)
    return out


def _picture(curve: list[dict[str, Any]], unit: str) -> dict[str, Any]:
    series = [
        {"name": name, "role": role, "points": [[p["n"], p[arm]["value"], *p[arm]["interval"]] for p in curve if arm in p]}
        for (arm, name), role in zip(NAMES.items(), ("real", "both", "other"))
    ]
    return {"kind": "lines", "title": "What the synthetic rows add", "x": "real rows", "y": unit, "log_x": True, "series": series}
