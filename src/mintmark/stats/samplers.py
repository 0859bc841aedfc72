"""Samplers by name: numbers from scipy's distributions, moments of time. Each takes one uniform draw of a row, so it depends on nothing else.

    distribution({"distribution": "lognorm", "s": 0.5, "scale": 20, "low": 1, "high": 500, "decimals": 2})  ->  draw;  draw(rng) -> 17.42
    between({"between": ["2024-01-01", "2024-06-30"], "step": "day"})                                       ->  draw;  draw(rng) -> "2024-03-09"

low, high: the distribution is truncated there (by its own quantiles, not clipped). Parameters are scipy's: shapes by name, loc, scale.
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
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise ValueError(f"distribution is {name!r}, expected one of scipy.stats such as norm, lognorm, gamma, poisson.{hint}")
    for key, value in given.items():
        if key != "distribution" and (isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value)):
            raise ValueError(f"{key} is {value!r}, expected a number")
    decimals = given.get("decimals")
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= 15):
        raise ValueError(f"decimals is {decimals!r}, expected a whole number, 0 to 15")
    whole = isinstance(found, stats.rv_discrete)
    try:
        with np.errstate(all="ignore"):
            frozen = found(**{k: v for k, v in given.items() if k not in OWN})
            middle = float(frozen.ppf(0.5))
    except TypeError as error:
        shapes = ", ".join(filter(None, (found.shapes, "loc" if whole else "loc, scale")))
        raise ValueError(f"{name} takes {shapes}, found {', '.join(k for k in given if k not in OWN) or 'none'}") from error
    if not math.isfinite(middle):
        raise ValueError(f"{name} has no quantiles with these parameters")
    low, high = given.get("low"), given.get("high")
    first = 0.0 if low is None else float(frozen.cdf(math.ceil(low) - 1 if whole else low))
    last = 1.0 if high is None else float(frozen.cdf(high))
    if not first < last:
        raise ValueError(f"{name} has nothing between low {low} and high {high}")

    def draw(rng: random.Random) -> Any:
        value = float(frozen.ppf(first + (last - first) * (rng.random() or 2**-53)))
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
