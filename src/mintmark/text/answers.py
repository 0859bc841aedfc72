"""Whether two short answers say the same: as numbers where both are, else after folding; SQuAD's token F1; and the texts in a cell.

same_answer("$1,000", "1000.0")  ->  True        f1("the old bridge", "bridge")  ->  0.667

Source: Rajpurkar et al. 2016 (SQuAD), arXiv:1606.05250, evaluation: lower case, no punctuation, no a/an/the.
"""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .arithmetic import number, same_number
from .quotes import folded

_PUNCTUATION = frozenset(string.punctuation)
_ARTICLES = frozenset(("a", "an", "the"))


def answer_tokens(answer: Any) -> list[str]:
    """The folded words, without punctuation (which joins what it parted: U.S. is us) and articles."""
    kept = "".join(x for x in folded(str(answer))[0] if x not in _PUNCTUATION and unicodedata.category(x)[0] != "P")
    return [w for w in kept.split() if w not in _ARTICLES]


def normalise(answer: Any) -> str:
    """Those words as one text."""
    return " ".join(answer_tokens(answer))


def f1(a: Any, b: Any) -> float:
    """Harmonic mean of the shares of either's words that the other has, 0..1, higher is better; 1 for two empty answers."""
    left, right = Counter(answer_tokens(a)), Counter(answer_tokens(b))
    if not left or not right:
        return float(left == right)
    return 2 * (left & right).total() / (left.total() + right.total())


def same_answer(a: Any, b: Any) -> bool:
    """Equal as numbers (text/arithmetic) where both are numbers, else as normalised text, which has no signs and points: 1.5 would be 15."""
    if number(str(a)) and number(str(b)):
        return same_number(str(a), str(b))
    return normalise(a) == normalise(b) and bool(normalise(a))


def answer_score(found: Any, stated: Any) -> float:
    """0 for no answer, 1 for the same one, else their F1."""
    return 0.0 if not found else 1.0 if same_answer(found, stated) else f1(found, stated)


def texts_of(value: Any) -> list[str]:
    """The texts in a cell, place by place: a text is one, a list's items may be texts or {text: ...}, as `retrieve` and `candidates` write them."""
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    found = (i.get("text") if isinstance(i, Mapping) else i for i in items)
    return ["" if t is None else str(t) for t in found]


def said(cells: Sequence[Any]) -> Sequence[Any]:
    """A column of conversations ({role, content} or {from, value} a turn) as what is said, a turn a line; any other column as it is."""
    filled = [c for c in cells if c is not None]
    if not any(filled) or not all(isinstance(c, (list, tuple)) and all(map(_turn, c)) for c in filled):
        return cells
    return [None if c is None else "\n".join(x for turn in c for x in texts_of(turn.get("content", turn.get("value"))) if x) for c in cells]


def _turn(one: Any) -> bool:
    return isinstance(one, Mapping) and bool({"role", "from"} & one.keys()) and bool({"content", "value"} & one.keys())


def shown_texts(value: Any) -> list[str]:
    """What a model is given to read out of a cell: its texts that are not empty."""
    return [t for t in texts_of(value) if t]
