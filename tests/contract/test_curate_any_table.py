"""Every curation op works on data from elsewhere: each example, alone, over a table in memory, with books that balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from examples import OPS, ROWS, context

import mintmark as mm
from conftest import check_books
from mintmark.core.op import Scope

CURATE = [op for op in OPS if type(op).__module__.startswith("mintmark.curate.") and not op.must_be_read()]


@pytest.mark.parametrize("op", CURATE, ids=lambda op: f"{op.name}-{op.fingerprint()[:4]}")
def test_curate(op: Any, tmp_path: Path) -> None:
    assert op.scope is not Scope.SOURCE
    ctx = context()
    recipe = mm.Recipe("any", ops=[op], models=ctx.models, tables=ctx.tables, embedders=ctx.embedders)
    run = mm.curate(ROWS, recipe, out=tmp_path / "run", report=False)
    manifest = check_books(tmp_path / "run")
    assert run.status == "complete" and manifest["planned"] == len(ROWS)
    ids = {r["id"] for r in run.rows()}
    again = mm.curate(ROWS, recipe, out=tmp_path / "run", report=False)
    assert {r["id"] for r in again.rows()} == ids and again.manifest["calls"] == manifest["calls"], "the same command asks nothing again"
