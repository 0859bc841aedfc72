"""levels: how evenly rows spread over the values of their category columns (topics, attributes, labels): normalised entropy.

Entropy over the logarithm of the number of levels, of synthetic and real rows together where there are real ones: a level that no row has
lowers it. 0 = one value, 1 = all levels alike. The plain estimate is too low by about (levels - 1) / 2n nats (Miller 1955): corrected, at most
to 1. Synthetic and real at the same n. Real rows are seldom even: compare with the reference before calling a low value bad.
AttrPrompt (2306.15895) looks at locations so. Not covered: texts, numbers, ids; levels that neither table holds.
One row: diversity.level_entropy 0.83 [0.80, 0.86] of 500 rows, by group {topic: 0.71, tone: 0.95}
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.features import kind_of
from ..stats.resample import same_size, subsample_interval

MOST_LEVELS = 1_000


def entropy(cells: Sequence[Any], levels: int) -> float:
    """Entropy of the values over ln(levels), Miller's correction added, 0..1; 0 where one level is all there is."""
    n, counts = len(cells), Counter(cells).values()
    if levels < 2 or not n:
        return 0.0
    plain = -sum(c / n * math.log(c / n) for c in counts)
    return min(1.0, (plain + (len(counts) - 1) / (2 * n)) / math.log(levels))


@dataclass(frozen=True)
class Levels(Metric):
    """size: rows compared (fewer where there are fewer). times: subsets behind the interval. A missing cell is a level of its own."""

    size: int = 1_000
    times: int = 20
    name: ClassVar[str] = "levels"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = (
        "Miller 1955, Note on the bias of information estimates",
        "Yu et al. 2023, Large language model as attributed training data generator (2306.15895)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.level_entropy": "mean over category columns of entropy / ln(levels), 0..1, higher is more even; compare with the reference"
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        reference = tables.reference
        picked = same_size([len(t) for t in (tables.synthetic, reference) if t is not None], self.size, tables.seed)
        n = len(picked[0])
        if n < 2:
            return []
        own: dict[str, list[str]] = {}
        real: dict[str, list[str]] = {}
        levels: dict[str, int] = {}
        for name, cells in tables.synthetic.columns.items():
            theirs = reference.columns.get(name) if reference else None
            if name == tables.text or (reference and theirs is None) or kind_of(theirs or cells) != "category":
                continue
            own[name] = [str(cells[i]) for i in picked[0]]
            real[name] = [str(theirs[i]) for i in picked[1]] if theirs is not None else []
            levels[name] = len({*own[name], *real[name]})
            if not 2 <= levels[name] <= MOST_LEVELS:
                del own[name], real[name], levels[name]
        if not own:
            return []

        def mean(rows: Sequence[int]) -> float:
            return sum(entropy([own[c][i] for i in rows], levels[c]) for c in own) / len(own)

        value = mean(range(n))
        span = subsample_interval(n, mean, value, tables.seed, self.times)
        groups = {c: entropy(own[c], levels[c]) for c in own}
        beside = {c: entropy(real[c], levels[c]) for c in own} if reference else {}
        detail = {"reference": sum(beside.values()) / len(own), "reference_by_group": beside} if beside else None
        caveats = (
            f"at {n:,} rows, levels seen in them" if reference else f"at {n:,} rows, their own levels: no real rows to compare with",
        )
        return [Measurement("diversity.level_entropy", value, "share", n, span, "higher", groups, caveats, detail)]
