"""Where a private table takes part, every file of the run is its owner's alone (0600, folders 0700), whatever the umask; elsewhere the umask decides."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.api import compare, record
from mintmark.core.errors import RunFolderError
from mintmark.models.scripted import ScriptedModel
from mintmark.stores.atomic import atomic_write, keep_private, make_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
ROWS = [{"kind": "abc"[i % 3], "text": f"a message of {i} words"} for i in range(60)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that all may enter, and the umask of most systems."""
    old = os.umask(0o022)
    tmp_path.chmod(0o755)
    try:
        yield tmp_path
    finally:
        os.umask(old)


def recipe(private: bool = True, prompt: str = "{{ kind }}", **more: Any) -> mm.Recipe:
    steps = [{"grid": {"kind": {"from": "real.kind"}}}, {"write": {"column": "text", "prompt": prompt}}]
    given = mm.load({"name": "closed", "want": 12, "steps": steps, **more, "tables": {"real": {"path": ROWS, "private": private}}})
    return replace(given, models={"writer": ScriptedModel(lambda request: f"reply {request.seed}")})


def open_to_others(folder: Path) -> list[str]:
    return [str(p.relative_to(folder.parent)) for p in (folder, *folder.rglob("*")) if p.lstat().st_mode & 0o077]


def test_every_file_of_a_private_run_is_the_owners(place: Path) -> None:
    run = place / "run"
    mm.run(recipe(measure=["privacy", "diversity"]), out=run)
    mm.run(recipe(prompt="say {{ kind }}"), out=run, changed=True)
    for fmt in ("csv", "parquet", "hf"):
        mm.export(run, fmt)
        mm.export(run, fmt, place / f"out-{fmt}")
    compare(run, run, place / "compared.html")
    record(run, place / "replay.jsonl")
    names = {p.name for p in run.rglob("*")}
    assert {"journal.sqlite", "ledger.parquet", "data.jsonl", "data.parquet", "manifest.json", "measurements.json", "report.html", "README.md",
            "recipe.yaml", "croissant.json", "prov.json", ".lock", "versions", "rows", "data.csv", "hf"} <= names  # fmt: skip
    assert open_to_others(run) == []
    for out in ("out-csv", "out-parquet", "compared.html", "replay.jsonl"):
        assert stat.S_IMODE((place / out).stat().st_mode) == 0o600, out
    assert open_to_others(place / "out-hf") == []


def test_a_run_that_went_on_when_its_table_was_public_is_closed(place: Path) -> None:
    run = place / "run"
    mm.run(recipe(private=False), out=run)
    assert len(open_to_others(run)) == len([run, *run.rglob("*")]), "an open run is read by all, as the umask says"
    (run / "elsewhere").symlink_to(place / "mine")
    (place / "mine").write_text("not a file of the run")
    mm.run(recipe(), out=run)
    assert open_to_others(run) == ["run/elsewhere"] and (place / "mine").stat().st_mode & 0o077, "no link is followed"


def test_the_journal_is_closed_while_the_run_goes_on(place: Path) -> None:
    seen: list[list[str]] = []

    def answer(request: Any) -> str:
        seen.append([*open_to_others(place / "run"), *(["no journal yet"] if not (place / "run/journal.sqlite-wal").exists() else [])])
        return "reply"

    mm.run(replace(recipe(), models={"writer": ScriptedModel(answer)}), out=place / "run")
    assert len(seen) == 12 and not any(seen)


def test_generations_of_private_rows_are_closed(place: Path) -> None:
    table = {"path": [{"kind": r["kind"], "size": len(r["text"]) % 7} for r in ROWS], "private": True}
    given = mm.load({"name": "gens", "want": 60, "steps": [{"synthesize": {"from": "real"}}], "tables": {"real": table}})
    made = mm.run_generations(given, 2, out=place / "gens")
    assert made.status == "complete", made.reason
    assert {"real.jsonl", "gen-2", "report.html", "next.jsonl"} <= {p.name for p in (place / "gens").rglob("*")}
    assert open_to_others(place / "gens") == []


def test_files_and_folders_take_after_a_private_folder(place: Path) -> None:
    keep = place / "keep"
    keep.mkdir()
    keep_private(keep)
    make_folder(keep / "a" / "b")
    make_folder(place / "c" / "d")
    for folder in (keep / "a" / "b", place / "c" / "d"):
        with atomic_write(folder / "file") as file:
            file.write(b"x")
    assert open_to_others(keep) == [] and len(open_to_others(place / "c")) == 3


def test_a_folder_that_cannot_be_closed_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(RunFolderError, match="cannot be closed to others .Operation not permitted.; choose another folder with --out"):
        mm.run(recipe(), out=place / "run")
