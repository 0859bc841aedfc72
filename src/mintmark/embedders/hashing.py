"""hashing: texts as hashed words, word pairs and character trigrams, 512 dimensions, of length 1. Word and spelling overlap, not meaning.

It learns nothing: the same text has the same vector whatever texts stand beside it. So it is the embedder for private rows under differential
privacy, where one that is fitted on them (tfidf) would carry what it has learned outside the proof.
Source: Weinberger et al. 2009 (0902.2206), feature hashing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DIMENSIONS = 512


class HashingEmbedder:
    name = "hashing"
    local = True
    pure = True  # the same texts give the same vectors: nothing to journal

    def fit(self, texts: Sequence[str]) -> HashingEmbedder:
        return self

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        from sklearn.feature_extraction.text import HashingVectorizer
        from sklearn.preprocessing import normalize

        words = HashingVectorizer(n_features=DIMENSIONS, ngram_range=(1, 2), norm="l2", token_pattern=r"(?u)\b\w+\b")
        letters = HashingVectorizer(n_features=DIMENSIONS, analyzer="char_wb", ngram_range=(3, 3), norm="l2")
        found: Sequence[Sequence[float]] = normalize(words.transform(texts) + letters.transform(texts)).toarray()
        return found

    async def aclose(self) -> None:
        pass


def build(spec: Any) -> HashingEmbedder:
    return HashingEmbedder()
