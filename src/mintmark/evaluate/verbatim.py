"""verbatim: what of the synthetic texts stands word for word in the real table: longest run, 8- and 13-grams, rows with a long run.

    measure: [privacy]        or        measure: [{verbatim: {words: 13, characters: 50}}]

A run counts as given away where it stands in a real text and no word of it among 8 in a row of the holdout: what people in general say is in both. Beside
each share stands the holdout's own (each half of its texts against the other), since phrases are shared by chance. Runs of 8 words and more,
case folded, without punctuation (text/verbatim); only the texts asked about are held. Examples name rows, never words. Sources: Brown et al. 2020
(2005.14165, appendix C: 13-grams); Carlini et al. 2023 (2202.07646: memorised is what comes back word for word). Not covered: paraphrase; runs of fewer
than 8 words (see copies).
One row: privacy.verbatim_rows 0.012 [0.007, 0.02] of 1,000 rows, reference 0.001
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import clustered, wilson
from ..stats.resample import affordable, subsample
from ..text.verbatim import MOST_HITS, Verbatim

SHOWN, CHARACTERS = 5, 8_000_000


@dataclass(frozen=True)
class VerbatimRuns(Metric):
    """words, characters: a run of so many of either is long. most: synthetic texts, and holdout texts, looked at."""

    words: int = 13
    characters: int = 50
    most: int = 50_000
    name: ClassVar[str] = "verbatim"
    family: ClassVar[str] = "privacy"
    cites: ClassVar[tuple[str, ...]] = (
        "Brown et al. 2020, Language models are few-shot learners (2005.14165), appendix C",
        "Carlini et al. 2023, Quantifying memorization across neural language models (2202.07646)",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.verbatim_run": "words in a row from a real text and from no holdout text, the longest of all rows, 0 or 8 and more, lower is better",
        "privacy.verbatim_rows": "share of rows with such a run of 13 words or 50 characters, 0..1, lower is better; beside the holdout's",
        "privacy.overlap_8": "share of the 8-grams that stand in real texts, 0..1, not above the holdout's (2204.02311)",
        "privacy.overlap_13": "the same of 13-grams (2005.14165)",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        text, real, held = tables.text, tables.real, tables.holdout
        if text is None or real is None or text not in real.columns or text not in tables.synthetic.columns:
            return []
        numbers, own = _texts(tables.synthetic, text, self.most, tables.seed)
        other = _texts(held, text, self.most, tables.seed)[1] if held is not None and text in held.columns else []
        n = len(own)
        if not n:
            return []
        seen = Verbatim([*own, *other])
        seen.scan((t, False) for t in _stream(real, text))
        parts: list[tuple[Sequence[int], Sequence[str]]] = []
        if held is not None and other:  # a holdout text is held against the other half of them
            halves = [range(n, n + len(other), 2), range(n + 1, n + len(other), 2)]
            parts = [(range(n), list(_stream(held, text))), (halves[0], other[1::2]), (halves[1], other[::2])]
        every, passages = _own_runs(seen, [*own, *other], parts)
        runs = every[:n]

        def long(run: int, passage: str) -> bool:
            return run >= self.words or (run > 0 and len(passage) >= self.characters)

        hits = [i for i in range(n) if long(runs[i], passages[i])]
        chance = sum(long(r, p) for r, p in zip(every[n:], passages[n:]))
        caveats: tuple[str, ...] = (
            f"of {n:,} texts against {len(real):,} real ones; runs of 8 words and more; word for word, no paraphrase",
            f"beside {len(other):,} holdout texts" if other else "no holdout: what anyone says counts too",
        )
        if seen.hits >= MOST_HITS:
            caveats += (f"at least: runs were followed at the first {MOST_HITS:,} places",)
        longest = sorted((i for i in range(n) if runs[i]), key=lambda i: (-runs[i], i))[:SHOWN]
        examples = [f"row {numbers[i] + 1}: {runs[i]} words, {len(passages[i])} characters" for i in longest]
        detail: dict[str, Any] = {"characters": max((len(passages[i]) for i in range(n) if runs[i]), default=0), "examples": examples}
        if other:
            detail["reference"] = max(every[n:])
        top = (*caveats, "a largest value has no interval")
        beside = {"reference": chance / len(other), "reference_interval": wilson(chance, len(other))} if other else None
        out = [
            Measurement("privacy.verbatim_run", max(runs), "words", n, None, "lower", None, top, detail),
            Measurement("privacy.verbatim_rows", len(hits) / n, "share", n, wilson(len(hits), n), "lower", None, caveats, beside),
        ]
        for size in seen.sizes:
            found = seen.found(size)
            if not any(grams for _, grams in found[:n]):
                continue
            value, span = clustered(*zip(*found[:n]))
            if other:
                share, apart = clustered(*zip(*found[n:]))
                beside = {"reference": share, "reference_interval": apart}
            asked = sum(grams > 0 for _, grams in found[:n])
            out.append(
                Measurement(f"privacy.overlap_{size}", value, "share", asked, span, "lower", None, caveats, beside if other else None)
            )
        return out


def _own_runs(seen: Verbatim, texts: Sequence[str], parts: Sequence[tuple[Sequence[int], Sequence[str]]]) -> tuple[list[int], list[str]]:
    """Of each text the longest run of a real text without a word that stands among 8 words of its pool: how many words, and which. parts: (numbers of texts, their
    pool). So a standing phrase neither hides a private run in the same text nor, with the next word by chance, makes one."""
    import numpy as np

    size, real = seen.sizes[0], seen.standing()
    common = np.zeros(len(real), bool)
    for numbers, pool in parts:
        again = Verbatim([texts[i] for i in numbers], (size,))
        again.scan((t, False) for t in pool)
        there = np.concatenate([again.standing(), np.zeros(1, bool)])
        for k, i in enumerate(numbers):
            begin, end = again.places(k)
            common[slice(*seen.places(i))] = np.convolve(there[begin : end + 1], np.ones(size))[: end - begin] > 0
    runs, passages = [0] * len(texts), [""] * len(texts)
    for i in (i for i, run in enumerate(seen.runs) if run):
        at, end = seen.places(i)
        last = 0
        while at < end:
            stop = at
            while stop < end and real[stop]:
                stop += 1
            start = at
            for word in range(at, stop - 1 + size if stop > at else at):  # a run that real texts hold
                if common[word]:
                    start = word + 1
                elif word + 1 - start > max(runs[i], size - 1):
                    runs[i], last = min(word + 1 - start, seen.runs[i]), word + 1
            at = max(stop, at + 1)
        if runs[i]:
            passages[i] = seen.said(last - runs[i], last)
    return runs, passages


def _stream(data: Data, column: str) -> Any:
    return (str(cell) for cell in data.columns[column] if cell is not None)


def _texts(data: Data, column: str, most: int, seed: int) -> tuple[list[int], list[str]]:
    """(row numbers, texts) of cells that are not missing."""
    most = affordable(data.columns[column], most, CHARACTERS)
    rows = [i for i in subsample(len(data), most, seed) if data.columns[column][i] is not None]
    return rows, [str(data.columns[column][i]) for i in rows]
