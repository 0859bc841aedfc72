"""Utility on banking77, on its real test set: what stand-ins for a generator are found to be worth, and what that costs.

    python bench/utility.py [--data ../shared/data/banking77] [--each 10] [--classes 77] [--curve] [--robust]

Real rows: `each` training messages per intent. No language model is asked; the stand-ins for its rows, as many as real ones, are
  more      other training messages: what a perfect generator would give
  careless  the real rows themselves with typos and a fifth of the words lost: augmentation, nothing new
  wrong     other training messages, 30 % of the labels drawn anew from all intents
Learner: TF-IDF of 1-2 grams + logistic regression; test rows: all of the published test set for these intents.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from mintmark.core.context import Context
from mintmark.core.metric import Data, Metric, Tables
from mintmark.evaluate.learning_curve import LearningCurve
from mintmark.evaluate.robustness import Robustness
from mintmark.evaluate.utility import Utility
from mintmark.learners.linear import LinearLearner
from mintmark.text.typing_errors import with_typos, without_words

Rows = list[tuple[str, str]]


def read(path: Path) -> Rows:
    with path.open() as file:
        return [(r["text"], r["category"]) for r in csv.DictReader(file)]


def table(rows: Rows) -> Data:
    return Data({"text": [t for t, _ in rows], "intent": [c for _, c in rows]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/banking77"))
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--classes", type=int, default=77)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--robust", action="store_true")
    args = parser.parse_args()
    dice = random.Random(0)
    train, test = read(args.data / "train.csv"), read(args.data / "test.csv")
    names = sorted({c for _, c in train})[: args.classes]
    dice.shuffle(train)
    of: dict[str, Rows] = defaultdict(list)
    for row in train:
        of[row[1]].append(row)
    real = [r for c in names for r in of[c][: args.each]]
    more = [r for c in names for r in of[c][args.each : 2 * args.each]]
    made = {
        "more": more,
        "careless": [(without_words(with_typos(t, 3, dice), 0.2, dice), c) for t, c in real],
        "wrong": [(t, dice.choice(names) if dice.random() < 0.3 else c) for t, c in more],
    }
    held = [r for r in test if r[1] in names]
    print(f"{len(names)} intents, {len(real)} real rows, {len(held)} test rows")
    chosen: list[Metric] = [Utility(), *([LearningCurve(seeds=5)] if args.curve else []), *([Robustness()] if args.robust else [])]
    for name, own in made.items():
        for metric in chosen:
            start = time.process_time()
            found: Any = metric.measure(
                Tables(table(own), table(real), table(held), "intent"), Context(0, learners={"linear": LinearLearner()})
            )
            print(f"{name}: {metric.name}, {time.process_time() - start:.1f} CPU s")
            for m in found:
                print(f"    {m.metric:28s} {m.value:+.4f} [{m.interval[0]:+.4f}, {m.interval[1]:+.4f}] {m.unit}, n {m.n}")
                for p in (m.detail or {}).get("curve", []):
                    print("        " + ", ".join(f"{k} {v if k == 'n' else format(v['value'], '.3f')}" for k, v in p.items()))
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
