"""overlap: how much rows repeat each other's wording: self-BLEU, homogenisation, self-repetition, n-gram frequency, templates.

All depend on the number of rows: synthetic and real are cut to the same size, and a value is only comparable at that n. Definitions, linear
instead of pairwise where that is exact: text/overlap.py. Published figures of self-BLEU come from several tokenizers and smoothings that
differ in the second digit: this is sacrebleu's. Templates: rows that open with four words that more than 2 % of the rows (and at least 2 of
them) open with (Shaib et al. 2024). Not covered: meaning (spread, diversity.vendi) and parts of speech.
One row: diversity.self_bleu 23.69 of 8 rows
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.intervals import wilson
from ..stats.resample import same_size, subsample_interval
from ..stats.vectors import pair_mean
from ..text.overlap import ngram_diversity, ngram_frequency, rouge_matrix, self_bleu, self_repetition
from ..text.phrases import common
from ..text.words import words

MOST_CHARACTERS = 4_000  # of a text: the longest common subsequence of two texts costs the product of their lengths


def mean_self_bleu(texts: Sequence[str]) -> float:
    return sum(self_bleu(texts)) / len(texts)


def template_rate(texts: Sequence[str], length: int = 4, most: float = 0.02) -> float:
    """Share of texts that open with `length` words that more than `most` of the texts, and at least two, open with."""
    return sum(common(lambda: texts, length, False, most)[0].values()) / len(texts)


@dataclass(frozen=True)
class Overlap(Metric):
    """size: texts compared (fewer where there are fewer). times: subsets behind an interval. A missing text counts as empty."""

    size: int = 500
    times: int = 10
    name: ClassVar[str] = "overlap"
    family: ClassVar[str] = "diversity"
    cites: ClassVar[tuple[str, ...]] = (
        "Zhu et al. 2018, Texygen",
        "Post 2018, A call for clarity in reporting BLEU scores",
        "Salkar et al. 2022, Self-repetition in abstractive neural summarizers",
        "Mishra et al. 2020, DQI: Measuring data quality in NLP",
        "Shaib et al. 2024, Standardizing the measurement of text diversity",
        "Shaib et al. 2024, Detection and Measurement of Syntactic Templates in Generated Text (2407.00211)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "diversity.self_bleu": "mean BLEU of each text against all others, 0..100, lower is more varied (Zhu et al. 2018; sacrebleu's 13a, exp)",
        "diversity.homogenization": "mean ROUGE-L F1 of all pairs of texts, 0..1, lower is more varied (Shaib et al. 2024)",
        "diversity.self_repetition": "mean ln(1 + times a text's 4-grams stand in others), 0 or more, lower is more varied (Salkar et al. 2022)",
        "diversity.ngram_frequency": "INGF: mean number of texts a word pair stands in, 1 or more, lower is more varied (Mishra et al. 2020)",
        "diversity.ngram_diversity": "sum of distinct-1 to -4 over all texts joined, 0..4, higher is more varied (Shaib et al. 2024)",
        "diversity.template_rate": "share of texts whose first four words open more than 2 % of the texts, 0..1, lower is more varied",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        text = tables.text
        if text is None or text not in tables.synthetic.columns:
            return []
        reference = next((t for t in (tables.holdout, tables.real) if t and text in t.columns), None)
        picked = same_size([len(t) for t in (tables.synthetic, reference) if t is not None], self.size, tables.seed)
        n = len(picked[0])
        if n < 2:
            return []
        own = _texts(tables.synthetic.columns[text], picked[0])
        real = _texts(reference.columns[text], picked[1]) if reference else None
        caveats: tuple[str, ...] = (f"at {n:,} rows: values at other sizes are not comparable", "overlap of words, not of meaning")
        if real is None:
            caveats += ("no real rows to compare with",)
        if any(len(t) == MOST_CHARACTERS for t in own):
            caveats += (f"the first {MOST_CHARACTERS:,} characters of each text",)
        longest = max(len(words(t)) for t in own)
        measures: list[tuple[str, str, str, Callable[[Sequence[str]], float], int, tuple[float, float]]] = [
            ("self_bleu", "BLEU", "lower", mean_self_bleu, 1, (0, 100)),
            ("self_repetition", "nats", "lower", self_repetition, 4, (0, math.inf)),
            ("ngram_frequency", "texts", "lower", ngram_frequency, 2, (1, math.inf)),
            ("ngram_diversity", "sum of shares", "higher", ngram_diversity, 1, (0, 4)),
            ("template_rate", "share", "lower", template_rate, 4, (0, 1)),
        ]
        out = []
        for name, unit, better, of, takes, (least, most) in measures:
            if longest < takes:  # 0 would read as perfect variety
                why = f"no text has {takes} word{'s' * (takes > 1)}"
                out.append(Measurement(f"diversity.{name}", None, unit, n, None, better, caveats=(*caveats, why)))
                continue
            value = of(own)
            span = subsample_interval(n, partial(_of_part, of, own), value, tables.seed, self.times, scaled=True)
            if name == "template_rate":  # subsets without a template have no spread: the share of rows alone is not surer than this
                low, high = wilson(value * n, n)
                span = min(low, span[0]), max(high, span[1])
            span = max(least, span[0]), min(most, span[1])
            detail = {"reference": of(real)} if real else None
            out.append(Measurement(f"diversity.{name}", value, unit, n, span, better, caveats=caveats, detail=detail))
        return [*out, self._homogenization(own, real, tables.seed, caveats)]

    def _homogenization(self, own: Sequence[str], real: Sequence[str] | None, seed: int, caveats: tuple[str, ...]) -> Measurement:
        import numpy as np

        matrix = rouge_matrix(own)
        value = pair_mean(matrix)
        span = subsample_interval(len(own), lambda i: pair_mean(matrix[np.ix_(i, i)]), value, seed, self.times)
        detail = {"reference": pair_mean(rouge_matrix(real))} if real else None
        return Measurement("diversity.homogenization", value, "share", len(own), span, "lower", caveats=caveats, detail=detail)


def _of_part(of: Callable[[Sequence[str]], float], texts: Sequence[str], part: Sequence[int]) -> float:
    return of([texts[i] for i in part])


def _texts(cells: Sequence[Any], rows: Sequence[int]) -> list[str]:
    return ["" if cells[i] is None else str(cells[i])[:MOST_CHARACTERS] for i in rows]
