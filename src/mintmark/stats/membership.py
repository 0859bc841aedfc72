"""What an attack on membership proves: AUC, hits at few false alarms, and the least epsilon that explains it.

    attack([0.9, 0.8, 0.4], [0.5, 0.3, 0.1], seed=0).auc  ->  0.89: scores of members tend to be higher than those of outsiders

TPR at 1 % FPR counts what matters (Carlini et al. 2022, 2112.03570): a few people found for sure, not all a little. Ties are broken at random.
The bound on epsilon: at (epsilon, 0)-differential privacy no guesser is right more often than exp(e) / (1 + exp(e)) about rows put in or out at
random, so `right` of `guesses` bounds e from below by Clopper-Pearson (Steinke, Nasr and Jagielski 2023, 2305.08846, for delta 0). Whom to guess is
chosen on one half of the rows and tried on the other. It proves leaks; a bound of 0 proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .gaussian_dp import epsilon_of
from .intervals import clopper_pearson, delong

FPR = 0.01
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True)
class Attack:
    """tpr: at a false positive rate of 1 %. epsilon: lower bound, 95 % sure, one-sided; most: the largest that so many guesses could show."""

    auc: float
    auc_span: tuple[float, float]
    tpr: float
    tpr_span: tuple[float, float]
    epsilon: float
    most: float
    guesses: int
    right: int


def tpr_at(members: Any, others: Any, fpr: float = FPR) -> float:
    """Share of members whose score passes the threshold that a share `fpr` of the others passes; ties at the threshold pass at random."""
    import numpy as np

    members, others = np.asarray(members), np.asarray(others)
    at = np.sort(others)[::-1][min(len(others) - 1, int(fpr * len(others)))]
    above, equal = float(np.mean(others > at)), float(np.mean(others == at))
    return float(np.mean(members > at) + max(0.0, fpr - above) / equal * np.mean(members == at))


def attack(members: Sequence[float], others: Sequence[float], seed: int, times: int = 200) -> Attack:
    """Scores of rows that were in and of rows that were not. ValueError where a side is empty."""
    import numpy as np

    x, y = np.asarray(members, float), np.asarray(others, float)
    auc, span = delong(np.r_[x, y], np.r_[np.ones(len(x)), np.zeros(len(y))])
    rng = np.random.default_rng(seed)
    tpr = tpr_at(x, y)
    drawn = [tpr_at(rng.choice(x, len(x)), rng.choice(y, len(y))) for _ in range(times)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    # members that all pass, or none, do not vary when drawn again: no surer than the members' own number allows
    least, most = clopper_pearson(round(tpr * len(x)), len(x))
    edge = tpr in (0.0, 1.0)
    tpr_span = (min(tpr, least if edge else float(low)), max(tpr, most if edge else float(high)))
    return Attack(auc, span, tpr, tpr_span, *epsilon_bound(x, y, seed))


def epsilon_bound(members: Any, others: Any, seed: int) -> tuple[float, float, int, int]:
    """(epsilon, the largest that could be shown, guesses, right ones). As many rows of either side are used."""
    import numpy as np

    n = min(len(members), len(others)) // 2
    if n < 10:
        return 0.0, 0.0, 0, 0
    rng = np.random.default_rng(seed)
    score = np.stack([rng.permutation(members)[: 2 * n], rng.permutation(others)[: 2 * n]])
    noise = rng.random(score.shape)  # order of ties

    def guess(part: slice, ins: float, outs: float) -> tuple[int, int]:
        s, t = score[:, part].ravel(), noise[:, part].ravel()
        inside = np.arange(2 * n) < n
        order = np.lexsort((t, s))
        a, b = int(ins * 2 * n), int(outs * 2 * n)
        right = int(inside[order[2 * n - a :]].sum() + (~inside[order[:b]]).sum())
        return a + b, right

    tried = [(ins, outs) for q in SHARES for ins, outs in ((q, 0.0), (0.0, q), (q, q))]
    best = max(tried, key=lambda c: _bound(*guess(slice(0, n), *c)))
    guesses, right = guess(slice(n, 2 * n), *best)
    return max(0.0, _bound(guesses, right)), _bound(2 * n, 2 * n), guesses, right


def epsilon_shown(with_: Any, without: Any, delta: float, level: float = 0.999) -> float:
    """The least epsilon at this delta that explains scores of runs with a person and without (higher: with), for noise that is Gaussian as is
    claimed of it. The threshold is chosen on a third of the runs and tried on the others; `level` sure, one-sided. 0 proves nothing.

    Rates of false alarms a and misses b, from above by Clopper-Pearson, give mu >= Phi^-1(1 - a) - Phi^-1(b) (Nasr et al. 2023, 2302.07956)."""
    import numpy as np
    from scipy.special import ndtri

    x, y = (np.asarray(v, float) for v in (with_, without))
    cut_x, cut_y = len(x) // 3, len(y) // 3

    def mu(x: Any, y: Any, cut: float, sure: float) -> float:
        spans = [clopper_pearson(int(n), len(v), 1 - 2 * (1 - sure)) for n, v in (((y >= cut).sum(), y), ((x < cut).sum(), x))]
        return float(-ndtri(min(spans[0][1], 1 - 1e-12)) - ndtri(min(spans[1][1], 1 - 1e-12)))

    cuts = np.unique(np.quantile(np.concatenate([x[:cut_x], y[:cut_y]]), np.linspace(0.02, 1, 50), method="higher"))
    best = max(cuts, key=lambda c: mu(x[:cut_x], y[:cut_y], c, 0.98))
    return epsilon_of(delta, max(0.0, mu(x[cut_x:], y[cut_y:], best, 1 - (1 - level) / 2)))


def _bound(guesses: int, right: int) -> float:
    p = clopper_pearson(right, guesses, 0.9)[0] if guesses else 0.0
    return math.log(p / (1 - p)) if p > 0 else -math.inf
