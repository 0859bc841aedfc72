"""nearness: can who was in the real table be told from how near the nearest synthetic row is? With distances to the closest record as description.

    measure: [privacy]        or        measure: [{nearness: {columns: [age, zip, diagnosis]}}]

  mia_auc       AUC of -distance to the nearest synthetic row, real rows against the holdout's: 0.5 = cannot be told
  mia_tpr       share of real rows found at a threshold that 1 % of the holdout passes; chance is 0.01
  epsilon_lower the least epsilon that explains the same attack's guesses (stats/membership)
  dcr_share     share of synthetic rows nearer to a real row than to any holdout row (ties half), as many of each
  dcr_ratio_p5  5th percentile of the distance to the nearest real row, over the same of holdout rows
  nndr          median of (distance to the nearest) / (to the second nearest real row), beside the holdout's

Distances: stats/nearest; where there is a text column, of that column alone. Sources: Yao et al. 2025, The DCR delusion (2505.01524): distances pass
sets that leak; so only the attack is read as a verdict, and it is a weak one. Not covered: attacks that know the generator, single outliers.
One row: privacy.mia_auc 0.52 [0.50, 0.54] of 4,000 rows
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..stats.membership import attack
from ..stats.nearest import Part, gower, nearest, texts
from ..stats.resample import affordable, same_size, subsample
from ..text.contained import tokens

CHARACTERS = 4_000_000  # of the texts of one table
DESCRIBES = "a description, never a pass: tables that look well by distances leak under attack (2505.01524)"


@dataclass(frozen=True)
class Nearness(Metric):
    """size: real, holdout and synthetic rows looked at. most: synthetic rows, and rows of the reference, they are compared with. columns: those
    compared; without them the text column, or every column of numbers, dates and categories."""

    size: int = 2_000
    most: int = 50_000
    columns: tuple[str, ...] = ()
    name: ClassVar[str] = "nearness"
    family: ClassVar[str] = "privacy"
    cites: ClassVar[tuple[str, ...]] = (
        "Gower 1971, A general coefficient of similarity",
        "Yao et al. 2025, The DCR delusion: measuring the privacy risk of synthetic data (2505.01524)",
        "Carlini et al. 2022, Membership inference attacks from first principles (2112.03570)",
        "Steinke, Nasr and Jagielski 2023, Privacy auditing with one training run (2305.08846)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.mia_auc": "AUC of nearness to a synthetic row, real rows against the holdout's, 0..1, best near 0.5; above it membership shows",
        "privacy.mia_tpr": "share of real rows told at 1 % false alarms by the same nearness, 0..1, lower is better, chance is 0.01 (2112.03570)",
        "privacy.epsilon_lower": "epsilon that the same attack proves at least, 0 or more, lower is better; 0 proves nothing (2305.08846)",
        "privacy.dcr_share": "share of synthetic rows nearer to a real row than to any of as many holdout rows, 0..1, near 0.5; a description",
        "privacy.dcr_ratio_p5": "5th percentile of the distance to the nearest real row over the holdout's, 0 or more, near 1; a description",
        "privacy.nndr": "median distance to the nearest over the second nearest real row, 0..1, near the holdout's; a description",
    }

    def reads(self) -> tuple[str, ...]:
        return self.columns

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real, held, own = tables.real, tables.holdout, tables.synthetic
        if real is None or held is None or min(len(real), len(held), len(own)) < 10:
            return []
        import numpy as np

        seed, n_real, n_own = tables.seed, 5 * self.size, self.most
        if tables.text is not None and tables.text in real.columns and not self.columns:  # long texts: fewer of them
            n_real, n_own = (affordable(real.columns[tables.text], n, CHARACTERS) for n in (n_real, n_own))
        # equal sizes: with more real than holdout rows, any row is nearer to a real one (0.80 instead of 0.51 on a table of Adult)
        inner, outer = same_size([len(real), len(held)], n_real, seed)
        made = subsample(len(own), n_own, seed + 2)
        parts, told = self._parts((real.take(inner), held.take(outer), own.take(made)), tables.text)
        if not parts:
            return []
        members, outside = same_size([len(inner), len(outer)], self.size, seed + 3)
        ours = subsample(len(made), self.size, seed + 5)
        n, of = len(members), f"{len(members):,} real and as many holdout rows against {len(made):,} synthetic ones, by {told}"
        scores = [-nearest(parts, k, 2, rows, range(len(made)))[:, 0] for k, rows in ((0, members), (1, outside))]
        found = attack(scores[0], scores[1], seed)
        weak = "a simple attack: a low value is no proof of privacy"
        if n < 200:
            weak += "; few rows: little could be shown"
        bound = f"a lower bound, one-sided, 95 %: {found.right:,} of {found.guesses:,} guesses right; {2 * n:,} rows could show {found.most:.1f}"
        split = "holds where real and holdout were split at random" + (f": {'; '.join(tables.notes)}" if tables.notes else "")
        out = [
            Measurement("privacy.mia_auc", found.auc, "AUC", 2 * n, found.auc_span, "near 0.5", caveats=(of, weak)),
            Measurement("privacy.mia_tpr", found.tpr, "share", 2 * n, found.tpr_span, "lower", caveats=(of, weak), detail={"chance": 0.01}),
            Measurement(
                "privacy.epsilon_lower", found.epsilon, "epsilon", 2 * n, None, "lower", None, (bound, split), {"ceiling": found.most}
            ),
        ]
        mine, fresh = (nearest(parts, 2, k, ours, range(len(inner)), 2) for k in (0, 1))
        theirs = nearest(parts, 1, 0, outside, range(len(inner)), 2)
        against = (f"{len(ours):,} synthetic rows against {len(inner):,} real and as many holdout rows, by {told}", DESCRIBES)
        share = float(np.mean((mine[:, 0] < fresh[:, 0]) + 0.5 * (mine[:, 0] == fresh[:, 0])))
        span = wilson(share * len(ours), len(ours))
        out.append(Measurement("privacy.dcr_share", share, "share", len(ours), span, "none", caveats=against, detail={"chance": 0.5}))
        return [*out, *_percentiles(mine, theirs, against, seed)]

    def _parts(self, data: tuple[Data, Data, Data], text: str | None) -> tuple[list[Part], str]:
        for name in self.columns:
            if any(name not in d.columns for d in data):
                raise RecipeError(f"nearness: there is no column '{name}' in all of real, holdout and synthetic rows")
        shared = [c for c in data[0].columns if all(c in d.columns for d in data)]
        if text in shared and not self.columns:
            words = [[tokens("" if c is None else str(c)) for c in d.columns[text]] for d in data]
            return [texts(words)], f"the words of {text}"
        found = {c: gower([d.columns[c] for d in data]) for c in self.columns or shared}
        used = {c: part for c, part in found.items() if part is not None}
        return list(used.values()), f"Gower's distance over {', '.join(used) if len(used) < 8 else f'{len(used)} columns'}"


def _percentiles(mine: Any, theirs: Any, caveats: tuple[str, ...], seed: int, times: int = 200) -> list[Measurement]:
    """dcr_ratio_p5 and nndr, from the two smallest distances to real rows of synthetic and of holdout rows; intervals by bootstrap."""
    import numpy as np

    rng = np.random.default_rng(seed)

    def p5(x: Any) -> float:
        return float(np.quantile(x[:, 0], 0.05))

    def nndr(x: Any) -> float:
        return float(np.median(np.divide(x[:, 0], x[:, 1], out=np.ones(len(x), x.dtype), where=x[:, 1] > 0)))

    drawn = [(mine[rng.integers(0, len(mine), len(mine))], theirs[rng.integers(0, len(theirs), len(theirs))]) for _ in range(times)]
    ratio, value = (p5(mine) / p5(theirs) if p5(theirs) > 0 else None), nndr(mine)
    low, high = np.quantile([p5(x) / max(p5(y), 1e-9) for x, y in drawn], [0.025, 0.975]) if ratio is not None else (0.0, 0.0)
    a, b = np.quantile([nndr(x) for x, _ in drawn], [0.025, 0.975])
    none = ("no ratio: 5 % of the holdout rows equal a real row",) if ratio is None else ()
    span = (min(float(low), ratio), max(float(high), ratio)) if ratio is not None else None
    n = len(mine)
    detail = {"reference": nndr(theirs)}
    return [
        Measurement("privacy.dcr_ratio_p5", ratio, "ratio", n, span, "none", caveats=(*none, *caveats), detail={"reference": 1.0}),
        Measurement(
            "privacy.nndr", value, "share", n, (min(float(a), value), max(float(b), value)), "none", caveats=caveats, detail=detail
        ),
    ]
