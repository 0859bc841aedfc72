"""diversity: how varied the rows are: distinct-n, compression ratio, Vendi scores; always at one subsample size, beside the real rows'.

Sources: distinct-n (Li et al. 2016), compression ratio (Shaib et al. 2024; plain: length over gzip length; `_compat`: their package's figure,
which gzips the gzipped bytes once more, file name and all), Vendi (Friedman and Dieng 2023: exp of the entropy of the eigenvalues of K/n,
cosine kernel; orders 2 and infinity: Pasarkar and Dieng 2023). All depend on the number of rows: a value is only comparable at the same n, so
synthetic and real are cut to the same size. Overlap of words, not of meaning. More: overlap, spread, levels.
One row: diversity.vendi 144.3 [139.9, 148.7] of 1,000 rows, reference (real rows) 134.9
"""

from __future__ import annotations

import gzip
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.resample import same_size, subsample_intervals
from ..stats.vectors import cosine_kernel, table_vectors, vendi, vendi_of_kernel, vendi_orders, word_counts
from ..text.words import affordable, words

ORDERS = {"diversity.vendi": 1.0, "diversity.vendi_2": 2.0, "diversity.vendi_inf": math.inf}


def distinct(texts: Sequence[str], n: int) -> float:
    """Distinct n-grams over all n-grams, inside each text, lower-case words; 0 where there are none."""
    total, found = 0, set()
    for text in texts:
        found_words = words(text.lower())
        grams = list(zip(*(found_words[i:] for i in range(n))))
        total += len(grams)
        found.update(grams)
    return len(found) / total if total else 0.0


class _Scores:
    """distinct-1 to -3 and both compression ratios of some of the texts, whose words are looked at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        self.texts = texts
        rows = [words(t.lower()) for t in texts]
        self.grams: list[tuple[list[Any], int]] = []
        for n in (1, 2, 3):
            known: dict[tuple[str, ...], int] = {}
            of = [np.asarray([known.setdefault(g, len(known)) for g in zip(*(r[i:] for i in range(n)))], int) for r in rows]
            self.grams.append((of, len(known)))
        self.lengths = [sum(map(len, of)) for of, _ in self.grams]

    def __call__(self, rows: Sequence[int]) -> list[float]:
        import numpy as np

        out = []
        for of, different in self.grams:
            found, seen = np.concatenate([of[i] for i in rows]), np.zeros(different, bool)
            seen[found] = True
            out.append(float(seen.sum() / len(found)) if len(found) else 0.0)
        return [*out, *compression_ratios([self.texts[i] for i in rows])]


def compression_ratio(texts: Sequence[str], compat: bool = False) -> float:
    """Bytes over gzip bytes (level 9) of the texts, a blank between them; higher = more repetitive. compat: gzipped twice, as the package
    `diversity` does it, whose header holds a file name; its clock is a constant here, so that the same texts give the same number."""
    return compression_ratios(texts)[compat]


def compression_ratios(texts: Sequence[str]) -> tuple[float, float]:
    """(plain, compat)."""
    data = " ".join(texts).encode("utf-8", "replace")
    if not data:
        return 1.0, 1.0
    once, file = gzip.compress(data, 9, mtime=_CLOCK), io.BytesIO()
    with gzip.GzipFile("compressed.gz", "wb", 9, file, mtime=_CLOCK) as out:
        out.write(once)
    return len(data) / len(once), len(data) / len(file.getvalue())


_CLOCK = 1_700_000_000


@dataclass(frozen=True)
class Diversity(Metric):
    """size: rows compared (fewer where there are fewer). times: subsets behind an interval. Texts: the text column (a missing text counts as
    empty); tables without one: Vendi over all columns."""

    size: int = 1_000
    times: int = 10
    name: ClassVar[str] = "diversity"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = (
        "Li et al. 2016, A diversity-promoting objective function for neural conversation models",
        "Shaib et al. 2024, Standardizing the measurement of text diversity",
        "Friedman and Dieng 2023, The Vendi Score",
        "Pasarkar and Dieng 2023, Cousins of the Vendi Score",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.distinct_1": "distinct words over words, 0..1, higher is more varied (Li et al. 2016)",
        "diversity.distinct_2": "distinct word pairs over word pairs, 0..1, higher is more varied",
        "diversity.distinct_3": "distinct word triples over word triples, 0..1, higher is more varied",
        "diversity.compression_ratio": "bytes over gzip bytes, 1 or more, lower is more varied (Shaib et al. 2024)",
        "diversity.compression_ratio_compat": "the same, gzipped twice as the package `diversity` does it: only to compare with published figures",
        "diversity.vendi": "effective number of different rows, 1..n, higher is more varied (Friedman and Dieng 2023)",
        "diversity.vendi_2": "the same of order 2: rare kinds of rows count less (Pasarkar and Dieng 2023)",
        "diversity.vendi_inf": "the same of infinite order: 1 over the share of the most frequent kind of row",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        reference = tables.reference
        picked = same_size([len(t) for t in (tables.synthetic, reference) if t], self.size, tables.seed) if tables.synthetic else [[]]
        n = len(picked[0])
        if n < 2:
            return []
        own, real = tables.synthetic.take(picked[0]), reference.take(picked[1]) if reference else None
        common: tuple[str, ...] = (f"at {n:,} rows each: values at other sizes are not comparable",)
        if real is None:
            common = (f"at {n:,} rows: values at other sizes are not comparable", "no real rows to compare with")
        text = tables.text
        if text is None or text not in own.columns:
            shared = [c for c in own.columns if real is None or c in real.columns]
            if not shared:
                return []
            vectors = table_vectors({c: [*own.columns[c], *(real.columns[c] if real else ())] for c in shared}, n + len(real or ()))
            if vectors.shape[1] == 1 and not vectors.std():  # ids, and columns of one value: nothing to tell rows apart by
                return []
            return self._vendi(vectors[:n], vectors[n:] if real else None, tables.seed, common)
        texts, cut = affordable(_texts(own, text))
        theirs = affordable(_texts(real, text))[0] if real and text in real.columns else None
        common += cut
        scored = _Scores(texts)
        values, scale = scored(range(n)), _Scores(theirs)(range(n)) if theirs is not None else None
        spans = subsample_intervals(n, scored, values, tables.seed, self.times, scaled=True)
        out = []
        for k, name in enumerate(list(self.gives)[:5]):
            unit, better = ("share", "higher") if k < 3 else ("ratio", "lower")
            if k < 3 and not scored.lengths[k]:
                why = f"no text has {('a word', 'two words', 'three words')[k]}"
                out.append(Measurement(name, None, unit, n, None, better, caveats=(*common, why)))
                continue
            detail = {"reference": scale[k]} if scale else None
            out.append(Measurement(name, values[k], unit, n, spans[k], better, caveats=common, detail=detail))
        own_counts, their_counts = word_counts(texts), word_counts(theirs) if theirs is not None else None
        return out + self._vendi(own_counts, their_counts, tables.seed, (*common, "overlap of words, not of meaning"))

    def _vendi(self, x: Any, reference: Any, seed: int, caveats: tuple[str, ...]) -> list[Measurement]:
        import numpy as np

        kernel, orders = cosine_kernel(x), list(ORDERS.values())
        n, values = len(kernel), vendi_orders(kernel, len(kernel), orders)
        spans = subsample_intervals(n, lambda i: vendi_orders(kernel[np.ix_(i, i)], len(i), orders), values, seed, self.times, scaled=True)
        theirs = vendi_orders(cosine_kernel(reference), n, orders) if reference is not None else None
        return [
            Measurement(
                name,
                values[k],
                "rows",
                n,
                (min(values[k], max(1.0, spans[k][0])), spans[k][1]),
                "higher",
                caveats=caveats,
                detail={"reference": theirs[k]} if theirs else None,
            )
            for k, name in enumerate(ORDERS)
        ]


def _texts(data: Data, column: str) -> list[str]:
    return ["" if c is None else str(c) for c in data.columns[column]]


__all__ = ["Diversity", "compression_ratio", "distinct", "vendi", "vendi_of_kernel", "word_counts"]
