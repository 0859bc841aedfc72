"""Passages to be found by queries: BM25's ranking, and what a small reranker sees of a query and a passage.

    matcher = Matcher(["cats purr loudly", "dogs bark"])
    found = matcher.search("do cats purr?", 10)                       # [(0, 0.94)]
    matcher.features("do cats purr?", found)                          # one row of FEATURES for each

Features: BM25's score over the best of the query's, share of the query's words in the passage, the same with each word weighed by its rarity among
the passages, share of the query's pairs of neighbouring words, and the logarithm of the passage's length. Words as in text/bm25.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from .bm25 import QUERY_WORDS, BM25Index, tokens

FEATURES = ("BM25", "words shared", "rare words shared", "word pairs shared", "length")


class Matcher:
    """Memory: 4 bytes a word, and the index."""

    def __init__(self, texts: Iterable[str]) -> None:
        import numpy as np

        self._known: dict[str, int] = {}
        texts = list(texts)
        self._words = [np.asarray([self._known.setdefault(w, len(self._known)) for w in tokens(t)], np.int32) for t in texts]
        held = np.zeros(len(self._known) + 1)
        for words in self._words:
            held[np.unique(words)] += 1
        self._rarity = np.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
        self._index = BM25Index(texts)

    def __len__(self) -> int:
        return len(self._words)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        return self._index.search(query, k)

    def scored(self, query: str, numbers: Sequence[int]) -> list[tuple[int, float]]:
        """These passages with their scores."""
        scores = self._index.scores(query)
        return [(n, float(scores[n])) for n in numbers]

    def features(self, query: str, found: Sequence[tuple[int, float]], best: float | None = None) -> Any:
        """One row of FEATURES for each (number, score). best: the query's highest score, where it is not among them."""
        import numpy as np

        base = len(self._known)  # stands for all words that no passage has
        asked = [self._known.get(w, base) for w in tokens(query)[:QUERY_WORDS]]
        words, pairs = sorted(set(asked)), [a * base + b for a, b in zip(asked, asked[1:]) if base not in (a, b)]
        rare = self._rarity[words]
        wanted = np.zeros(base + 1, bool)
        wanted[words] = True
        top = max([1e-9, best or 0.0, *(s for _, s in found)])
        out = np.zeros((len(found), len(FEATURES)))
        for row, (number, score) in zip(out, found, strict=True):
            own = self._words[number]
            at = np.flatnonzero(wanted[own])
            held, before = set(own[at].tolist()), at[at < len(own) - 1]
            near = set((own[before].astype(np.int64) * base + own[before + 1]).tolist())
            shared = [w in held for w in words]
            row[:] = (
                score / top,
                sum(shared) / max(1, len(words)),
                float(rare[shared].sum() / rare.sum()) if words else 0.0,
                sum(p in near for p in pairs) / max(1, len(asked) - 1),
                math.log1p(len(own)),
            )
        return out
