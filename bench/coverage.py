"""Do the intervals of utility and learning_curve cover? Nominal 95 %, measured where the truth is known.

    python bench/coverage.py [--what utility] [--task AUC] [--learner plain] [--rows 200] [--test 300] [--pool 8] [--reps 400]

A population of four numbers and one category with a noisy label; a generator that draws from it with other coefficients and 15 % wrong labels.
Truth: the mean score of the learner on 20,000 test rows over 300 fresh training sets. Each repetition draws fresh real, synthetic and test rows
and asks whether the interval holds the truth; below, missed on either side and the mean width. The learning curve speaks of the synthetic table
it was given, so that one is drawn once.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from typing import Any

import numpy as np

from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.learning_curve import LearningCurve
from mintmark.evaluate.utility import Utility
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.stats.trained import Task


class Plain:
    """Ridge-penalised least squares, or logistic regression by Newton's method, one class against the rest: a tenth of linear's time."""

    name = "plain"

    def fit(self, table: Any, target: Any, *, task: str = "classification", weight: Any = None, seed: int = 0) -> Any:
        x = self._matrix(table)
        eye = 0.1 * np.eye(x.shape[1])
        if task == "regression":
            return _Plain(np.linalg.solve(x.T @ x + eye, x.T @ np.asarray(target, float))[:, None], ())
        classes, found = sorted(set(target)), []
        for c in classes if len(classes) > 2 else classes[-1:]:
            y, b = np.asarray([t == c for t in target], float), np.zeros(x.shape[1])
            for _ in range(6):
                p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
                b = b + np.linalg.solve((x * (p * (1 - p) + 1e-6)[:, None]).T @ x + eye, x.T @ (y - p) - 0.1 * b)
            found.append(b)
        return _Plain(np.stack(found, axis=1), classes)

    @staticmethod
    def _matrix(table: Any) -> Any:
        group = np.asarray(table["group"])
        return np.column_stack([np.ones(len(group)), *(table[f"x{j}"] for j in range(4)), group == "g1", group == "g2"])


class _Plain:
    def __init__(self, b: Any, classes: Any) -> None:
        self.b, self.classes = b, classes

    def predict(self, table: Any) -> Any:
        out = Plain._matrix(table) @ self.b
        return out[:, 0] if not self.classes else [self.classes[k] for k in out.argmax(axis=1)]

    def proba(self, table: Any) -> Any:
        p = 1 / (1 + np.exp(-(Plain._matrix(table) @ self.b)))
        return np.hstack([1 - p, p]) if len(self.classes) == 2 else p


LEARNERS = {"plain": Plain, "linear": LinearLearner, "boosting": BoostingLearner}


def rows(n: int, task: str, rng: Any, synthetic: bool = False) -> dict[str, list[Any]]:
    x = rng.normal(size=(n, 4))
    group = rng.integers(0, 3, n)
    tilt = 0.5 if synthetic else 0.0
    inner = x @ np.array([1.0, -0.7 + tilt, 0.4, 0.0]) + 0.8 * (group == 2) - 0.3
    y: list[Any]
    if task == "R2":
        y = (inner + rng.normal(size=n)).tolist()
        if synthetic:
            y = [float(v) + 0.5 for v in y]
    else:
        more = x @ np.array([0.2, 0.9, -1.0 + tilt, 0.3])
        scores = np.stack([np.zeros(n), inner, more] if task == "accuracy" else [np.zeros(n), inner], axis=1)
        drawn = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        if synthetic:
            drawn = np.where(rng.random(n) < 0.15, rng.integers(0, scores.shape[1], n), drawn)
        y = [f"c{k}" for k in drawn]
    return {**{f"x{j}": x[:, j].tolist() for j in range(4)}, "group": [f"g{k}" for k in group], "y": y}


def scorer(task: str, rng: Any) -> Any:
    """score(learner, parts) on 20,000 fresh rows."""
    test = rows(20_000, task, rng)

    def score(learner: Any, own: dict[str, list[Any]], real: dict[str, list[Any]], parts: Any) -> float:
        frame = Task({"synthetic": own, "real": real, "test": test}, "y")
        return float(frame.judge(frame.predict(frame.fit(learner, parts, 0)))[0])

    return score


def utility(args: Any, rng: Any) -> tuple[dict[str, float], Any]:
    score, learner = scorer(args.task, rng), LEARNERS[args.learner]()
    k = args.rows // 2
    arms = {
        "tstr": {"synthetic": np.arange(args.rows)},
        "trtr": {"real": np.arange(args.rows)},
        "both": {"real": np.arange(args.rows), "synthetic": np.arange(args.rows)},
        "mixed": {"real": np.arange(args.rows - k), "synthetic": np.arange(k)},
    }
    found = defaultdict(list)
    for _ in range(args.truth):
        own, real = rows(args.rows, args.task, rng, True), rows(args.rows, args.task, rng)
        for arm, parts in arms.items():
            found[arm].append(score(learner, own, real, parts))
    mean = {arm: float(np.mean(v)) for arm, v in found.items()}
    truth = {
        "utility.tstr": mean["tstr"],
        "utility.trtr": mean["trtr"],
        "utility.lift": mean["both"] - mean["trtr"],
        "utility.equal_size": mean["mixed"] - mean["trtr"],
    }
    metric = Utility()

    def measure(k: int) -> Any:
        tables = Tables(
            Data(rows(args.rows, args.task, rng, True)),
            Data(rows(args.rows, args.task, rng)),
            Data(rows(args.test, args.task, rng)),
            "y",
            seed=k,
        )
        return {m.metric: (m.value, m.interval) for m in metric.measure(tables, Context(0, learners={"default": learner}))}

    return truth, measure


def learning_curve(args: Any, rng: Any) -> tuple[dict[str, float], Any]:
    """At one number of real rows drawn from `pool` x as many, of which the control has half; the synthetic table is drawn once."""
    score, learner = scorer(args.task, rng), LEARNERS[args.learner]()
    own, n = rows(args.rows, args.task, rng, True), args.rows // 4
    more = min(args.rows, args.pool * n // 2 - n)
    arms = {
        "real": {"real": np.arange(n)},
        "both": {"real": np.arange(n), "synthetic": np.arange(args.rows)},
        "control": {"real": np.arange(n + more)},
    }
    found = defaultdict(list)
    for _ in range(args.truth):
        real = rows(n + more, args.task, rng)
        for arm, parts in arms.items():
            found[arm].append(score(learner, own, real, parts))
    mean = {arm: float(np.mean(v)) for arm, v in found.items()}
    truth = {
        "real": mean["real"],
        "learning_curve.gain": mean["both"] - mean["real"],
        "learning_curve.against_real": mean["both"] - mean["control"],
    }
    metric = LearningCurve(sizes=(n,))

    def measure(k: int) -> Any:
        real, test = rows(args.pool * n, args.task, rng), rows(args.test, args.task, rng)
        told = metric.measure(Tables(Data(own), Data(real), Data(test), "y", seed=k), Context(0, learners={"default": learner}))
        first = told[0].detail["curve"][0]["real"]
        return {"real": (first["value"], first["interval"]), **{m.metric: (m.value, m.interval) for m in told}}

    return truth, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", default="utility", choices=["utility", "learning_curve"])
    parser.add_argument("--task", default="AUC", choices=["AUC", "accuracy", "R2"])
    parser.add_argument("--learner", default="plain", choices=list(LEARNERS))
    for name, default in (("rows", 200), ("test", 300), ("pool", 8), ("reps", 400), ("truth", 300), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    start = time.process_time()
    rng = np.random.default_rng(args.seed)
    truth, measure = {"utility": utility, "learning_curve": learning_curve}[args.what](args, rng)
    found = defaultdict(list)
    for k in range(args.reps):
        for name, (value, (low, high)) in measure(k).items():
            if name in truth:
                found[name].append((value, low, high))
    print(
        f"{args.what}, {args.task}, {args.learner}, {args.rows} rows, {args.test} test rows, {args.reps} repetitions, CPU {time.process_time() - start:.0f} s"
    )
    for name, of in found.items():
        value, low, high = np.asarray(of).T
        below, above = float(np.mean(high < truth[name])), float(np.mean(low > truth[name]))
        print(
            f"  {name:28s} truth {truth[name]:+.4f} mean {value.mean():+.4f} covered {1 - below - above:.3f} (too low {below:.3f}, too high {above:.3f}), width {np.mean(high - low):.4f}"
        )


if __name__ == "__main__":
    main()
