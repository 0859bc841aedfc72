"""banking77 with planted label noise: shared by the tests of label_errors, clean_set, distil and relabel."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

TOPICS = {"fee": "charge cost price expensive", "card": "plastic chip pin wallet", "room": "bed window door night"}


def easy(n: int = 60) -> tuple[list[str], list[str], set[int]]:
    """(texts, labels, numbers of the wrong ones); each text names its topic."""
    names = list(TOPICS)
    texts = [f"about {TOPICS[names[i % 3]]} and number {i}" for i in range(n)]
    wrong = {4, 17, 30, 41}
    return texts, [names[(i + (i in wrong)) % 3] for i in range(n)], wrong


def banking(data: Path, per_intent: int = 60, seed: int = 0) -> tuple[list[str], list[str]]:
    """(texts, intents): ten intents drawn by seed, so many rows of each."""
    with (data / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rng = random.Random(seed)
    chosen = []
    for intent in rng.sample(sorted({r["category"] for r in rows}), 10):
        chosen += [r for r in rows if r["category"] == intent][:per_intent]
    rng.shuffle(chosen)
    return [r["text"] for r in chosen], [r["category"] for r in chosen]


def flipped(labels: Sequence[str], kind: str, share: float, seed: int = 0) -> list[str]:
    """symmetric: to any other label alike; class-dependent: each label always to the same other one."""
    rng = random.Random(f"{kind} {share} {seed}")
    names = sorted(set(labels))
    after = {name: names[(i + 1) % len(names)] for i, name in enumerate(names)}
    return [
        (after[x] if kind == "class-dependent" else rng.choice([n for n in names if n != x])) if rng.random() < share else x for x in labels
    ]
