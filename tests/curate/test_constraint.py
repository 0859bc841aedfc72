"""constraint: what holds, what does not, what cannot be said; nothing but columns and arithmetic; a run over a recorded table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, ledger, mintmark, write_recipe
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Drop, Row


def one(must: Any, missing: Any = "drop", **values: Any) -> Any:
    result = mm.curate.Constraint(must, missing).each(Row("r", values), Context())
    return "kept" if isinstance(result, Row) else result


def test_verdicts() -> None:
    assert one("start < end", start=3, end=9) == "kept"
    assert one("start < end", start=9, end=3) == Drop("violated", "start < end: start = 9, end = 3")
    assert one(("a == 1", "b == 'x'"), a=1, b="y") == Drop("violated", "b == 'x': b = 'y'")
    assert one("total == price * count", total=6.0, price=2, count=3) == "kept"
    assert one("a < b", a=1, b="x").reason == one("a / b > 1", a=1, b=0).reason == "not_evaluable"
    assert one("a * b > 1", a=[1], b=10**9).reason == "not_evaluable"
    assert one("a < b", a=None, b=1) == Drop("missing", "a") and one("a < b", "keep", a=None, b=1) == "kept"
    assert one(("a < b", "b > 5"), "keep", a=None, b=1).reason == "violated"
    assert one("a < 1", a=10**5000).detail == "a < 1: a = a number too long to print"
    assert one("a < 1", a=float("nan")).reason == "violated"


@pytest.mark.parametrize("wrong", ["1 < 2", "strt < end", "start.x", "__import__('os')", "start <", "[x for x in start]", "start ^ 9 > 1"])
def test_expressions_that_are_refused(wrong: str) -> None:
    with pytest.raises(RecipeError, match="^constraint"):
        mm.curate.Constraint.from_params(wrong, "constraint").check(Scene(("start", "end"), where="constraint"))


def test_only_the_columns_named_are_read() -> None:
    assert mm.curate.Constraint(("b < 2", "a > b")).reads(Scene(("a", "b", "c"))) == ("b", "a")


def test_run_on_adult(data: Path, tmp_path: Path) -> None:
    """200 rows of Adult as CTGAN made it, from its CSV by the command line; the counts are those of plain Python."""
    head = (data / "adult_ctgan" / "adults_syn_ctgan.csv").read_text().splitlines()[:201]
    (tmp_path / "rows.csv").write_text("\n".join(head) + "\n")
    recipe = write_recipe(
        tmp_path,
        "name: c\ntables: {rows: rows.csv}\nsteps:\n  - read: {from: rows}\n  - range: {column: age, least: 17, most: 60}\n"
        "  - constraint: {must: ['age > 20 or hr_per_week <= 40']}\n",
    )
    done = mintmark("run", recipe, "--out", tmp_path / "runs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = next(p.parent for p in (tmp_path / "runs").rglob("manifest.json"))
    cells = [dict(zip(head[0].split(","), line.split(","))) for line in head[1:]]
    young = [c for c in cells if 17 <= float(c["age"]) <= 60]
    fair = [c for c in young if float(c["age"]) > 20 or float(c["hr_per_week"]) <= 40]
    assert check_books(folder)["kept"] == len(fair) < 200
    assert sum(r["reason"] == "violated" for r in ledger(folder)) == len(young) - len(fair)
