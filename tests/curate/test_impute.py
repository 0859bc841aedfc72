"""impute: what is there stays, what is filled goes with the rest of the row; relations survive where a mean would flatten them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from each import run_op
from mintmark.core.errors import InputError, RecipeError
from mintmark.stores.memory import MemoryStore


def table(n: int = 1_500) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """(with gaps, complete): pay depends on age and job; gaps are commoner among the old."""
    rng = random.Random(2)
    whole: dict[str, list[Any]] = {"age": [], "job": [], "pay": [], "since": []}
    for _ in range(n):
        age, job = rng.randrange(20, 66), rng.choice(["cook", "clerk", "nurse"])
        year = 2024 - (age - 18) // 2
        row = (
            age,
            job,
            round(1000 + 30 * age + {"cook": 0, "clerk": 900, "nurse": 1800}[job] + rng.gauss(0, 80)),
            f"{year}-{rng.randrange(1, 13):02d}-15",
        )
        for cells, value in zip(whole.values(), row, strict=True):
            cells.append(value)
    gaps = {
        c: [None if c != "age" and rng.random() < (0.4 if a > 45 else 0.1) else v for v, a in zip(cells, whole["age"], strict=True)]
        for c, cells in whole.items()
    }
    return gaps, whole


def test_filled_cells_go_with_the_row() -> None:
    gaps, whole = table()
    op = mm.curate.Impute("real", mark="filled")
    rows = [dict(zip(gaps, r, strict=True)) for r in zip(*gaps.values(), strict=True)]
    made, _ = run_op(op, rows, tables={"real": gaps})
    again, _ = run_op(op, rows, tables={"real": gaps}, order=list(range(len(rows)))[::-1])
    assert [m.values for m in made] == [m.values for m in again], "no row depends on another"
    for before, after in zip(rows, (m.values for m in made), strict=True):
        assert all(after[c] == v for c, v in before.items() if v is not None) and None not in after.values()
        assert (after["filled"] and set(after["filled"]) == {c for c, v in before.items() if v is None}) or not after["filled"]
    lost = [i for i, r in enumerate(rows) if r["pay"] is None and r["job"] is not None]
    errors = [made[i].values["pay"] - whole["pay"][i] for i in lost]
    assert abs(np.mean(errors)) < 40 and np.std(errors) < 300 < np.std([whole["pay"][i] for i in lost])
    assert (
        np.mean([made[i].values["job"] == whole["job"][i] for i, r in enumerate(rows) if r["job"] is None and r["pay"] is not None]) > 0.8
    )
    years = [abs(int(made[i].values["since"][:4]) - int(whole["since"][i][:4])) for i, r in enumerate(rows) if r["since"] is None]
    assert np.mean(years) < 2


def test_in_a_recipe_and_what_is_refused() -> None:
    gaps, _ = table(200)
    ops = [mm.generate.Read("real"), mm.curate.Impute("real")]
    run = mm.run(mm.Recipe("t", ops=ops, tables={"real": gaps}), store=MemoryStore(), report=False)
    assert len(run.rows()) == 200 and all(None not in r.values() for r in run.rows())
    for params, error, words in (
        ({"from": "real", "columns": ["nothing"]}, RecipeError, "nothing"),
        ({"from": "real", "columns": ["empty"]}, InputError, "no value in any row"),
        ({"from": "real", "columns": ["code"]}, InputError, "an identifier"),
    ):
        odd = {**gaps, "empty": [None] * 200, "code": [f"X{i:04d}" for i in range(200)]}
        with pytest.raises(error, match=words):
            op = mm.curate.Impute.from_params(params, "impute")
            mm.run(mm.Recipe("t", ops=[mm.generate.Read("real"), op], tables={"real": odd}), store=MemoryStore(), report=False)
    with pytest.raises(RecipeError, match="has missing cells"):
        full = {"a": [1, 2, 3]}
        mm.run(
            mm.Recipe("t", ops=[mm.generate.Read("real"), mm.curate.Impute("real")], tables={"real": full}),
            store=MemoryStore(),
            report=False,
        )
