"""perplexity: how well a word trigram model of the synthetic texts foresees real ones, and the reverse.

    measure: [realism]

`real_under_synthetic` is high where synthetic texts miss what real ones say (coverage); `synthetic_under_real` is low where they are blander than real
texts, high where they are strange. Every model is of as many texts, over one vocabulary, and scored on texts it has not seen.
Beside them: `detail.ceiling` (a model of real texts on the holdout: what real rows reach) and `detail.floor` (a model of the synthetic words in random
order). Without a holdout there is no ceiling. Perplexities of other models, other text sizes or vocabularies do not compare.
Source: interpolated Kneser-Ney, see text/trigram. As "reverse perplexity" of texts from a generator: Zhao et al. 2018 (1706.04223).
Not covered: meaning, long-range order. One reading: real_under_synthetic 310 beside ceiling 120 and floor 390: little of the real wording is there.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.resample import subsample
from ..text.trigram import Trigram, perplexity, words_of


@dataclass(frozen=True)
class Perplexity(Metric):
    """most: texts a model is made of. scored: texts it is tried on."""

    most: int = 2_000
    scored: int = 500
    name: ClassVar[str] = "perplexity"
    family: ClassVar[str] = "realism"
    cites: ClassVar[tuple[str, ...]] = (
        "Kneser and Ney 1995, Improved backing-off for m-gram language modeling",
        "Zhao et al. 2018, Adversarially Regularized Autoencoders (reverse perplexity, 1706.04223)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "realism.real_under_synthetic": "perplexity of real texts under a trigram model of the synthetic, 1 or more, lower is better, beside its ceiling",
        "realism.synthetic_under_real": "perplexity of synthetic texts under a trigram model of real ones, 1 or more, best near that of real texts",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        seen, text = tables.real or tables.holdout, tables.text
        held = tables.holdout or seen
        if seen is None or held is None or text is None or any(text not in d.columns for d in (tables.synthetic, seen, held)):
            return []
        apart = tables.real is not None and tables.holdout is not None
        own, real, test = (_texts(d, text) for d in (tables.synthetic, seen, held))
        n = min(self.most, len(own), len(real))
        if n < 5 or len(test) < 5:
            return []
        made, learnt = (_some(t, n, tables.seed) for t in (own, real))
        test, tried = (_some(t, self.scored, tables.seed + 1) for t in (test, own))
        size = 1 + len({w for rows in (made, learnt, test, tried) for row in rows for w in row})
        by_made, by_real = Trigram(made, size), Trigram(learnt, size)
        ceiling = perplexity(by_real, test)[0] if apart else None
        caveats = (
            f"models of {n:,} texts each, {size:,} words; other sizes do not compare",
            "against the holdout" if apart else "one table of real texts: no ceiling, no holdout was given",
        )
        beside: dict[str, Any] = {} if ceiling is None else {"ceiling": ceiling}
        value, span = perplexity(by_made, test)
        floor = perplexity(Trigram(_shuffled(made, tables.seed), size), test)[0]
        first = Measurement(
            "realism.real_under_synthetic",
            value,
            "perplexity",
            len(test),
            span,
            "lower",
            None,
            caveats,
            {**beside, "floor": floor, "floor_is": "its words in random order"},
        )
        value, span = perplexity(by_real, tried)
        note = "the interval is over the texts tried; another model is not in it"
        second = Measurement(
            "realism.synthetic_under_real", value, "perplexity", len(tried), span, "near real", None, (*caveats, note), beside or None
        )
        return [first, second]


def _texts(data: Data, text: str) -> list[list[str]]:
    return [words_of(str(c)) for c in data.columns[text] if c is not None]


def _some(rows: list[list[str]], most: int, seed: int) -> list[list[str]]:
    return [rows[i] for i in subsample(len(rows), most, seed)]


def _shuffled(rows: list[list[str]], seed: int) -> list[list[str]]:
    """The words in random order across texts."""
    pool = [w for row in rows for w in row]
    random.Random(seed).shuffle(pool)
    left = iter(pool)
    return [[next(left) for _ in row] for row in rows]
