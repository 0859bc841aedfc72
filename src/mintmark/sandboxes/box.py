"""One box: a process that closes itself in, runs one candidate, and is killed. Everything here is outside of it, and believes nothing it says.

CPU time decides: it is read from the kernel's clock of that process, outside, where no candidate can reach it; RLIMIT_CPU stands behind it. The
wall clock ends what waits. Answers, standard output and standard error are read as they come and cut off at their caps.
Not covered: what the kernel itself gives away (time, load, which files exist to `stat` in the landlock tier).
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from inspect import getsource
from typing import Any

from ..core.plain import MOST_DEPTH
from ..core.ports import PROGRAM, Outcome, Trial
from . import further

MOST_ANSWERS, MOST_OUTPUT, SHOWN = 2 << 20, 1 << 20, 4096  # bytes: of all answers, of one stream, kept of each end of a stream
_FURTHER = getsource(further)
START_S = 20.0  # until a box must be ready, however busy the machine


class Broken(Exception):
    """Our fault: the box did not come up, or did not take its job."""


class Stream:
    """A stream of which the beginning and the end are kept, and all is counted."""

    def __init__(self) -> None:
        self.size, self._head, self._tail = 0, b"", b""

    def add(self, data: bytes) -> None:
        self.size += len(data)
        room = SHOWN - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[max(room, 0) :])[-SHOWN:]

    def text(self) -> str:
        left_out = self.size - len(self._head) - len(self._tail)
        gap = f"\n[{left_out} bytes left out]\n".encode() if left_out > 0 else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")


class Box:
    """Started at once, ready a little later, used once. command: what starts the launcher, less its own argument, the configuration.
    out_of_memory: what the runtime says before it dies of that. environment: of the command, not of the box. piped: whether a pipe for the answers reaches
    the box; else they come by standard output, and what the candidate prints by standard error."""

    def __init__(
        self,
        tier: str,
        command: Sequence[str],
        config: dict[str, Any],
        user: int | None = None,
        out_of_memory: str = "",
        environment: Mapping[str, str] | None = None,
        piped: bool = True,
    ) -> None:
        self.tier, self.runtime, self._out_of_memory = tier, "", out_of_memory
        self._answers, theirs = os.pipe()
        config = {**config, "answers": theirs if piped else 1}
        identity: dict[str, Any] = {}
        if user is not None and (become := _becoming(user)):
            command = (*become, *command)
        elif user is not None:
            identity = {"user": user, "group": user, "extra_groups": []}
        try:
            self._process = subprocess.Popen(
                [*command, json.dumps(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if piped else theirs,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(theirs,) if piped else (),
                env=environment or {},  # not --clearenv: the first process of the box keeps what it was started with
                cwd="/",
                start_new_session=True,
                **identity,
            )
        except BaseException:
            os.close(self._answers)
            raise
        finally:
            os.close(theirs)
        assert self._process.stdin and self._process.stderr
        self._in, self._err = self._process.stdin.fileno(), self._process.stderr.fileno()
        self._out = self._process.stdout.fileno() if self._process.stdout else -1
        self._said, self._lines = bytearray(), deque[bytes]()
        self._streams = {fd: Stream() for fd in (self._out, self._err) if fd >= 0}
        for fd in (self._in, self._answers, *self._streams):
            os.set_blocking(fd, False)
        self._said_bytes, self._todo = 0, memoryview(b"")
        self._closed: set[int] = set()
        self._pid, self._end = 0, -1  # of the process in the box: its number, and what tells of its end
        self.status = self.detail = ""
        self.answers: list[Any] = []
        self._loaded = False

    def run(self, trial: Trial) -> Outcome:
        """Runs the trial's calls; the box is gone when this returns. Raises Broken."""
        try:
            self.open(trial)
            self.send(*(c.line() for c in trial.calls))
            self.until(len(trial.calls))
            return self.outcome()
        finally:
            self.close()

    def ready(self) -> None:
        """Returns once the box is closed; Broken where that cannot be."""
        if self.runtime:
            return
        end = time.monotonic() + START_S
        while not self._lines:
            if time.monotonic() > end or not self._read(end - time.monotonic()):
                self._drain()
                raise Broken(f"the box did not start: {self._streams[self._err].text().strip()[-500:] or 'it said nothing'}")
        word, *told = json.loads(self._lines.popleft())
        if word != "ready":
            raise Broken(f"the box could not be closed: {': '.join(map(str, told))}")
        self.runtime = told[0]["runtime"]
        self._pid = self._find()
        self._end = os.pidfd_open(self._pid) if self._pid else -1
        with suppress(OSError), open(f"/proc/{self._pid}/oom_score_adj", "w") as file:
            file.write("1000")  # where memory runs out it goes first, not the judge; only root may say so
        # A program of another language can be dumped again since its exec: this way a core holds nothing of its memory
        with suppress(OSError), open(f"/proc/{self._pid}/coredump_filter", "w") as file:
            file.write("0")
        if self._pid and self._cpu() < told[0].get("cpu_s", 0.0):  # another's clock, or none: CPU time could not decide
            raise Broken(f"the CPU time of the process in the box cannot be read (/proc/{self._process.pid} tells of {self._pid})")

    def _find(self) -> int:
        """The process in the box, by our own number; 0 where that cannot be told."""
        return _innermost(self._process.pid)

    def open(self, trial: Trial, asks: bool = False, asked: bool = False) -> None:
        """Gives it the source; from here on its time counts. asks: whether the source may ask, and is answered from outside; asked: by it."""
        self.ready()
        self._trial = trial
        head = {"source": trial.source, "cpu_s": trial.cpu_s, "call_cpu_s": trial.call_cpu_s, "memory_mb": trial.memory_mb}
        self._before = self._used = self._cpu()
        self._started = time.monotonic()
        program = any(c.function == PROGRAM for c in trial.calls)
        self.send(json.dumps({**head, "asks": asks, "program": program, "further": _FURTHER if asked or program else ""}).encode())

    def send(self, *lines: bytes) -> None:
        self._todo = memoryview(bytes(self._todo) + b"".join(line + b"\n" for line in lines))

    def until(self, count: int) -> bool:
        """Whether it has loaded and given `count` answers; else `status` says what ended it. Returns when one of both is so."""
        wall = max(1.0, 5 * self._trial.cpu_s)
        while not self.status and not (self._loaded and len(self.answers) >= count):
            left, spent = self._started + wall - time.monotonic(), self.spent()
            if spent >= self._trial.cpu_s:
                self.status, self.detail = "timeout", f"{self._trial.cpu_s:g} s of CPU time used"
            elif left <= 0:
                self.status, self.detail = "timeout", f"nothing after {wall:g} s, with {spent:.2f} s of CPU time used"
            else:
                alive = self._read(min(left, max(self._trial.cpu_s - spent, 0.002)))
                self._hear(count)
                if not alive and not self.status and len(self.answers) < max(count, 1):
                    self.status, self.detail = self._ended()
        return not self.status

    def _hear(self, count: int) -> None:
        while self._lines and not self.status and not (self._loaded and len(self.answers) >= count):
            told = _parsed(self._lines.popleft())
            if not told:
                self.status, self.detail = "error", "an answer that cannot be read"
            elif self._loaded:
                self.answers.append(told)
            elif told == ["loaded"]:
                self._loaded = True
            else:
                self.status = "limit" if told[1:2] == ["MemoryError"] else "error"
                self.detail = f"it cannot be loaded: {': '.join(map(str, told[1:]))}"[:500]
        if not self.status and self._said_bytes > MOST_ANSWERS:
            self.status, self.detail = "limit", f"answers of more than {MOST_ANSWERS} bytes"
        if any(s.size > MOST_OUTPUT for s in self._streams.values()):
            self.status, self.detail = "limit", f"more than {MOST_OUTPUT} bytes of output"

    def space_mb(self) -> int:
        """Address space that it has by now."""
        with open(f"/proc/{self._pid}/status") as f:
            return next(int(line.split()[1]) >> 10 for line in f if line.startswith("VmSize"))

    def spent(self) -> float:
        """CPU seconds since the source was given."""
        self._used = max(self._used, self._cpu())
        return self._used - self._before

    def outcome(self) -> Outcome:
        """What came of it; the box is gone."""
        spent, wall_s = self.spent(), time.monotonic() - self._started
        self.close()
        out, err = (self._streams[fd].text() if fd in self._streams else "" for fd in (self._out, self._err))
        told = tuple(self.answers)
        return Outcome(self.status or "ran", self.tier, self.runtime, told, self.detail, out, err, round(spent, 4), round(wall_s, 4))

    def _ended(self) -> tuple[str, str]:
        """It closed its end, or died. What it died of is a hint: an exit status can be chosen by the candidate, so none of them passes."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
        code = self._process.returncode
        number = -code if code is not None and code < 0 else (code or 0) - 128
        name = signal.Signals(number).name if number in set(signal.Signals) else ""
        if name == "SIGXCPU" or (name == "SIGKILL" and self.spent() > 0.5 * self._trial.cpu_s):
            return "timeout", f"{self._trial.cpu_s:g} s of CPU time used"
        self._drain()
        if self._out_of_memory and self._out_of_memory in self._streams[self._err].text():
            return "limit", "it ended early, out of memory"
        if name == "SIGKILL":
            return "limit", "killed by the system, most likely for memory"
        return "error", f"it ended early ({name or f'exit status {code}'})"

    def _cpu(self) -> float:
        """CPU seconds of the process in the box, all threads; it can have no children."""
        with suppress(OSError):
            return 0.0 if not self._pid else time.clock_gettime(~self._pid << 3 | 2)
        return 0.0

    def _read(self, timeout: float) -> bool:
        """Waits for anything to happen, takes it in, writes on; False once the answers have ended."""
        poll = select.poll()
        for fd in (self._answers, *self._streams):
            if fd in self._closed:
                continue
            poll.register(fd, select.POLLIN)
        if self._todo:
            poll.register(self._in, select.POLLOUT)
        alive = self._answers not in self._closed
        for fd, _ in poll.poll(max(timeout, 0.0) * 1000):
            if fd == self._in:
                try:
                    self._todo = self._todo[os.write(fd, self._todo[: 1 << 16]) :]
                except BlockingIOError:
                    pass
                except OSError:  # it reads no more: what it has answered counts, what it has not is an error
                    self._todo = self._todo[:0]
                continue
            data = self._take(fd)
            if fd == self._answers:
                alive = bool(data)
                self._said_bytes += len(data)
                self._said += data
                if b"\n" in data:  # only then: a line that comes byte by byte is not to cost its length each time
                    *lines, rest = bytes(self._said).split(b"\n")
                    self._said = bytearray(rest)
                    self._lines += lines
        return alive

    def _take(self, fd: int) -> bytes:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._closed.add(fd)
        elif fd in self._streams:
            self._streams[fd].add(data)
        return data

    def _drain(self) -> None:
        """What a dead box has left in its pipes: at most one pipe's worth each."""
        for fd in self._streams:
            for _ in range(64):
                if fd in self._closed or not self._take(fd):
                    break

    def close(self) -> None:
        """SIGKILL; the end of a bwrap takes its pid namespace along. Waits until it is gone."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # it leads its own; in the rlimits tier children are in it too
            self._process.wait()
        if self._answers >= 0:
            self._gone()

    def _gone(self) -> None:
        """Waits until the process in the box is no more: in a pid namespace that is a moment after its father's end."""
        if self._end >= 0:
            # Not by looking into /proc: that waits for the namespace to be taken apart, and takes three milliseconds of CPU time
            poll = select.poll()
            poll.register(self._end, select.POLLIN)
            poll.poll(2000)
            os.close(self._end)
            self._end = -1
        self._drain()
        os.close(self._answers)
        self._answers = -1
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._closed |= set(self._streams)


@cache
def _becoming(user: int) -> tuple[str, ...]:
    """What starts a command as another user: util-linux's setpriv; () where there is none. Python changes a user only after a fork, which copies the tables
    of all of this process's memory for each box: 9 ms instead of 1."""
    found = shutil.which("setpriv", path="/usr/bin:/bin")
    become = (found or "", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")
    if found and subprocess.run([*become, "/bin/true"], env={}, capture_output=True).returncode == 0:  # BusyBox has another of that name
        return become
    return ()


def _refuse(what: Any) -> Any:
    raise ValueError("never made by pack")


_JSON = json.JSONDecoder(object_pairs_hook=_refuse, parse_constant=_refuse)  # no objects, no NaN


def _parsed(line: bytes) -> list[Any]:
    """[] for what is no answer; for what is nested deeper than `pack` does too, so that nobody who reads it on runs out of stack."""
    try:
        told = _JSON.decode(line.decode())
    except (ValueError, RecursionError):
        return []
    level = told if isinstance(told, list) else []
    for _ in range(2 * MOST_DEPTH + 4):  # a dict's items are lists in a list
        if not level:
            return told if told and isinstance(told[0], str) else []
        level = [part for inner in level if type(inner) is list for part in inner]
    return []


def _innermost(pid: int) -> int:
    """The one process at the end of the chain that a tier's command makes, by our own numbers."""
    while True:
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                child = f.read().split()
        except OSError:
            return pid
        if not child:
            return pid
        pid = int(child[0])
