"""What a person at a terminal sees while a run goes on, while it is measured, and when they press Ctrl+C then."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mintmark as mm
from conftest import ROOT, mintmark, write_recipe
from mintmark.models.scripted import ScriptedModel
from mintmark.progress import Progress
from mintmark.stores.memory import MemoryStore

TOLD: dict[str, Any] = {"name": "tickets", "want": 60, "planned": 60, "kept": 0, "dropped": 0, "failed": 0, "tokens_in": 9, "tokens_out": 9}
TOLD |= {"cost_usd": 0.1, "status": "running"}


def test_rows_that_wait_for_a_whole_table_are_seen_to_move() -> None:
    """`kept` stays 0 until the last stage; what was bought meanwhile came to nobody's eyes."""

    async def slow(prompt: str) -> str:
        import asyncio

        await asyncio.sleep(0.3 + 0.1 * (len(prompt) % 4))
        return f"some words on {prompt}"

    seen: list[dict[str, Any]] = []
    ops = [
        mm.generate.Grid({"a": ["x" * i for i in range(8)]}),
        mm.generate.Write(prompt="{{ a }}", column="t"),
        mm.curate.Dedup(column="t"),
    ]
    recipe = mm.Recipe("live", ops=ops, models={"writer": ScriptedModel(slow)})
    mm.run(recipe, store=MemoryStore(), report=False, watch=seen.append, concurrency=2)
    through = [told["through"] for told in seen if "through" in told]
    assert through and through == sorted(through) and max(through) <= 8 and all(told["kept"] == 0 for told in seen if "through" in told)
    assert re.fullmatch(r"\d rows? through write", next(told["reason"] for told in seen if "through" in told))
    line = Progress(sys.stderr, quiet=True).line({**TOLD, "through": 37, "reason": "37 rows through length"}, 1.0, 60)
    assert "0/60 · 37 rows through length" in line and len(line) <= 60
    assert "0 rows/s" not in Progress(sys.stderr, quiet=True).line({**TOLD, "through": 37, "reason": "37 rows through length"}, 1.0)


def test_a_run_that_is_measured_says_so_and_for_how_long() -> None:
    progress = Progress(sys.stderr, quiet=True)
    told = {**TOLD, "status": "complete", "reason": "measuring and writing the report"}
    progress.line(told, 1.0)
    line = progress.line({**told, "name": "a-rather-long-name-of-a-recipe"}, 8.0, 60)
    assert line.endswith("measuring and writing the report · 7 s") and len(line) <= 60 and "kept 0" not in line


def test_ctrl_c_while_a_run_is_measured_says_that_the_rows_are_whole(tmp_path: Path) -> None:
    rows = ", ".join(f"w{i}" for i in range(200))
    write_recipe(tmp_path, f"name: m\nsteps:\n  - grid: {{a: [{rows}]}}\nmeasure: [diversity]\n")
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "TERM": "xterm"}
    command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml"]
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    seen, end, sent = b"", time.monotonic() + 120, False
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        seen += piece
        if not piece:
            break
        if b"measuring" in seen and not sent:
            sent = True
            os.killpg(run.pid, signal.SIGINT)
    assert run.wait(30) == 3 and sent
    text = seen.decode()
    assert "stopped while measuring; the rows are whole, in runs/m" in text and "Traceback" not in text
    assert len((tmp_path / "runs/m/data.jsonl").read_text().splitlines()) == 200
    again = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False)
    assert again.returncode == 0 and b"diversity." in again.stdout


def test_a_terminal_without_the_signs_is_no_reason_to_fail(tmp_path: Path) -> None:
    """Under an ASCII locale `check` ended in a traceback over a column's name, and a run in 'measuring failed' over our own style sheet."""
    write_recipe(tmp_path, "name: m\nsteps:\n  - grid: {'Umsatz (€)': [1, 2]}\nmeasure: [diversity]\n")
    ascii_only = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    told = mintmark("check", "recipe.yaml", cwd=tmp_path, env=ascii_only)
    assert told.returncode == 0 and r"Umsatz (\u20ac)" in told.stdout
    done = mintmark("run", "recipe.yaml", cwd=tmp_path, env=ascii_only)
    assert done.returncode == 0 and "diversity." in done.stdout, done.stderr
    assert mintmark("export", "runs/m", "--as", "hf", cwd=tmp_path, env=ascii_only).returncode == 0
    assert mintmark("list", "recipes", cwd=tmp_path, env=ascii_only).returncode == 0
