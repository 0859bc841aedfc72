"""Planted label noise on banking77: how well label_errors and clean_set tell wrong labels from right ones.

    python bench/labels.py DIR_OF_BANKING77 [--rows 1000] [--seeds 0 1 2]

Ten intents, labels flipped at 20, 30 and 40 %: symmetric (to any other label alike) and class-dependent (each label to one other, always the same).
Prints precision and recall of label_errors, AUC of p_label, the share of suggestions that are the true label, the estimated beside the real noise;
then precision of the clean set against its coverage, at the mixture's own cut and at fixed coverages by loss, beside choosing at random.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from pathlib import Path
from typing import Any

from mintmark.core.context import Context
from mintmark.core.rows import Batch, Tally
from mintmark.curate.clean_set import CleanSet
from mintmark.curate.label_errors import LabelErrors
from mintmark.learners.linear import LinearLearner

COVERAGES = (0.2, 0.4, 0.5, 0.6, 0.8)


def read(folder: Path, rows: int, seed: int, classes: int = 10) -> tuple[list[str], list[str]]:
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    rng = random.Random(seed)
    intents = rng.sample(sorted({r["category"] for r in found}), classes)
    chosen = [r for r in found if r["category"] in intents]
    rng.shuffle(chosen)
    return [r["text"] for r in chosen[:rows]], [r["category"] for r in chosen[:rows]]


def flipped(labels: list[str], kind: str, share: float, seed: int) -> list[str]:
    rng = random.Random(f"{kind} {share} {seed}")
    names = sorted(set(labels))
    other = {name: names[(i + 1) % len(names)] for i, name in enumerate(names)}

    def flip(label: str) -> str:
        return other[label] if kind == "class-dependent" else rng.choice([n for n in names if n != label])

    return [flip(label) if rng.random() < share else label for label in labels]


def settled(op: Any, texts: list[str], labels: list[str], seed: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    batch = Batch([(i, 0) for i in range(len(texts))], [str(i) for i in range(len(texts))], {"text": texts, "label": labels})
    ctx = Context(seed, learners={"linear": LinearLearner()}).at(op.name, "", Tally())
    verdicts = dict(op.settle(lambda _: [batch], ctx))
    return [dict(verdicts[key].values or {}) for key in batch.keys], ctx.told()[op.name]


def auc(scores: list[float], wrong: list[bool]) -> float:
    """That a wrong label has a lower score than a right one."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(wrong, [-s for s in scores]))


def measure(texts: list[str], true: list[str], kind: str, share: float, seed: int) -> dict[str, Any]:
    given = flipped(true, kind, share, seed)
    wrong = [a != b for a, b in zip(given, true, strict=True)]
    errors, told = settled(LabelErrors("label", ("text",), learner="linear"), texts, given, seed)
    flagged = [i for i, e in enumerate(errors) if e["label_error"]]
    hits = sum(wrong[i] for i in flagged)
    clean, _ = settled(CleanSet("label", ("text",), learner="linear"), texts, given, seed)
    chosen = [i for i, c in enumerate(clean) if c["clean"]]
    by_loss = sorted(range(len(clean)), key=lambda i: clean[i]["loss"])
    n = len(texts)
    return {
        "noise": kind,
        "flipped": round(sum(wrong) / n, 3),
        "estimated": round(told["estimated_noise"], 3),
        "precision": round(hits / max(1, len(flagged)), 3),
        "recall": round(hits / sum(wrong), 3),
        "auc": round(auc([e["p_label"] for e in errors], wrong), 3),
        "suggestion_right": round(sum(errors[i]["suggested"] == true[i] for i in flagged) / max(1, len(flagged)), 3),
        "clean_coverage": round(len(chosen) / n, 3),
        "clean_precision": round(1 - sum(wrong[i] for i in chosen) / max(1, len(chosen)), 3),
        **{f"at {c:.0%}": round(1 - sum(wrong[i] for i in by_loss[: round(c * n)]) / round(c * n), 3) for c in COVERAGES},
        "random": round(1 - sum(wrong) / n, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    found = []
    for kind in ("symmetric", "class-dependent"):
        for share in (0.2, 0.3, 0.4):
            runs = [measure(*read(options.folder, options.rows, s), kind, share, s) for s in options.seeds]
            found.append({k: v if isinstance(v, str) else round(sum(r[k] for r in runs) / len(runs), 3) for k, v in runs[0].items()})
    print("| " + " | ".join(found[0]) + " |\n|" + "---|" * len(found[0]))
    for line in found:
        print("| " + " | ".join(str(v) for v in line.values()) + " |")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
