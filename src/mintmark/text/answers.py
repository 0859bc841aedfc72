"""Whether two short answers say the same: as numbers where both are, else after folding; and SQuAD's token F1 for how much they share.

same_answer("$1,000", "1000.0")  ->  True        f1("the old bridge", "bridge")  ->  0.667
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from typing import Any

from .arithmetic import same_number

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: Any) -> str:
    """Lower case, no punctuation, no articles, single spaces (Rajpurkar et al. 2016, evaluation)."""
    folded = unicodedata.normalize("NFKC", str(text)).lower()
    kept = "".join(" " if ch in string.punctuation or unicodedata.category(ch).startswith("P") else ch for ch in folded)
    return " ".join(_ARTICLES.sub(" ", kept).split())


def f1(given: Any, gold: Any) -> float:
    """Token F1 after `normalise`, 0..1; 1 for two empty answers."""
    a, b = normalise(given).split(), normalise(gold).split()
    if not a or not b:
        return float(a == b)
    both = sum((Counter(a) & Counter(b)).values())
    return 2 * both / (len(a) + len(b))


def same_answer(a: Any, b: Any) -> bool:
    """Equal as numbers (text/arithmetic), or as normalised text."""
    return same_number(str(a), str(b)) or (normalise(a) == normalise(b) and bool(normalise(a)))
