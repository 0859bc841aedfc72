"""Whether two results of queries are the same: rows as a bag, or in order; NULL is NULL, types count, floats to within a share of their size.

    same_rows(pack([[1, 0.3], [2, None]]), pack([[2, None], [1, 0.1 + 0.2]]), ordered=False, tolerance=1e-9)  ->  True

Both are packed (core/plain.py): lists of lists of cells, by position, whatever the columns are called. What is found comes out of a box and is believed nothing.
Duplicates count. exact=False: numbers as Python's == sees them. Not covered: columns in another order; rows that ORDER BY leaves tied.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from .plain import canonical

_Keyed = tuple[str, tuple[float, ...]]  # what is compared to the letter, and the numbers in it
MOST_TRIED = 200  # rows that differ in floats alone and stand near: among so many a partner is looked for


def same_rows(expected: Any, found: Any, ordered: bool, exact: bool = True, tolerance: float = 0.0) -> bool:
    try:
        ours, theirs = ([_keyed(row, exact) for row in _rows(side)] for side in (expected, found))
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError):  # a found value that is none
        return False
    if len(ours) != len(theirs):
        return False
    if ordered:
        return all(_near(a, b, tolerance) for a, b in zip(ours, theirs, strict=True))
    groups = ({shape: list(rows) for shape, rows in groupby(sorted(side), key=lambda row: row[0])} for side in (ours, theirs))
    mine, other = groups
    return mine.keys() == other.keys() and all(_paired(mine[shape], other[shape], tolerance) for shape in mine)


def _rows(packed: Any) -> list[Any]:
    if type(packed) is not list or packed[0] != "l" or any(type(row) is not list or row[0] != "l" for row in packed[1:]):
        raise ValueError("no rows")
    return packed[1:]


def _keyed(row: Any, exact: bool) -> _Keyed:
    numbers: list[float] = []
    shape = canonical(_without(row, exact, numbers), exact)
    return shape, tuple(numbers)


def _without(packed: Any, exact: bool, numbers: list[float]) -> Any:
    """The value with a mark for every number that is compared as one; those are taken out."""
    if type(packed) is list:
        return [packed[0], *(_without(p, exact, numbers) if packed[0] not in ("i", "x", "b") else p for p in packed[1:])]
    if type(packed) is float or (not exact and type(packed) in (int, bool)):
        numbers.append(packed)
        return ["x", "number"]
    return packed


def _near(a: _Keyed, b: _Keyed, tolerance: float) -> bool:
    return a[0] == b[0] and all(x == y or math.isclose(x, y, rel_tol=tolerance) for x, y in zip(a[1], b[1], strict=True))


def _paired(ours: list[_Keyed], theirs: list[_Keyed], tolerance: float) -> bool:
    """Each with one of its own; both sorted, of one shape."""
    if len(ours) != len(theirs):
        return False
    for row in ours:
        at = next((i for i, other in enumerate(theirs[:MOST_TRIED]) if _near(row, other, tolerance)), None)
        if at is None:
            return False
        del theirs[at]
    return True
