"""vectors: do the synthetic rows lie where real ones lie? MAUVE's divergence curve and the Fréchet distance, from vectors of the rows.

    measure: [realism]      gates: {realism.mauve: {at_least: 0.5}}

Texts: the vectors of the embedder `default` where it works on this machine, else TF-IDF of words; tables without a text: all shared columns
encoded, ids left out; at most 64 directions. Both sides are cut to one number of rows n and put into n / 10 clusters: both numbers change with n, so read them
beside `detail.ceiling` (real rows against the holdout, `value_at_ceiling_rows` is the value at as many rows) and `detail.floor` (texts of the real
words in random order across texts; tables with every column shuffled by itself).
Sources: Pillutla et al. 2021 (2102.01454); Liu et al. 2021 (frontier integral, in detail); Heusel et al. 2017 (Fréchet). Own code from the definitions.
Not covered: meaning beyond what the embedder sees; vectors of a service are not asked for here, since that would cost calls unseen.
One reading: mauve 0.31 beside ceiling 0.94: the rows are not where the real ones are, and 64 rows a side would not have shown it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.divergence import area, clusters, frechet_of, frontier_integral, histograms
from ..stats.encoder import Encoder
from ..stats.features import kind_of
from ..stats.resample import jackknife_of_two, subsample
from ..text.words import words as words_of

DIRECTIONS = 64
FEWEST = 20


@dataclass(frozen=True)
class Vectors(Metric):
    """most: rows a side."""

    most: int = 1_000
    name: ClassVar[str] = "vectors"
    family: ClassVar[str] = "realism"
    cites: ClassVar[tuple[str, ...]] = (
        "Pillutla et al. 2021, MAUVE (2102.01454)",
        "Liu et al. 2021, Divergence Frontiers for Generative Models",
        "Heusel et al. 2017, GANs trained by a two time-scale update rule (Fréchet distance)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "realism.mauve": "area under the divergence curve of clustered vectors, 0..1, higher is better, only beside its ceiling (2102.01454)",
        "realism.frechet": "squared Fréchet distance of the vectors, 0 or more, lower is better, only beside its ceiling (Heusel et al. 2017)",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # small matrices: threads only wait for each other
            return self._measure(tables, ctx)

    def _measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real = tables.reference
        if real is None:
            return []
        columns = [c for c in tables.synthetic.columns if c in real.columns]
        if tables.text in columns:
            columns = [str(tables.text)]
        columns = [c for c in columns if c == tables.text or kind_of(real.columns[c]) != "id"]  # no two rows share one
        third = tables.ceiling(columns)
        n = min(self.most, len(real), len(tables.synthetic))
        if n < FEWEST or not columns:
            return []
        sides = [tables.synthetic, real] + ([third] if third is not None and len(third) >= FEWEST else [])
        cut = [d.only(columns).take(subsample(len(d), n, tables.seed + i)) for i, d in enumerate(sides)]
        cut.append(independent(cut[1] if columns == [tables.text] else cut[0], tables.text, tables.seed))
        made = vectors({c: [v for d in cut for v in d.columns[c]] for c in columns}, tables.text, ctx)
        if made is None:
            return []
        x, how = made
        ends = [sum(map(len, cut[:i])) for i in range(len(cut) + 1)]
        own, against, *others = (x[a:b] for a, b in zip(ends, ends[1:]))
        caveats = (
            f"at {n:,} rows a side and {n // 10} clusters: values at other sizes are not comparable",
            how,
            tables.against,
        )
        return [
            self._told("realism.mauve", own, against, others, tables.seed, columns == [tables.text], caveats),
            self._told("realism.frechet", own, against, others, tables.seed, columns == [tables.text], caveats),
        ]

    def _told(self, name: str, own: Any, real: Any, others: list[Any], seed: int, text: bool, caveats: tuple[str, ...]) -> Measurement:
        *third, floor = others
        n = len(own)
        detail: dict[str, Any] = {"floor_is": "real words in random order"} if text else {}
        if name == "realism.mauve":
            a, b = clusters(own, real, n // 10, seed)
            value = area(*histograms(a, b))
            detail["frontier_integral"] = frontier_integral(*histograms(a, b))
            # the clusters stand still: what another k-means would change is not in the interval
            low, high = jackknife_of_two(lambda i, j: area(*histograms(a[i], b[j])), (n, n), value, seed)
            score = _mauve
        else:
            value, score = frechet_of(own, real), frechet_of
            low, high = jackknife_of_two(lambda i, j: frechet_of(own[i], real[j]), (n, n), value, seed)
        detail["floor"] = score(floor, real)
        if third:
            m = len(third[0])
            detail |= {"ceiling": score(third[0], real[:m]), "value_at_ceiling_rows": value if m == n else score(own[:m], real[:m])}
        mauve = name == "realism.mauve"
        interval = (max(0.0, low), min(1.0, high) if mauve else high)
        return Measurement(
            name, value, "score" if mauve else "distance", 2 * n, interval, "higher" if mauve else "lower", None, caveats, detail
        )


def _mauve(a: Any, b: Any) -> float:
    return area(*histograms(*clusters(a, b, max(2, len(a) // 10))))


def vectors(columns: Mapping[str, Sequence[Any]], text: str | None, ctx: Context) -> tuple[Any, str] | None:
    """(rows x at most DIRECTIONS, how they were made); None where no column makes one."""
    import numpy as np

    embedder = ctx.embedders.get("default")
    if text is not None and list(columns) == [text] and embedder is not None and getattr(embedder, "local", False):
        texts = ["" if c is None else str(c) for c in columns[text]]
        fitted = embedder.fit(texts)
        with ThreadPoolExecutor(1) as pool:  # the caller may be inside a loop of its own
            found = np.asarray(pool.submit(lambda: asyncio.run(_embed(fitted, texts))).result(), float)
        return _fewer(found), f"vectors of the embedder {embedder.name}"
    from sklearn.decomposition import TruncatedSVD

    encoder = Encoder(columns)
    if not encoder.parts:
        return None
    x = encoder.transform(columns)
    if min(x.shape) <= DIRECTIONS + 1:
        return _fewer(x.toarray()), "vectors of the encoded columns"
    return TruncatedSVD(DIRECTIONS, random_state=0).fit_transform(x), "vectors of words and encoded columns, not of meaning"


async def _embed(embedder: Any, texts: Sequence[str]) -> Any:
    return await embedder.embed(texts)


def _fewer(x: Any) -> Any:
    """The DIRECTIONS of most variance."""
    from sklearn.decomposition import PCA

    return x if x.shape[1] <= DIRECTIONS else PCA(min(DIRECTIONS, len(x)), random_state=0).fit_transform(x)


def independent(data: Data, text: str | None, seed: int) -> Data:
    """Each column shuffled by itself; of a text column the words, across texts, so that lengths and words stay and order goes."""
    import numpy as np

    rng = np.random.default_rng(seed)
    out: dict[str, list[Any]] = {}
    for name, cells in data.columns.items():
        if name != text:
            out[name] = [cells[i] for i in rng.permutation(len(cells))]
            continue
        words = [words_of("" if c is None else str(c)) for c in cells]
        pool = [w for ws in words for w in ws]
        pool = [pool[i] for i in rng.permutation(len(pool))]
        ends = np.cumsum([0, *map(len, words)])
        out[name] = [" ".join(pool[a:b]) for a, b in zip(ends, ends[1:])]
    return Data(out)
