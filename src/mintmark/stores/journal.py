"""The journal: every port's raw answer, in one SQLite file (WAL, synchronous=FULL), committed before it is used.

The key of the table is a running integer: a random UNIQUE text key costs four times as much to insert. Hash -> number is kept by
whoever reads (`keys()`). Each answer carries a checksum of its bytes and one of its key: SQLite does not check page contents, so a
flipped bit would otherwise be used, or silently bought again.

One row: (17, key=16 bytes, row='3f0c9a51d2e8b7764a10', step='write', attempt=0, model='openai:gpt-5-mini', request=b'{"messages":...',
raw=b'{"id":"chatcmpl-...', tokens_in=212, tokens_out=64, cost_usd=0.000181, port='model')
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import JournalError, RunFolderError, StorageFull
from ..core.ports import Answer
from .wal import inspect

_COLUMNS = "key, row, step, attempt, model, request, raw, tokens_in, tokens_out, cost_usd, port"
_FULL = ("full", "disk i/o error", "unable to open", "readonly")


def _check(answer: Answer) -> int:
    text = f"{answer.row}\x1f{answer.step}\x1f{answer.attempt}\x1f{answer.model}\x1f{answer.port}".encode("utf-8", "surrogatepass")
    return zlib.crc32(answer.raw, zlib.crc32(answer.request, zlib.crc32(text)))


class Journal:
    """Append and read answers. Safe to call from one writer thread and from readers (one connection each)."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self.path, self.readonly = path, readonly
        self.notice = ""
        self._lock = threading.RLock()  # keys() may be read while answers are fetched
        if not readonly:
            self._inspect()
        self._db = self._open()

    def _inspect(self) -> None:
        found = inspect(self.path.with_name(self.path.name + "-wal"))
        if found.middle is not None:
            raise JournalError(
                f"{self.path.name}-wal is damaged at byte {found.middle} and committed answers stand behind the damage; opening it "
                f"would lose them. Restore the file from a copy, or move {self.path.name}-wal away to go on without those answers."
            )
        if found.torn:
            self.notice = f"journal: the last {found.torn} bytes were an unfinished commit and are set aside; nothing committed is lost"

    def _open(self) -> sqlite3.Connection:
        try:
            if self.readonly:
                db = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=10)
                db.execute("SELECT count(*) FROM sqlite_master")
                return db
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA wal_autocheckpoint=4000")
            db.execute(
                "CREATE TABLE IF NOT EXISTS answers (n INTEGER PRIMARY KEY, key BLOB, keysum INT, row TEXT, step TEXT, attempt INT, "
                "model TEXT, request BLOB, raw BLOB, sum INT, tokens_in INT, tokens_out INT, cost_usd REAL, port TEXT)"
            )
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # start from an empty log: what `inspect` sees later is this run's alone
            self._next = self._count(db) + 1
            return db
        except sqlite3.DatabaseError as error:
            raise self._convert(error) from error

    def _count(self, db: sqlite3.Connection) -> int:
        n, top = db.execute("SELECT count(*), coalesce(max(n), 0) FROM answers").fetchone()
        if n != top:
            raise JournalError(f"{self.path.name}: {top - n} of {top} answers are missing in the middle; restore it from a copy")
        return int(top)

    def _convert(self, error: sqlite3.Error) -> Exception:
        text = str(error).lower()
        if "readonly" in text or "unable to open" in text:
            return RunFolderError(f"{self.path}: cannot be written ({error}); choose another folder with --out or mend its rights")
        if any(word in text for word in _FULL):
            return StorageFull(f"{self.path}: {error}; make room and give the same command again")
        return JournalError(f"{self.path} is damaged ({error}); restore it from a copy: it holds the paid answers")

    def append(self, answers: Sequence[Answer]) -> list[int]:
        """All of them durable on return, or none and an error."""
        first = self._next
        rows = [
            (
                first + k,
                a.key,
                zlib.crc32(a.key),
                a.row,
                a.step,
                a.attempt,
                a.model,
                a.request,
                a.raw,
                _check(a),
                a.tokens_in,
                a.tokens_out,
                a.cost_usd,
                a.port,
            )
            for k, a in enumerate(answers)
        ]
        with self._lock:
            try:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT INTO answers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                self._roll_back()
                raise self._convert(error) from error
        self._next = first + len(rows)
        return list(range(first, self._next))

    def _roll_back(self) -> None:
        try:
            self._db.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # SQLite has already rolled back by itself
        try:
            # without this, frames of the failed commit would stay behind later ones and look like damage after a crash
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass

    def keys(self) -> Iterator[tuple[bytes, int]]:
        with self._lock:
            try:
                cursor = self._db.execute("SELECT n, key, keysum FROM answers")
                while batch := cursor.fetchmany(10_000):
                    for n, key, keysum in batch:
                        if zlib.crc32(key) != keysum:
                            raise JournalError(f"{self.path.name}: the key of answer {n} is damaged; restore the file from a copy")
                        yield key, n
            except sqlite3.DatabaseError as error:
                raise self._convert(error) from error

    def get(self, number: int) -> Answer:
        with self._lock:
            try:
                line = self._db.execute(f"SELECT {_COLUMNS}, sum FROM answers WHERE n=?", (number,)).fetchone()
            except sqlite3.DatabaseError as error:
                raise self._convert(error) from error
        if line is None:
            raise JournalError(f"{self.path.name}: answer {number} is gone; restore the file from a copy")
        return self._answer(line, number)

    def _answer(self, line: tuple, number: int) -> Answer:  # type: ignore[type-arg]
        answer = Answer(*line[:-1])
        if _check(answer) != line[-1]:
            raise JournalError(f"{self.path.name}: answer {number} is damaged (checksum); restore the file from a copy")
        return answer

    def answers(self, row: str | None = None, port: str | None = None) -> Iterator[Answer]:
        wanted = {name: value for name, value in (("row", row), ("port", port)) if value is not None}
        where, values = "WHERE " + " AND ".join(f"{name}=?" for name in wanted) + " " if wanted else "", tuple(wanted.values())
        try:
            cursor = self._db.execute(f"SELECT {_COLUMNS}, sum, n FROM answers {where}ORDER BY n", values)
            while batch := cursor.fetchmany(1_000):
                for line in batch:
                    yield self._answer(line[:-1], line[-1])
        except sqlite3.DatabaseError as error:
            raise self._convert(error) from error

    def totals(self) -> dict[str, float]:
        """calls, tokens_in, tokens_out, cost_usd over all answers of models."""
        sql = "SELECT count(*), sum(tokens_in), sum(tokens_out), sum(cost_usd) FROM answers WHERE port='model'"
        try:
            with self._lock:
                calls, tokens_in, tokens_out, cost = self._db.execute(sql).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._convert(error) from error
        return {"calls": calls, "tokens_in": tokens_in or 0, "tokens_out": tokens_out or 0, "cost_usd": cost or 0.0}

    def spent(self, rows: Sequence[str] = ()) -> list[dict[str, Any]]:
        """What each step asked of each model: {step, model, calls, tokens_in, tokens_out, cost_usd}, dearest first; for named rows, also row."""
        own = f" AND row IN ({','.join('?' * len(rows))})" if rows else ""
        head = "row, " if rows else ""
        sql = (
            f"SELECT {head}step, model, count(*) AS calls, sum(tokens_in) AS tokens_in, sum(tokens_out) AS tokens_out, sum(cost_usd) AS cost_usd "
            f"FROM answers WHERE port='model'{own} GROUP BY {head}step, model ORDER BY cost_usd DESC, tokens_out DESC, calls DESC"
        )
        try:
            with self._lock:
                cursor = self._db.execute(sql, tuple(rows))
                names = [d[0] for d in cursor.description]
                return [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]
        except sqlite3.DatabaseError as error:
            raise self._convert(error) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()
