"""Rows as vectors, how alike they are, and the effective number of different ones.

    vendi(word_counts(["a b", "a b", "c d"]))  ->  1.89: two of three texts are alike

Word counts are sparse: long texts have more words than memory has columns. Vendi: Friedman and Dieng 2023; orders q: Pasarkar and Dieng 2023.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .cells import numbers
from .features import kind_of, spaced


def word_counts(texts: Sequence[str]) -> Any:
    """Rows of word counts, lower().split(), as a sparse matrix; of scripts without blanks each character is a word."""
    from scipy import sparse

    words: dict[str, int] = {}
    rows, columns = [], []
    for i, text in enumerate(texts):
        for word in spaced(text.lower()).split():
            rows.append(i)
            columns.append(words.setdefault(word, len(words)))
    return sparse.csr_matrix(([1.0] * len(rows), (rows, columns)), shape=(len(texts), max(1, len(words))))


def tfidf(texts: Sequence[str]) -> Any:
    """Sparse rows of unit length: (1 + ln count) x smoothed inverse document frequency; a text without words is a row of zeros."""
    return tfidf_of(word_counts(texts))


def tfidf_of(x: Any) -> Any:
    """The same of a sparse matrix of counts, which is changed."""
    import numpy as np

    idf = 1 + np.log((1 + x.shape[0]) / (1 + np.bincount(x.indices, minlength=x.shape[1])))
    x.data = (1 + np.log(x.data)) * idf[x.indices]
    return unit(x)


def unit(x: Any) -> Any:
    """Rows scaled to length 1 as a sparse matrix; rows of zeros stay."""
    import numpy as np
    from scipy import sparse

    x = sparse.csr_matrix(x, dtype=float)
    norm = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(norm > 0, norm, 1.0)) @ x


def cosine_kernel(x: Any) -> Any:
    """Cosines of all pairs of rows; rows of zeros are alike among themselves (several empty texts are one kind of text)."""
    import numpy as np

    x = unit(x)
    kernel = np.asarray((x @ x.T).todense())
    zero = np.asarray(x.getnnz(axis=1) == 0) | (kernel.diagonal() == 0)
    kernel[np.ix_(zero, zero)] = 1.0
    return kernel


def pair_mean(matrix: Any) -> float:
    """Mean over pairs of different rows of a symmetric matrix of distances or likenesses."""
    n = len(matrix)
    return float((matrix.sum(dtype=float) - matrix.trace(dtype=float)) / (n * (n - 1)))


def vendi(x: Any, q: float = 1.0) -> float:
    """Effective number of distinct rows of a matrix of vectors (normalised here): 1 = all alike, n = all orthogonal."""
    kernel = cosine_kernel(x)
    return vendi_of_kernel(kernel, len(kernel), q)


def vendi_of_kernel(kernel: Any, n: int, q: float = 1.0) -> float:
    return vendi_orders(kernel, n, (q,))[0]


def vendi_orders(kernel: Any, n: int, orders: Sequence[float]) -> list[float]:
    """exp of the Renyi entropy of each order of the eigenvalues of K/n; K: similarities of n rows, ones on its diagonal. The larger the
    order, the less rare rows count; infinity looks at the most frequent kind alone."""
    import numpy as np

    w = np.linalg.eigvalsh(np.asarray(kernel, float) / n)
    w = w[w > 1e-12]

    def of(q: float) -> float:
        if q == 1:
            return float(np.exp(-np.sum(w * np.log(w))))
        return float(1 / w.max()) if math.isinf(q) else float(np.sum(w**q) ** (1 / (1 - q)))

    return [max(1.0, of(q)) for q in orders]  # a rounding error below it


def table_vectors(columns: Mapping[str, Sequence[Any]], n: int) -> Any:
    """n rows as vectors: numbers standardised (missing at the mean), categories one-hot (the 50 most frequent levels), weighted alike. Texts
    and ids are left out."""
    import numpy as np

    blocks = []
    for cells in columns.values():
        kind = kind_of(cells)
        if kind == "number":
            x = numbers(cells)
            if np.isfinite(x).any():
                blocks.append((np.nan_to_num((x - np.nanmean(x)) / (np.nanstd(x) or 1.0))).reshape(-1, 1))
        elif kind == "category":
            names, counts = np.unique([str(c) for c in cells], return_counts=True)
            top = names[np.argsort(-counts, kind="stable")[:50]]
            blocks.append((np.asarray([str(c) for c in cells])[:, None] == top[None, :]).astype(float))
    return np.hstack(blocks) if blocks else np.ones((n, 1))
