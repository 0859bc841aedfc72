"""rules: do computed fields, orders and lookups of the real table hold in the synthetic rows? BMI = kg / m^2, admitted <= discharged, city determines country.

    measure: [realism]      gates: {realism.rules: {at_least: 0.99}}

The rules are found in the real rows the generator saw (stats/rules: forms, tolerance), not given; a table without any gets no number. The value is
the share of rows that break none; by_group tells each rule's own share. Beside it: `detail.floor` (each synthetic column shuffled by itself) and
`detail.ceiling` (the holdout). Rows with a missing cell or an unknown lookup value break nothing.
Source: the derived-field check of Barr et al. 2025 (10.3389/frai.2025.1533508: BMI right in all files). Not covered: rules that the real rows do not show.
One line of by_group: 'bmi = 10000 * weight / height^2': 0.39 (trees that model BMI as a column of its own)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import encoded
from ..stats.features import kind_of
from ..stats.intervals import wilson
from ..stats.resample import subsample
from ..stats.rules import Rule, rules


@dataclass(frozen=True)
class Rules(Metric):
    """most: rows a side."""

    most: int = 5_000
    name: ClassVar[str] = "rules"
    family: ClassVar[str] = "realism"
    cites: ClassVar[tuple[str, ...]] = (
        "Barr et al. 2025, Large language models generating synthetic clinical datasets (10.3389/frai.2025.1533508)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "realism.rules": "share of rows that break no rule found in the real rows (computed fields, orders, lookups), 0..1, higher is better"
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        import numpy as np

        real = tables.real or tables.holdout
        if real is None or not len(tables.synthetic):
            return []
        kinds = {c: kind_of(real.columns[c]) for c in tables.synthetic.columns if c in real.columns}
        kinds = {c: k for c, k in kinds.items() if k in ("number", "date", "category")}
        levels: dict[str, dict[Any, int]] = {}
        found = rules(self._cells(real, kinds, levels, tables.seed), kinds, tables.seed)
        if not found:
            return []
        own = self._cells(tables.synthetic, kinds, levels, tables.seed)
        n = min(self.most, len(tables.synthetic))
        rng = np.random.default_rng(tables.seed)
        groups, kept = _judged(found, own)
        detail: dict[str, float] = {"floor": float(_judged(found, {c: x[rng.permutation(n)] for c, x in own.items()})[1].mean())}
        held = tables.holdout
        if held is not None and tables.real is not None and len(held) and all(c in held.columns for c in kinds):
            detail["ceiling"] = float(_judged(found, self._cells(held, kinds, levels, tables.seed))[1].mean())
        hits = int(kept.sum())
        caveats = (f"{len(found)} rules found in {min(self.most, len(real)):,} real rows; what the real rows do not show is not asked",)
        return [Measurement("realism.rules", hits / n, "share", n, wilson(hits, n), "higher", groups, caveats, detail)]

    def _cells(self, data: Data, kinds: Mapping[str, str], levels: dict[str, dict[Any, int]], seed: int) -> dict[str, Any]:
        return encoded(data.columns, subsample(len(data), self.most, seed), kinds, levels)


def _judged(found: list[Rule], cells: Mapping[str, Any]) -> tuple[dict[str, float], Any]:
    """(share of rows that keep each rule, among those it applies to; per row whether none is broken)."""
    import numpy as np

    with np.errstate(all="ignore"):
        held = {r.text: r.holds(cells) for r in found}
    kept = np.all([h != 0 for h in held.values()], axis=0)
    return {t: float(np.nanmean(h)) for t, h in held.items() if not np.isnan(h).all()}, kept
