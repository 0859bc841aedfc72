"""Law 6 (R1, R2): killed at any point, the same command ends with the same rows; what is bought twice is at most what was in flight."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT, check_books, mintmark, write_recipe
from server import Server

RECIPE = """
name: kill
models: {{writer: "openai:m@{url}"}}
tables: {{rows: rows.jsonl}}
steps:
  - read: {{from: rows}}
  - write: {{schema: {{type: object, properties: {{text: {{type: string}}}}, required: [text]}}, prompt: "row {{{{ row }}}}"}}
  - length: {{column: text, words: [1, 50]}}
  - dedup: {{column: text}}
  - write: {{name: more}}
""".replace("  - write: {{name: more}}\n", '  - {{name: again, write: {{column: second, prompt: "again {{{{ row }}}}"}}}}\n')
ROWS, CONCURRENCY = 300, 16


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml", "--concurrency", str(CONCURRENCY)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def torture(tmp_path: Path, kills: int, seed: int) -> None:
    with Server(latency=0.01) as calm:
        clean = tmp_path / "clean"
        clean.mkdir()
        write_recipe(clean, RECIPE.format(url=calm.url), ROWS)
        began = time.monotonic()
        assert mintmark("run", "recipe.yaml", "--concurrency", CONCURRENCY, cwd=clean).returncode == 0
        length = time.monotonic() - began
        expected = (clean / "runs/kill/data.jsonl").read_bytes()
    chance = random.Random(seed)
    done = 0
    attempt = 0
    while done < kills:
        attempt += 1
        folder = tmp_path / f"killed{attempt}"
        folder.mkdir()
        with Server(latency=0.01) as server:
            write_recipe(folder, RECIPE.format(url=server.url), ROWS)
            here = 0
            for _ in range(min(5, kills - done)):
                process = start(folder)
                time.sleep(chance.uniform(0.3, length))
                if process.poll() is not None:
                    break
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                here += 1
            done += max(here, 1)
            last = mintmark("run", "recipe.yaml", "--concurrency", CONCURRENCY, cwd=folder)
            assert last.returncode == 0, last.stderr
            assert (folder / "runs/kill/data.jsonl").read_bytes() == expected
            manifest = check_books(folder / "runs/kill")
            assert manifest["kept"] == ROWS
            repeated = server.requests - len(server.keys)
            assert repeated <= here * CONCURRENCY, f"{repeated} calls repeated in {here} kills at concurrency {CONCURRENCY}"


def test_kill_20(tmp_path: Path) -> None:
    torture(tmp_path, 20, 1)


@pytest.mark.torture
def test_kill_200(tmp_path: Path) -> None:
    torture(tmp_path, 200, 2)
