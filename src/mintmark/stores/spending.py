"""What has been released of each private data set, by all runs of this user: one file a data set, named by a hash of what its rows hold.

    ~/.mintmark/spending/3fa1....jsonl      (MINTMARK_HOME names another place)

A line is written and synced before noise is drawn: {id, mu, step, what, run, at, sum}; another one when the answer is in the journal: {id, done, sum}. sum: a
checksum of the line and of all before it, so that a line changed or taken out is seen (not lines cut from the end).
After a kill between the two the same run draws again under its first line: nobody has seen that noise. A line with `done` is never
used again: a run that lost its journal is charged anew. One release at a time holds the file's lock, from the charge to `done`.
A run that is resumed writes again what its journal holds and the file has lost. An account keeps one unit: what protects one row cannot be added to
what protects all rows of a person. A changed data set has another hash and so another file: adding one row starts a new account, another order or format does not. Say so to whoever
adds rows every day.
"""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..core.errors import BudgetEnded, PrivacyError
from ..core.ports import Allowance
from ..stats.gaussian_dp import MARGIN, epsilon_of, mu_for, mu_of, upward
from ..text.jsontext import dumps, loads
from .atomic import storage_error

ROW = "one row"  # the unit of lines that name none


def home() -> Path:
    return Path(os.environ.get("MINTMARK_HOME") or Path.home() / ".mintmark").expanduser()


class Account:
    """One data set's file, locked. spent: mu of all that was charged; charge and done write a line and sync it."""

    def __init__(self, allowance: Allowance, file: int) -> None:
        self.allowance, self._file = allowance, file
        self.lines = _lines(file, allowance)
        self._last = str(self.lines[-1]["sum"]) if self.lines else ""
        self._done = {line["id"] for line in self.lines if line.get("done")}
        self._charged = {line["id"]: float(line["mu"]) for line in self.lines if "mu" in line}
        units = {str(line.get("unit", ROW)) for line in self.lines if "mu" in line} - {allowance.unit}
        if units:
            raise PrivacyError(
                f"table '{allowance.table}': earlier runs protected {units.pop()}, this one would protect {allowance.unit}: what they spent cannot be "
                "added up. Keep one unit (budget: person:) for a data set"
            )

    @property
    def spent(self) -> float:
        return mu_of((mu, 1.0) for mu in self._charged.values())

    @property
    def epsilon(self) -> float:
        return epsilon_of(self.allowance.delta, self.spent)

    def covers(self, *mus: float) -> bool:
        return covered(self.allowance, self.spent, *mus)

    def charge(self, identity: str, mu: float, **told: str) -> str:
        """The id under which noise may be drawn: an open charge of this very release, or a new one. BudgetEnded where nothing is left."""
        number = self._times(identity)
        last = f"{identity}/{number - 1}"
        if number and last not in self._done:
            return last
        if not self.covers(mu):
            raise BudgetEnded(spent_words(self.allowance, self.epsilon))
        return self._charge(f"{identity}/{number}", mu, told)

    def recall(self, identity: str, mu: float, **told: str) -> None:
        """A release that a journal holds is charged and done, also where a kill came in between or this file was lost: nobody may draw it again."""
        if not (number := self._times(identity)):
            self._charge(f"{identity}/0", mu, told)
        if (last := f"{identity}/{max(0, number - 1)}") not in self._done:
            self.done(last)

    def _times(self, identity: str) -> int:
        return sum(i.split("/")[0] == identity for i in self._charged)

    def _charge(self, charged: str, mu: float, told: dict[str, str]) -> str:
        line = {"id": charged, "mu": mu, "unit": self.allowance.unit, **told}
        self._write({**line, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
        self._charged[charged] = mu
        return charged

    def done(self, charged: str) -> None:
        self._write({"id": charged, "done": True})
        self._done.add(charged)

    def _write(self, line: dict[str, Any]) -> None:
        self._last = line["sum"] = _sum(self._last, line)
        data = dumps(line) + b"\n"
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as error:  # what stands there of the line is cut off when the account is opened again
            raise storage_error(error, home() / "spending" / f"{self.allowance.data}.jsonl") from error


def covered(allowance: Allowance, *mus: float) -> bool:
    """Whether the allowance is enough for all of these releases together, those of earlier runs among them."""
    most = mu_for(allowance.epsilon, allowance.delta) * (1 + MARGIN / 2)  # half of what mu_for leaves: sums of squares round
    return mu_of((mu, 1.0) for mu in mus) <= most


def spent_words(allowance: Allowance, epsilon: float) -> str:
    return (
        f"table '{allowance.table}': the privacy budget is used up: epsilon {upward(epsilon)} of {allowance.epsilon:g} at delta {allowance.delta:g} is spent by "
        "this and earlier runs. What was released can be used further at no cost; a larger budget is a decision about these people, not a setting"
    )


def statement(data: str, delta: float) -> dict[str, Any]:
    """What is charged to a data set, run by run, at this delta: read without a lock, nothing is written."""
    path = home() / "spending" / f"{data}.jsonl"
    charged: list[dict[str, Any]] = []
    if path.exists():
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            charged = [line for line in _lines(file, Allowance("table", data, 1.0, delta, 1), cut=False) if "mu" in line]
        finally:
            os.close(file)

    def epsilon(lines: list[dict[str, Any]]) -> float:
        return epsilon_of(delta, mu_of((float(line["mu"]), 1.0) for line in lines)) if lines else 0.0

    runs: dict[str, list[dict[str, Any]]] = {}
    for line in charged:
        runs.setdefault(str(line.get("run", "")), []).append(line)
    told = [
        {
            "run": run,
            "releases": len(own),
            "steps": sorted({str(x.get("step", "")) for x in own}),
            "last": own[-1].get("at", ""),
            "epsilon": epsilon(own),
        }
        for run, own in runs.items()
    ]
    mu, units = mu_of((float(line["mu"]), 1.0) for line in charged), sorted({str(line.get("unit", ROW)) for line in charged})
    return {
        "file": str(path),
        "runs": told,
        "releases": len(charged),
        "epsilon": epsilon(charged),
        "delta": delta,
        "mu": mu,
        "units": units,
    }


@contextmanager
def account(allowance: Allowance) -> Iterator[Account]:
    """The account of a data set, locked against other runs until the block ends."""
    folder = home() / "spending"
    path = folder / f"{allowance.data}.jsonl"
    if not folder.is_absolute():
        raise PrivacyError(
            f"MINTMARK_HOME is {home()}, a relative path: another working folder would begin another account. Give the whole path"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PrivacyError(
            f"{path} cannot be written ({error.strerror}): without it nobody knows what was spent. Set MINTMARK_HOME"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if fresh:
            _sync(folder)
        yield Account(allowance, file)
    finally:
        os.close(file)


def _lines(file: int, allowance: Allowance, cut: bool = True) -> list[dict[str, Any]]:
    """All whole lines. A torn last line (killed while writing) was never acted on: it is cut off. Damage before it is refused, and so
    are lines that somebody has changed or taken out."""
    data = b""
    os.lseek(file, 0, os.SEEK_SET)
    while piece := os.read(file, 1 << 20):
        data += piece
    if data and not data.endswith(b"\n"):
        data = data[: data.rfind(b"\n") + 1]
        if cut:
            os.ftruncate(file, len(data))
    out: list[dict[str, Any]] = []
    before = ""
    for number, line in enumerate(data.splitlines(), 1):
        try:
            found = loads(line)
            if not isinstance(found, dict) or "id" not in found or not ("mu" in found or "done" in found):
                raise ValueError("no entry")
            if not 0 <= float(found.get("mu", 0.0)) < math.inf:
                raise ValueError("no mu")
            if (before := _sum(before, found)) != found.get("sum"):
                raise ValueError("changed, or a line before it is gone")
        except (ValueError, TypeError) as error:
            raise PrivacyError(
                f"line {number} of the spending file of table '{allowance.table}' ({allowance.data}.jsonl) is damaged: what was spent is not known, so nothing is "
                "released. Restore it from a backup"
            ) from error
        out.append(found)
    return out


def _sum(before: str, line: dict[str, Any]) -> str:
    """A checksum of a line and of all before it."""
    told = dumps({k: v for k, v in line.items() if k != "sum"})
    return blake2b(told, key=before.encode(), digest_size=8).hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
