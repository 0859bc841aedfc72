"""Strengths of systems from pairwise verdicts: Bradley and Terry's model with ties (Davidson) and a term for whoever stands first.

    strengths([("A", "B", "first", "item 1"), ("B", "A", "tie", "item 1"), ...])
        ->  Strengths(names=("A", "B"), strength=(0.41, -0.41), order=0.12, tie=-0.9, ...)

Of systems i (shown first) and j: P(first) : P(second) : P(tie) = exp((s_i - s_j + order) / 2) : exp(-(s_i - s_j + order) / 2) : exp(tie). Without
ties that is logistic regression on s_i - s_j + order. Strengths are log odds and add up to 0; order is the log odds of the first of two equals.
Order is estimated only where some pair was shown in both orders, or a system against itself; else it cannot be told from merit but by strengths adding up, and is None.
Fitted by Newton's method, which is exact here: the model is log-linear and concave. The interval is a percentile bootstrap over items (verdicts on
one item hang together), all resamples at once as weights, with its percentiles set wider for few items (Hesterberg 2015, "expanded percentile").
Where the likelihood has no maximum (a system, or a place, that always wins: Ford 1957's condition) every two systems that were compared get half a
win each way in each order they were shown in, which for two systems is the estimate of Haldane 1956 and of Firth 1993; `penalised` says so, and
there is no interval. Resamples without a maximum get the same.
Sources: Bradley and Terry 1952; Davidson 1970 (ties); Davidson and Beaver 1977 (order); Turner and Firth 2012 for the golden values of the test.
Not covered: judges with habits of their own, strengths that change with the item.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .resample import expanded_percentiles

TIMES, MOST_SYSTEMS, WORK = 1_000, 60, 4e9
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Strengths:
    """Names by falling strength. intervals: one a strength, and of order; None where penalised or with fewer than two items. n: verdicts (weights
    added up). items: clusters. lead, lead_interval: how much stronger the first is than the second."""

    names: tuple[str, ...]
    strength: tuple[float, ...]
    intervals: tuple[Interval, ...] | None
    order: float | None
    order_interval: Interval | None
    tie: float | None
    lead_interval: Interval | None
    penalised: bool
    n: float
    items: int

    @property
    def lead(self) -> float:
        return self.strength[0] - self.strength[1]


def strengths(verdicts: Iterable[tuple[Any, ...]], seed: int = 0, times: int = TIMES) -> Strengths:
    """verdicts: (system shown first, system shown second, 'first' | 'second' | 'tie', item) and optionally a weight (1 / votes of one item).

    ValueError, in words, for fewer than two systems, too many, or groups of systems that were never compared with each other.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    told = [(str(v[0]), str(v[1]), v[2], v[3], float(v[4]) if len(v) > 4 else 1.0) for v in verdicts]
    names = sorted({x for v in told for x in v[:2]})
    if len(names) < 2:
        raise ValueError(f"strengths need verdicts between at least two systems, found {len(names)}")
    if len(names) > MOST_SYSTEMS:
        raise ValueError(f"{len(names)} systems are too many to compare here, at most {MOST_SYSTEMS}")
    _connected(names, told)
    place = {x: k for k, x in enumerate(names)}
    cells = sorted({(place[v[0]], place[v[1]]) for v in told})
    cell = {c: k for k, c in enumerate(cells)}
    items = {x: k for k, x in enumerate(dict.fromkeys(v[3] for v in told))}
    outcome = {"first": 0, "second": 1, "tie": 2}
    at = [3 * cell[place[v[0]], place[v[1]]] + outcome[v[2]] for v in told]
    by_item = csr_matrix(([v[4] for v in told], ([items[v[3]] for v in told], at)), shape=(len(items), 3 * len(cells)))
    model = _Model(cells, len(names), bool(by_item[:, 2::3].sum()))
    counts = np.asarray(by_item.sum(axis=0)).reshape(1, -1)
    theta, found = model.fit(counts)
    penalised = not bool(found[0])
    s, order, tie = model.parts(theta)
    rank = np.argsort(-s[0], kind="stable")
    spans = lead_span = order_span = None
    if not penalised and len(items) > 1:
        rng = np.random.default_rng(seed)
        times = int(min(times, max(200, WORK / (len(cells) * model.size**2 * 6))))
        drawn = rng.multinomial(len(items), np.full(len(items), 1 / len(items)), size=times)
        many, _ = model.fit((by_item.T @ drawn.T).T, theta[0])
        resampled, orders, _ = model.parts(many)
        spans = tuple(expanded_percentiles(resampled[:, k], s[0, k], len(items)) for k in rank)
        lead_span = expanded_percentiles(resampled[:, rank[0]] - resampled[:, rank[1]], s[0, rank[0]] - s[0, rank[1]], len(items))
        order_span = expanded_percentiles(orders, order[0], len(items)) if orders is not None else None
    return Strengths(
        tuple(names[k] for k in rank),
        tuple(float(s[0, k]) for k in rank),
        spans,
        float(order[0]) if order is not None else None,
        order_span,
        float(tie[0]) if tie is not None else None,
        lead_span,
        penalised,
        float(counts.sum()),
        len(items),
    )


def _connected(names: list[str], told: list[tuple[Any, ...]]) -> None:
    group = {x: {x} for x in names}
    for a, b, *_ in told:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for x in group[b]:
                group[x] = group[a]
    apart = sorted({id(g): sorted(g) for g in group.values()}.values())
    if len(apart) > 1:
        shown = " | ".join(", ".join(g[:4]) + (f" and {len(g) - 4} more" if len(g) > 4 else "") for g in apart[:4])
        raise ValueError(
            f"{len(apart)} groups of systems were never compared with each other, so their strengths have no common scale: {shown}"
        )


class _Model:
    """cells: (first, second) as they were shown. theta: strengths but the last, then order, then tie, where these are estimated."""

    def __init__(self, cells: list[tuple[int, int]], k: int, ties: bool) -> None:
        import numpy as np

        self.ordered = bool({(b, a) for a, b in cells} & set(cells))
        self.k, self.ties = k, ties
        self.size = k - 1 + self.ordered + ties
        x = np.zeros((len(cells), k))
        x[np.arange(len(cells)), [a for a, _ in cells]] += 1
        x[np.arange(len(cells)), [b for _, b in cells]] -= 1
        self.x = np.hstack([x[:, :-1], np.ones((len(cells), int(self.ordered)))])

    def parts(self, theta: Any) -> tuple[Any, Any, Any]:
        """(strengths with mean 0, order or None, tie or None), a row each fit."""
        import numpy as np

        k = self.k - 1
        s = np.hstack([theta[:, :k], np.zeros((len(theta), 1))])
        return s - s.mean(axis=1, keepdims=True), theta[:, k] if self.ordered else None, theta[:, -1] if self.ties else None

    def fit(self, counts: Any, start: Any = None) -> tuple[Any, Any]:
        """(theta, whether there is a maximum without the half wins), a row each row of counts: (first, second, tie) of each cell in turn."""
        import numpy as np

        theta, found = self._newton(counts, start)
        if not found.all():
            seen = (counts[~found].reshape(-1, len(self.x), 3).sum(axis=2) > 0).astype(float)
            seen = np.ones_like(seen) if len(counts) > 1 else seen
            half = np.stack([0.5 * seen, 0.5 * seen, 0.5 * seen * self.ties], axis=2).reshape(len(seen), -1)
            theta[~found], _ = self._newton(counts[~found] + half, None)
        return theta, found

    def _newton(self, counts: Any, start: Any) -> tuple[Any, Any]:
        import numpy as np

        n = counts.reshape(len(counts), len(self.x), 3)
        total = n.sum(axis=2)
        scale = np.maximum(total.sum(axis=1), 1.0)
        theta = np.zeros((len(counts), self.size)) if start is None else np.repeat(start[None, :], len(counts), axis=0)
        found = np.zeros(len(counts), bool)
        tiny = 1e-12 * np.eye(self.size)
        worth, p = self._worth(theta, n)
        for _ in range(30):
            half = (p[..., 0] - p[..., 1]) / 2  # mean of +1/2, -1/2, 0
            gradient = ((n[..., 0] - n[..., 1]) / 2 - total * half) @ self.x
            within = (total * ((p[..., 0] + p[..., 1]) / 4 - half**2))[:, None, :] * self.x.T @ self.x
            if self.ties:
                gradient = np.hstack([gradient, (n[..., 2] - total * p[..., 2]).sum(axis=1, keepdims=True)])
                across = -(total * half * p[..., 2]) @ self.x
                alone = (total * p[..., 2] * (1 - p[..., 2])).sum(axis=1)[:, None]
                within = np.concatenate(
                    [np.concatenate([within, across[:, :, None]], axis=2), np.hstack([across, alone])[:, None, :]], axis=1
                )
            step = np.linalg.solve(within / scale[:, None, None] + tiny, gradient[:, :, None] / scale[:, None, None])[:, :, 0]
            found = (np.abs(step).max(axis=1) < 1e-7) & (np.abs(theta).max(axis=1) < 20)
            if found.all():
                break
            step = np.clip(step, -3, 3)
            for _ in range(12):  # halve where the likelihood would fall
                new, p = self._worth(theta + step, n)
                worse = new < worth - 1e-9 * np.abs(worth)
                if not worse.any():
                    break
                step[worse] /= 2
            theta, worth = theta + step, new
        return theta, found

    def _worth(self, theta: Any, n: Any) -> tuple[Any, Any]:
        """(log-likelihood, probabilities of first, second, tie in each cell)."""
        import numpy as np

        eta = theta[:, : self.x.shape[1]] @ self.x.T / 2
        every = np.stack([eta, -eta, np.broadcast_to(theta[:, -1:], eta.shape) if self.ties else np.full_like(eta, -np.inf)], axis=2)
        top = every.max(axis=2, keepdims=True)
        weight = np.exp(every - top)
        whole = weight.sum(axis=2, keepdims=True)
        logp = every - top - np.log(whole)
        return (n * np.where(n > 0, logp, 0.0)).sum(axis=(1, 2)), weight / whole
