"""spread: how far apart the rows lie, and how much of the real rows' ground they cover: APS, remote clique, chamfer, cluster coverage.

Texts: TF-IDF vectors of unit length, fitted on synthetic and real rows together; tables: stats/vectors. Distances are Euclidean (of unit vectors:
sqrt(2 - 2 cosine)). Coverage: k-means (Lloyd 1982) over real rows (texts: 20 components of their vectors, Deerwester et al. 1990), k = sqrt(n),
clusters of at least 3 rows (a smaller one is missed by chance); a cluster is covered where a synthetic row lies nearest to its centre and no
farther from it than the farthest real row of it, so that nonsense covers nothing. The reference are rows the clusters have not seen: the
holdout, else another half of the real rows. Remote clique, chamfer: Lai et al. 2020. APS: Yu et al. 2023 (AttrPrompt).
All at one number of rows. Very long texts are cut alike, to 12 million characters in all. Not covered: meaning (the vectors are words), columns of texts and ids of tables.
One row: diversity.cluster_coverage 0.68 [0.59, 0.77] of 250 rows, reference 0.95
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..stats.resample import same_size, subsample_interval, subsample_intervals
from ..stats.vectors import cosine_kernel, pair_mean, table_vectors, tfidf
from ..text.words import affordable

MEMBERS = 3


def distances(x: Any) -> Any:
    """Euclidean distances of all pairs of rows, dense or sparse."""
    from sklearn.metrics import pairwise_distances

    return pairwise_distances(x)


def chamfer(d: Any) -> float:
    """Mean distance of a row to the nearest other."""
    import numpy as np

    return float((d + np.diag(np.full(len(d), np.inf))).min(axis=1).mean())


class Ground:
    """Clusters of reference rows; `hits` tells which of them a row lies in (-1: outside all)."""

    def __init__(self, x: Any, k: int, seed: int) -> None:
        import numpy as np
        from sklearn.cluster import KMeans

        self._means = KMeans(k, n_init=2, random_state=seed).fit(x)
        far = self._means.transform(x)
        sizes = np.bincount(self._means.labels_, minlength=k)
        self.large = set(np.flatnonzero(sizes >= min(MEMBERS, sizes.max())).tolist())
        self.reach = np.asarray([far[self._means.labels_ == c, c].max(initial=0.0) for c in range(k)])

    def hits(self, x: Any) -> Any:
        import numpy as np

        far = self._means.transform(x)
        nearest = far.argmin(axis=1)
        return np.where(far[np.arange(len(nearest)), nearest] <= self.reach[nearest] + 1e-9, nearest, -1)

    def coverage(self, hits: Any) -> float:
        """Of the clusters large enough that fresh rows should reach them."""
        return len(self.large & set(hits.tolist())) / len(self.large)


@dataclass(frozen=True)
class Spread(Metric):
    """size: rows compared (fewer where there are fewer). times: subsets behind an interval."""

    size: int = 500
    times: int = 10
    name: ClassVar[str] = "spread"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = (
        "Lai et al. 2020, Diversity, density, and homogeneity: quantitative characteristic metrics for text collections",
        "Yu et al. 2023, Large language model as attributed training data generator (2306.15895)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.aps": "average pairwise similarity: mean cosine of all pairs of texts, 0..1, lower is more varied (Yu et al. 2023)",
        "diversity.remote_clique": "mean distance of a row to the others, 0 or more, higher is more varied (Lai et al. 2020)",
        "diversity.chamfer": "mean distance of a row to the nearest other, 0 or more, higher is more varied (Lai et al. 2020)",
        "diversity.cluster_coverage": "share of the real rows' clusters that synthetic rows fall into, 0..1, higher is better",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        own, n_own, seed = tables.synthetic, len(tables.synthetic), tables.seed
        real = tables.real or tables.holdout
        text = tables.text if tables.text in own.columns and (real is None or tables.text in real.columns) else None
        reference = tables.reference
        picked = same_size([n_own, *([len(reference)] if reference else [])], self.size, seed)
        n = len(picked[0])
        if n < 2:
            return []
        parts = [own.take(picked[0]), *([reference.take(picked[1])] if reference else [])]
        x = vectors(parts, text)
        if x is None:
            return []
        note = f"at {n:,} rows: values at other sizes are not comparable"
        caveats = (
            note,
            *(("likeness of words, not of meaning",) if text else ()),
            *(() if reference else ("no real rows to compare with",)),
        )
        out = []
        matrices = [distances(v) for v in x]
        own_d = matrices[0]
        pairs = [("remote_clique", pair_mean), ("chamfer", chamfer)]
        values = [of(own_d) for _, of in pairs]
        spans = subsample_intervals(n, lambda i: [of(_part(own_d, i)) for _, of in pairs], values, seed, self.times, scaled=True)
        for (name, of), value, span in zip(pairs, values, spans, strict=True):
            detail = {"reference": of(matrices[1])} if reference else None
            span = max(0.0, span[0]), span[1]
            out.append(Measurement(f"diversity.{name}", value, "distance", n, span, "higher", caveats=caveats, detail=detail))
        if text:
            kernels = [cosine_kernel(v) for v in x]
            value = pair_mean(kernels[0])
            span = subsample_interval(n, lambda i: pair_mean(_part(kernels[0], i)), value, seed, self.times)
            detail = {"reference": pair_mean(kernels[1])} if reference else None
            out.append(Measurement("diversity.aps", value, "share", n, span, "lower", caveats=caveats, detail=detail))
        return [*out, *self._coverage(tables, text)]

    def _coverage(self, tables: Tables, text: str | None) -> list[Measurement]:
        import numpy as np

        real, fresh, seed = tables.real or tables.holdout, tables.holdout if tables.real else None, tables.seed
        if not real or len(real) < 20 or len(tables.synthetic) < 10:
            return []
        if fresh and len(fresh) >= min(len(real) // 2, self.size):
            rows, other = list(range(len(real))), list(range(len(fresh)))
        else:  # too few rows that nobody saw: half the real rows make the clusters, the other half says how many a fresh row reaches
            mixed = np.random.default_rng(seed).permutation(len(real)).tolist()
            rows, other, fresh = mixed[::2], mixed[1::2], real
        picked = same_size([len(tables.synthetic), len(rows), len(other)], self.size, seed)
        n = len(picked[0])
        parts = [tables.synthetic.take(picked[0]), real.take([rows[i] for i in picked[1]]), fresh.take([other[i] for i in picked[2]])]
        x = vectors(parts, text)
        if x is None:
            return []
        x = components(x, seed) if text else x
        k = max(2, min(50, math.isqrt(n)))
        ground = Ground(x[1], k, seed)
        hits = ground.hits(x[0])
        value = ground.coverage(hits)
        span = subsample_interval(n, lambda i: ground.coverage(hits[i]), value, seed, 2 * self.times)
        large = ground.large
        low, high = wilson(
            value * len(large), len(large)
        )  # other real rows would make other clusters, which subsets of the synthetic rows do not show
        span = min(low, span[0]), max(high, span[1])
        members = np.bincount(ground.hits(x[1]) + 1, minlength=k + 1)[1:]
        missed = sorted((int(members[c]) for c in large - set(hits.tolist())), reverse=True)
        detail = {"reference": ground.coverage(ground.hits(x[2])), "clusters": len(large), "real_rows_of_missed": missed}
        caveats = (f"{len(large)} clusters of {n:,} real rows, {n:,} synthetic rows: comparable at these sizes only",)
        return [Measurement("diversity.cluster_coverage", value, "share", n, span, "higher", caveats=caveats, detail=detail)]


def components(parts: list[Any], seed: int, most: int = 20) -> list[Any]:
    """The leading components of sparse vectors: in all their dimensions, every row that a cluster was not made of lies outside it."""
    import numpy as np
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD

    x = sparse.vstack(parts)
    if x.shape[1] > most:
        x = TruncatedSVD(most, random_state=seed).fit_transform(x)
    ends = np.cumsum([0, *(p.shape[0] for p in parts)])
    return [x[a:b] for a, b in zip(ends, ends[1:])]


def vectors(parts: list[Data], text: str | None) -> list[Any] | None:
    """Vectors of each table, made together; None where they share no column that makes one."""
    import numpy as np

    ends = np.cumsum([0, *(len(p) for p in parts)])
    if text is not None:
        x = tfidf(affordable(["" if c is None else str(c) for p in parts for c in p.columns[text]], 12_000_000)[0])
    else:
        shared = [c for c in parts[0].columns if all(c in p.columns for p in parts)]
        x = table_vectors({c: [v for p in parts for v in p.columns[c]] for c in shared}, int(ends[-1]))
        if x.shape[1] == 1 and not x.std():
            return None
    return [x[a:b] for a, b in zip(ends, ends[1:])]


def _part(matrix: Any, rows: list[int]) -> Any:
    import numpy as np

    return matrix[np.ix_(rows, rows)]
