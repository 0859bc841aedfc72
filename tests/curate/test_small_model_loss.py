"""small_model_loss: no row is scored by a learner that saw it or its twin; wrong labels have the larger loss, on made-up and on real texts."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Batch, Tally, Verdict
from mintmark.curate.small_model_loss import FLOOR, SmallModelLoss
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.stats.intervals import delong


def settle(op: SmallModelLoss, columns: Mapping[str, Sequence[Any]], learner: Any = None, size: int = 10_000) -> list[Verdict]:
    n = len(columns[op.column])
    keys = [(i, 0) for i in range(n)]
    learners = {"default": learner} if learner else {"linear": LinearLearner(), "boosting": BoostingLearner()}

    def scan(names: Sequence[str]) -> Any:
        for a in range(0, n, size):
            yield Batch(keys[a : a + size], [f"r{i}" for i, _ in keys[a : a + size]], {c: columns[c][a : a + size] for c in names})

    found = dict(op.settle(scan, Context(1, learners=learners).at("small_model_loss", "", Tally())))
    assert len(found) == n
    return [found[k] for k in keys]


class Memory:
    """A learner that knows what it has seen: p = 1 for the label of a row it was trained on."""

    name = "memory"

    def fit(self, table: Any, target: Any, *, task: str = "classification", weight: Any = None, seed: int = 0) -> Any:
        seen = set(table["text"])
        assert task == "classification"

        class Fitted:
            classes = sorted(set(target))

            def proba(self, rows: Any) -> Any:
                return [[1.0 if t in seen else 0.25 for _ in self.classes] for t in rows["text"]]

        return Fitted()


@pytest.mark.parametrize("folds", [2, 5])
def test_never_by_a_learner_that_saw_the_row_or_its_twin(folds: int) -> None:
    """40 texts, each three times and with two labels: twins lie in one fold, so the memory never recognises any."""
    texts = [f"text {i % 40}" for i in range(120)]
    labels = ["ab"[(i // 40) % 2] for i in range(120)]
    found = settle(SmallModelLoss("label", folds=folds), {"text": texts, "label": labels}, Memory())
    assert all(v.values == {"loss": round(-math.log(0.25), 6), "p_label": 0.25} for v in found)


def test_flipped_labels_have_the_larger_loss() -> None:
    rng = random.Random(0)
    words = {"fee": ["fine", "late", "pay", "owe"], "room": ["room", "book", "quiet", "floor"]}
    right = [rng.choice(["fee", "room"]) for _ in range(300)]
    texts = [" ".join(rng.choices(words[x], k=4)) + f" {i}" for i, x in enumerate(right)]
    flipped = [rng.random() < 0.1 for _ in right]
    labels = [({"fee": "room", "room": "fee"}[x] if f else x) for x, f in zip(right, flipped)]
    found = settle(SmallModelLoss("label"), {"text": texts, "label": labels})
    losses = [v.values["loss"] for v in found if v.values]
    assert delong(losses, flipped)[0] > 0.97
    assert [v.values for v in settle(SmallModelLoss("label"), {"text": texts, "label": labels}, size=7)] == [v.values for v in found]
    cut = settle(SmallModelLoss("label", least=0.3), {"text": texts, "label": labels})
    dropped = [v.drop is not None for v in cut]
    assert sum(d and f for d, f in zip(dropped, flipped)) / sum(flipped) > 0.9
    assert sum(d and f for d, f in zip(dropped, flipped)) / sum(dropped) > 0.8
    assert all(v.drop.reason == "unlikely" for v in cut if v.drop)


def test_tables_of_numbers() -> None:
    rng = random.Random(1)
    size = [rng.uniform(0, 10) for _ in range(200)]
    labels = [s > 5 for s in size]
    labels[0] = not labels[0]
    found = settle(SmallModelLoss("big", ["size"]), {"size": size, "big": labels})
    losses = [v.values["loss"] for v in found if v.values]
    assert losses[0] > 2 and sorted(losses)[100] < 0.3 and max(losses) <= -math.log(FLOOR) + 1e-6


def test_what_cannot_be_said_is_null_and_stays() -> None:
    few = settle(SmallModelLoss("label", least=0.9), {"text": ["a", "b", "b"], "label": ["x", "y", "y"]})
    assert [v.values for v in few] == [{"loss": None, "p_label": None}] * 3 and not any(v.drop for v in few)
    texts = [f"{'late fine' if i % 2 else 'quiet room'} {i}" for i in range(30)]
    labels: list[Any] = ["ab"[i % 2] for i in range(30)]
    labels[3], labels[4] = "once", None
    found = settle(SmallModelLoss("label"), {"text": texts, "label": labels})
    assert [i for i, v in enumerate(found) if v.values and v.values["loss"] is None] == [3, 4]
    alone = settle(SmallModelLoss("label"), {"text": texts, "label": ["x"] * 30})
    assert all(v.values == {"loss": 0.0, "p_label": 1.0} for v in alone)


def test_refused() -> None:
    for params, words in (
        ({"column": "text"}, "not the label"),
        ({"column": "a", "folds": 1}, "at least 2"),
        ({"column": "a", "least": 1}, "probability"),
    ):
        with pytest.raises(RecipeError, match=words):
            SmallModelLoss.from_params(params, "small_model_loss")


def test_real_texts_with_planted_noise(data: Path) -> None:
    """banking77, four intents, 10 % of labels moved: the losses find them (AUC above 0.95)."""
    with (data / "banking77" / "train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    text, label = list(rows[0])[:2]
    names = sorted({r[label] for r in rows})[:4]
    rows = [r for r in rows if r[label] in names]
    rng = random.Random(3)
    moved = [rng.random() < 0.1 for _ in rows]
    labels = [rng.choice([n for n in names if n != r[label]]) if m else r[label] for r, m in zip(rows, moved)]
    found = settle(SmallModelLoss("label", folds=4), {"text": [r[text] for r in rows], "label": labels})
    area, (low, _) = delong([v.values["loss"] for v in found if v.values], moved)
    assert area > 0.95 and low > 0.93, area
