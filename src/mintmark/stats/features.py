"""What kind of column is this, and which learner fits a table: shared by learners, metrics and the synthesizer.

kinds: number (int or float), category (few distinct values, or booleans), date (ISO dates or datetime objects), text (words, mostly
distinct), constant (at most one value), id (distinct strings without words).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\Z")


def kind_of(cells: Sequence[Any], look: int = 5_000) -> str:
    """The kind of a column, from at most `look` evenly spaced cells."""
    step = max(1, len(cells) // look)
    found = [c for c in cells[::step] if c is not None]
    if not found:
        return "constant"
    if all(isinstance(c, bool) for c in found):
        return "category"
    if all(isinstance(c, (int, float)) and not isinstance(c, bool) for c in found):
        return "number" if len(set(found)) > 1 else "constant"
    if all(isinstance(c, (datetime.date, datetime.datetime)) for c in found):
        return "date"
    texts = [c if isinstance(c, str) else str(c) for c in found]
    different = set(texts)
    distinct = len(different)
    if distinct == 1 and len(texts) > 1:
        return "constant"
    if all(_DATE.match(t) for t in different):
        return "date"
    if distinct <= 0.5 * len(texts):
        return "category"
    words = sum(len(t.split()) for t in texts) / len(texts)
    if words >= 3:
        return "text"
    if distinct > 0.9 * len(texts) and len(texts) >= 30:
        return "text" if words >= 2 else "id"
    return "category"


def text_column(columns: Mapping[str, Sequence[Any]], target: str | None = None) -> str | None:
    """The column whose texts are longest on average, if there is a text column."""
    lengths = {}
    for name, cells in columns.items():
        if name != target and kind_of(cells) == "text":
            found = [str(c) for c in cells if c is not None][:2_000]
            lengths[name] = sum(map(len, found)) / max(1, len(found))
    return max(lengths, key=lambda n: lengths[n]) if lengths else None


def default_learner(columns: Mapping[str, Sequence[Any]], target: str | None = None) -> str:
    """'linear' where a text column is the feature, else 'boosting'."""
    return "linear" if text_column(columns, target) else "boosting"


def is_regression(target: Sequence[Any]) -> bool:
    """Numbers with more than 20 distinct values, or decimals: a learner predicts the number. Everything else is classes."""
    found = [t for t in target if t is not None]
    if not found or any(isinstance(t, bool) or not isinstance(t, (int, float)) for t in found):
        return False
    return len(set(found)) > 20 or any(isinstance(t, float) and not t.is_integer() for t in found)
