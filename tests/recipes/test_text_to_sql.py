"""The starter text-to-sql: new, check, run, as people do, and what its rows must mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from conftest import check_books, lines, mintmark
from mintmark.core.errors import NoSandbox
from mintmark.sandboxes.tiers import choose
from mintmark.text.sql import has_order


def test_queries_that_were_run(tmp_path: Path) -> None:
    try:
        choose()
    except NoSandbox as error:
        pytest.skip(str(error))
    assert mintmark("new", "text-to-sql", "made", cwd=tmp_path).returncode == 0
    text = (tmp_path / "made/text-to-sql.yaml").read_text()
    assert len(text.splitlines()) <= 50 and text.startswith("# ") and "real model" in text
    assert (tmp_path / "made/demo_text_to_sql.py").read_text().startswith('"""Stands in for')
    done = mintmark("run", "made/text-to-sql.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    assert len(rows) == 15 and manifest["failed"] == 0 and manifest["cost_usd"] == 0
    assert {r for s in manifest["steps"] for r in s["dropped"]} == {"error", "failed", "timeout"}
    for r in rows:
        assert (r["verdict"], r["cases"], r["strength"]) == ("passed", ["passed", "passed"], "exact")
        for setup in r["databases"]:
            database = sqlite3.connect(":memory:")  # ours, canned
            database.executescript(setup)
            one, other = (database.execute(r[c]).fetchall() for c in ("sql", "check"))
            assert one == other if has_order(r["check"]) else sorted(map(repr, one)) == sorted(map(repr, other))
    assert "2010.02840" in (tmp_path / "out/README.md").read_text().partition("## Methods used")[2]
    assert mintmark("export", "out", "--as", "alpaca", "--to", "x.jsonl", "--map", "instruction=question", "--map", "input=schema", "--map", "output=sql", cwd=tmp_path).returncode == 0  # fmt: skip
    assert set(lines(tmp_path / "x.jsonl")[0]) == {"instruction", "input", "output"}
