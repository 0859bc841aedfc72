"""trial_tests: the tests of a clinical paper on synthetic tables, and what they lack: effect sizes and a test of equivalence.

    measure: [realism]      gates: {realism.equivalent: {at_least: 0.8}}

Per column: Welch's t and Kolmogorov-Smirnov (numbers) or two proportions (categories, every level), overlap of the 95 % intervals, and TOST with a margin of 0.2 real standard
deviations, or 5 points of a share. Against the holdout, else the real rows. `not_different` is the paper's "statistically similar": columns whose test
does not reject at 5 %. Independent columns get the same numbers to the last digit, and few rows pass everything: a floor to pass, no claim of quality.
`detail.columns` tells difference, effect (Cohen's d or h), p and TOST p of each column; `detail.ceiling` is real rows against the holdout.
Source: Barr, Quan, Guo, Sezgin 2025 (10.3389/frai.2025.1533508); TOST: Schuirmann 1987. Not covered: correction over columns; dates, texts, ids.
One row of detail: weight: difference 0.4, effect 0.03, p 0.41, tost_p 0.00002
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import level, numbers
from ..stats.features import kind_of
from ..stats.intervals import wilson
from ..stats.two_sample import Compared, ks_p, moments, two_categories, two_means

MOST_LEVELS = 50


@dataclass(frozen=True)
class TrialTests(Metric):
    """margin: of TOST for numbers, in real standard deviations. points: of TOST for shares."""

    margin: float = 0.2
    points: float = 0.05
    name: ClassVar[str] = "trial_tests"
    family: ClassVar[str] = "realism"
    cites: ClassVar[tuple[str, ...]] = (
        "Barr et al. 2025, Large language models generating synthetic clinical datasets (10.3389/frai.2025.1533508)",
        "Schuirmann 1987, A comparison of the two one-sided tests procedure and the power approach",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "realism.not_different": "share of columns whose t or z test does not reject at 5 %, 0..1, higher; independent columns pass (Barr et al. 2025)",
        "realism.same_distribution": "share of number columns whose Kolmogorov-Smirnov test does not reject at 5 %, 0..1, higher; independent columns pass",
        "realism.intervals_overlap": "share of columns whose 95 % intervals of mean or shares overlap, 0..1, higher (Barr et al. 2025)",
        "realism.equivalent": "share of columns shown by TOST to differ by less than 0.2 sd or 5 points, 0..1, higher (Schuirmann 1987)",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real = tables.reference
        if real is None:
            return []
        found = self._columns(tables.synthetic, real)
        if not found:
            return []
        seen = tables.ceiling(())
        third = self._columns(seen, real) if seen else {}
        told = {
            c: {"difference": x.difference, "effect": x.effect, "p": x.p, "overlap": x.overlap, "tost_p": x.tost} for c, x in found.items()
        }
        caveats = (
            tables.against,
            "means and shares of single columns: independent columns get the same number, read it with the pairs",
            f"{len(tables.synthetic):,} and {len(real):,} rows: few pass everything but equivalence, many fail over trifles; read the effects",
            "interval over columns, as if they were drawn independently",
        )
        out = []
        for name, passed in (
            ("not_different", lambda x: not x.differs),
            ("intervals_overlap", lambda x: x.overlap),
            ("equivalent", lambda x: x.equivalent),
        ):
            hits = sum(map(passed, found.values()))
            detail: dict[str, Any] = {"floor": hits / len(found), **({"columns": told} if name == "not_different" else {})}
            if third:
                detail["ceiling"] = sum(map(passed, third.values())) / len(third)
            groups = {c: float(passed(x)) for c, x in found.items()}
            span = wilson(hits, len(found))
            out.append(Measurement(f"realism.{name}", hits / len(found), "share", len(found), span, "higher", groups, caveats, detail))
        shapes = self._shapes(tables.synthetic, real)
        if shapes:
            hits, n = sum(p >= 0.05 for _, p in shapes.values()), len(shapes)
            detail = {"floor": hits / n, "columns": {c: {"ks": d, "p": p} for c, (d, p) in shapes.items()}}
            if seen and (others := self._shapes(seen, real)):
                detail["ceiling"] = sum(p >= 0.05 for _, p in others.values()) / len(others)
            groups = {c: float(p >= 0.05) for c, (_, p) in shapes.items()}
            out.append(Measurement("realism.same_distribution", hits / n, "share", n, wilson(hits, n), "higher", groups, caveats, detail))
        return out

    def _shapes(self, own: Data, real: Data) -> dict[str, tuple[float, float]]:
        """(KS distance, p) of each column of numbers."""
        import numpy as np

        out = {}
        for name in own.columns:
            if name in real.columns and kind_of(real.columns[name]) == "number":
                a, b = (x[~np.isnan(x)] for x in (numbers(own.columns[name]), numbers(real.columns[name])))
                if len(a) and len(b):
                    out[name] = ks_p(a, b)
        return out

    def _columns(self, own: Data, real: Data) -> dict[str, Compared]:
        out = {}
        for name in own.columns:
            if name not in real.columns:
                continue
            a, b, kind = own.columns[name], real.columns[name], kind_of(real.columns[name])
            try:
                if kind == "number":
                    there = moments(numbers(b))
                    out[name] = two_means(moments(numbers(a)), there, self.margin * (there[1] or 1.0))
                elif kind in ("category", "constant"):
                    cells, others = [level(c) for c in a], [level(c) for c in b]
                    if len(set(others)) <= MOST_LEVELS:
                        out[name] = two_categories(cells, others, self.points)
            except ValueError:  # no value to compare on one side
                continue
        return out
