"""BM25 over a list of texts in memory, and the fusion of several rankings.

    index = BM25Index(["cats purr", "dogs bark", "a cat and a dog"])
    index.search("do cats bark?", 2)            # [(1, 0.516), (0, 0.247)]: number of the text and score, best first

Lucene's BM25 with its defaults k1 = 1.2, b = 0.75, scored by bm25s (Lù 2024, arXiv:2407.03618; formulas compared in Kamphuis et al. 2020): the sum over
the query's words, a repeated one counted again, of ln(1 + (N - n + 0.5) / (n + 0.5)) * tf / (tf + k1 (1 - b + b L / mean L)).
Words are lower-case runs of letters and digits, lightly stemmed (English -s, -ed, -ing, final e: S-stemmer of Harman 1991 and the start of Porter
1980); no stop word is dropped. It compares words, not meaning, and has no way to tell words apart in scripts without spaces.
Fusion: reciprocal ranks, Cormack, Clarke and Buettcher 2009. Memory: 8 bytes per different word of each text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

QUERY_WORDS = 1_000  # of a query are read, so that a whole book as a query costs no more than a page

_WORD = re.compile(r"\w+")
_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """An English word without its plural, -ed, -ing and final e; words of up to 3 letters stay."""
    if len(word) <= 3:
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        word = word[:-3] + "y"
    elif word.endswith("s") and word[-2] not in "us":
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def tokens(text: str) -> list[str]:
    return [stem(w) for w in _WORD.findall(text.lower())]


class BM25Index:
    """The texts, numbered as given. Scores are 32-bit and the same on every machine; 0 = no word in common."""

    def __init__(self, texts: Iterable[str], k1: float = 1.2, b: float = 0.75) -> None:
        import bm25s

        self._vocabulary: dict[str, int] = {}
        ids = [[self._vocabulary.setdefault(w, len(self._vocabulary)) for w in tokens(text)] for text in texts]
        self._n = len(ids)
        self._bm25: Any = None
        if self._vocabulary:
            self._bm25 = bm25s.BM25(method="lucene", k1=k1, b=b)
            # numbers of our own making: bm25s takes texts without a word for lists of numbers, and its splitter drops stop words
            self._bm25.index((ids, self._vocabulary), create_empty_token=False, show_progress=False)

    def __len__(self) -> int:
        return self._n

    def scores(self, query: str) -> Any:
        """The score of every text, as an array."""
        import numpy as np

        known = [self._vocabulary[w] for w in tokens(query)[:QUERY_WORDS] if w in self._vocabulary]
        return self._bm25.get_scores_from_ids(known) if known else np.zeros(self._n, dtype="float32")

    def search(self, query: str, k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Up to k (number, score) with a word in common, best first, equal scores in the order of the texts. among: only these texts."""
        return best(self.scores(query), k, among, above=0.0)


def best(scores: Any, k: int, among: Sequence[int] | None = None, above: float = float("-inf")) -> list[tuple[int, float]]:
    """The k highest of an array of scores as (number, score), equal ones by number."""
    import numpy as np

    numbers = np.arange(len(scores)) if among is None else np.unique(np.asarray(among, dtype=int))
    numbers = numbers[scores[numbers] > above]
    if k < 1 or not len(numbers):
        return []
    if len(numbers) > k:
        numbers = numbers[scores[numbers] >= np.partition(scores[numbers], -k)[-k]]
    order = np.lexsort((numbers, -scores[numbers]))[:k]
    return [(int(i), float(scores[i])) for i in numbers[order]]


def reciprocal_rank_fusion(rankings: Iterable[Sequence[int]], k: int = 60) -> list[tuple[int, float]]:
    """(number, sum over the rankings of 1 / (k + rank)), best first, equal ones by number; rank 1 is the first of a ranking."""
    found: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, 1):
            found[number] = found.get(number, 0.0) + 1 / (k + rank)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
