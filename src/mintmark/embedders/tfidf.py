"""tfidf: texts as TF-IDF of words and word pairs, reduced to at most 128 dimensions by truncated SVD. Word overlap, not meaning.

fit() learns vocabulary and directions; without it the first texts embedded are learned from. A text without a known word is the zero vector.
Deterministic. The default embedder. Not covered: scripts that put no blanks between words (a sentence counts as one word).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DIMENSIONS = 128


class TfidfEmbedder:
    name = "tfidf"
    local = True

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self._dimensions = dimensions
        self._vectoriser: Any = None
        self._svd: Any = None
        self._fitted = False

    def fit(self, texts: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._fitted, self._svd = True, None
        self._vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000, token_pattern=r"(?u)\b\w+\b")
        try:
            x = self._vectoriser.fit_transform(texts)
        except ValueError:  # no word in any text
            self._vectoriser = None
            return
        size = min(self._dimensions, x.shape[1] - 1, x.shape[0] - 1)
        self._svd = TruncatedSVD(size, random_state=0).fit(x) if size >= 2 else None

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        if not len(texts):
            return []
        if not self._fitted:
            self.fit(texts)
        if self._vectoriser is None:
            return [[0.0]] * len(texts)
        x = self._vectoriser.transform(texts)
        vectors: list[list[float]] = (self._svd.transform(x) if self._svd is not None else x.toarray()).tolist()
        return vectors

    async def aclose(self) -> None:
        pass


def build(spec: Any) -> TfidfEmbedder:
    return TfidfEmbedder()
