"""Looks at an SQLite write-ahead log before SQLite does, so that a damaged one is never shortened in silence.

SQLite recovers by stopping at the first frame whose checksum is wrong; what stands behind it is dropped without a word. For a torn
tail (the last commit was under way when the power went) that is right. Where whole commits stand behind the bad frame, paid answers
would vanish: then the journal is refused and the offset named. Format: sqlite.org/fileformat2.html, section 4.

Does not look into the database file itself: there every answer carries its own checksum (see journal.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """good: whether every frame is whole. middle: offset of damage with whole commits behind it. torn: bytes of an unfinished tail."""

    torn: int = 0
    middle: int | None = None


def _sum(data: bytes, order: str, a: int, b: int) -> tuple[int, int]:
    for x, y in struct.iter_unpack(order + "II", data):
        a = (a + x + b) & 0xFFFFFFFF
        b = (b + y + a) & 0xFFFFFFFF
    return a, b


def inspect(path: Path) -> Finding:
    """What the log at `path` would lose when SQLite opens it."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return Finding()
    if size <= 32:
        return Finding()
    with path.open("rb") as f:
        head = f.read(32)
        magic, _, page, _, salt1, salt2, c1, c2 = struct.unpack(">8I", head)
        order = ">" if magic & 1 else "<"
        whole = magic & ~1 == 0x377F0682 and page and _sum(head[:24], order, 0, 0) == (c1, c2)
        if not whole:
            return Finding(middle=0)
        good_end, bad_at, behind = 32, None, 0
        a, b = c1, c2
        pending_bad = False
        for offset, frame in _frames(f, page):
            f1, commit, s1, s2, k1, k2 = struct.unpack(">6I", frame[:24])
            if (s1, s2) != (salt1, salt2):
                if bad_at is None and not _later_of_this_log(f, page, offset, salt1, salt2):
                    break  # frames of an older log: this one ends here
                bad_at = offset if bad_at is None else bad_at
                pending_bad = True
                a, b = k1, k2
                continue
            a, b = _sum(frame[24:], order, *_sum(frame[:8], order, a, b))
            if (a, b) != (k1, k2):
                bad_at = offset if bad_at is None else bad_at
                pending_bad = True
                a, b = k1, k2  # if only the page was hit, the chain goes on from the sum that stands there
                continue
            if bad_at is None:
                if commit:
                    good_end = offset + len(frame)
            elif commit:
                # the first commit mark behind the damage may close the damaged commit itself; a second one cannot
                behind += 1
                if not pending_bad or behind > 1:
                    return Finding(middle=bad_at)
                pending_bad = False
        return Finding(torn=max(0, size - good_end) if bad_at is not None or good_end < size else 0)


def _frames(f, page: int) -> Iterator[tuple[int, bytes]]:  # type: ignore[no-untyped-def]
    step, offset = page + 24, 32
    while True:
        f.seek(offset)
        frame = f.read(step)
        if len(frame) < step:
            return
        yield offset, frame
        offset += step


def _later_of_this_log(f, page: int, offset: int, salt1: int, salt2: int) -> bool:  # type: ignore[no-untyped-def]
    """Whether one of the next two frames belongs to this log (then this frame's salt is damaged, not old)."""
    step = page + 24
    for k in (1, 2):
        f.seek(offset + k * step)
        head = f.read(24)
        if len(head) == 24 and struct.unpack(">II", head[8:16]) == (salt1, salt2):
            return True
    return False
