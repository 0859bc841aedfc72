"""How much of a text repeats itself: lines, word n-grams, one character over and over, and a loop at its end.

    shares("yes yes yes yes yes yes")  ->  {'lines': 0.0, ..., 'top_2': 1.0, ..., 'loop': 6, 'run': 1}

Source: Gopher (Rae et al. 2021, 2112.11446, appendix A1.1, table A1): the shares and their bounds. Loops are our own: an answer that ends in the same
words again and again is how decoding breaks down (Holtzman et al. 2020, 1904.09751).
Linear in the text. Words are runs of letters and digits, case folded; a Chinese or Japanese character is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .contained import tokens

# Gopher's bounds; `loop`: times the same words close the text; `run`: one character in a row
BOUNDS = {
    "lines": 0.30, "line_characters": 0.20, "top_2": 0.20, "top_3": 0.18, "top_4": 0.16, "repeated_5": 0.15, "repeated_6": 0.14,
    "repeated_7": 0.13, "repeated_8": 0.12, "repeated_9": 0.11, "repeated_10": 0.10, "loop": 5, "run": 20,
}  # fmt: skip
_RULERS = frozenset(" \t-=_*#.~+|\u2500\u2014")


def shares(text: str, from_words: int = 0) -> dict[str, float]:
    """A number for each of BOUNDS. The n-gram shares are 0 for texts of fewer than `from_words` words, which repeat easily."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    again = [line for line, earlier in _with_earlier(lines) if earlier]
    out: dict[str, float] = {
        "lines": len(again) / max(1, len(lines)),
        "line_characters": sum(map(len, again)) / max(1, sum(map(len, lines))),
    }
    words = tokens(text)
    total = sum(map(len, words)) if len(words) >= from_words else 0
    for n in (2, 3, 4):
        grams = Counter(zip(*(words[k:] for k in range(n)))) if total else Counter()
        gram, count = max(grams.items(), key=lambda g: g[1] * sum(map(len, g[0])), default=((), 0))
        out[f"top_{n}"] = min(1.0, count * sum(map(len, gram)) / total) if count > 1 else 0.0
    for n in range(5, 11):
        out[f"repeated_{n}"] = _repeated(words, n) / total if total else 0.0
    out["loop"] = loop(words)
    out["run"] = max((len(m.group()) for m in re.finditer(r"(.)\1*", text) if m.group(1) not in _RULERS), default=0)
    return out


def _with_earlier(lines: Sequence[str]) -> list[tuple[str, bool]]:
    seen: set[str] = set()
    out = []
    for line in lines:
        out.append((line, line in seen))
        seen.add(line)
    return out


def _repeated(words: Sequence[str], n: int) -> int:
    """Characters of words that stand in an n-gram seen earlier in the text, each word once."""
    seen: set[tuple[str, ...]] = set()
    covered = characters = 0
    for i in range(len(words) - n + 1):
        gram = tuple(words[i : i + n])
        if gram in seen:
            characters += sum(map(len, words[max(covered, i) : i + n]))
            covered = i + n
        seen.add(gram)
    return characters


def loop(words: Sequence[str]) -> int:
    """How many times the same words, one or more, stand in a row at the end; 1 where nothing repeats, 0 for no words.

    By the prefix function (Knuth, Morris, Pratt 1977) of the words read backwards: a prefix of length L has the period L - border(L).
    """
    back = list(reversed(words))
    border = [0] * len(back)
    most = min(1, len(back))
    for i in range(1, len(back)):
        k = border[i - 1]
        while k and back[i] != back[k]:
            k = border[k - 1]
        border[i] = k + (back[i] == back[k])
        most = max(most, (i + 1) // (i + 1 - border[i]))
    return most
