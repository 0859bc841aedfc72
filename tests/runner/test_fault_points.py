"""R2: killed at a named point: before and after the n-th fsync and the n-th rename, in a run and in its resumption; then the same rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, check_books, mintmark, write_recipe

MODEL = "def answer(prompt):\n    return prompt * 2\n"
RECIPE = """
name: faults
models: {writer: "scripted:model:answer"}
tables: {rows: rows.jsonl}
steps:
  - read: {from: rows}
  - write: {column: text, prompt: "row {{ row }}"}
  - dedup: {column: text, near: null}
  - shuffle:
"""
KILLER = """
import os, signal
point, n = os.environ["KILL_AT"].split(":")
name, when = point.split("-")
real, left = getattr(os, name), [int(n)]
def patched(*args, **kwargs):
    left[0] -= 1
    if left[0] == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    out = real(*args, **kwargs)
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return out
setattr(os, name, patched)
"""
POINTS = ("fsync-before", "fsync-after", "replace-before", "replace-after")


def killed_at(folder: Path, point: str, n: int) -> bool:
    """Whether the run was killed there; False when it ended before it came to that point."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'src'}", "KILL_AT": f"{point}:{n}"}
    code = "import killer; from mintmark.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "recipe.yaml", "--out", "run"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == -signal.SIGKILL


def place(folder: Path) -> Path:
    folder.mkdir()
    (folder / "model.py").write_text(MODEL)
    (folder / "killer.py").write_text(KILLER)
    return write_recipe(folder, RECIPE, rows=300)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole") / "a"
    place(folder)
    assert mintmark("run", "recipe.yaml", "--out", "run", cwd=folder).returncode == 0
    return (folder / "run" / "data.jsonl").read_bytes()


def check(folder: Path, point: str, n: int, whole: bytes) -> bool:
    place(folder)
    if not killed_at(folder, point, n):
        assert (folder / "run" / "data.jsonl").read_bytes() == whole
        return False
    killed_at(folder, point, n)  # the resumption too
    done = mintmark("run", "recipe.yaml", "--out", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    check_books(folder / "run")
    assert (folder / "run" / "data.jsonl").read_bytes() == whole
    return True


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(tmp_path: Path, whole: bytes, point: str) -> None:
    reached = [check(tmp_path / str(n), point, n, whole) for n in (1, 4)]
    assert reached[0], f"the run never comes to {point}"


@pytest.mark.torture
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_every_point(tmp_path: Path, whole: bytes, point: str) -> None:
    for n in range(1, 60):
        if not check(tmp_path / str(n), point, n, whole):
            return
    raise AssertionError("the run has more such points than were tried")
