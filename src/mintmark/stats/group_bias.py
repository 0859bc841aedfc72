"""Groups against labels: does one tell of the other, which pairs stand out, and how far apart are the groups' scores; with 95 % intervals.

    information({("f", "nurse"): 30, ("m", "nurse"): 10, ...})        Information(bits=0.19, interval=(0.07, 0.33), by_chance=0.01, p=1e-5)
    associations(the same counts)   [Association(group="f", label="nurse", pmi=0.58, log_odds=2.2, interval=(1.2, 3.2), p_holm=3e-5), ...]
    gap({"f": (0.9, (0.85, 0.94)), "m": (0.8, (0.74, 0.85))})         ("f", "m", 0.1, (0.03, 0.18))

information: mutual information; G = 2 n ln 2 bits is tested by chi squared, and its interval is that of the noncentrality (Smithson 2003) over 2 n ln 2,
stretched to hold the plain value, which chance alone makes (r - 1)(c - 1) / (2 n ln 2) on average. Where a cell is expected to hold fewer than 5, both
come from 999 tables drawn with the same margins instead: G does not follow chi squared there.
associations: log odds ratio of a group and a label against all others, half a case added to each cell where one is empty (Haldane, Anscombe 1956),
Wald's interval (Woolf 1955); p by Holm 1979 over all pairs. PMI in bits, None where they never meet.
gap: between the highest and the lowest score, from each one's own interval by MOVER (Zou and Donner 2008). Give intervals at the level of `spread`,
which allows for the choice of two groups out of many (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .association import margins, mutual_information
from .intervals import difference

DRAWN, MOST_DRAWN = 999, 2_000
Interval = tuple[float, float]
Counts = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Information:
    bits: float
    interval: Interval
    by_chance: float
    p: float


@dataclass(frozen=True, slots=True)
class Association:
    group: str
    label: str
    n: int
    pmi: float | None
    log_odds: float
    interval: Interval
    p_holm: float


def information(counts: Counts) -> Information:
    from scipy.stats import chi2

    rows, columns, n = margins(counts)
    free = (len(rows) - 1) * (len(columns) - 1)
    bits = mutual_information(counts)
    if not free:
        return Information(0.0, (0.0, 0.0), 0.0, 1.0)
    scale = 2 * n * math.log(2)
    low, high = (_noncentrality(bits * scale, free, at) / scale for at in (0.975, 0.025))
    by_chance, p = free / scale, float(chi2.sf(bits * scale, free))
    if min(rows.values()) * min(columns.values()) / n < 5 and len(rows) * len(columns) <= MOST_DRAWN:
        by_chance, p = _drawn(rows.values(), columns.values(), bits) or (by_chance, p)
    return Information(bits, (min(low, bits), max(high, bits)), by_chance, p)


def _drawn(rows: Collection[float], columns: Collection[float], bits: float) -> tuple[float, float] | None:
    """(mean bits, share of tables with at least as many) of tables with these margins; None for margins that are no whole numbers."""
    import numpy as np
    from scipy.stats import random_table

    r, c = (np.asarray(list(x), float) for x in (rows, columns))
    if not (np.allclose(r, r.round()) and np.allclose(c, c.round())):
        return None
    tables = random_table.rvs(r.round(), c.round(), size=DRAWN, random_state=0)
    share = tables / r.sum()
    ratio = np.log2(np.where(share > 0, share, 1.0) / np.where(share > 0, np.outer(r, c) / r.sum() ** 2, 1.0))
    found = (share * ratio).sum(axis=(1, 2))
    return float(found.mean()), float(1 + (found >= bits - 1e-9).sum()) / (1 + DRAWN)


def _noncentrality(g: float, free: int, level: float) -> float:
    """The noncentrality under which a chi squared up to g has this probability; 0 where even the central one has less."""
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    if g <= 0 or chi2.cdf(g, free) <= level:
        return 0.0
    most = g + 10 * math.sqrt(g) + 50
    return float(brentq(lambda x: ncx2.cdf(g, free, x) - level, 1e-12, most))


def associations(counts: Counts) -> list[Association]:
    """Strongest first. Of two groups (or two labels) the second says nothing new and is left out."""
    from scipy.stats import norm

    rows, columns, n = margins(counts)
    shown = [
        (g, y)
        for g in (sorted(rows)[:1] if len(rows) == 2 else sorted(rows))
        for y in (sorted(columns)[1:] if len(columns) == 2 else columns)
    ]
    found = []
    for g, y in shown if len(rows) > 1 and len(columns) > 1 else ():
        a = counts.get((g, y), 0)
        cells = [a, rows[g] - a, columns[y] - a, n - rows[g] - columns[y] + a]
        b = [c + 0.5 for c in cells] if min(cells) <= 0 else cells
        value, se = math.log(b[0] * b[3] / (b[1] * b[2])), math.sqrt(sum(1 / c for c in b))
        pmi = math.log2(a * n / (rows[g] * columns[y])) if a else None
        found.append((g, y, int(a), pmi, value, se, 2 * float(norm.sf(abs(value) / se))))
    corrected = holm([f[6] for f in found])
    z = 1.959964
    out = [Association(g, y, a, pmi, v, (v - z * se, v + z * se), p) for (g, y, a, pmi, v, se, _), p in zip(found, corrected, strict=True)]
    return sorted(out, key=lambda f: -abs(f.log_odds))


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down p-values, in the order given."""
    out, worst = [1.0] * len(p), 0.0
    for rank, k in enumerate(sorted(range(len(p)), key=lambda k: p[k])):
        worst = max(worst, min(1.0, (len(p) - rank) * p[k]))
        out[k] = worst
    return out


def spread(groups: int) -> float:
    """The normal quantile for intervals of a gap between the best and the worst of so many groups: 95 % over all pairs of them."""
    from scipy.stats import norm

    return float(norm.ppf(1 - 0.025 / max(1, groups * (groups - 1) // 2)))


def gap(scores: Mapping[str, tuple[float, Interval]]) -> tuple[str, str, float, Interval]:
    """(best, worst, difference, its interval). A gap is never below 0, its interval can be: then another group may be the best."""
    best, worst = max(scores, key=lambda g: scores[g][0]), min(scores, key=lambda g: scores[g][0])
    return best, worst, scores[best][0] - scores[worst][0], difference(*scores[worst], *scores[best])
