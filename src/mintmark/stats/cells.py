"""Cells of tables as metrics need them: names of classes, floats, and what a learner can take. None = missing; NaN and infinities count as such.

level(1.0) = level(1) = level("1") = "1"; numbers(["2024-01-02"], "date") = [19724.0]
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

LARGEST = 1e100  # 1e308 and the like stand for "missing" somewhere; squares of larger ones overflow


def level(cell: Any) -> str | None:
    """A cell as the name of a class: 1, 1.0 and '1' are one level, None and NaN are none."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def is_number(cell: Any) -> bool:
    """A finite number, and no boolean."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) < float("inf")


def finite(cells: Sequence[Any]) -> Sequence[Any]:
    """The cells with None for what no learner takes as a number: NaN, infinities, numbers whose squares a float cannot hold."""
    return cells if all(map(_usable, cells)) else [c if _usable(c) else None for c in cells]


def _usable(cell: Any) -> bool:
    return not isinstance(cell, (int, float)) or abs(_number(cell)) < LARGEST


def numbers(cells: Sequence[Any], kind: str = "number") -> Any:
    """Cells of a number or date column as floats, dates as days since 1970; what is no number (no date), or not finite, is NaN."""
    import numpy as np

    read = _days if kind == "date" else _number
    out = np.asarray([read(c) for c in cells], float)
    out[~np.isfinite(out)] = np.nan
    return out


def encoded(
    columns: Mapping[str, Sequence[Any]], rows: Sequence[int], kinds: Mapping[str, str], levels: dict[str, dict[Any, int]]
) -> dict[str, Any]:
    """These rows as arrays: floats of numbers and dates, codes of categories. levels: level -> code of each column, added to as levels are met, so
    that tables encoded with one of it have the same codes."""
    import numpy as np

    out: dict[str, Any] = {}
    for name, kind in kinds.items():
        cells, codes = [columns[name][i] for i in rows], levels.setdefault(name, {})
        out[name] = numbers(cells, kind) if kind != "category" else np.asarray([codes.setdefault(level(v), len(codes)) for v in cells])
    return out


def _number(cell: Any) -> float:
    try:
        return float(cell) if isinstance(cell, (int, float)) else math.nan
    except OverflowError:
        return math.nan


def _days(cell: Any) -> float:
    if isinstance(cell, str):
        try:
            cell = datetime.datetime.fromisoformat(cell)
        except ValueError:
            return math.nan
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=cell.tzinfo or datetime.UTC).timestamp() / 86_400
    return float(cell.toordinal() - 719_163) if isinstance(cell, datetime.date) else math.nan
