"""ROUGE-L between short texts, and a memory that says how near a new text comes to all that were added before.

    rouge_l("Write a story about a cat.", "Write a poem about a cat.")  ->  0.8333
    pool = Novelty(0.7); pool.add("Write a story about a cat."); pool.admit(["Write a story about a dog."])  ->  [(0, 0.8333)]

ROUGE-L F1 as rouge-score defines it without stemming (Lin 2004): tokens are lower-case runs of [a-z0-9], F = 2 LCS / (m + n), 0 where a
side has no token. Each distinct token becomes one code point, so that rapidfuzz finds the LCS of two strings bit-parallel.

Not covered: stemming, sentence-wise ROUGE-Lsum. `latin` finds no token in other scripts: such texts score 0 with everything;
`any` takes runs of letters and digits of every script, each Chinese, Japanese or Korean character on its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Script = Literal["latin", "any"]
MOST_TOKENS = 10_000  # of one text; the rest is not read: the LCS costs m * n / 64 steps
QUERIES, CHOICES = 256, 8_192  # one block of the score matrix: 8 MB
_HAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = {"latin": re.compile(r"[a-z0-9]+"), "any": re.compile(rf"[{_HAN}]|(?:(?![{_HAN}])[^\W_])+")}
_LOW, _HIGH, _CODES = 0xD800, 0xE000, 0x110000 - 0x800  # surrogates are no code points of their own


def tokens(text: str, script: Script = "latin") -> list[str]:
    return _TOKEN[script].findall(text.lower())[:MOST_TOKENS]


class Coder:
    """Texts as strings of one code point per token, the same token always the same one.

    After 1,112,064 distinct tokens code points are shared, which can raise a score, never lower one.
    """

    def __init__(self, script: Script = "latin") -> None:
        self.script: Script = script
        self._codes: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return "".join([self._codes.get(t) or self._new(t) for t in tokens(text, self.script)])

    def _new(self, token: str) -> str:
        n = len(self._codes) % _CODES
        self._codes[token] = code = chr(n if n < _LOW else n + _HIGH - _LOW)
        return code


def rouge_l(a: str, b: str, script: Script = "latin") -> float:
    """F1 in 0..1, 1 = the same tokens in the same order."""
    code = Coder(script)
    return _exact(code(a), code(b))


def rouge_n(a: str, b: str, n: int, script: Script = "latin") -> float:
    """F1 of the n-grams that both hold, each as often as the rarer side has it."""
    one, two = (Counter(zip(*(t[i:] for i in range(n)))) for t in (tokens(a, script), tokens(b, script)))
    return 2 * (one & two).total() / (one.total() + two.total()) if one and two else 0.0


def _exact(a: str, b: str) -> float:
    """2 LCS / (m + n) from whole numbers: one rounding, so that a pair at exactly 0.7 equals the literal 0.7."""
    from rapidfuzz.distance import LCSseq

    return 2 * LCSseq.similarity(a, b) / (len(a) + len(b)) if a and b else 0.0


class Novelty:
    """The texts added so far. A text is novel if its ROUGE-L with each of them is at most `threshold` (Self-Instruct's code: 0.7 itself passes)."""

    def __init__(self, threshold: float = 0.7, script: Script = "latin") -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"the threshold is {threshold}, expected more than 0 and at most 1")
        self.threshold = threshold
        self._code = Coder(script)
        self._pool: list[str] = []

    def __len__(self) -> int:
        return len(self._pool)

    def add(self, text: str) -> int:
        """The number the text has from now on."""
        self._pool.append(self._code(text))
        return len(self._pool) - 1

    def scores(self, text: str) -> np.ndarray:
        """F1 with every text of the pool, in the order added."""
        import numpy as np
        from rapidfuzz.distance import LCSseq
        from rapidfuzz.process import cdist

        query = self._code(text)
        if not query or not self._pool:
            return np.zeros(len(self._pool))
        common = cdist([query], self._pool, scorer=LCSseq.similarity, dtype=np.int32)[0]
        lengths = np.fromiter(map(len, self._pool), np.int64, len(self._pool))
        return np.asarray(2 * common / (len(query) + lengths))

    def most_similar(self, text: str, k: int = 10) -> tuple[list[tuple[int, float]], float]:
        """The k nearest as (number, score), best first, of equals the earlier one; and the mean over the whole pool (0 if it is empty)."""
        import numpy as np

        scores = self.scores(text)
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(i), float(scores[i])) for i in best], float(scores.mean()) if len(scores) else 0.0

    def admit(self, texts: Sequence[str]) -> list[tuple[int, float] | None]:
        """In order: None for a novel text, which is added; else (number, score) of the nearest earlier one, of equals the first.

        The same as asking and adding one by one, in blocks: about 20 million pairs a second.
        """
        codes = [self._code(t) for t in texts]
        return [verdict for i in range(0, len(codes), QUERIES) for verdict in self._block(codes[i : i + QUERIES])]

    def _block(self, codes: list[str]) -> list[tuple[int, float] | None]:
        best: list[tuple[int, float] | None] = [None] * len(codes)
        for start in range(0, len(self._pool), CHOICES):
            part = self._pool[start : start + CHOICES]
            for q, c in self._near(codes, part):
                self._better(best, q, start + c, _exact(codes[q], part[c]))
        inside: dict[int, list[int]] = {}
        for q, c in self._near(codes, codes):
            if c < q:
                inside.setdefault(q, []).append(c)
        number: dict[int, int] = {}
        for q, code in enumerate(codes):
            for c in inside.get(q, ()):
                if c in number:
                    self._better(best, q, number[c], _exact(code, codes[c]))
            if best[q] is None:
                number[q] = len(self._pool)
                self._pool.append(code)
        return best

    def _near(self, queries: list[str], choices: list[str]) -> list[tuple[int, int]]:
        """Pairs that may lie above the threshold; a hair below it, since the exact comparison is made on whole numbers."""
        import numpy as np
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        scorer: Any = Indel.normalized_similarity
        find = partial(cdist, scorer=scorer, score_cutoff=self.threshold - 1e-6, dtype=np.float32)
        rows, columns = np.nonzero(find(queries, choices))
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    def _better(self, best: list[tuple[int, float] | None], q: int, number: int, score: float) -> None:
        so_far = best[q]
        if score > self.threshold and (so_far is None or score > so_far[1]):
            best[q] = (number, score)
