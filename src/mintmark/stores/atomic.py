"""Files that are there whole or not at all: written beside their name, synced, renamed, and the folder synced.

Raises StorageFull where there is no space (or the device fails), RunFolderError where the folder may not be written. The temporary file is
taken away on any error; a killed process leaves one behind, hidden and ending in .tmp, which the next run sweeps.

In a folder that only its owner may enter (0700: that of a run with a private table) files are for the owner alone too (0600), and folders.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from ..core.errors import MintmarkError, RunFolderError, StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.EFBIG)


_OWNER_ONLY = ContextVar("owner_only", default=False)


def is_private(folder: Path) -> bool:
    """Whether only its owner may enter."""
    try:
        return not folder.stat().st_mode & 0o077
    except OSError:
        return False


@contextlib.contextmanager
def owner_only(yes: bool = True) -> Iterator[None]:
    """What is written inside this block is for its owner alone, wherever it goes."""
    token = _OWNER_ONLY.set(yes or _OWNER_ONLY.get())
    try:
        yield
    finally:
        _OWNER_ONLY.reset(token)


def make_folder(path: Path) -> None:
    """The folder and what lacks above it; in a private one private too."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o700 if _OWNER_ONLY.get() or is_private(path.parent) else 0o777, exist_ok=True)


def keep_private(folder: Path) -> None:
    """Closes a folder and all that is in it to everybody but the owner; links stay as they are. RunFolderError where that cannot be done."""
    try:
        folder.chmod(0o700)
        for above, folders, files in os.walk(folder):
            for name, mode in (*((n, 0o700) for n in folders), *((n, 0o600) for n in files)):
                place = Path(above, name)
                if not place.is_symlink() and place.stat().st_mode & 0o077:
                    place.chmod(mode)
    except OSError as error:
        raise RunFolderError(
            f"{folder} holds private rows and cannot be closed to others ({error.strerror}); choose another folder with --out"
        ) from error


def storage_error(error: OSError, path: Path) -> MintmarkError:
    """The typed error for an OSError while writing `path`."""
    if error.errno in FULL:
        return StorageFull(f"{path}: {error.strerror}; make room and give the same command again")
    return RunFolderError(f"{path} cannot be written ({error.strerror}); choose another place or mend its rights")


@contextlib.contextmanager
def atomic_write(path: Path | str, sync: bool = True) -> Iterator[BinaryIO]:
    """A binary file (seekable) that takes the place of `path` when the block ends without an error."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    mode = 0o600 if _OWNER_ONLY.get() or is_private(target.parent) else 0o666
    try:
        with open(temporary, "w+b", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.replace(temporary, target)
        if sync:
            sync_folder(target.parent)
    except OSError as error:
        raise storage_error(error, target) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the rename itself is still atomic
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
