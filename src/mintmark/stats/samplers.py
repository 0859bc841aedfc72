"""Samplers by name: numbers from scipy's distributions, moments of time. Each takes one uniform draw of a row, so it depends on nothing else.

    distribution({"distribution": "lognorm", "s": 0.5, "scale": 20, "low": 1, "high": 500, "decimals": 2})  ->  draw;  draw(rng) -> 17.42
    between({"between": ["2024-01-01", "2024-06-30"], "step": "day"})                                       ->  draw;  draw(rng) -> "2024-03-09"

low, high: the distribution is truncated there (by its own quantiles, not clipped). Parameters are scipy's: shapes by name, loc, scale; but uniform
lies between its low and high, and randint takes them as its own (high is not drawn).
ValueError, in words, for a name, parameter or bound that is none. Not covered: multivariate distributions, and those whose quantiles take seconds.
"""

from __future__ import annotations

import datetime
import difflib
import math
import random
from collections.abc import Callable, Mapping
from typing import Any

Draw = Callable[[random.Random], Any]
OWN = ("distribution", "low", "high", "decimals")
TAIL = 100_000  # scipy sums the probabilities of discrete distributions like zipf up to the value drawn
STEPS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
SLOW = {"studentized_range", "levy_stable", "kstwo", "ksone", "nchypergeom_fisher", "nchypergeom_wallenius", "geninvgauss", "genhyperbolic"}


def distribution(given: Mapping[str, Any]) -> Draw:
    """A draw from a distribution of scipy.stats: whole numbers from a discrete one."""
    import numpy as np
    from scipy import stats

    name = given["distribution"]
    found = getattr(stats, name, None) if isinstance(name, str) else None
    if not isinstance(found, (stats.rv_continuous, stats.rv_discrete)) or name in SLOW:
        names = [n for n in dir(stats) if isinstance(getattr(stats, n), (stats.rv_continuous, stats.rv_discrete)) and n not in SLOW]
        close = difflib.get_close_matches(str(name), names, n=1)
        hint = " Its quantiles take seconds." if name in SLOW else f" Did you mean '{close[0]}'?" if close else ""
        raise ValueError(f"distribution is {name!r}, expected one of scipy.stats such as norm, lognorm, gamma, poisson.{hint}")
    for key, value in given.items():
        if key != "distribution" and (isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value)):
            raise ValueError(f"{key} is {value!r}, expected a number")
    decimals = given.get("decimals")
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= 15):
        raise ValueError(f"decimals is {decimals!r}, expected a whole number, 0 to 15")
    whole = isinstance(found, stats.rv_discrete)
    own = [k for k in OWN if k not in (found.shapes or "").split(", ")]
    if name == "uniform" and {"low", "high"} <= set(given) and not {"loc", "scale"} & set(given) and given["low"] < given["high"]:
        given = {**{k: v for k, v in given.items() if k not in ("low", "high")}, "loc": given["low"], "scale": given["high"] - given["low"]}
    low, high = (given.get(k) if k in own else None for k in ("low", "high"))
    try:
        with np.errstate(all="ignore"):
            frozen = found(**{k: v for k, v in given.items() if k not in own})
            ppf = frozen.ppf
            if whole and type(found)._ppf is stats.rv_discrete._ppf and math.isfinite(frozen.support()[0]):
                if frozen.sf(TAIL) > 1e-4 and (high is None or high > 10 * TAIL):
                    raise ValueError(f"{name} draws more than {TAIL:,} too often with these parameters; give high, at most {10 * TAIL:,}")
                values = np.arange(frozen.support()[0], min(10 * TAIL, frozen.support()[1], math.inf if high is None else high) + 1)
                sums = np.cumsum(frozen.pmf(values))  # scipy looks for the quantiles one by one, and does not always end
                ppf = lambda u: values[min(int(np.searchsorted(sums, u)), len(values) - 1)]  # noqa: E731
            middle = float(ppf(0.5 if high is None else 0.5 * frozen.cdf(high)))
    except TypeError as error:
        shapes = ", ".join(filter(None, (found.shapes, "loc" if whole else "loc, scale")))
        raise ValueError(f"{name} takes {shapes}, found {', '.join(k for k in given if k not in own) or 'none'}") from error
    if not math.isfinite(middle) and (high is None or frozen.cdf(high) > 0):
        raise ValueError(f"{name} has no quantiles with these parameters")
    first = 0.0 if low is None else float(frozen.cdf(math.ceil(low) - 1 if whole else low))
    last = 1.0 if high is None else float(frozen.cdf(high))
    if not first < last:
        raise ValueError(f"{name} has nothing between low {low} and high {high}")

    def draw(rng: random.Random) -> Any:
        value = float(ppf(first + (last - first) * (rng.random() or 2**-53)))
        if not whole and decimals is not None:
            value = round(value, decimals)
        value = value if low is None else max(value, math.ceil(low) if whole else low)  # rounding may step over a bound
        value = value if high is None else min(value, math.floor(high) if whole else high)
        return int(value) if whole and math.isfinite(value) else float(value)

    return draw


def between(given: Mapping[str, Any]) -> Draw:
    """A moment from the first to the last, both included, in whole steps; as an ISO date (step: day) or date and time."""
    ends = given["between"]
    if not isinstance(ends, (list, tuple)) or len(ends) != 2:
        raise ValueError(f"between is {ends!r}, expected [first, last]")
    first, last = (_moment(end) for end in ends)
    plain = all(len(str(end)) <= 10 for end in ends)
    step = given.get("step", "day" if plain else "second")
    if step not in STEPS:
        raise ValueError(f"step is {step!r}, expected one of {', '.join(STEPS)}")
    if (first.tzinfo is None) != (last.tzinfo is None):
        raise ValueError("between: one moment has a time zone, the other has none")
    if plain and step != "day":
        last += datetime.timedelta(days=1, seconds=-STEPS[step])  # the whole last day
    many = int((last - first).total_seconds()) // STEPS[step]
    if many < 0:
        raise ValueError(f"between: {ends[0]} is after {ends[1]}")

    def draw(rng: random.Random) -> str:
        found = first + datetime.timedelta(seconds=STEPS[step] * rng.randint(0, many))
        return found.date().isoformat() if step == "day" else found.isoformat()

    return draw


def _moment(value: Any) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    try:
        return datetime.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"between: {value!r} is no ISO date or date and time, such as 2024-05-31T09:30") from error
