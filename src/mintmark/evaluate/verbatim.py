"""verbatim: what of the synthetic texts stands word for word in the real table: longest run, 8- and 13-grams, rows with a long run.

    measure: [privacy]        or        measure: [{verbatim: {words: 13, characters: 50}}]

A run counts as given away where it stands in a real text and nowhere in the holdout: what people in general say is in both. Beside each share stands
the holdout's own, since set phrases are shared by chance. Runs of 8 words and more, case folded, without punctuation (text/verbatim); the real table is
read once, only the texts asked about are held. Examples name rows, never words. Sources: Brown et al. 2020 (2005.14165, appendix C: 13-grams);
Carlini et al. 2023 (2202.07646: memorised is what comes back word for word). Not covered: paraphrase; runs of fewer than 8 words (see copies).
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
        seen = Verbatim([*own, *other])
        seen.scan((t, False) for t in _stream(real, text))
        n, passages = len(own), [seen.passage(i) if run else "" for i, run in enumerate(seen.runs)]
        if not n:
            return []
        common = self._common(passages[:n], held, text) if other else set()
        runs = [0 if i in common else run for i, run in enumerate(seen.runs[:n])]

        def long(run: int, passage: str) -> bool:
            return run >= self.words or (run > 0 and len(passage) >= self.characters)

        hits = [i for i in range(n) if long(runs[i], passages[i])]
        chance = sum(long(r, p) for r, p in zip(seen.runs[n:], passages[n:]))
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
            detail["reference"] = max(seen.runs[n:])
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

    def _common(self, passages: Sequence[str], held: Data | None, text: str) -> set[int]:
        """Numbers of the passages that stand in the holdout as a whole."""
        asked = [i for i, p in enumerate(passages) if p]
        if held is None or not asked:
            return set()
        again = Verbatim([passages[i] for i in asked])
        again.scan((t, False) for t in _stream(held, text))
        return {i for i, run in zip(asked, again.runs) if run == passages[i].count(" ") + 1}


def _stream(data: Data, column: str) -> Any:
    return (str(cell) for cell in data.columns[column] if cell is not None)


def _texts(data: Data, column: str, most: int, seed: int) -> tuple[list[int], list[str]]:
    """(row numbers, texts) of cells that are not missing."""
    most = affordable(data.columns[column], most, CHARACTERS)
    rows = [i for i in subsample(len(data), most, seed) if data.columns[column][i] is not None]
    return rows, [str(data.columns[column][i]) for i in rows]
