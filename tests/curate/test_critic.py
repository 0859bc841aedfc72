"""critic: what is dropped and weighed, what is told before and after, the warning, refusals, a whole run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from conftest import check_books, ledger, lines, mintmark, write_recipe
from final import settle, values
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns


def gaussians(n: int = 1_500) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    rng = np.random.default_rng(2)
    return {"x": rng.normal(1, 1, n).tolist()}, {"x": rng.normal(0, 1, n).tolist()}


def test_the_least_real_share_leaves_and_the_mean_moves_toward_real() -> None:
    real, own = gaussians()
    verdicts, told = settle(mm.curate.Critic("real", ["x"], share=0.3, learner="linear"), own, {"real": real})
    stay = [x for x, v in zip(own["x"], verdicts) if v is not None and v.drop is None]
    assert len(stay) == 1_050 and np.mean(own["x"]) + 0.3 < np.mean(stay) < np.mean(real["x"])
    p = [v.values["critic"] for v in verdicts if v is not None and v.values is not None]
    gone = [float(v.drop.detail.split("= ")[1]) for v in verdicts if v is not None and v.drop is not None]
    assert max(gone) <= min(p) + 1e-3 and {v.drop.reason for v in verdicts if v is not None and v.drop} == {"least_real"}
    assert told["auc_before"].interval[0] < 0.7602 < told["auc_before"].interval[1]  # Phi(1 / sqrt 2)
    assert told["auc_after"].interval[1] < told["auc_before"].interval[0]
    assert told["auc_reference"].interval[0] <= 0.5 <= told["auc_reference"].interval[1]
    assert "warning" not in told


def test_weighed_by_the_odds_the_rows_look_real() -> None:
    real, own = gaussians()
    verdicts, told = settle(mm.curate.Critic("real", ["x"], weigh="odds", learner="linear"), own, {"real": real})
    weight = values(verdicts, "weight")
    assert np.mean(weight) == pytest.approx(1) and np.average(own["x"], weights=weight) == pytest.approx(np.mean(real["x"]), abs=0.1)
    assert told["auc_after"].interval[0] <= 0.52 and told["auc_before"].value > 0.7
    # E[r]^2 / E[r^2] = exp(-1) of the rows for these two Gaussians
    assert told["effective_size"].value / 1_500 == pytest.approx(np.exp(-1), abs=0.1)
    clipped, less = settle(mm.curate.Critic("real", ["x"], weigh="odds", clip=2.0, learner="linear"), own, {"real": real})
    assert max(values(clipped, "weight")) < max(weight) and less["effective_size"].value > told["effective_size"].value


def test_identical_rows_are_not_told_apart() -> None:
    rng = np.random.default_rng(4)
    real, own = {"x": rng.normal(size=800).tolist()}, {"x": rng.normal(size=500).tolist()}
    _, told = settle(mm.curate.Critic("real", ["x"], share=0.1, learner="linear"), own, {"real": real})
    assert told["auc_before"].interval[0] <= 0.5 <= told["auc_before"].interval[1]


def test_real_rows_in_alternating_order_are_not_told_apart_from_each_other() -> None:
    rng = np.random.default_rng(5)
    real, own = {"x": [float(i % 2) for i in range(200)]}, {"x": rng.integers(0, 2, 200).astype(float).tolist()}
    _, told = settle(mm.curate.Critic("real", ["x"], share=0.1, learner="linear"), own, {"real": real})
    assert told["auc_reference"].interval[0] <= 0.5 <= told["auc_reference"].interval[1]


def texts(data: Path) -> tuple[list[str], list[str], list[str]]:
    rows = [r["text"] for r in csv.DictReader((data / "banking77" / "train.csv").open())]
    order = np.random.default_rng(0).permutation(len(rows))[:800]
    labels = [r["category"] for r in csv.DictReader((data / "banking77" / "train.csv").open())]
    return [rows[i] for i in order[:400]], [rows[i] for i in order[400:]], [labels[i] for i in order[400:]]


def test_a_plain_cue_raises_a_warning(data: Path) -> None:
    real, own, _ = texts(data)
    op = mm.curate.Critic("real", ["text"], share=0.2)
    _, told = settle(op, {"text": own}, {"real": {"text": real}})
    assert "warning" not in told and told["auc_before"].interval[0] <= 0.52
    _, told = settle(op, {"text": [f"{t} Please help me with this as soon as you can, thank you" for t in own]}, {"real": {"text": real}})
    assert told["warning"].startswith("one plain cue gives the rows away: text: ") and "AUC 0.9" in told["warning"]
    _, told = settle(op, {"text": [f"- {t}" for t in own]}, {"real": {"text": real}})
    assert "punctuation" in told["warning"]  # which the learner, that sees words alone, misses


def test_a_run_tells_before_and_after(data: Path, tmp_path: Path) -> None:
    real, own, labels = texts(data)
    fake = [f"Kindly assist regarding the matter of {t.lower()}" if i % 4 == 0 else t for i, t in enumerate(own)]
    with (tmp_path / "rows.jsonl").open("w") as file:
        file.writelines(json.dumps({"text": t, "intent": c}) + "\n" for t, c in zip(fake, labels))
    (tmp_path / "real.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in real))
    recipe = write_recipe(
        tmp_path,
        "name: criticised\ntables: {rows: rows.jsonl, real: real.jsonl}\nsteps:\n  - read: {from: rows}\n"
        "  - critic: {against: real, columns: [text], share: 0.25}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    facts = check_books(folder)["facts"]["critic"]
    assert facts["auc_after"]["value"] < facts["auc_before"]["value"] - 0.03
    dropped = [line for line in ledger(folder) if line["reason"] == "least_real"]
    assert len(dropped) == 100
    kept = lines(folder / "data.jsonl")
    assert sum(r["text"].startswith("Kindly") for r in kept) < 15 and all(0 < r["critic"] < 1 for r in kept)
    report = (folder / "report.html").read_text()
    assert "critic.auc_before" in report and "critic.auc_after" in report


def test_too_few_rows_are_left_alone() -> None:
    verdicts, told = settle(mm.curate.Critic("real", ["t"], weigh="odds"), {"t": ["a b c"] * 3}, {"real": {"t": ["x y z"] * 20}})
    assert values(verdicts, "weight") == [1.0] * 3 and "too few" in told["warning"]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"share": 0.2, "weigh": "odds"}, {"share": 1.0}, {"share": 0.2, "clip": 3.0}, {"weigh": "mass"}, {"share": 0.2, "columns": []}],
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Critic.from_params({"against": "real", "columns": ["t"], **wrong}, "critic")


def test_a_real_table_that_is_too_small_or_lacks_the_column() -> None:
    scene = Scene(("t",), {"real": Columns("real", {"t": ["a"] * 4})})
    with pytest.raises(RecipeError, match="fewer than 10 rows"):
        mm.curate.Critic("real", ["t"], share=0.2).check(scene)
    with pytest.raises(RecipeError, match=r"real\.u"):
        mm.curate.Critic("real", ["u"], share=0.2).check(scene)
