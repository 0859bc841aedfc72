"""Files that are there whole or not at all: written beside their name, synced, renamed, and the folder synced.

Raises StorageFull where there is no space (or the device fails), RunFolderError where the folder may not be written. The temporary file is
taken away on any error; a killed process leaves one behind, hidden and ending in .tmp, which the next run sweeps.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..core.errors import MintmarkError, RunFolderError, StorageFull

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.EFBIG)


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
    try:
        with open(temporary, "w+b") as file:
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
