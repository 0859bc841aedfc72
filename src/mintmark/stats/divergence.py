"""How far apart are two clouds of vectors: the divergence curve of MAUVE and the Fréchet distance of two normals.

The curve (Pillutla et al. 2021, NeurIPS, sections 2 and 3): both samples are put into k clusters, P and Q are their histograms, R = l P + (1 - l) Q for l
from 0 to 1, and the points (exp(-c KL(Q|R)), exp(-c KL(P|R))) enclose an area: 1 where P = Q, 0 where they share no cluster. It falls with more
clusters, so only values of one n and one k compare. Frontier integral (Liu et al. 2021, NeurIPS): the same errors summed, 0 = equal, 1 = apart.
Fréchet (Dowson and Landau 1982; as FID: Heusel et al. 2017): |m - n|^2 + tr(A + B - 2 (A B)^(1/2)); too large on average at small n.

    area([.5, .5], [.5, .5]) = 1;  frechet of N(0, 1) and N(3, 4) = 9 + (1 - 2)^2 = 10
"""

from __future__ import annotations

from typing import Any

EDGE = 1e-6  # the curve starts at l = EDGE: at 0 itself KL(P|Q) is infinite where Q lacks a cluster


def kl(p: Any, q: Any) -> float:
    """KL divergence in nats of two histograms of one length; infinite where q has none of what p has."""
    import numpy as np

    p, q = np.asarray(p, float), np.asarray(q, float)
    at = p > 0
    if np.any(q[at] <= 0):
        return float("inf")
    return max(0.0, float(np.sum(p[at] * np.log(p[at] / q[at]))))


def curve(p: Any, q: Any, c: float = 5.0, points: int = 25) -> Any:
    """(points + 2) x 2, from (0, 1) to (1, 0)."""
    import numpy as np

    p, q = (np.asarray(h, float) / np.sum(h) for h in (p, q))
    mixed = [share * p + (1 - share) * q for share in np.linspace(EDGE, 1 - EDGE, points)]
    found = np.exp([[-c * kl(q, r), -c * kl(p, r)] for r in mixed])
    return np.vstack([[1.0, 0.0], found, [0.0, 1.0]])[::-1]


def area(p: Any, q: Any, c: float = 5.0, points: int = 25) -> float:
    """Area under the divergence curve, 0..1, symmetric."""
    import numpy as np

    x, y = curve(p, q, c, points).T
    return min(1.0, float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)))


def frontier_integral(p: Any, q: Any) -> float:
    """2 x the integral over l of l KL(P|R) + (1 - l) KL(Q|R), in closed form, 0..1."""
    import numpy as np

    p, q = (np.asarray(h, float) / np.sum(h) for h in (p, q))
    total = 0.0
    for a, b in zip(p, q):
        if a == b:
            continue
        if a == 0 or b == 0:
            total += (a + b) / 2
        else:
            total += (a + b) / 2 - a * b / (a - b) * np.log(a / b)
    return float(total)


def clusters(a: Any, b: Any, k: int, seed: int = 0) -> tuple[Any, Any]:
    """Cluster numbers of the rows of both samples, from one k-means of all of them; first reduced to 90 % of the variance."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    both = np.vstack([a, b]).astype(float)
    k = max(1, min(k, len(np.unique(both, axis=0))))
    if both.shape[1] > 1 and np.ptp(both, axis=0).any():
        parts = PCA(random_state=seed).fit(both)
        keep = 1 + int(np.searchsorted(np.cumsum(parts.explained_variance_ratio_), 0.9))
        both = parts.transform(both)[:, :keep]
    found = KMeans(k, n_init=2, random_state=seed).fit_predict(both)
    return found[: len(a)], found[len(a) :]


def histograms(a: Any, b: Any) -> tuple[Any, Any]:
    import numpy as np

    k = 1 + int(max(a.max(), b.max()))
    return np.bincount(a, minlength=k), np.bincount(b, minlength=k)


def frechet(mean: Any, cov: Any, other_mean: Any, other_cov: Any) -> float:
    """Squared Fréchet (2-Wasserstein) distance of two normals."""
    import numpy as np

    a, b = np.atleast_2d(np.asarray(cov, float)), np.atleast_2d(np.asarray(other_cov, float))
    w, v = np.linalg.eigh(a)
    root = (v * np.sqrt(np.clip(w, 0, None))) @ v.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None)).sum()
    gap = np.sum((np.asarray(mean, float) - np.asarray(other_mean, float)) ** 2)
    return max(0.0, float(gap + np.trace(a) + np.trace(b) - 2 * cross))


def frechet_of(a: Any, b: Any) -> float:
    """The same of two samples of vectors, at least 2 rows each."""
    import numpy as np

    a, b = np.asarray(a, float), np.asarray(b, float)
    return frechet(a.mean(0), np.cov(a.T), b.mean(0), np.cov(b.T))
