"""pass@k: how likely at least one of k solutions of a problem is right, from n solutions of which c are.

pass_at_k: 1 - C(n - c, k) / C(n, k), unbiased for k draws without replacement, as a product of the fewer factors in logarithms, so that large n and
small chances lose nothing. Chen et al. 2021 (2107.03374), section 2.1. ranked_pass_at_k: the k are taken one from each of the best ranks, from the
first rank on again where there are fewer, each drawn by itself: CodeT (2207.10397), as its published code counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def pass_at_k(n: int, c: int, k: int) -> float:
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"expected 0 <= c <= n and 1 <= k <= n, found n={n}, c={c}, k={k}")
    if n - c < k:
        return 1.0
    few, many = min(c, k), max(c, k)
    return -math.expm1(math.fsum(math.log1p(-many / (n - i)) for i in range(few))) + 0.0


def ranked_pass_at_k(ranks: Sequence[tuple[int, int]], k: int) -> float:
    """ranks: (solutions, right ones) of each, the best first."""
    if not ranks or k < 1 or any(not 0 <= c <= n or n < 1 for n, c in ranks):
        raise ValueError(f"expected k of at least 1 and ranks with solutions, found k={k}, {list(ranks)[:3]}")
    m = min(k, len(ranks))
    return 1.0 - math.prod((1 - c / n) ** (k // m + (i < k % m)) for i, (n, c) in enumerate(ranks[:m]))
