"""What ops that ask for a row's label have in common: which columns are shown, and which labels there are to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.errors import RecipeError
from ..core.op import Scene
from ..core.ports import Table

MOST_LABELS = 300


def shown_columns(shown: list[str] | None, names: Iterable[str], label: str | None) -> list[str]:
    """Those given; else `text` where there is one; else all but the label."""
    if shown is not None:
        return shown
    others = sorted(n for n in names if n != label)
    return ["text"] if "text" in others else others


def check_shown(scene: Scene, shown: list[str] | None, label: str | None) -> None:
    found = shown_columns(shown, scene.columns, label)
    if label in found:
        raise RecipeError(f"{scene.where}: shown holds the label '{label}' itself; who is asked for it must not see it")
    if not found:
        raise RecipeError(f"{scene.where}: there is no column besides '{label}' to judge it by")


def label_tables(given: list[Any] | str | None) -> tuple[str, ...]:
    """What `reads_tables` says of an op that calls known_labels."""
    return () if isinstance(given, list) else ("*",) if given is None else (given.partition(".")[0],)


def known_labels(given: list[Any] | str | None, tables: Mapping[str, Table], column: str | None) -> list[str]:
    """As texts: the list; the values of table.column; else those of the first table (by name) with such a column of at most 300 labels, each
    held by two rows on average. A private table is looked at only where it is named, a holdout never. [] where nothing is known."""
    if isinstance(given, list):
        return [str(x) for x in given]
    if isinstance(given, str):
        name, _, cells = given.partition(".")
        return _distinct(tables[name].column(cells))
    for name in sorted(tables):
        table = tables[name]
        if column is not None and column in table.columns and not table.private and name != "holdout":
            found = _distinct(table.column(column))
            if 2 <= len(found) <= min(MOST_LABELS, max(2, len(table) // 2)):
                return found
    return []


def _distinct(cells: Iterable[Any]) -> list[str]:
    return sorted({str(c) for c in cells if c is not None})
