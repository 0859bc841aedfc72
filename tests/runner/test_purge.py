"""purge: all of a run goes, nothing else does, no link is followed, and no run that goes on is touched."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import mintmark as mm
from conftest import ROOT, mintmark
from mintmark import purging
from mintmark.core.errors import RunFolderError
from mintmark.models.scripted import ScriptedModel
from mintmark.stores.folder import FolderStore

RECIPE = {"name": "gone", "steps": [{"grid": {"kind": ["a", "b"]}}, {"write": {"column": "text", "prompt": "{{ kind }}"}}]}


def made(folder: Path) -> Path:
    given = replace(
        mm.load({**RECIPE, "measure": ["diversity"]}), models={"writer": ScriptedModel(lambda request: f"reply {request.seed}")}
    )
    mm.run(given, out=folder)
    return folder


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} if folder.exists() else set()


def test_a_run_goes_whole_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    for fmt in ("csv", "hf"):
        mm.export(run, fmt)
    mm.export(run, "csv", tmp_path / "elsewhere.csv")
    mm.run(replace(mm.load({**RECIPE, "steps": [*RECIPE["steps"], {"length": {"column": "text", "words": [1, 9]}}]}), models={  # type: ignore[misc]
        "writer": ScriptedModel(lambda request: "x y")}), out=run, changed=True)  # fmt: skip
    (run / ".report.html.99.tmp").write_text("left by a kill")
    (run / "notes.txt").write_text("mine")
    dry = mm.purge(run, dry=True)
    assert (run / "journal.sqlite").exists() and {"versions", "hf", "data.csv", "journal.sqlite"} <= set(dry.removed)
    done = mm.purge(run)
    assert set(done.removed) == set(dry.removed) and done.left == ["notes.txt"] and names(run) == {"notes.txt"}
    assert (tmp_path / "elsewhere.csv").exists() and any("exported" in s for s in done.stays)
    with pytest.raises(RunFolderError, match="holds no run"):
        mm.purge(run)
    assert mm.purge(made(tmp_path / "other")).left == [] and not (tmp_path / "other").exists()


def test_no_link_is_followed(tmp_path: Path) -> None:
    run, mine = made(tmp_path / "run"), tmp_path / "mine"
    (mine / "deep").mkdir(parents=True)
    for name in ("a", "deep/b", "report.html"):
        (mine / name).write_text("keep")
    (run / "report.html").unlink()
    (run / "report.html").symlink_to(mine / "report.html")
    (run / "versions").symlink_to(mine)
    (run / "rows" / "inner").symlink_to(mine)
    (run / "gen-1").symlink_to(mine)
    with pytest.raises(RunFolderError, match="is a link; purge takes the folder of a run itself"):
        (tmp_path / "link").symlink_to(run)
        mm.purge(tmp_path / "link")
    done = mm.purge(run)
    assert sorted(done.links) == ["report.html", "versions"] and done.left == ["gen-1"]
    assert [p.read_text() for p in (mine / "a", mine / "deep/b", mine / "report.html")] == ["keep"] * 3


@pytest.mark.parametrize(
    "files",
    [{}, {"manifest.json": "{}"}, {"manifest.json": "[1]", "notes": "x"}, {"measurements.json": '{"about": 3}'}, {"journal.sqlite": "x"}],
)
def test_what_is_no_runs_folder_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(RunFolderError, match="holds no run.*Nothing was removed"):
        mm.purge(tmp_path)
    assert names(tmp_path) == set(files)
    with pytest.raises(RunFolderError, match="no folder"):
        mm.purge(tmp_path / "missing")


def test_a_run_that_goes_on_is_refused_and_untouched(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    before = names(run)
    hold = FolderStore(run)
    try:
        code = f"import sys; sys.path[:0] = [{str(ROOT / 'src')!r}]; import mintmark as mm; mm.purge({str(run)!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "is in use by process" in done.stderr and before <= names(run)
    finally:
        hold.close()
    mm.purge(run)


def test_killed_midway_it_can_be_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, gone = made(tmp_path / "run"), []

    def remove(place: Path) -> None:
        if len(gone) == 5:
            raise KeyboardInterrupt
        gone.append(place.name)
        real(place)

    real = purging._remove
    monkeypatch.setattr(purging, "_remove", remove)
    with pytest.raises(KeyboardInterrupt):
        mm.purge(run)
    monkeypatch.undo()
    assert not {"manifest.json", ".lock"} & set(gone) and (run / "manifest.json").exists()
    mm.purge(run)
    assert not run.exists()


def test_generations_and_audits_go_too(tmp_path: Path) -> None:
    table = {"path": [{"kind": "abc"[i % 3], "size": i % 7} for i in range(60)], "private": True}
    given = mm.load({"name": "gens", "want": 60, "steps": [{"synthesize": {"from": "real"}}], "tables": {"real": table}})
    mm.run_generations(given, 2, out=tmp_path / "gens")
    (tmp_path / "gens" / "gen-2" / "mine.txt").write_text("keep")
    done = mm.purge(tmp_path / "gens")
    assert done.left == ["gen-2/mine.txt"] and {"gen-1/journal.sqlite", "gen-1/next.jsonl", "real.jsonl", "gen-2/data.jsonl"} <= set(
        done.removed
    )
    assert [str(p.relative_to(tmp_path / "gens")) for p in (tmp_path / "gens").rglob("*")] == ["gen-2", "gen-2/mine.txt"]
    mm.audit([{"a": i % 5, "b": i} for i in range(30)], measure=["diversity"], out=tmp_path / "audit")
    assert "report.html" in mm.purge(tmp_path / "audit").removed and not (tmp_path / "audit").exists()


def test_the_account_stays(tmp_path: Path, own_home: Path) -> None:
    pytest.importorskip("opendp", reason="opendp is not installed")
    table = {"path": [{"k": "ab"[i % 2]} for i in range(100)], "budget": {"epsilon": 1.0, "delta": 1e-4}}
    steps = [{"marginals": {"from": "real", "schema": {"k": {"levels": ["a", "b"]}}}}]
    mm.run(mm.load({"name": "dp", "want": 5, "tables": {"real": table}, "steps": steps}), out=tmp_path / "run")
    (file,) = (own_home / "spending").iterdir()
    before = file.read_bytes()
    done = mm.purge(tmp_path / "run")
    assert file.read_bytes() == before and any(str(file) in s and "stays spent" in s for s in done.stays)


def test_the_command_asks_on_a_terminal_and_wants_yes_elsewhere(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    refused = mintmark("purge", run, cwd=tmp_path)
    assert refused.returncode == 2 and "give --yes if that is meant" in refused.stderr and (run / "journal.sqlite").exists()
    assert [_on_a_terminal(tmp_path, b"n\n"), (run / "journal.sqlite").exists()] == [2, True]
    assert [_on_a_terminal(tmp_path, b"y\n"), run.exists()] == [0, False]
    done = mintmark("purge", made(run), "--yes", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and "journal.sqlite" in told["removed"] and told["left"] == [] and not run.exists()
    shown = mintmark("purge", made(run), "--yes", cwd=tmp_path)
    assert "journal.sqlite" in shown.stdout and "unlinked, not overwritten" in shown.stdout and not run.exists()


def _on_a_terminal(folder: Path, typed: bytes) -> int:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "mintmark", "purge", str(folder / "run")]
    going = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    os.write(ours, typed)
    going.communicate(timeout=100)
    os.close(ours)
    os.close(theirs)
    return going.returncode
