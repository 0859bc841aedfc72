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

from .structured import NotJSON, Schema, values_in

MOST_ROWS = 10_000
_ANY: dict[str, Any] = {}


def rows_in_json(text: str) -> list[Any]:
    """The items of the first array; of {"rows": [...]} too; of JSON lines; of an array that is cut."""
    try:
        value = Schema(_ANY).read(text)
        if isinstance(value, dict) and len(value) == 1 and isinstance(inner := next(iter(value.values())), list):
            value = inner
        if isinstance(value, list):
            return value[:MOST_ROWS]
        spans = values_in(text)[0]
    except NotJSON:
        try:
            spans = values_in(text[text.find("[") + 1 :])[0]
        except NotJSON:
            return []
    out = []
    for span in spans[:MOST_ROWS]:
        try:
            out.append(Schema(_ANY).read(span))
        except ValueError:
            out.append(span)
    return out


def rows_in_csv(text: str, header: Sequence[str]) -> list[Any]:
    """A row for each line with as many cells as the header; from the first such line on, other lines as they stand."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("```")]
    mark = max(",;\t|", key=lambda d: sum(len(cells) == len(header) for cells in _cells(lines[:200], d)) if len(header) > 1 else d == ",")
    names = list(header)
    out: list[Any] = []
    for cells in _cells(lines, mark)[:MOST_ROWS]:
        folded = [_fold(c) for c in cells]
        if sorted(folded) == sorted(map(_fold, header)):
            names = [next(n for n in header if _fold(n) == f) for f in folded]
        elif len(cells) == len(names) and not all(re.fullmatch(r"\s*:?-*:?\s*", c) and c.strip() for c in cells):
            out.append(dict(zip(names, cells, strict=True)))
        elif out and any(c.strip() for c in cells) and not all(set(c.strip()) <= set("-: ") for c in cells):
            out.append(mark.join(cells))
    return out


def csv_line(cells: Sequence[Any]) -> str:
    """One line, quoted where it must be; a missing cell is empty."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if c is None else c for c in cells])
    return out.getvalue()


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _cells(lines: Sequence[str], mark: str) -> list[list[str]]:
    """The lines' cells; a quote that is never closed costs its own line only."""
    out = []
    for line in lines:
        bare = line.strip().strip("|") if mark == "|" else line
        try:
            found = next(csv.reader([bare], delimiter=mark, skipinitialspace=True, strict=True), [])
        except csv.Error:
            found = [bare]
        out.append([c.strip() for c in found])
    return out
