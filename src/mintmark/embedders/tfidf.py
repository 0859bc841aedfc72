"""tfidf: texts as TF-IDF of words and word pairs, reduced to at most 128 dimensions by truncated SVD. Word overlap, not meaning.

fit() learns vocabulary and directions; a text without a known word is the zero vector. Deterministic. The default embedder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DIMENSIONS = 128


class TfidfEmbedder:
    name = "tfidf"
    local = True
    pure = True  # the same texts give the same vectors: nothing to journal
    learns = True  # fit() keeps words of the texts it was given

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self._dimensions = dimensions
        self._vectoriser: Any = None
        self._svd: Any = None

    def fit(self, texts: Sequence[str]) -> TfidfEmbedder:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        made = TfidfEmbedder(self._dimensions)
        made._vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000, token_pattern=r"(?u)\b\w+\b")
        try:
            x = made._vectoriser.fit_transform(texts)
        except ValueError:  # not one word in all the texts
            x = made._vectoriser.fit_transform(["-", "empty"])
        size = min(self._dimensions, x.shape[1] - 1, x.shape[0] - 1)
        made._svd = TruncatedSVD(size, random_state=0).fit(x) if size >= 2 else None
        return made

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        fitted = self if self._vectoriser is not None else self.fit(texts)
        x = fitted._vectoriser.transform(texts)
        found: Sequence[Sequence[float]] = fitted._svd.transform(x) if fitted._svd is not None else x.toarray()
        return found

    async def aclose(self) -> None:
        pass


def build(spec: Any) -> TfidfEmbedder:
    return TfidfEmbedder()
