"""Columns of two tables that mean the same and are written differently: numbers as text, 0/1 for true/false, 3.0 for '3'.

    align({"age": ["31", "n/a"]}, [{"age": [30, 41]}])  ->  age = [31.0, None], and the note "age: numbers, read from text; 1 of 2 synthetic cells
    is no number (such as 'n/a') and counts as missing"

The real table says what a column holds. A column that is numbers there and mostly words here is compared as words. Cells that are lists or objects
stay as they are. Not covered: dates in other orders (23/07/2020), units, decimal commas; the notes tell what to mend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .cells import level

Columns = dict[str, list[Any]]
MOSTLY = 0.5
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def align(own: Mapping[str, Sequence[Any]], others: Sequence[Mapping[str, Sequence[Any]]]) -> tuple[list[Columns], list[str]]:
    """([own, *others] with shared columns alike, notes in words). The first of `others` is the real table."""
    tables = [{c: list(v) for c, v in t.items()} for t in (own, *others)]
    notes: list[str] = []
    if not others:
        return tables, notes
    for name in [c for c in tables[0] if c in tables[1]]:
        kinds = {_type(t[name]) for t in tables if name in t} - {"empty"}
        if len(kinds) > 1:
            notes.append(f"{name}: {_mend(name, tables)}")
    for side, other in ((0, 1), (1, 0)):
        empty = [c for c in tables[side] if c in tables[other] and tables[side][c] and _type(tables[side][c]) == "empty"]
        if empty:
            notes.append(f"no cell is filled in the {('synthetic', 'real')[side]} table's {_listed(empty)}")
    return tables, notes


def _mend(name: str, tables: list[Columns]) -> str:
    real = _type(tables[1][name])
    sides = [t[name] for t in tables if name in t]
    if real != "number" and _type(sides[0]) == "number" and _readable(sides[1]) > 0.9:
        real = "number"  # one odd cell has made text of a real column of numbers
    if real == "bool" and all(_truth(c) is not None for cells in sides for c in cells if c is not None):
        for cells in sides:
            cells[:] = [None if c is None else _truth(c) for c in cells]
        return "true or false, read from 0/1 or words"
    if real == "number" and min(map(_readable, sides)) > MOSTLY:
        told = []
        for who, cells in zip(("synthetic", "real", "held-out"), sides):
            bad = [c for c in cells if c is not None and _number(c) is None]
            if bad:
                one = len(bad) == 1
                told.append(
                    f"; {len(bad):,} of {len(cells):,} {who} cells {'is' if one else 'are'} no number (such as {str(bad[0])[:40]!r}) "
                    f"and count{'s' * one} as missing"
                )
            cells[:] = [None if c is None else _number(c) for c in cells]
        return f"numbers, read from text{''.join(told)}"
    words = {"number": "numbers", "bool": "true or false", "text": "text", "other": "lists or objects"}
    found = [words[_type(cells)] if _type(cells) != "empty" else "nothing" for cells in sides[:2]]
    for cells in sides:
        cells[:] = [c if isinstance(c, (list, dict)) else level(c) for c in cells]
    odd = next((str(c)[:40] for c in sides[0] if c is not None), "")
    return f"{found[1]} in the real table and {found[0]} in the synthetic one (such as {odd!r}): compared as text"


def _type(cells: Sequence[Any]) -> str:
    kinds = {type(c) for c in cells if c is not None}
    if not kinds:
        return "empty"
    if kinds == {bool}:
        return "bool"
    if kinds <= {int, float}:
        return "number"
    return "other" if kinds & {list, dict} else "text"


def _number(cell: Any) -> float | int | None:
    if isinstance(cell, (int, float)):
        return cell
    try:
        return float(cell) if isinstance(cell, str) and "_" not in cell else None
    except ValueError:
        return None


def _readable(cells: Sequence[Any]) -> float:
    filled = [c for c in cells if c is not None]
    return sum(_number(c) is not None for c in filled) / len(filled) if filled else 1.0


def _truth(cell: Any) -> bool | None:
    return _TRUTH.get((level(cell) or "").lower())


def _listed(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
