"""Signs that a text is no language: by its letters alone, or by how likely its characters are in texts that are fine.

    faults("sdkfjh wqrtpl xcvbnm zxcv")  ->  {'vowels': 0.0, 'odd_words': 1.0}
    Likelihood(real_texts).bits("qzxj vkwq")  ->  7.9          bits a character; real texts have about 2.5 to 4

Signs: entropy of the characters (Shannon 1948), the share of vowels among Latin letters, Latin words without a vowel or with five consonants in a row,
signs that are neither letter, digit nor blank, and words longer than any. Likelihood: interpolated character trigrams (Jelinek and Mercer 1980).
Not covered: real words in no order, and any other script than Latin but by entropy, symbols and Likelihood.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# sign -> (least, most) that is fine
BOUNDS: dict[str, tuple[float, float]] = {
    "entropy": (1.8, 6.5), "vowels": (0.2, 0.65), "odd_words": (0.0, 0.34), "symbols": (0.0, 0.6), "longest_word": (0.0, 60.0),
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ODD = re.compile(r"[b-df-hj-np-tv-xzß]{5}")
MOST_CHARACTERS = 20_000


def signs(text: str) -> dict[str, float]:
    """The signs that the text is long enough for: entropy and symbols from 20 characters on, vowels and odd words from 16 Latin letters."""
    text = text[:MOST_CHARACTERS]
    out: dict[str, float] = {"longest_word": max((len(w) for w in text.split() if "/" not in w), default=0)}
    if len(text) >= 20:
        counts = Counter(text)
        out["entropy"] = -sum(c / len(text) * math.log2(c / len(text)) for c in counts.values())
        out["symbols"] = sum(not (c.isalnum() or c.isspace() or unicodedata.category(c)[0] == "M") for c in text) / len(text)
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if c < "\u0250" and unicodedata.category(c) != "Mn")
    words = [w for w in _WORD.findall(plain) if "a" <= w[0] <= "\u024f"]
    letters = sum(map(len, words))
    if letters >= 16 and letters >= 0.5 * sum(c.isalpha() for c in text):
        out["vowels"] = sum(c in "aeiouyæøœı" for w in words for c in w) / letters
        long = [w for w in words if len(w) >= 4]
        odd = sum(not re.search("[aeiouyæøœı]", w) or _ODD.search(w) is not None for w in long)
        out["odd_words"] = odd / len(long) if len(long) >= 2 else 0.0
    return out


def faults(text: str) -> dict[str, float]:
    """The signs outside their bounds."""
    return {k: v for k, v in signs(text).items() if not BOUNDS[k][0] <= v <= BOUNDS[k][1]}


class Likelihood:
    """Character trigrams mixed with bigrams, single characters and a floor for unseen ones; case folded, digits alike, blanks as one."""

    WEIGHTS = (0.6, 0.25, 0.13, 0.02)

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        for text in texts:
            plain = self._plain(text)
            for n in (1, 2, 3):
                runs = [plain[i : i + n] for i in range(len(plain) - n + 1)]
                self._counts.update(runs)
                self._after.update(r[:-1] for r in runs)

    @staticmethod
    def _plain(text: str) -> str:
        return "  " + re.sub(r"\s+", " ", re.sub(r"\d", "0", text[:MOST_CHARACTERS].lower())).strip() + " "

    def bits(self, text: str) -> float:
        """Mean bits a character; 0 for an empty text."""
        plain = self._plain(text)
        if len(plain) <= 3:
            return 0.0
        counts, after, (a, b, c, floor) = self._counts, self._after, self.WEIGHTS
        total = 0.0
        for i in range(2, len(plain)):
            three, two, one = plain[i - 2 : i + 1], plain[i - 1 : i + 1], plain[i]
            p = a * counts[three] / (after[three[:2]] or 1) + b * counts[two] / (after[two[0]] or 1) + c * counts[one] / (after[""] or 1)
            total -= math.log2(p + floor / 1000)
        return total / (len(plain) - 2)


def bound(texts: list[str], share: float) -> tuple[Likelihood, float]:
    """A model of the texts, and the bits that all but `share` of them stay below, each half measured by a model of the other."""
    halves = texts[::2], texts[1::2]
    bits = sorted(b for k in (0, 1) for model in [Likelihood(halves[1 - k])] for b in map(model.bits, halves[k]))
    if len(bits) < 20:
        raise ValueError(f"{len(bits)} texts to learn from, expected at least 20")
    return Likelihood(texts), bits[min(len(bits) - 1, math.ceil((1 - share) * len(bits)))]
