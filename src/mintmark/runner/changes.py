"""A few examples of what each step changed: a column's value before and after, for the report.

A step is looked at until three examples are found, or 500 rows have shown none: most steps only add columns, and a run of millions must not pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST_EXAMPLES, MOST_LOOKS, MOST_CHARACTERS = 3, 500, 400


class Changes:
    """found: label -> [{id, column, before, after}]. silent: steps whose changes must not be shown; with private tables that is every step."""

    def __init__(self, silent: Iterable[str] = ()) -> None:
        self.found: dict[str, list[dict[str, Any]]] = {}
        self._looks: dict[str, int] = dict.fromkeys(silent, MOST_LOOKS)

    def look(self, label: str, row: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        looks = self._looks.get(label, 0)
        if looks >= MOST_LOOKS:
            return
        self._looks[label] = looks + 1
        for column, value in before.items():
            now = after.get(column, value)
            if now is not value and now != value:
                found = self.found.setdefault(label, [])
                found.append({"id": row, "column": column, "before": _short(value), "after": _short(now)})
                if len(found) >= MOST_EXAMPLES:
                    self._looks[label] = MOST_LOOKS
                return


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " ..."
