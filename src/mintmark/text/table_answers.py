"""Rows of a table out of a model's answer, as JSON or as CSV; what is broken comes out as it stands, so that nothing vanishes unseen.

    rows_in_json('Here: [{"a": 1}, {"a": 2}, {"a"')  ->  [{"a": 1}, {"a": 2}]      an answer that is cut keeps the rows before the cut
    rows_in_csv("a,b\\n1,2\\n3\\n", ("a", "b"))       ->  [{"a": "1", "b": "2"}, "3"]

An item that is no row (a text, a list, a line with another number of cells) is given back as text or list, to be told as `not_a_row`.
Not covered: nested rows, columns in another order than the header (CSV without a header is read in the order given).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from .structured import MOST_CHARACTERS, NotJSON, Schema, values_in
from .table_schema import fold

MOST_ROWS, MOST_LINES = 10_000, 10
_ANY: dict[str, Any] = {}


def rows_in_json(text: str, header: Sequence[str] = ()) -> list[Any]:
    """The rows in all arrays and objects of the answer, however they are wrapped: {"rows": [...]}, JSON lines, several arrays, an array that is cut."""
    values: list[Any] = []
    at = 0
    try:
        spans, cut = values_in(text[: MOST_CHARACTERS + 1]) if len(text) <= MOST_CHARACTERS else ([], False)
    except NotJSON:
        return []
    for span in spans:
        at = text.find(span, at) + len(span)
        values += _read(span)
    if cut and (opened := text.find("[", at)) >= 0:
        try:
            values += [v for span in values_in(text[opened + 1 :])[0] for v in _read(span)]
        except NotJSON:
            pass
    known = {fold(n) for n in header}
    found = [_rows(v, known) for v in values]
    if any(isinstance(r, dict) for rows in found for r in rows):  # then [or less] in what is said beside them is no row
        found = [rows for rows, v in zip(found, values, strict=True) if not isinstance(v, list) or any(isinstance(r, dict) for r in rows)]
    return [row for rows in found for row in rows][:MOST_ROWS]


def _read(span: str) -> list[Any]:
    """The value that a span is; of a broken array each of its items, the broken ones as they stand."""
    try:
        return [Schema(_ANY).read(span)]
    except ValueError:
        try:
            inner = values_in(span[1:-1])[0] if span.startswith("[") else []
        except NotJSON:
            inner = []
        return [v for item in inner for v in _read(item)] or [span]


def _rows(value: Any, known: set[str]) -> list[Any]:
    if isinstance(value, list):
        return [row for item in value for row in (_rows(item, known) if isinstance(item, (dict, list)) and _holds(item) else [item])]
    if not isinstance(value, dict):
        return [value]
    inner = [row for v in value.values() if isinstance(v, (dict, list)) and _holds(v) for row in _rows(v, known)]
    if inner and not {fold(k) for k in value} & known - {fold(k) for row in inner if isinstance(row, dict) for k in row}:
        return inner
    only = next(iter(value.values()), None)
    return only if len(value) == 1 and isinstance(only, list) else [value]


def _holds(value: Any) -> bool:
    """Whether it is, or has in it, an object."""
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_holds, value)))


def rows_in_csv(text: str, header: Sequence[str]) -> list[Any]:
    """A row for each line with as many cells as the header; from the first such line on, other lines as they stand. Columns that the answer's
    own header has beside those asked for are left out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("```")]
    mark = max(",;\t|", key=lambda d: sum(len(cells) == len(header) for cells in _cells(lines[:200], d)) if len(header) > 1 else d == ",")
    names = list(header)
    out: list[Any] = []
    for cells in _cells(lines, mark)[:MOST_ROWS]:
        folded = [fold(c) for c in cells]
        if set(folded) >= set(map(fold, header)):
            names = [next((n for n in header if fold(n) == f), "") for f in folded]
        elif len(cells) == len(names) and not all(re.fullmatch(r"\s*:?-*:?\s*", c) and c.strip() for c in cells):
            out.append({n: c for n, c in zip(names, cells, strict=True) if n})
        elif out and any(c.strip() for c in cells) and not all(set(c.strip()) <= set("-: ") for c in cells):
            out.append(mark.join(cells))
    return out


def csv_line(cells: Sequence[Any]) -> str:
    """One line, quoted where it must be; a missing cell is empty."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if c is None else c for c in cells])
    return out.getvalue()


def _cells(lines: Sequence[str], mark: str) -> list[list[str]]:
    """The lines' cells; a quoted cell may go over some lines, and a quote that is never closed costs its own line only."""
    out = []
    left = [line.strip().strip("|") if mark == "|" else line for line in lines]
    at = 0
    while at < len(left):
        for many in range(1, min(MOST_LINES, len(left) - at) + 1) if '"' in left[at] else (1,):
            try:
                found = next(csv.reader(["\n".join(left[at : at + many])], delimiter=mark, skipinitialspace=True, strict=True), [])
                break
            except csv.Error:
                continue
        else:
            many, found = 1, [left[at]]
        at += many
        out.append([c.strip() for c in found])
    return out
