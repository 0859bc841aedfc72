"""n@k: how likely a problem is solved by n submissions, picked out of some rollouts by what their public tests say.

    n_at_k(solved=2, fooled=1, failed=3, rollouts=2, n=1)  ->  0.5333333333333333

Of all rollouts of a problem, `rollouts` are drawn without replacement; of those that pass the public tests, n are handed in at random (all, where there are
fewer). Exact, so unbiased as pass@k is, which it equals where everything is handed in. Source: AlphaCode's n@k (2203.07814); RLEF (2410.02089), section 3.
"""

from __future__ import annotations

from math import comb


def n_at_k(solved: int, fooled: int, failed: int, rollouts: int, n: int = 1) -> float:
    """solved: rollouts that pass every test; fooled: the public ones alone; failed: not even those. ValueError for more rollouts than there are."""
    total = solved + fooled + failed
    if not 1 <= rollouts <= total or n < 1:
        raise ValueError(
            f"{rollouts} of {total} rollouts and {n} submissions; expected at least 1 of each, and no more rollouts than there are"
        )
    missed = 0.0
    for good in range(min(solved, rollouts) + 1):
        for bad in range(min(fooled, rollouts - good) + 1):
            drawn = comb(solved, good) * comb(fooled, bad) * comb(failed, rollouts - good - bad) / comb(total, rollouts)
            missed += drawn * (comb(bad, n) / comb(good + bad, n) if good + bad >= n else not good)
    return 1.0 - missed
