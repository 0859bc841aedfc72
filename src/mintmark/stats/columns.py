"""Columns of a table as a generator needs them: kind, numbers behind dates, the grain of each value, and the way back.

Kinds are those of stats/features.py. A date becomes days (or seconds, where times of day stand there) and goes back in the form it came in.
Grain: the step a value was rounded to: 1500 -> 100, 12.50 -> 0.1, 7 -> 1; what is drawn between two values is rounded to it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .features import kind_of


@dataclass(frozen=True)
class Column:
    """values: floats with NaN (numbers, dates) or level codes with -1 (categories). levels: of a category, by code."""

    name: str
    kind: str
    values: Any
    levels: tuple[Any, ...] = ()
    whole: bool = False
    form: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "date")


def encode(name: str, cells: Sequence[Any], kind: str | None = None) -> Column:
    """A column of Python values (None = missing) as arrays. Columns that are no number, date or category keep their cells."""
    import numpy as np

    kind = kind or kind_of(cells)
    if kind == "number":
        values = np.asarray([float(c) if isinstance(c, (int, float)) else np.nan for c in cells])
        return Column(name, kind, values, whole=all(isinstance(c, int) for c in cells if c is not None))
    if kind == "date":
        form = _form(next(c for c in cells if c is not None))
        return Column(name, kind, np.asarray([_stamp(c, form) for c in cells]), whole=True, form=form)
    if kind in ("category", "constant"):
        levels = tuple(sorted({c for c in cells if c is not None}, key=lambda v: (type(v).__name__, v)))
        codes = {level: i for i, level in enumerate(levels)}
        return Column(name, "category", np.asarray([-1 if c is None else codes[c] for c in cells]), levels)
    return Column(name, kind, None, tuple(cells))


def decode(column: Column, values: Any) -> list[Any]:
    import math

    if column.kind == "category":
        return [None if v < 0 else column.levels[int(v)] for v in values]
    if column.kind == "date":
        return [None if math.isnan(v) else _date(v, column.form) for v in values]
    if column.whole:
        return [None if math.isnan(v) else round(v) for v in values]
    return [None if math.isnan(v) else float(v) for v in values]


def grain(values: Any) -> Any:
    """The rounding step of each value, from its shortest decimal form; NaN where there is no value."""
    import numpy as np

    out = np.full(len(values), np.nan)
    known: dict[float, float] = {}
    for i, v in enumerate(values):
        if v != v:
            continue
        step = known.get(v)
        if step is None:
            step = known[v] = _grain(v)
        out[i] = step
    return out


def _grain(v: float) -> float:
    if v == 0:
        return 1.0
    if float(v).is_integer() and abs(v) < 1e15:
        step, whole = 1, int(abs(v))
        while whole % (step * 10) == 0:
            step *= 10
        return float(step)
    text = repr(float(v))
    if "e" in text:
        return 0.0
    return 10.0 ** -len(text.split(".")[1])


def _form(cell: Any) -> str:
    if isinstance(cell, datetime.datetime):
        return "datetime"
    if isinstance(cell, datetime.date):
        return "date"
    text = str(cell)
    if len(text) == 10:
        return "text"
    return "text " + text[10] + ("seconds" if text.count(":") >= 2 else "minutes") + ("Z" if text.endswith("Z") else "")


def _stamp(cell: Any, form: str) -> float:
    if cell is None:
        return float("nan")
    try:
        value = datetime.datetime.fromisoformat(cell) if isinstance(cell, str) else cell
    except ValueError:
        return float("nan")
    if form in ("date", "text"):
        return float(value.toordinal())
    return value.replace(tzinfo=datetime.UTC).timestamp()


def _date(v: float, form: str) -> Any:
    if form in ("date", "text"):
        day = datetime.date.fromordinal(min(max(1, round(v)), datetime.date.max.toordinal()))
        return day if form == "date" else day.isoformat()
    moment = datetime.datetime.fromtimestamp(round(v), datetime.UTC).replace(tzinfo=None)
    if form == "datetime":
        return moment
    text = moment.isoformat(sep=form[5], timespec="seconds" if "seconds" in form else "minutes")
    return text + ("Z" if form.endswith("Z") else "")
