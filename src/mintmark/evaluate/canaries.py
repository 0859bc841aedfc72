"""canaries: do texts that were planted in the private table show in the synthetic texts, against texts of the same make that were not planted?

    mintmark canaries letters.csv --column text --out planted        # then make the data set from planted/planted.jsonl
    tables: {canaries_in: planted/canaries_in.jsonl, canaries_out: planted/canaries_out.jsonl}
    measure: [privacy]        or        measure: [{canaries: {inside: canaries_in, outside: canaries_out}}]

Two attacks that see nothing but the synthetic texts: how well a trigram model of them foresees a canary (`_ngram`), and how near its nearest text is
(`_nearest`, stats/nearest). AUC 0.5 and TPR 0.01 are chance. Source: Meeus et al. 2025, Canary's Echo (2502.14921). At least 50 canaries a side make
sense. Not covered: attacks that may ask the generator.
One row: privacy.canary_auc_ngram 0.71 [0.63, 0.79] of 200 canaries
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.metric import Measurement, Metric, Tables
from ..stats.membership import attack
from ..stats.nearest import nearest, texts
from ..stats.resample import subsample
from ..text.contained import tokens
from ..text.trigram import Trigram, words_of


@dataclass(frozen=True)
class Canaries(Metric):
    """inside, outside: the tables of canaries that were planted and that were not. most: synthetic texts looked at."""

    inside: str = "canaries_in"
    outside: str = "canaries_out"
    most: int = 50_000
    name: ClassVar[str] = "canaries"
    family: ClassVar[str] = "privacy"
    cites: ClassVar[tuple[str, ...]] = (
        "Meeus et al. 2025, The canary's echo: auditing privacy risks of LLM-generated synthetic text (2502.14921)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.canary_auc_ngram": "AUC of canaries in against out by a trigram model of the synthetic texts, 0..1, best near 0.5 (2502.14921)",
        "privacy.canary_auc_nearest": "the same by nearness to a synthetic text",
        "privacy.canary_tpr_ngram": "share of planted canaries told at 1 % false alarms by the trigram model, 0..1, lower is better, chance is 0.01",
        "privacy.canary_tpr_nearest": "the same by nearness to a synthetic text",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        column, own = tables.text, tables.synthetic
        if column is None or column not in own.columns:
            return []
        default = (self.inside, self.outside) == (Canaries.inside, Canaries.outside)
        if default and not all(name in ctx.tables for name in (self.inside, self.outside)):
            return []
        sides: list[list[str]] = []
        for name in (self.inside, self.outside):
            if column not in ctx.table(name).columns:
                raise RecipeError(f"canaries: table '{name}' has no column '{column}'; it must be the one that the texts stand in")
            sides.append([str(c) for c in ctx.table(name).column(column) if c is not None])
        made = [str(own.columns[column][i]) for i in subsample(len(own), self.most, tables.seed) if own.columns[column][i] is not None]
        if not made or min(map(len, sides)) < 2:
            return []
        rows = [[words_of(t) for t in side] for side in (*sides, made)]
        model = Trigram(rows[-1], 1 + len({w for side in rows for row in side for w in row}))
        part = texts([[tokens(t) for t in side] for side in (*sides, made)])
        scores: dict[str, list[Any]] = {
            "ngram": [[-model.nll(row) / (len(row) + 1) for row in side] for side in rows[:2]],
            "nearest": [-nearest([part], k, 2, range(len(side)), range(len(made)))[:, 0] for k, side in enumerate(sides)],
        }
        n = sum(map(len, sides))
        caveats: tuple[str, ...] = (
            f"{len(sides[0])} planted and {len(sides[1])} unplanted canaries against {len(made):,} synthetic texts",
        )
        if min(map(len, sides)) < 50:
            caveats += ("fewer than 50 a side: little could be shown",)
        out = []
        for name, (inside, outside) in scores.items():
            found = attack(inside, outside, tables.seed)
            out.append(Measurement(f"privacy.canary_auc_{name}", found.auc, "AUC", n, found.auc_span, "near 0.5", caveats=caveats))
            more = {"chance": 0.01, "epsilon_lower": found.epsilon}
            out.append(Measurement(f"privacy.canary_tpr_{name}", found.tpr, "share", n, found.tpr_span, "lower", None, caveats, more))
        return out
