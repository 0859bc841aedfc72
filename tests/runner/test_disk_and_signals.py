"""R3-R7: a damaged journal, a full disk, a read-only folder, two processes, signals, closed pipes. Through the real command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mintmark as mm
from conftest import ROOT, check_books, mintmark, write_recipe
from mintmark.core.errors import JournalError
from mintmark.core.ports import Answer
from mintmark.stores.journal import Journal
from server import Server

RECIPE = """
name: r
models: {{writer: "openai:m@{url}"}}
tables: {{rows: rows.jsonl}}
steps:
  - read: {{from: rows}}
  - write: {{column: text, prompt: "row {{{{ row }}}}"}}
"""


def popen(folder: Path, *args: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml", *args]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_calls(server: Server, n: int) -> None:
    end = time.monotonic() + 30
    while server.requests < n and time.monotonic() < end:
        time.sleep(0.01)
    assert server.requests >= n


def fill(path: Path, n: int) -> None:
    journal = Journal(path)
    for i in range(n):
        journal.append([Answer(i.to_bytes(16, "big"), f"row{i}", "write", 0, "m", b"{}", os.urandom(1500))])
    # as after a kill: the connection is left open, the log stays


def test_torn_tail_is_told_and_damage_in_the_middle_refused(tmp_path: Path) -> None:
    """R3: cut or flipped at the end: whole answers before it stay; flipped before committed answers: refused, naming the offset."""
    fill(tmp_path / "j.sqlite", 40)
    source = tmp_path / "copy"
    source.mkdir()
    for name in ("j.sqlite", "j.sqlite-wal"):
        shutil.copy(tmp_path / name, source / name)
    size = (source / "j.sqlite-wal").stat().st_size
    assert size > 40 * 1500

    def reopened(change: object) -> tuple[int, str]:
        folder = tmp_path / "work"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        data = bytearray((folder / "j.sqlite-wal").read_bytes())
        change(data)  # type: ignore[operator]
        (folder / "j.sqlite-wal").write_bytes(data)
        journal = Journal(folder / "j.sqlite")
        n = len(list(journal.keys()))
        for k in range(1, n + 1):
            journal.get(k)
        journal.close()
        return n, journal.notice

    assert reopened(lambda d: None) == (40, "")
    n, notice = reopened(lambda d: d.__delitem__(slice(size - 777, size)))
    assert n == 39 and "unfinished commit" in notice
    n, notice = reopened(lambda d: d.__setitem__(size - 100, d[size - 100] ^ 1))
    assert n == 39 and notice
    refused = 0
    for at in range(100, size - 3 * 4200, size // 25):
        try:
            n, _ = reopened(lambda d, at=at: d.__setitem__(at, d[at] ^ 1))
            assert n == 40, f"a flip at {at} lost answers in silence"
        except JournalError as error:
            assert "byte" in str(error) or "damaged" in str(error)
            refused += 1
    assert refused >= 20


def test_flipped_byte_in_the_database_is_never_used(tmp_path: Path) -> None:
    """R3: SQLite does not check pages; our checksums do: every answer read is right, or JournalError."""
    fill(tmp_path / "j.sqlite", 30)
    Journal(tmp_path / "j.sqlite").close()
    whole = (tmp_path / "j.sqlite").read_bytes()
    journal = Journal(tmp_path / "j.sqlite")
    true = {journal.get(k).key: journal.get(k).raw for k in range(1, 31)}
    journal.close()
    caught = 0
    for at in range(200, len(whole), len(whole) // 60):
        data = bytearray(whole)
        data[at] ^= 4
        (tmp_path / "k.sqlite").write_bytes(data)
        for extra in ("-wal", "-shm"):
            (tmp_path / f"k.sqlite{extra}").unlink(missing_ok=True)
        try:
            broken = Journal(tmp_path / "k.sqlite")
            found = {broken.get(n).key: broken.get(n).raw for _, n in list(broken.keys())}
            assert found == true, f"a flip at {at} changed or lost answers in silence"
            broken.close()
        except JournalError:
            caught += 1
    assert caught > 30


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="needs root to mount a small tmpfs (.ci/run has it)")
@pytest.mark.parametrize("kib", [192, 400, 900])
def test_disk_full_then_space_again(tmp_path: Path, kib: int) -> None:
    """R4: a clear word, exit 3, no torn file; with space again the same command ends with all rows."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    try:
        with Server() as server:
            write_recipe(tmp_path, RECIPE.format(url=server.url), 3000)
            full = mintmark("run", "recipe.yaml", "--out", disk / "run", "--concurrency", 16, cwd=tmp_path)
            assert full.returncode == 3, full.stderr
            assert "space" in full.stderr.lower() or "full" in full.stderr.lower()
            assert "Traceback" not in full.stderr
            first = server.requests
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            again = mintmark("run", "recipe.yaml", "--out", disk / "run", "--concurrency", 16, cwd=tmp_path)
            assert again.returncode == 0, again.stderr
            assert check_books(disk / "run")["kept"] == 3000
            assert server.requests <= 3000 + 16 + 1 and first > 0
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_read_only_folder_is_refused_before_any_call(tmp_path: Path) -> None:
    """R5."""
    (tmp_path / "file").write_text("x")
    with Server() as server:
        write_recipe(tmp_path, RECIPE.format(url=server.url), 5)
        for out in ("file/run", "file", "/proc/nowhere/run"):
            done = mintmark("run", "recipe.yaml", "--out", out, cwd=tmp_path)
            assert done.returncode == 2 and "--out" in done.stderr, done.stderr
        if os.geteuid() != 0:
            (tmp_path / "locked").mkdir(mode=0o555)
            assert mintmark("run", "recipe.yaml", "--out", "locked/run", cwd=tmp_path).returncode == 2
        assert server.requests == 0


def test_folder_removed_while_running_is_a_clean_stop(tmp_path: Path) -> None:
    """R5."""
    with Server(latency=0.05) as server:
        write_recipe(tmp_path, RECIPE.format(url=server.url), 400)
        process = popen(tmp_path, "--concurrency", "4")
        until_calls(server, 20)
        shutil.rmtree(tmp_path / "runs")
        _, err = process.communicate(timeout=60)
        assert process.returncode in (2, 3) and "Traceback" not in err


def test_second_process_is_refused_with_the_owner_named(tmp_path: Path) -> None:
    """R6: and a killed owner's lock is taken over."""
    with Server(latency=0.5) as server:  # long enough for two commands to start meanwhile on a busy machine
        write_recipe(tmp_path, RECIPE.format(url=server.url), 200)
        first = popen(tmp_path, "--concurrency", "4")
        until_calls(server, 8)
        second = mintmark("run", "recipe.yaml", cwd=tmp_path)
        assert second.returncode == 2 and f"process {first.pid}" in second.stderr
        shown = mintmark("show", "runs/r", "--json", cwd=tmp_path)
        told = json.loads(shown.stdout)
        assert shown.returncode == 0 and told["status"] == "running" and told["running"] is True
        first.kill()
        first.wait()
        server.latency = 0
        assert mintmark("run", "recipe.yaml", cwd=tmp_path).returncode == 0
        assert check_books(tmp_path / "runs/r")["kept"] == 200


@pytest.mark.parametrize("how", ["int", "int twice", "term", "hup", "five"])
def test_signals(tmp_path: Path, how: str) -> None:
    """R7: once: what is in flight arrives; twice: leave now; exit 3, a line that says how to go on, nothing bought twice beyond flight."""
    with Server(latency=0.3) as server:
        write_recipe(tmp_path, RECIPE.format(url=server.url), 120)
        process = popen(tmp_path, "--concurrency", "8")
        until_calls(server, 24)
        sent = {
            "int": [signal.SIGINT],
            "int twice": [signal.SIGINT] * 2,
            "term": [signal.SIGTERM],
            "hup": [signal.SIGHUP],
            "five": [signal.SIGINT] * 5,
        }
        for s in sent[how]:
            process.send_signal(s)
            time.sleep(0.03)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 3
        if how != "five":
            assert "mintmark run recipe.yaml" in err and "Traceback" not in err
            manifest = check_books(tmp_path / "runs/r")
            assert manifest["pending"] > 0 and manifest["planned"] == 120
            if how in ("int", "term", "hup"):
                assert manifest["kept"] == server.requests, "what was in flight must arrive and be kept"
        server.latency = 0
        assert mintmark("run", "recipe.yaml", cwd=tmp_path).returncode == 0
        assert check_books(tmp_path / "runs/r")["kept"] == 120
        assert server.requests - 120 <= 8


def test_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m mintmark list metrics | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    assert "Traceback" not in done.stderr


def test_memory_stays_flat(tmp_path: Path) -> None:
    """R19 in small: 20,000 rows take at most 50 MB more than 1,000."""
    peaks = []
    for rows in (1_000, 20_000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        text = "name: flat\ntables: {rows: rows.jsonl}\nsteps:\n  - read: {from: rows}\n  - length: {column: row, characters: [1, 99]}\n"
        write_recipe(folder, text, rows)
        assert mintmark("run", "recipe.yaml", cwd=folder).returncode == 0
        peaks.append(json.loads((folder / "runs/flat/manifest.json").read_text())["peak_rss_mb"])
    assert peaks[1] - peaks[0] <= 50 and mm.__version__
