"""Protection of numbers that few rows hold: extremes are drawn inside, and a value that fewer than COMMON rows hold is never given out by one of them.

Values held by COMMON rows or more are kept as they are. Beyond the EXTREMEth lowest or highest row a value is drawn anew between that row's value
and the one twice as far in. What still equals a rarer value of the row it was drawn from moves by a rounding step. Drawn
from others it stays, as often as if that row had never been there: values move half way towards the next row but one, past their neighbour and not up to
it. To avoid them all would tell by what is missing who was in the table: 0 % of guesses at single values were true of a real row, 1.4 % of a fresh one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COMMON, EXTREME = 5, 5


@dataclass(frozen=True)
class Guard:
    """common, few: sorted values held by at least COMMON rows, by fewer. low, high: (edge, further in)."""

    common: Any
    few: Any
    low: tuple[float, float]
    high: tuple[float, float]

    @classmethod
    def of(cls, y: Any) -> Guard:
        import numpy as np

        found = np.sort(y[~np.isnan(y)])
        values, counts = np.unique(found, return_counts=True)
        n = len(found)
        if not n:
            return cls(values, values, (0.0, 0.0), (0.0, 0.0))
        k = min(EXTREME, max(1, n // 4))
        inner = min(2 * k, n)
        return cls(
            values[counts >= COMMON],
            values[counts < COMMON],
            (float(found[k - 1]), float(found[inner - 1])),
            (float(found[-k]), float(found[-inner])),
        )

    def inside(self, made: Any, keep: Any, width: Any, at: Any, rng: Any) -> Any:
        """made from the values `at`, with extremes taken in, on the grid of `width` (0 = none) through `at`, away from `at` where few rows
        hold it; NaN and `keep` stay."""
        import numpy as np

        free = ~np.isnan(made) & ~keep
        for (edge, inner), beyond in ((self.low, made < self.low[0]), (self.high, made > self.high[0])):
            made = np.where(free & beyond, edge + rng.random(len(made)) * (inner - edge), made)
        step = np.where(width > 0, width, 1.0)
        made = np.where(free & (width > 0), np.round(at + np.round((made - at) / step) * step, 9), made)
        back = np.where(made < self.low[0], step, np.where(made > self.high[0], -step, 0.0))  # rounding may have led out again
        made = np.where(free & (width > 0), np.clip(np.round(made + back, 9), self.low[0], self.high[0]), made)

        def own() -> Any:
            return free & among(made, self.few) & ((made == at) | (made == self.low[0]) | (made == self.high[0]))

        for far in range(1, 7):
            if not (found := own()).any():
                return made
            way = np.where(made <= self.low[0], 1, np.where(made >= self.high[0], -1, np.where(rng.random(len(made)) < 0.5, -1, 1)))
            nudge = way * far * np.where(width > 0, width, np.abs(made) * 1e-6 + 1e-9)
            made = np.where(found, np.round(np.clip(made + nudge, self.low[0], self.high[0]), 9), made)
        if (found := own()).any() and len(self.common):  # nowhere to go between such values: the nearest common one
            made = np.where(found, self.common[np.clip(np.searchsorted(self.common, made), 0, len(self.common) - 1)], made)
        return made

    def is_common(self, values: Any) -> Any:
        return among(values, self.common)


def among(values: Any, ordered: Any) -> Any:
    """Which of the values are among the ordered ones."""
    import numpy as np

    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values
