"""Generations that learn from each other's output: what each learns from, and the loop over them.

    for rows in generations(lambda pool, g: rng.normal(pool.mean(), pool.std(ddof=1), 20), real, 5): ...

  replace     generation g + 1 learns from the rows of generation g alone
  accumulate  from the real rows and those of all generations so far
  subsample   from as many of these as there are real rows, drawn anew without replacement
Source: Shumailov et al. 2024 (2305.17493) replace; Gerstgrasser et al. 2024 (2404.01413) accumulate; Kazdan et al. 2024 (2410.16713) subsample.
`mintmark run --generations` and the analytic oracles of tests/stats/test_generations.py go through this loop alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

REGIMES = ("replace", "accumulate", "subsample")


def feed(regime: str, sizes: Sequence[int], seed: int = 0) -> list[Any]:
    """Row numbers that the next generation learns from, for the real rows and for each generation so far; sizes: their rows."""
    import numpy as np

    if regime not in REGIMES:
        raise ValueError(f"there is no regime '{regime}', expected {', '.join(REGIMES)}")
    if regime == "replace":
        return [*(np.arange(0) for _ in sizes[:-1]), np.arange(sizes[-1])]
    if regime == "accumulate":
        return [np.arange(n) for n in sizes]
    drawn = np.sort(np.random.default_rng((seed, len(sizes))).choice(sum(sizes), min(sizes[0], sum(sizes)), replace=False))
    ends = np.cumsum([0, *sizes])
    return [drawn[(drawn >= low) & (drawn < high)] - low for low, high in zip(ends, ends[1:])]


def generations(
    make: Callable[[Any, int], Any],
    real: Any,
    k: int,
    regime: str = "replace",
    seed: int = 0,
    take: Callable[[Any, Any], Any] = lambda rows, index: rows[index],
    join: Callable[[list[Any]], Any] | None = None,
) -> Iterator[Any]:
    """What make(what it learns from, 1..k) gives. take(rows, numbers) and join(list of rows): for rows that are no arrays."""
    import numpy as np

    parts = [real]
    for g in range(1, k + 1):
        chosen = [take(rows, index) for rows, index in zip(parts, feed(regime, [len(p) for p in parts], seed)) if len(index)]
        parts.append(make((join or np.concatenate)(chosen), g))
        yield parts[-1]
