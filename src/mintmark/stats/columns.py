"""Columns of a table as a generator needs them: kind, arrays of numbers or codes, the grain of each value, and the way back.

Kinds are those of stats/features.py; what is no plain number, day or category is taken apart before (stats/parts.py). A day becomes its ordinal.
Grain: the step a value was rounded to: 1500 -> 100, 12.50 -> 0.1, 7 -> 1; what is drawn between two values is rounded to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .features import kind_of

LARGEST = 1e30


@dataclass(frozen=True)
class Column:
    """values: floats with NaN (number, date) or level codes with -1 (category). levels: of a category, by code. governed: which cells are
    missing is drawn elsewhere, so that this column's own draw has none."""

    name: str
    kind: str
    values: Any
    levels: tuple[Any, ...] = ()
    whole: bool = False
    governed: bool = False

    @cached_property
    def codes(self) -> dict[Any, int]:
        return {(type(level) is bool, level): i for i, level in enumerate(self.levels)}

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "date")


def encode(name: str, cells: Sequence[Any], kind: str | None = None) -> Column:
    """A column of Python values (None = missing) as an array. kind: number, date or category; what kind_of says where it is not given."""
    kind = kind or kind_of(cells)
    if kind in ("number", "date"):
        whole = kind == "date" or all(isinstance(c, int) for c in cells if c is not None)
        return Column(name, kind, codes_of(Column(name, kind, None), cells), whole=whole)
    try:
        distinct = {(type(c) is bool, c): c for c in cells if c is not None}
        levels = tuple(sorted(distinct.values(), key=lambda v: (type(v).__name__, v)))
    except TypeError as error:
        raise ValueError(f"'{name}' holds lists or mappings; leave it out (columns:)") from error
    return Column(name, "category", codes_of(Column(name, "category", None, levels), cells), levels)


def codes_of(column: Column, cells: Sequence[Any]) -> Any:
    """Other cells of the same column, as its array; an unknown level counts as missing, as does a number that is infinite or beyond LARGEST."""
    import numpy as np

    if column.kind == "number":
        return np.asarray([float(c) if isinstance(c, (int, float)) and -LARGEST < c < LARGEST else np.nan for c in cells], float)
    if column.kind == "date":
        return np.asarray([np.nan if c is None else float(c.toordinal()) for c in cells], float)
    codes = column.codes
    return np.asarray([-1 if c is None else codes.get((type(c) is bool, c), -1) for c in cells], int)


def decode(column: Column, values: Any) -> list[Any]:
    import math

    if column.kind == "category":
        return [None if v < 0 else column.levels[v] for v in values.tolist()]
    if column.kind == "date":
        last = datetime.date.max.toordinal()
        return [None if math.isnan(v) else datetime.date.fromordinal(min(max(1, round(v)), last)) for v in values.tolist()]
    if column.whole:
        return [None if math.isnan(v) else round(v) for v in values.tolist()]
    return [None if math.isnan(v) else v for v in values.tolist()]


def grain(values: Any) -> Any:
    """The rounding step of each value, from its shortest decimal form; NaN where there is no value."""
    import numpy as np

    distinct, back = np.unique(values, return_inverse=True)
    return np.asarray([np.nan if v != v else _grain(v) for v in distinct.tolist()], float)[back]


def _grain(v: float) -> float:
    if v == 0:
        return 1.0
    if v.is_integer() and abs(v) < 1e15:
        step, whole = 1, int(abs(v))
        while whole % (step * 10) == 0:
            step *= 10
        return float(step)
    text = repr(v)
    return 0.0 if "e" in text else 10.0 ** -len(text.split(".")[1])
