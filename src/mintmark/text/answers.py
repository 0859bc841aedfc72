"""Whether two short answers say the same: as numbers where both are, else after folding; and SQuAD's token F1 of any two values.

same_answer("$1,000", "1000.0")  ->  True        f1("the old bridge", "bridge")  ->  0.667
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .arithmetic import number, same_number
from .quotes import answer_tokens
from .quotes import f1 as word_f1


def normalise(text: Any) -> str:
    """Folded words without punctuation and articles (Rajpurkar et al. 2016, evaluation)."""
    return " ".join(answer_tokens(str(text)))


def f1(given: Any, gold: Any) -> float:
    """Token F1 of two answers, 0..1, higher is better."""
    return word_f1(str(given), str(gold))


def same_answer(a: Any, b: Any) -> bool:
    """Equal as numbers (text/arithmetic) where both are numbers, else as normalised text, which has no signs and points: 1.5 would be 15."""
    if number(str(a)) and number(str(b)):
        return same_number(str(a), str(b))
    return normalise(a) == normalise(b) and bool(normalise(a))


def shown_texts(value: Any) -> list[str]:
    """What a model is given to read out of a column: a text, or the texts of what `retrieve` wrote."""
    items = value if isinstance(value, list) else [value]
    return [str(i.get("text", "") if isinstance(i, Mapping) else i) for i in items if i]
