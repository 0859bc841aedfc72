"""A run's folder on disk: lock, journal, parts, files. The Store that runs use.

    runs/NAME/  .lock  journal.sqlite  rows/*.parquet  data.parquet  data.jsonl  ledger.parquet  manifest.json  ...

The lock is `flock` on `.lock`, which also names its owner (pid, boot id, host, command); the system frees it when the owner dies, so a
stale one is taken over. Readers (`show`, `report`) open the folder read-only and need no lock.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.errors import RunFolderError, StorageFull
from ..core.ports import Answer, Record
from .atomic import atomic_write, make_folder
from .journal import Journal


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def lock(folder: Path) -> int:
    """A file descriptor that holds the folder's lock until it is closed; RunFolderError where another process has it."""
    path = folder / ".lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"{path}: {error.strerror}; make room and give the same command again") from error
        raise RunFolderError(
            f"{folder} cannot be written ({error.strerror}); choose another folder with --out or mend its rights"
        ) from error
    try:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # no flock on this system: the owner record is all there is
        pass
    except OSError as error:
        owner = os.read(fd, 4096).decode("utf-8", "replace")
        os.close(fd)
        try:
            who = json.loads(owner)
            named = f"process {who['pid']} on {who['host']} ({who['command']})"
        except (ValueError, KeyError, TypeError):
            named = "another process"
        raise RunFolderError(f"{folder} is in use by {named}; wait for it, or stop it: the same command then goes on") from error
    owner = json.dumps(
        {"pid": os.getpid(), "host": socket.gethostname(), "boot": _boot_id(), "command": " ".join(map(os.path.basename, sys.argv[:3]))}
    )
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, owner.encode(), 0)
    except OSError as error:
        os.close(fd)
        raise StorageFull(f"{path}: {error.strerror}; make room and give the same command again") from error
    return fd


class FolderStore:
    """Store on a folder. `readonly=True` takes no lock and writes nothing."""

    def __init__(self, folder: Path | str, *, readonly: bool = False) -> None:
        self._folder = Path(folder)
        self.readonly = readonly
        self._fd: int | None = None
        if readonly:
            if not self._folder.is_dir():
                raise RunFolderError(f"{self._folder} is no run folder; expected the folder that `mintmark run` wrote")
        else:
            try:
                (self._folder / "rows").mkdir(parents=True, exist_ok=True)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise StorageFull(f"{self._folder}: {error.strerror}; make room and give the same command again") from error
                raise RunFolderError(
                    f"{self._folder} cannot be made ({error.strerror}); choose another folder with --out or mend its rights"
                ) from error
            self._fd = lock(self._folder)
        self._journal: Journal | None = None
        try:
            if not readonly:
                self._sweep()
                self._journal = Journal(self._folder / "journal.sqlite")
        except BaseException:
            self.close()
            raise

    def _sweep(self) -> None:
        """Temporary files of a run that was killed: never read, taken away."""
        for path in [
            *self._folder.glob(".*.tmp*"),
            *self._folder.glob("*.tmp"),
            *(self._folder / "rows").glob(".*"),
            *(self._folder / "learned").glob(".*"),
        ]:
            path.unlink(missing_ok=True)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def notice(self) -> str:
        return self._journal.notice if self._journal else ""

    @property
    def journal(self) -> Journal:
        if self._journal is None:
            path = self._folder / "journal.sqlite"
            if not path.exists():
                raise RunFolderError(f"{self._folder} holds no journal.sqlite; expected the folder that `mintmark run` wrote")
            self._journal = Journal(path, readonly=True)
        return self._journal

    def append(self, answers: Sequence[Answer]) -> list[int]:
        if not self._folder.exists():
            raise StorageFull(f"{self._folder} was removed while the run went on; answers cannot be kept")
        return self.journal.append(answers)

    def keys(self) -> Iterator[tuple[bytes, int]]:
        return self.journal.keys()

    def get(self, number: int) -> Answer:
        return self.journal.get(number)

    def answers(self, row: str | None = None, port: str | None = None) -> Iterator[Answer]:
        return self.journal.answers(row, port)

    def totals(self) -> dict[str, float]:
        return self.journal.totals()

    def put_part(self, name: str, records: Sequence[Record]) -> None:
        from .parts import write_part

        with atomic_write(self._folder / "rows" / f"{name}.parquet") as file:
            write_part(file, records)

    def parts(self) -> list[str]:
        return sorted(p.stem for p in (self._folder / "rows").glob("s*.parquet"))

    def scan_part(self, name: str, columns: Sequence[str] | None = None) -> list[Record]:
        from .parts import read_part

        path = self._folder / "rows" / f"{name}.parquet"
        try:
            return read_part(path, columns)
        except Exception as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise RunFolderError(
                f"{path} cannot be read ({type(error).__name__}); remove it: its rows are made again from the journal"
            ) from error

    def drop_part(self, name: str) -> None:
        (self._folder / "rows" / f"{name}.parquet").unlink(missing_ok=True)

    def put_table(self, name: str, rows: Callable[[], Iterator[Mapping[str, Any]]], about: Mapping[str, str] | None = None) -> None:
        from .parts import write_rows

        with atomic_write(self._folder / name) as file:
            write_rows(file, rows, about=about)

    def put_file(self, name: str, data: bytes | Iterable[bytes]) -> None:
        make_folder((self._folder / name).parent)
        with atomic_write(self._folder / name) as file:
            for chunk in (data,) if isinstance(data, bytes) else data:
                file.write(chunk)

    def get_file(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
