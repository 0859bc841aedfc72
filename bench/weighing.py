"""Weights, measured: planted label noise in short texts, and what each way of weighing recovers of it.

    python bench/weighing.py [--data ../shared/data/banking77] [--seeds 20] [--noise 0.3] [--kind uniform] [--classes 10]

Data: the first `classes` intents of banking77; `noise` of the training labels are replaced by another label, drawn uniformly (`--kind pairs`: always by the next one); the test rows are
the published ones, untouched. Learner: TF-IDF + logistic regression with C = 10, and C = 1 with the same weights. SunGen sees no clean label;
confident learning (Northcutt et al. 2021, written here: cross-fitted self-confidence, thresholds per class, rows that fail them left out) sees
none either; IMP and DIMP have `real` clean rows per class, taken from the training rows before the noise; `real only` and `both` are learners trained on
those and with them. Intervals: 95 %, other seeds and other test rows (two-level), differences paired by seed and row.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from mintmark.learners.linear import LinearLearner
from mintmark.stats.encoder import Encoder
from mintmark.stats.importance import dimp, of_label, ratio
from mintmark.stats.intervals import auc, two_level
from mintmark.stats.resample import folds
from mintmark.stats.softmax import one_hot, with_constant
from mintmark.stats.sungen import sungen
from mintmark.stats.weights import effective_size, mean_one


class Task:
    """Rows with planted noise; `clean` says which labels are true."""

    def __init__(self, folder: Path, seed: int, noise: float, kind: str, classes: int, real: int) -> None:
        rng = np.random.default_rng(seed)
        train, test = ([(r["text"], r["category"]) for r in csv.DictReader((folder / f"{n}.csv").open())] for n in ("train", "test"))
        names = sorted({c for _, c in train})[:classes]
        rows = [r for r in train if r[1] in names]
        rows = [rows[i] for i in rng.permutation(len(rows))]
        count: dict[str, int] = defaultdict(int)
        small, rest = [], []
        for r in rows:
            count[r[1]] += 1
            (small if count[r[1]] <= real else rest).append(r)
        self.real_texts, self.real_labels = map(list, zip(*small))
        self.texts = [t for t, _ in rest]
        truth = np.array([names.index(c) for _, c in rest])
        wrong = rng.random(len(rest)) < noise
        self.clean = ~wrong
        self.labels = [
            names[i] for i in np.where(wrong, (truth + (1 if kind == "pairs" else rng.integers(1, classes, len(rest)))) % classes, truth)
        ]
        self.test_texts, self.test_labels = map(list, zip(*(r for r in test if r[1] in names)))

    def right(self, c: float, weight: Any = None, texts: Any = None, labels: Any = None) -> Any:
        texts, labels = texts or self.texts, labels or self.labels
        fitted = LinearLearner(c).fit({"text": texts}, labels, weight=weight)
        return np.array([a == b for a, b in zip(fitted.predict({"text": self.test_texts}), self.test_labels)], float)


def out_of_fold(task: Task, seed: int) -> Any:
    fold = folds(task.labels, 5, seed)
    y, names = one_hot(task.labels)
    p = np.zeros(y.shape)
    for j in range(5):
        inside, outside = np.flatnonzero(fold != j), np.flatnonzero(fold == j)
        fitted = LinearLearner().fit({"text": [task.texts[i] for i in inside]}, [task.labels[i] for i in inside])
        p[outside] = fitted.proba({"text": [task.texts[i] for i in outside]})[:, [list(fitted.classes).index(n) for n in names]]
    return p, y


def confident(p: Any, y: Any) -> tuple[Any, Any]:
    """(score, weights 0 or 1) of confident learning."""
    own = (p * y).sum(axis=1)
    least = (p * y).sum(axis=0) / y.sum(axis=0)
    above = np.where(p >= least, p, -1.0)
    return own, 1.0 - ((above.max(axis=1) >= 0) & (above.argmax(axis=1) != y.argmax(axis=1)))


def ways(task: Task, seed: int) -> dict[str, tuple[Any, Any]]:
    """name -> (score whose AUC against clean is told, weights)."""
    x = with_constant(Encoder({"text": task.texts}).transform({"text": task.texts}))
    out = {"SunGen": (w := sungen(x, task.labels, seed=seed), w), "SunGen with CE": (w := sungen(x, task.labels, seed=seed, loss="ce"), w)}
    p, y = out_of_fold(task, seed)
    out["confident learning"] = confident(p, y)
    checker = LinearLearner().fit({"text": task.real_texts}, task.real_labels)
    quality = of_label(checker.proba({"text": task.texts}), checker.classes, task.labels)
    other = LinearLearner().fit({"text": task.texts}, task.labels)
    own = of_label(other.proba({"text": task.texts}), other.classes, task.labels)
    for name, w in (("IMP", ratio(quality, own)), ("DIMP", dimp(x, y, quality)[1]), ("IMP without Q", quality)):
        out[name] = w, w
    out["oracle: clean rows alone"] = (task.clean.astype(float), task.clean.astype(float))
    return out


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    right: dict[str, dict[float, list[Any]]] = defaultdict(lambda: defaultdict(list))
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seed in range(options.seeds):
        task = Task(options.data, seed, options.noise, options.kind, options.classes, options.real)
        for c in (10.0, 1.0):
            right["unweighted"][c].append(task.right(c))
            right["real only"][c].append(task.right(c, None, task.real_texts, task.real_labels))
            right["both, unweighted"][c].append(task.right(c, None, task.real_texts + task.texts, task.real_labels + task.labels))
        for name, (score, weight) in ways(task, seed).items():
            if not task.clean.all():
                scores[name]["auc"].append(auc(score, task.clean))
            scores[name]["ess"].append(effective_size(weight)["value"] / len(weight))
            for c in (10.0, 1.0):
                right[name][c].append(task.right(c, mean_one(weight) + 1e-9))
    found = []
    for name, by_c in right.items():
        line: dict[str, Any] = {"way": name}
        for what in ("auc", "ess"):
            line[what] = float(np.mean(scores[name][what])) if scores[name][what] else None
        for c, hits in by_c.items():
            line[f"accuracy_c{c:g}"] = float(np.mean(hits))
            if name != "unweighted":
                line[f"gain_c{c:g}"] = difference(hits, right["unweighted"][c])
        if name not in ("confident learning", "unweighted"):
            line["less_confident_c10"] = difference(by_c[10.0], right["confident learning"][10.0])
        found.append(line)
    return found


def difference(ours: list[Any], theirs: list[Any]) -> list[float]:
    """[mean, low, high] of the paired difference in accuracy."""
    d = np.asarray(ours) - np.asarray(theirs)
    mean, span = two_level(d.mean(axis=1).tolist(), float(d.mean(axis=0).var(ddof=1)) / d.shape[1])
    return [mean, *span]


def shown(value: Any) -> str:
    if isinstance(value, list):
        return f"{100 * value[0]:+.1f} ({100 * value[1]:+.1f} to {100 * value[2]:+.1f})"
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def table(found: list[dict[str, Any]]) -> None:
    heads = list(dict.fromkeys(k for line in found for k in line))
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for line in found:
        print("| " + " | ".join(shown(line.get(h)) for h in heads) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data" / "banking77")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--noise", type=float, default=0.3)
    parser.add_argument("--kind", choices=("uniform", "pairs"), default="uniform")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--real", type=int, default=10, help="clean rows per class that IMP and DIMP have")
    options = parser.parse_args()
    found = measure(options)
    table(found)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"found": found, "cpu_s": round(used.ru_utime + used.ru_stime, 1), "seeds": options.seeds}))


if __name__ == "__main__":
    main()
