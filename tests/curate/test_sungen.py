"""sungen on real texts with planted noise: what the weights find, what they gain, what a whole run tells."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from conftest import check_books, lines, mintmark, write_recipe
from final import settle, values
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns
from mintmark.learners.linear import LinearLearner
from mintmark.stats.encoder import Encoder
from mintmark.stats.intervals import auc, two_level
from mintmark.stats.resample import folds
from mintmark.stats.softmax import one_hot, with_constant
from mintmark.stats.sungen import sungen


def noisy(data: Path, seed: int) -> tuple[dict[str, list[str]], Any, dict[str, list[str]]]:
    """(every other row of ten intents, 30 % of the labels replaced; which are true; the published test rows)."""
    train, test = (
        [(r["text"], r["category"]) for r in csv.DictReader((data / "banking77" / f"{n}.csv").open())] for n in ("train", "test")
    )
    names = sorted({c for _, c in train})[:10]
    rng = np.random.default_rng(seed)
    rows = [r for r in train if r[1] in names][::2]
    truth = np.array([names.index(c) for _, c in rows])
    clean = rng.random(len(rows)) > 0.3
    labels = [names[i] for i in np.where(clean, truth, (truth + rng.integers(1, 10, len(rows))) % 10)]
    other = [r for r in test if r[1] in names]
    return {"text": [t for t, _ in rows], "intent": labels}, clean, {"text": [t for t, _ in other], "intent": [c for _, c in other]}


def right(rows: dict[str, list[str]], test: dict[str, list[str]], weight: Any = None) -> Any:
    fitted = LinearLearner().fit({"text": rows["text"]}, rows["intent"], weight=weight)
    return np.array([a == b for a, b in zip(fitted.predict(test), test["intent"])], float)


def confident(rows: dict[str, list[str]]) -> Any:
    """Weights 0 or 1 of confident learning: the most likely label, of those above their class's usual self-confidence, is the row's own."""
    fold = folds(rows["intent"], 5, 0)
    y, names = one_hot(rows["intent"])
    p = np.zeros(y.shape)
    for j in range(5):
        part = [i for i, f in enumerate(fold) if f != j]
        fitted = LinearLearner().fit({"text": [rows["text"][i] for i in part]}, [rows["intent"][i] for i in part])
        p[fold == j] = fitted.proba({"text": [t for t, f in zip(rows["text"], fold) if f == j]})
    above = np.where(p >= (p * y).sum(axis=0) / y.sum(axis=0), p, -1.0)
    return np.where((above.max(axis=1) >= 0) & (above.argmax(axis=1) != y.argmax(axis=1)), 1e-9, 1.0)


def test_flipped_labels_are_found_and_accuracy_rises(data: Path) -> None:
    op = mm.curate.Sungen(["text"], "intent", rounds=15, test="test")
    gains, less, found, told = [], [], [], {}
    for seed in range(3):
        rows, clean, test = noisy(data, seed)
        verdicts, told = settle(op, rows, {"test": test}, seed)
        weight = values(verdicts, "weight")
        assert len(weight) == len(clean) and np.mean(weight) == pytest.approx(1)
        found.append(auc(weight, clean))
        assert np.mean(np.asarray(weight)[~clean]) < 0.5
        ours = right(rows, test, weight)
        gains.append(ours - right(rows, test))
        less.append(ours - right(rows, test, confident(rows)))
    assert min(found) >= 0.9
    gain, (low, _) = two_level([float(g.mean()) for g in gains], float(np.mean(gains, axis=0).var(ddof=1)) / len(gains[0]))
    assert gain > 0.03 and low > 0, gains
    assert np.mean(less) > -0.02
    assert told["lift"].interval[0] > 0 and told["lift"].value == pytest.approx(float(gains[-1].mean()))
    assert told["curve"].value == pytest.approx(float(ours.mean())) and len(told["curve"].detail["curve"]) == 4
    assert 0.4 * len(clean) < told["effective_size"].value < len(clean)
    x = with_constant(Encoder({"text": rows["text"]}).transform({"text": rows["text"]}))
    assert auc(sungen(x, rows["intent"], seed=2, outer=15, loss="ce"), clean) < min(found) - 0.05


def test_a_run_keeps_every_row_and_tells(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = [f"{'my card is late' if i % 2 else 'the fee is wrong'} {' '.join(rng.choice(list('abcdefgh'), 3))}" for i in range(80)]
    rows = [{"text": t, "intent": "card" if (i % 2) ^ (i % 10 == 0) else "fee"} for i, t in enumerate(texts)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    recipe = write_recipe(
        tmp_path,
        "name: weighed\ntables: {rows: rows.jsonl}\nsteps:\n  - read: {from: rows}\n  - sungen: {columns: [text], label: intent, rounds: 15}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    manifest = check_books(folder)
    kept = lines(folder / "data.jsonl")
    assert len(kept) == 80 and [{k: r[k] for k in ("text", "intent")} for r in kept] == rows
    assert auc([r["weight"] for r in kept], [i % 10 != 0 for i in range(80)]) > 0.9
    told = manifest["facts"]["sungen"]
    assert set(told) == {"effective_size", "curve", "lift"} and 30 < told["effective_size"]["value"] < 80
    assert "sungen.effective_size" in (folder / "report.html").read_text() and "| sungen.lift |" in (folder / "README.md").read_text()
    assert "sungen.curve" in mintmark("show", folder, cwd=tmp_path).stdout


def test_clip_bounds_the_weights() -> None:
    rng = np.random.default_rng(0)
    columns = {"a": rng.normal(size=200).tolist(), "b": rng.normal(size=200).tolist()}
    columns["y"] = ["p" if (a > 0) ^ (rng.random() < 0.2) else "q" for a in columns["a"]]
    free, _ = settle(mm.curate.Sungen(["a", "b"], "y", rounds=15, learner="linear"), columns)
    clipped, _ = settle(mm.curate.Sungen(["a", "b"], "y", rounds=15, clip=1.0, learner="linear"), columns)
    assert max(values(clipped, "weight")) < max(values(free, "weight")) and np.mean(values(clipped, "weight")) == pytest.approx(1)


@pytest.mark.parametrize("rows", [[], ["a"], ["a", "a", "a"]])
def test_too_little_to_learn_from(rows: list[str]) -> None:
    verdicts, told = settle(mm.curate.Sungen(["t"], "y"), {"t": ["x y z"] * len(rows), "y": rows})
    assert values(verdicts, "weight") == [1.0] * len(rows) and set(told) <= {"effective_size"}


@pytest.mark.parametrize("wrong", [{"columns": []}, {"columns": ["y"]}, {"c": 0.0}, {"folds": 1}, {"clip": 0.5}, {"rounds": 0}])
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Sungen.from_params({"columns": ["t"], "label": "y", **wrong}, "sungen")


def test_numbers_to_predict_are_refused() -> None:
    columns = {"t": [f"row {i} here" for i in range(600)], "y": [i / 7 for i in range(600)]}
    for op in (mm.curate.Sungen(["t"], "y"), mm.curate.Imp("real", ["t"], "y")):
        with pytest.raises(RecipeError, match="600 different labels"):
            settle(op, columns, {"real": columns})


def test_a_test_table_without_the_label_is_refused() -> None:
    op = mm.curate.Sungen(["t"], "y", test="real")
    with pytest.raises(RecipeError, match=r"real\.y"):
        op.check(Scene(("t", "y"), {"real": Columns("real", {"t": ["a"]})}))
