"""Where exports may not go: a run's own files, above all the journal with its paid answers."""

from __future__ import annotations

from pathlib import Path

import pytest

import mintmark as mm
from conftest import mintmark, write_recipe
from mintmark import api, catalogue
from mintmark.core.errors import InputError, RunFolderError

RECIPE = "name: x\nsteps:\n  - grid: {a: [1, 2]}\n"


@pytest.mark.parametrize(
    "name", ["journal.sqlite", "JOURNAL.sqlite", "data.jsonl", "ledger.parquet", "rows/x.jsonl", "../run/manifest.json", "."]
)
def test_never_over_the_runs_own_files(tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    mm.run(write_recipe(tmp_path, RECIPE), out=run, report=False)
    before = {p.name: p.read_bytes() for p in run.iterdir() if p.is_file()}
    for fmt in ("csv", "hf"):
        with pytest.raises(RunFolderError, match="the run's own"):
            api.export(run, fmt, run / name)
    with pytest.raises(RunFolderError, match="the run's own"):
        api.record(run, run / name)
    assert {p.name: p.read_bytes() for p in run.iterdir() if p.is_file()} == before


def test_elsewhere_and_beside_them(tmp_path: Path) -> None:
    write_recipe(tmp_path, RECIPE)
    assert mintmark("run", "recipe.yaml", "--out", "run", cwd=tmp_path).returncode == 0
    for to in ("run/mine.csv", "out.csv"):
        assert mintmark("export", "run", "--as", "csv", "--to", to, cwd=tmp_path).returncode == 0 and (tmp_path / to).exists()
    done = mintmark("export", "run", "--as", "csv", "--map", "instruction=a", cwd=tmp_path)
    assert done.returncode == 2 and "--map instruction=... does nothing" in done.stderr
    with pytest.raises(InputError, match="does nothing"):
        api.export(tmp_path / "run", "jsonl", tmp_path / "o.jsonl", mapping={"a": "b"})


def test_an_audit_does_not_replace_a_runs_report(tmp_path: Path) -> None:
    mm.run(write_recipe(tmp_path, RECIPE), out=tmp_path / "run")
    report = (tmp_path / "run" / "report.html").read_bytes()
    rows = [{"a": i} for i in range(20)]
    with pytest.raises(RunFolderError, match="holds a run"):
        mm.audit(rows, real=rows, out=tmp_path / "run")
    assert (tmp_path / "run" / "report.html").read_bytes() == report


def test_the_list_of_ops_says_whole_sentences() -> None:
    for name, does in catalogue.listing("ops"):
        assert does.endswith((".", "holds")) and "\n" not in does and len(does) < 400, (name, does)
