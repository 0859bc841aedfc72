"""R16: the clock jumps, the process is stopped for a while. Nothing waits for ever, nothing is lost, no duration is negative."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

from test_disk_and_signals import RECIPE, popen, until_calls

from conftest import ROOT, check_books, write_recipe
from server import Fault, Server

JUMPS = """
import time
_real, _n = time.time, 0
def jumping():
    global _n
    _n += 1
    return (_real(), _real() + 3600.0, _real() - 3600.0, 0.0)[_n % 4]
time.time = jumping
"""


def test_the_wall_clock_jumps(tmp_path: Path) -> None:
    """+1 h, -1 h and 1970, while the server asks to wait until a date: that wait is capped, deadlines are on the monotonic clock."""
    (tmp_path / "sitecustomize.py").write_text(JUMPS)
    date = formatdate(time.time() + 1, usegmt=True)
    with Server(lambda n, prompt: Fault(429, headers={"Retry-After": date}) if n in (3, 7) else None) as server:
        write_recipe(tmp_path, RECIPE.format(url=server.url), rows=40)
        environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"}
        code = "import time, sitecustomize; assert time.time is sitecustomize.jumping; from mintmark.cli import main; main()"
        command = [
            sys.executable,
            "-c",
            code,
            "run",
            "recipe.yaml",
            "--out",
            "run",
            "--set",
            "models.writer={spec: 'openai:m@" + server.url + "'}",
        ]
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until_calls(server, 7)
        time.sleep(4)
        if (
            process.poll() is None
        ):  # a date read by a clock that jumps an hour: the wait may be long, it must be interruptible and resumable
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (0, 3), err
        manifest = check_books(tmp_path / "run")
        assert 0 <= manifest["wall_s"] < time.monotonic() - begun + 1 and manifest["kept"] >= 38
        assert manifest["failed"] == manifest["dropped"] == 0


def test_stopped_and_continued(tmp_path: Path) -> None:
    """A laptop that sleeps: SIGSTOP for four seconds with calls in flight, then on; every row is there, none is paid twice."""
    with Server(latency=0.3) as server:
        write_recipe(tmp_path, RECIPE.format(url=server.url), rows=60)
        process = popen(tmp_path, "--out", "run", "--concurrency", "8")
        until_calls(server, 10)
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, (out, err)
        manifest = check_books(tmp_path / "run")
        assert manifest["kept"] == 60 and server.requests == 60 and manifest["wall_s"] >= 4
