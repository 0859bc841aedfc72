"""collapse: have the tails gone? What models that learn from each other's output lose first: rare values, rare words, phrases, variance.

A guard to read from generation to generation, or once before training on a table. Two sets of real rows that do not overlap, A and B (the real
table and the holdout, or halves of the real table), and as many synthetic rows S. What A says is rare is looked for in S; the reference is how
much of it B holds, so that sampling alone is no alarm. Ratios are S over A, with B over A as the reference.
  tail_mass      share of cells beyond A's 1 % and 99 % quantiles, mean over number columns and the number of words of a text
  rare_recall    of the words (levels, in tables without text) that 1 to 3 rows of A hold, the share that some row of S holds
  ngram_support  different word pairs in S over those in A
  variance       trace of the covariance of S over that of A: numbers in A's standard deviations, texts as TF-IDF vectors
  entropy        entropy of the words (levels) of S over that of A
  perplexity     of B under a trigram model of S, over its perplexity under one of A (text/trigram)
Source: Shumailov et al. 2024 (2305.17493; early collapse loses the tails); Gerstgrasser et al. 2024 (2404.01413; accumulating real and synthetic
rows avoids it). Intervals: 80 % subsets of S, A and B together. Not covered: what model training would do; meaning; dates.
One row: collapse.rare_recall 0.21 [0.17, 0.25] of 300 rows, reference 0.38
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import numbers
from ..stats.features import kind_of
from ..stats.intervals import wilson
from ..stats.resample import same_size, subsample_interval
from ..stats.vectors import tfidf
from ..text.trigram import Trigram, perplexity, words_of

Row = list[str]
RARE, LOW, HIGH = 3, 0.01, 0.99
MOST_WORDS = 200
ENOUGH_FRESH = 200


def tail_mass(s: Any, a: Any) -> list[float]:
    """Per column of numbers (rows x columns, NaN = missing): share of S below the 1 % or above the 99 % quantile of A."""
    import numpy as np

    low, high = np.nanquantile(a, LOW, axis=0), np.nanquantile(a, HIGH, axis=0)
    told = np.maximum(1, (~np.isnan(s)).sum(axis=0))
    return [float(x) for x in ((s < low) | (s > high)).sum(axis=0) / told]


def rare_tokens(a: Sequence[Row]) -> set[str]:
    """What 1 to 3 rows hold."""
    held = Counter(w for row in a for w in set(row))
    return {w for w, n in held.items() if n <= RARE}


def rare_recall(s: Sequence[Row], a: Sequence[Row]) -> float:
    """Of the tokens that 1 to 3 rows of A hold, the share that S holds; 1 where A has no such token."""
    rare = rare_tokens(a)
    return len(rare & {w for row in s for w in row}) / len(rare) if rare else 1.0


def support(rows: Sequence[Row]) -> int:
    """Different pairs of neighbouring tokens."""
    return len({pair for row in rows for pair in zip(row, row[1:])})


def entropy(rows: Sequence[Row]) -> float:
    counts = Counter(w for row in rows for w in row)
    total = sum(counts.values())
    return -sum(c / total * math.log(c / total) for c in counts.values()) if total else 0.0


def trace(x: Any) -> float:
    """Trace of the covariance of rows of vectors, sparse or dense."""
    import numpy as np

    if hasattr(x, "multiply"):
        return float(x.multiply(x).sum() / x.shape[0] - (np.asarray(x.mean(axis=0)) ** 2).sum())
    return float(np.nansum(np.nanvar(x, axis=0)))


def perplexity_ratio(s: Sequence[Row], a: Sequence[Row], b: Sequence[Row]) -> tuple[float, float]:
    """(perplexity of B under a trigram model of S, the same under one of A)."""
    size = len({w for rows in (s, a, b) for row in rows for w in row}) + 1
    own, theirs = (perplexity(Trigram(rows, size), b)[0] for rows in (s, a))
    return own, theirs


@dataclass(frozen=True)
class Collapse(Metric):
    """size: rows of each set (fewer where there are fewer). times: subsets behind an interval."""

    size: int = 500
    times: int = 10
    name: ClassVar[str] = "collapse"
    family: ClassVar[str] = "collapse"
    cites: ClassVar[tuple[str, ...]] = (
        "Shumailov et al. 2024, AI models collapse when trained on recursively generated data (2305.17493)",
        "Gerstgrasser et al. 2024, Is model collapse inevitable? (2404.01413)",
        "Kneser and Ney 1995, Improved backing-off for m-gram language modeling",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "collapse.tail_mass": "share of numbers (and text lengths) beyond the real 1 % and 99 % quantiles, 0..1, near the reference (about 0.02)",
        "collapse.rare_recall": "share of the rare words or levels of real rows that synthetic rows hold, 0..1, higher is better",
        "collapse.ngram_support": "different word pairs over those of as many real rows, 0 or more, near 1",
        "collapse.variance": "trace of the covariance over that of real rows, 0 or more, near 1; below 1 the tails are going",
        "collapse.entropy": "entropy of words or levels over that of real rows, 0 or more, near 1",
        "collapse.perplexity": "perplexity of real texts under a trigram model of the synthetic ones over that of real ones, near 1, higher is worse",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        found = _three(tables, self.size)
        if found is None:
            return []
        (s, a, b), note = found
        n, text = len(s), tables.text
        shared = [c for c in s.columns if all(c in t.columns for t in (a, b))]
        kinds = {c: kind_of(a.columns[c]) for c in shared}
        texts = text if text in shared else None
        rows = [_rows(t, texts, [c for c in shared if kinds[c] == "category"]) for t in (s, a, b)]
        names = [c for c in shared if kinds[c] == "number" and c != texts]
        numbers, names = _numbers([s, a, b], names, [[len(r) for r in part] for part in rows] if texts else None)
        spread = [tfidf([" ".join(r) for part in rows for r in part])[k * n : (k + 1) * n] for k in range(3)] if texts else _scaled(numbers)
        caveats = (f"{n:,} rows each of synthetic and twice real ({note})",)
        out: list[Measurement] = []

        def tell(
            what: str,
            unit: str,
            better: str,
            of: Callable[..., float],
            parts: Sequence[Any],
            scaled: bool = False,
            of_n: int = 0,
            **more: Any,
        ) -> None:
            """of(S, A, B) of the parts; the reference is the same with B in the place of S."""
            value = of(*parts)
            span = subsample_interval(n, lambda i: of(*(_take(p, i) for p in parts)), value, tables.seed, self.times, scaled)
            if of_n and span[0] == span[1]:  # a share of 0 or 1 in every subset is not as sure as no spread says
                low, high = wilson(value * of_n, of_n)
                span = min(low, span[0]), max(high, span[1])
            detail = {"reference": of(parts[2], parts[1], parts[2])} | more.pop("detail", {})
            name = f"collapse.{what}"
            out.append(Measurement(name, value, unit, n, (max(0.0, span[0]), span[1]), better, caveats=caveats, detail=detail, **more))

        if names:
            groups = dict(zip(names, tail_mass(numbers[0], numbers[1]), strict=True))
            tell("tail_mass", "share", "near real", lambda x, y, z: sum(tail_mass(x, y)) / len(names), numbers, of_n=n, by_group=groups)
        if rare := len(rare_tokens(rows[1])):
            tell("rare_recall", "share", "higher", lambda x, y, z: rare_recall(x, y), rows, scaled=True, of_n=rare)
        if any(rows[1]):
            tell("entropy", "ratio", "near 1", lambda x, y, z: _over(entropy(x), entropy(y)), rows)
        if names or texts:
            tell("variance", "ratio", "near 1", lambda x, y, z: _over(trace(x), trace(y)), spread)
        if texts:
            tell("ngram_support", "ratio", "near 1", lambda x, y, z: _over(support(x), support(y)), rows)
            own, theirs = perplexity_ratio(*rows)
            detail = {"reference": 1.0, "under_synthetic": own, "under_real": theirs}
            tell("perplexity", "ratio", "near 1", lambda x, y, z: _over(*perplexity_ratio(x, y, z)), rows, scaled=True, detail=detail)
        return out


def _three(tables: Tables, size: int) -> tuple[list[Data], str] | None:
    """As many synthetic rows as rows of A and of B, and where these come from."""
    import numpy as np

    real, held = tables.real or tables.holdout, tables.holdout if tables.real else None
    if not real or not tables.synthetic:
        return None
    if held and len(held) >= min(ENOUGH_FRESH, len(real) // 2):
        a, b, note = real, held, "the real table and the holdout"
    else:
        mixed = np.random.default_rng(tables.seed).permutation(len(real)).tolist()
        a, b, note = real.take(sorted(mixed[::2])), real.take(sorted(mixed[1::2])), "halves of the real table"
    picked = same_size([len(tables.synthetic), len(a), len(b)], size, tables.seed)
    if len(picked[0]) < 10:
        return None
    return [t.take(rows) for t, rows in zip((tables.synthetic, a, b), picked, strict=True)], note


def _rows(data: Data, text: str | None, categories: Sequence[str]) -> list[Row]:
    """Words of the text, lower case, at most 200; without a text the levels, each with its column's name."""
    if text is not None:
        return [words_of(str(c), MOST_WORDS) if c is not None else [] for c in data.columns[text]]
    return [[f"{c}={data.columns[c][i]}" for c in categories if data.columns[c][i] is not None] for i in range(len(data))]


def _numbers(parts: Sequence[Data], names: Sequence[str], lengths: Sequence[Sequence[int]] | None) -> tuple[list[Any], list[str]]:
    """rows x columns of each table, the number of words first; columns with few numbers in any of them are left out."""
    import numpy as np

    columns = {c: [numbers(p.columns[c]) for p in parts] for c in names}
    if lengths is not None:
        columns = {"words of a text": [np.asarray(x, float) for x in lengths], **columns}
    columns = {c: v for c, v in columns.items() if all(np.isfinite(x).mean() > 0.5 for x in v)}
    return [np.column_stack([v[k] for v in columns.values()]) if columns else np.ones((len(parts[k]), 0)) for k in range(3)], list(columns)


def _scaled(numbers: Sequence[Any]) -> list[Any]:
    """Columns in standard deviations of A, so that the trace weighs them alike."""
    import numpy as np

    sd = np.nanstd(numbers[1], axis=0)
    return [x / np.where(sd > 0, sd, 1.0) for x in numbers]


def _take(part: Any, rows: Sequence[int]) -> Any:
    return [part[i] for i in rows] if isinstance(part, list) else part[rows]


def _over(x: float, y: float) -> float:
    return x / y if y else 1.0
