"""diversity: how varied the rows are: distinct-n, compression ratio, Vendi score; always at one subsample size, beside the real rows'.

Sources: distinct-n (Li et al. 2016), compression ratio (Shaib et al. 2024, plain: length over gzip length, not gzipped twice as in their
package), Vendi (Friedman and Dieng 2023: exp of the entropy of the eigenvalues of K/n, cosine kernel). All depend on the number of rows: a
value is only comparable at the same n, so synthetic and real are cut to the same size. Overlap of words, not of meaning.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.features import kind_of
from ..stats.resample import subsample, subsample_interval


def distinct(texts: Sequence[str], n: int) -> float:
    """Distinct n-grams over all n-grams, inside each text, lower-case words; 0 where there are none."""
    total, found = 0, set()
    for text in texts:
        words = text.lower().split()
        grams = list(zip(*(words[i:] for i in range(n))))
        total += len(grams)
        found.update(grams)
    return len(found) / total if total else 0.0


def _distinct_of(n: int, texts: Sequence[str]) -> float:
    return distinct(texts, n)


def compression_ratio(texts: Sequence[str]) -> float:
    """Bytes over gzip bytes (level 9) of the texts, one a line; higher = more repetitive."""
    data = "\n".join(texts).encode("utf-8", "replace")
    return len(data) / len(gzip.compress(data, 9, mtime=0)) if data else 1.0


def vendi(x: Any, q: float = 1.0) -> float:
    """Effective number of distinct rows of a matrix of vectors (normalised here): 1 = all alike, n = all orthogonal."""
    import numpy as np

    x = np.asarray(x, float)
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    x = x / np.where(norm > 0, norm, 1.0)
    gram = x.T @ x if x.shape[1] < x.shape[0] else x @ x.T
    return vendi_of_kernel(gram, len(x), q)


def vendi_of_kernel(kernel: Any, n: int, q: float = 1.0) -> float:
    import numpy as np

    w = np.linalg.eigvalsh(np.asarray(kernel, float) / n)
    w = w[w > 1e-12]
    if q == 1:
        return float(np.exp(-np.sum(w * np.log(w))))
    if np.isinf(q):
        return float(1 / w.max())
    return float(np.sum(w**q) ** (1 / (1 - q)))


def word_counts(texts: Sequence[str]) -> Any:
    """Rows of word counts, lower().split()."""
    import numpy as np

    words: dict[str, int] = {}
    cells: list[tuple[int, int]] = []
    for i, text in enumerate(texts):
        for word in text.lower().split():
            cells.append((i, words.setdefault(word, len(words))))
    out = np.zeros((len(texts), max(1, len(words))))
    for i, j in cells:
        out[i, j] += 1
    return out


def table_vectors(data: Data) -> Any:
    """Rows as vectors: numbers standardised (missing at the mean), categories one-hot (the 50 most frequent levels), weighted alike."""
    import numpy as np

    blocks = []
    for cells in data.columns.values():
        kind = kind_of(cells)
        if kind == "number":
            x = np.asarray([float(c) if isinstance(c, (int, float)) else np.nan for c in cells])
            mean, sd = np.nanmean(x), np.nanstd(x)
            blocks.append((np.nan_to_num((x - mean) / (sd or 1.0))).reshape(-1, 1))
        elif kind == "category":
            names, counts = np.unique([str(c) for c in cells], return_counts=True)
            top = names[np.argsort(-counts)[:50]]
            blocks.append((np.asarray([str(c) for c in cells])[:, None] == top[None, :]).astype(float))
    return np.hstack(blocks) if blocks else np.ones((len(data), 1))


@dataclass(frozen=True)
class Diversity(Metric):
    """size: rows compared (fewer where there are fewer). Texts: the text column; tables without one: Vendi over all columns."""

    size: int = 1_000
    name: ClassVar[str] = "diversity"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = (
        "Li et al. 2016, A diversity-promoting objective function for neural conversation models",
        "Shaib et al. 2024, Standardizing the measurement of text diversity",
        "Friedman and Dieng 2023, The Vendi Score",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.distinct_1": "distinct words over words, 0..1, higher is more varied (Li et al. 2016)",
        "diversity.distinct_2": "distinct word pairs over word pairs, 0..1, higher is more varied",
        "diversity.distinct_3": "distinct word triples over word triples, 0..1, higher is more varied",
        "diversity.compression_ratio": "bytes over gzip bytes, 1 or more, lower is more varied (Shaib et al. 2024)",
        "diversity.vendi": "effective number of different rows, 1..n, higher is more varied (Friedman and Dieng 2023)",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        reference = tables.holdout or tables.real
        sizes = [len(tables.synthetic)] + ([len(reference)] if reference else [])
        n = min(self.size, *sizes)
        if n < 2:
            return []
        own = tables.synthetic.take(subsample(len(tables.synthetic), n, tables.seed))
        real = reference.take(subsample(len(reference), n, tables.seed)) if reference else None
        common: tuple[str, ...] = (f"at {n:,} rows each: values at other sizes are not comparable",)
        if real is None:
            common += ("no real rows to compare with",)
        out = []
        if tables.text is not None and tables.text in tables.synthetic.columns:
            texts = [_text(c) for c in own.columns[tables.text]]
            theirs = [_text(c) for c in real.columns[tables.text]] if real and tables.text in real.columns else None
            for k in (1, 2, 3):
                out.append(self._one(f"diversity.distinct_{k}", "share", "higher", texts, theirs, partial(_distinct_of, k), tables, common))
            out.append(self._one("diversity.compression_ratio", "ratio", "lower", texts, theirs, compression_ratio, tables, common))
            words = (*common, "overlap of words, not of meaning")
            out.append(self._one("diversity.vendi", "rows", "higher", texts, theirs, lambda t: vendi(word_counts(t)), tables, words))
            return out
        shared = [c for c in own.columns if real is None or c in real.columns]
        if not shared:
            return []
        vectors = table_vectors(Data({c: [*own.columns[c], *(real.columns[c] if real else ())] for c in shared}))
        value = vendi(vectors[:n])
        half = subsample_interval(n, lambda i: vendi(vectors[:n][i]), value, tables.seed, 10)
        detail = {"reference": vendi(vectors[n:])} if real else None
        return [Measurement("diversity.vendi", value, "rows", n, half, "higher", caveats=common, detail=detail)]

    def _one(
        self,
        name: str,
        unit: str,
        better: str,
        texts: Sequence[str],
        theirs: Sequence[str] | None,
        measure: Callable[[Sequence[str]], float],
        tables: Tables,
        caveats: tuple[str, ...],
    ) -> Measurement:
        value = measure(texts)
        span = subsample_interval(len(texts), lambda i: measure([texts[j] for j in i]), value, tables.seed, 10)
        detail: dict[str, Any] | None = {"reference": measure(theirs)} if theirs is not None else None
        return Measurement(name, value, unit, len(texts), span, better, caveats=caveats, detail=detail)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
