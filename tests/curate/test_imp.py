"""imp: weights from a few clean rows find planted noise in real texts, by both losses; warnings and refusals."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from final import settle, values
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns
from mintmark.stats.intervals import auc


def planted(data: Path) -> tuple[dict[str, list[str]], Any, dict[str, dict[str, list[str]]]]:
    """(rows of five intents with 30 % of the labels replaced, which are true, {real: 30 clean rows a label, test})."""
    train, test = (
        [(r["text"], r["category"]) for r in csv.DictReader((data / "banking77" / f"{n}.csv").open())] for n in ("train", "test")
    )
    names = sorted({c for _, c in train})[:5]
    rng = np.random.default_rng(0)
    rows = [r for r in train if r[1] in names]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    real, rest = rows[:100], rows[100:]
    clean = rng.random(len(rest)) > 0.3
    labels = [c if ok else names[(names.index(c) + int(rng.integers(1, 5))) % 5] for (_, c), ok in zip(rest, clean)]
    tables = {n: {"text": [t for t, _ in part], "intent": [c for _, c in part]} for n, part in (("real", real), ("test", test))}
    tables["test"] = {k: [v for v, c in zip(tables["test"][k], tables["test"]["intent"]) if c in names] for k in ("text", "intent")}
    return {"text": [t for t, _ in rest], "intent": labels}, clean, tables


@pytest.mark.parametrize("loss", ["imp", "dimp"])
def test_planted_noise_is_found_and_accuracy_rises(data: Path, loss: Any) -> None:
    rows, clean, tables = planted(data)
    verdicts, told = settle(mm.curate.Imp("real", ["text"], "intent", loss, test="test"), rows, tables)
    weight = values(verdicts, "weight")
    assert np.mean(weight) == pytest.approx(1) and len(weight) == len(clean)
    assert auc(weight, clean) > 0.9
    assert told["lift"].value > 0.03 and told["lift"].interval[0] > 0
    assert 0.3 * len(clean) < told["effective_size"].value < len(clean) and "warning" not in told


def test_labels_that_real_rows_do_not_show() -> None:
    rows = {"t": [f"{w} {i} word" for i in range(20) for w in ("card", "fee", "loan")], "y": ["card", "fee", "loan"] * 20}
    real = {"t": [f"{w} {i}" for i in range(12) for w in ("card", "fee")], "y": ["card", "fee"] * 12}
    verdicts, told = settle(mm.curate.Imp("real", ["t"], "y", clip=3.0), rows, {"real": real})
    weight = values(verdicts, "weight")
    assert [w == 0 for w in weight] == [y == "loan" for y in rows["y"]]
    assert told["warning"] == "20 rows have labels that 'real' does not show, such as 'loan': their weight is 0"


@pytest.mark.parametrize("wrong", [{"columns": []}, {"columns": ["y"]}, {"clip": 0.5}, {"test": "real"}, {"loss": "ce"}, {"c": 0}])
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        mm.curate.Imp.from_params({"against": "real", "columns": ["t"], "label": "y", **wrong}, "imp")


def test_a_real_table_that_cannot_teach() -> None:
    op = mm.curate.Imp("real", ["t"], "y")
    with pytest.raises(RecipeError, match="fewer than two labels"):
        op.check(Scene(("t", "y"), {"real": Columns("real", {"t": ["a", "b"], "y": ["x", "x"]})}))
    with pytest.raises(RecipeError, match=r"real\.y"):
        op.check(Scene(("t", "y"), {"real": Columns("real", {"t": ["a", "b"]})}))
