"""Rules that hold in every row of a table: computed numbers, orders, lookups; found by search over pairs and triples of columns.

    found = rules({"weight": w, "height": h, "bmi": b}, kinds)  ->  [Rule('bmi = weight / height^2')];  found[0].holds(table)  ->  1, 0, NaN = no say

Forms: a + b, a - b; k a b, k a / b, k a / b^2 with a constant k (units). A computed number may be off by one step of its last decimal or 0.5 %, since
what it was computed from is rounded too. Order: a <= b for two numbers or two dates. Lookup: a category that another one determines (city, country).
Kept are rules that hold in 98 % of the rows (orders and lookups: in all) and that columns shuffled by themselves would break: others say nothing.
Not covered: rules of three columns or more, conditions ('if pregnant then f'), forms not named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

MOST_COLUMNS = 15  # numbers that are looked at: triples grow with the cube
MOST_RULES = 50
HOLDS, BROKEN = 0.98, 0.9
FEWEST = 20
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """holds(cells) -> per row 1.0, 0.0, or NaN where a cell is missing or a lookup does not know the value."""

    text: str
    columns: tuple[str, ...]
    holds: Callable[[Cells], Any]


FORMS: tuple[tuple[str, bool, Callable[[Any, Any], Any]], ...] = (
    ("{a} + {b}", False, lambda a, b: a + b),
    ("{a} - {b}", False, lambda a, b: a - b),
    ("{a} * {b}", True, lambda a, b: a * b),
    ("{a} / {b}", True, lambda a, b: a / b),
    ("{a} / {b}^2", True, lambda a, b: a / b**2),
)


def rules(cells: Cells, kinds: Mapping[str, str], seed: int = 0) -> list[Rule]:
    """cells: floats with NaN (kinds number, date) or integer codes (category, missing = -1), all of one length."""
    import numpy as np

    n = len(next(iter(cells.values()), ()))
    if n < FEWEST:
        return []
    rng = np.random.default_rng(seed)
    shuffled = {c: x[rng.permutation(n)] for c, x in cells.items()}
    out: list[Rule] = []
    taken: set[frozenset[str]] = set()
    with np.errstate(all="ignore"):
        for rule, least in (
            *((r, HOLDS) for r in _computed(cells, kinds)),
            *((r, 1.0) for r in (*_orders(cells, kinds), *_lookups(cells, kinds))),
        ):
            if len(out) == MOST_RULES:
                break
            held, by_chance = rule.holds(cells), rule.holds(shuffled)
            if frozenset(rule.columns) in taken or np.sum(~np.isnan(held)) < FEWEST:  # total = a + b says a = total - b too
                continue
            if np.nanmean(held) >= least and not np.nanmean(by_chance) > BROKEN:
                taken.add(frozenset(rule.columns))
                out.append(rule)
    return out


def _computed(cells: Cells, kinds: Mapping[str, str]) -> Iterator[Rule]:
    import numpy as np

    names = [c for c, k in kinds.items() if k == "number" and np.unique(cells[c][~np.isnan(cells[c])]).size > 5][:MOST_COLUMNS]
    whole = np.all([~np.isnan(cells[c]) for c in names], axis=0) if names else np.zeros(0, bool)
    few = np.flatnonzero(whole)[:40]
    few = few if len(few) >= 10 else np.arange(min(40, len(whole)))
    for c in names:
        step = _step(cells[c])
        for a, b in permutations([x for x in names if x != c], 2):
            for text, factor, form in FORMS:
                if a > b and text in ("{a} + {b}", "{a} * {b}"):
                    continue
                made, given = form(cells[a][few], cells[b][few]), cells[c][few]
                k = float(np.nanmedian(given / made)) if factor else 1.0
                if not np.isfinite(k) or k == 0 or np.nanmean(_near(k * made, given, step)) < 0.9:
                    continue
                if factor:
                    k = float(np.nanmedian(cells[c] / form(cells[a], cells[b])))
                    k = next(r for r in (float(f"{k:.{d}g}") for d in (1, 2, 4)) if abs(r / k - 1) < 0.002)
                shown = text.format(a=a, b=b)
                yield Rule(
                    f"{c} = {shown}" if k == 1 else f"{c} = {int(k) if k.is_integer() else k} * {shown}",
                    (c, a, b),
                    _computing(c, a, b, form, k, step),
                )


def _computing(c: str, a: str, b: str, form: Callable[[Any, Any], Any], k: float, step: float) -> Callable[[Cells], Any]:
    return lambda cells: _near(k * form(cells[a], cells[b]), cells[c], step)


def _near(made: Any, given: Any, step: float) -> Any:
    import numpy as np

    near = (np.abs(made - given) <= np.maximum(step * 1.0001, 0.005 * np.abs(given))).astype(float)
    return np.where(np.isnan(made) | np.isnan(given), np.nan, near)


def _step(x: Any) -> float:
    """The smallest of 1, 0.1, ... 0.000001 of which nearly all values are multiples."""
    import numpy as np

    x = x[~np.isnan(x)]
    for digits in range(7):
        if np.mean(np.abs(np.round(x, digits) - x) < 1e-9) > 0.99:
            return float(10.0**-digits)
    return 0.0


def _orders(cells: Cells, kinds: Mapping[str, str]) -> Iterator[Rule]:
    for kind in ("date", "number"):
        for a, b in permutations([c for c, k in kinds.items() if k == kind][: 2 * MOST_COLUMNS], 2):
            yield Rule(f"{a} <= {b}", (a, b), _ordered(a, b))


def _ordered(a: str, b: str) -> Callable[[Cells], Any]:
    import numpy as np

    return lambda cells: np.where(np.isnan(cells[a]) | np.isnan(cells[b]), np.nan, (cells[a] <= cells[b]).astype(float))


def _lookups(cells: Cells, kinds: Mapping[str, str]) -> Iterator[Rule]:
    import numpy as np

    names = [c for c, k in kinds.items() if k == "category"][: 2 * MOST_COLUMNS]
    sizes = {c: int(np.unique(cells[c]).size) for c in names}
    for pair in combinations(names, 2):
        a, b = sorted(pair, key=lambda c: -sizes[c])
        if sizes[b] < 2 or sizes[a] * 5 > len(cells[a]):  # a level with few rows is determined by chance
            continue
        known = dict(zip(cells[a].tolist(), cells[b].tolist()))
        yield Rule(f"{a} determines {b}", (a, b), _looked_up(a, b, known))


def _looked_up(a: str, b: str, known: Mapping[int, int]) -> Callable[[Cells], Any]:
    import numpy as np

    return lambda cells: np.asarray(
        [np.nan if x not in known else float(known[x] == y) for x, y in zip(cells[a].tolist(), cells[b].tolist())]
    )
