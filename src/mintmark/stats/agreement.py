"""Agreement beyond chance, each with a 95 % interval.

    cohen([("a", "a"), ("b", "a"), ...])          two raters, one pair an item                      Agreement(kappa=0.49, interval=(0.45, 0.54), ...)
    fleiss([["a", "a", "b"], ["b", "b"], ...])    any number of ratings an item, 2 at least, of whoever rated; None is no rating
    fleiss([[4, 5], [1, 3], ...], squared=True)   ratings that are numbers: a disagreement counts by its square, so 4 against 5 is little

kappa = (observed - chance) / (1 - chance): 1 is full agreement, 0 what chance gives, below 0 worse than chance; None where everybody says one
thing always (then chance explains everything). Intervals: percentile bootstrap over items, 2,000 resamples drawn as counts of equal items.
Sources: Cohen 1960; Fleiss 1971, with a varying number of raters as in Fleiss and Cuzick 1979; squared weights: Fleiss and Cohen 1973.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

TIMES, CELLS = 2_000, 4_000_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """observed: share of pairs of ratings alike (squared: 1 less their mean squared distance over that of the scale's ends). n: items."""

    kappa: float | None
    interval: tuple[float, float] | None
    observed: float
    n: int


def cohen(pairs: Sequence[tuple[Any, Any]], seed: int = 0) -> Agreement:
    """Two raters with habits of their own: chance is the product of each one's shares. ValueError without items."""
    import numpy as np

    cells = Counter((str(a), str(b)) for a, b in pairs)
    if not cells:
        raise ValueError("agreement needs items that two have rated")
    names = sorted({x for pair in cells for x in pair})
    where = {x: i for i, x in enumerate(names)}
    patterns = sorted(cells)
    first = np.zeros((len(patterns), len(names)))
    second = np.zeros_like(first)
    for k, (a, b) in enumerate(patterns):
        first[k, where[a]] = second[k, where[b]] = 1.0
    same = np.asarray([float(a == b) for a, b in patterns])

    def measure(weights: Any) -> tuple[Any, Any]:
        return weights @ same, ((weights @ first) * (weights @ second)).sum(axis=-1)

    return _agreement(np.asarray([cells[p] for p in patterns]), measure, seed)


def fleiss(items: Sequence[Sequence[Any]], *, squared: bool = False, seed: int = 0) -> Agreement:
    """Ratings of whoever; chance is two ratings drawn from all. Items with fewer than two ratings say nothing. ValueError without others."""
    import numpy as np

    rated = [sorted(str(float(x)) if squared else str(x) for x in item if x is not None) for item in items]
    cells = Counter(tuple(r) for r in rated if len(r) > 1)
    if not cells:
        raise ValueError("agreement needs items with at least two ratings")
    names = sorted({x for pattern in cells for x in pattern}, key=float if squared else str)
    where = {x: i for i, x in enumerate(names)}
    patterns = sorted(cells)
    counts = np.zeros((len(patterns), len(names)))
    for k, pattern in enumerate(patterns):
        for x in pattern:
            counts[k, where[x]] += 1
    distance = 1.0 - np.eye(len(names))
    if squared and len(names) > 1:
        values = np.asarray([float(x) for x in names])
        distance = ((values[:, None] - values[None, :]) / (values[-1] - values[0])) ** 2
    sizes = counts.sum(axis=1)
    apart = np.einsum("ij,jk,ik->i", counts, distance, counts) / (sizes * (sizes - 1))
    shares = counts / sizes[:, None]

    def measure(weights: Any) -> tuple[Any, Any]:
        p = weights @ shares
        return 1.0 - weights @ apart, 1.0 - ((p @ distance) * p).sum(axis=-1)

    return _agreement(np.asarray([cells[p] for p in patterns]), measure, seed)


def _agreement(counts: Any, measure: Callable[[Any], tuple[Any, Any]], seed: int) -> Agreement:
    """measure: (observed, chance) of weights over the patterns that add to 1; of many weightings at once."""
    import numpy as np

    n = int(counts.sum())
    observed, chance = (float(x) for x in measure(counts / n))
    if 1 - chance < 1e-12:
        return Agreement(None, None, observed, n)
    kappa = (observed - chance) / (1 - chance)
    rng = np.random.default_rng(seed)
    drawn: list[Any] = []
    block = max(1, min(TIMES, CELLS // len(counts)))
    for start in range(0, TIMES, block):
        some, by_chance = measure(rng.multinomial(n, counts / n, size=min(block, TIMES - start)) / n)
        told = 1 - by_chance > 1e-12
        drawn.append((some[told] - by_chance[told]) / (1 - by_chance[told]))
    low, high = np.percentile(np.concatenate(drawn), [2.5, 97.5])
    return Agreement(kappa, (min(float(low), kappa), max(float(high), kappa)), observed, n)
