"""What kind of column is this, and which learner fits a table: shared by learners, metrics and the synthesizer.

kinds: number (int or float), category (few distinct values, or booleans), date (ISO dates or datetime objects), text (words, mostly
distinct), constant (at most one value), id (distinct strings without words).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

# text/words is the same: stats and text do not import each other
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"  # for a learner each is a word
WORD = rf"[{UNSPACED}{EMOJI}]|[^\W{UNSPACED}]+"
_ALONE = re.compile(f"([{UNSPACED}])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\Z")


def spaced(text: str) -> str:
    """The text with a blank on each side of characters whose scripts write none: each counts as a word."""
    return text if text.isascii() else _ALONE.sub(r" \1 ", text)


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
    words = _words(texts)
    if words >= 3:
        return "text"
    if distinct > 0.9 * len(texts) and len(texts) >= 30:
        return "text" if words >= 2 else "id"
    return "category"


def text_column(columns: Mapping[str, Sequence[Any]], target: str | None = None) -> str | None:
    """The column whose texts are longest on average, if there is a text column; or the only one there is beside the target, if it looks like texts."""
    lengths = {}
    for name, cells in columns.items():
        if name != target and kind_of(cells) == "text":
            found = [str(c) for c in cells if c is not None][:2_000]
            lengths[name] = sum(map(len, found)) / max(1, len(found))
    if lengths:
        return max(lengths, key=lambda n: lengths[n])
    return next((n for n in columns if set(columns) <= {n, target} and n != target and _told(columns[n])), None)


def _words(texts: Sequence[str]) -> float:
    """On average; a character of a script without blanks counts for half of one."""
    return sum(len(spaced(t).split()) - (0 if t.isascii() else len(_ALONE.findall(t)) / 2) for t in texts) / max(1, len(texts))


def _told(cells: Sequence[Any]) -> bool:
    """Whether a table's only column holds texts, though they repeat each other or have no words: a collapsed writer's, emoji, single words."""
    found = [c for c in cells if isinstance(c, str)][:2_000]
    return bool(found) and kind_of(cells) != "date" and (len(set(found)) > 0.5 * len(found) > 1 or _words(found) >= 5)


def default_learner(columns: Mapping[str, Sequence[Any]], target: str | None = None) -> str:
    """'linear' where a text column is the feature, else 'boosting'."""
    return "linear" if text_column(columns, target) else "boosting"


def is_regression(target: Sequence[Any]) -> bool:
    """Numbers with more than 20 distinct values, or decimals: a learner predicts the number. Everything else is classes."""
    found = [t for t in target if t is not None]
    if not found or any(isinstance(t, bool) or not isinstance(t, (int, float)) for t in found):
        return False
    return len(set(found)) > 20 or any(isinstance(t, float) and not t.is_integer() for t in found)
