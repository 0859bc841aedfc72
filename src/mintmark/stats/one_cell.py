"""A cell as it stands, whatever type its column was read as: what private rows are told apart by under differential privacy.

    plain("41"), plain(41), plain(41.0), plain("1,5"), plain(True), plain("")  ->  "41", "41", "41", "1.5", "true", None

A column's type hangs on all its cells: one "n/a" turns a CSV column of numbers into text, one 2.5 turns 1 into 1.0, and decimal commas are points only
where nothing else stands in the column. Where a column's cells are read by
their type, one person's cell so changes how everybody's are read, and no sensitivity holds. `plain` and `number` look at one cell alone and give
the same for every type that the cell can come in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b
from typing import Any

_NUMBER = re.compile(
    r"-?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?\Z"
)  # what stores/tables.py may read as one; 007 is text
_COMMA = re.compile(r"-?(0|[1-9][0-9]*),[0-9]+\Z")  # the same of a file with semicolons


def number(cell: Any) -> float | None:
    """The cell as a number, infinite where it is too large; None where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal, str)):
        return None
    if isinstance(cell, str):
        cell = cell.replace(",", ".") if _COMMA.match(cell) else cell
        if not _NUMBER.match(cell):
            return None
    try:
        found = float(cell) + 0.0  # -0.0 is 0.0
    except OverflowError:
        found = -math.inf if isinstance(cell, int) and cell < 0 else math.inf
    return None if math.isnan(found) else found


def plain(cell: Any) -> str | None:
    """The cell as text; None where it is missing."""
    found = number(cell)
    if found is not None:
        return repr(found).removesuffix(".0")
    if cell is None or cell == "" or isinstance(cell, (float, Decimal)):
        return None
    text = str(cell)
    return text.lower() if text.lower() in ("true", "false") else text


def contents(columns: Iterable[Iterable[Any]]) -> str:
    """A hash of what rows hold: the same for any order of rows and columns, names of columns, file format and type of a cell. Rows whose cells stand in
    other columns may be taken for the same: who keeps an account by it charges too much then, never too little."""
    rows = sorted(
        blake2b(
            repr(sorted(text for cell in row if (text := plain(cell)) is not None)).encode("utf-8", "backslashreplace"), digest_size=16
        ).digest()
        for row in zip(*columns, strict=True)
    )
    return blake2b(b"".join(rows), digest_size=16).hexdigest()
