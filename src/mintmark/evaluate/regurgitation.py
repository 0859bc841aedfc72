"""regurgitation: how much of the rows stands word for word in public text that the user names: what a model learnt by heart, or a benchmark it saw.

    tables: {wiki: {path: wiki.jsonl.gz, corpus: true}}        measure: [regurgitation]        (or: mintmark audit rows.csv --corpus wiki.txt)

The share of 8- and 13-grams (words, case folded) that stand in the corpora, over all text columns, and the longest run of words in a row. Beside it
the same of as many real rows, where there are any: quotations and set phrases are in both. The corpus is read once and never held. Rows with fewer
words than n are not asked. Without a corpus nothing is measured, and the report says so.
Source: Brown et al. 2020 (2005.14165, appendix C); Chowdhery et al. 2022 (2204.02311, section 8); text/verbatim. Not covered: paraphrase, translation.
One row: regurgitation.overlap_8 0.021 [0.015, 0.027] of 8,102 rows, reference 0.004
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.features import kind_of
from ..stats.intervals import clustered
from ..stats.resample import subsample
from ..text.verbatim import MOST_HITS, Verbatim

SHOWN = 5


@dataclass(frozen=True)
class Regurgitation(Metric):
    """corpus: tables marked corpus: true; all of them where none is named. most: rows a side."""

    corpus: str | tuple[str, ...] = ()
    most: int = 100_000
    name: ClassVar[str] = "regurgitation"
    family: ClassVar[str] = "regurgitation"
    cites: ClassVar[tuple[str, ...]] = (
        "Brown et al. 2020, Language models are few-shot learners (2005.14165), appendix C",
        "Chowdhery et al. 2022, PaLM (2204.02311), section 8",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "regurgitation.overlap_8": "share of the texts' 8-grams that stand in the named corpora, 0..1, lower is better (Chowdhery et al. 2022)",
        "regurgitation.overlap_13": "the same of 13-grams (Brown et al. 2020)",
        "regurgitation.longest_run": "words in a row that stand in a corpus, the longest of all texts, 0 or 8 and more, lower is better",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        wanted = (self.corpus,) if isinstance(self.corpus, str) else self.corpus
        corpora: dict[str, Any] = {n: t for n, t in ctx.tables.items() if hasattr(t, "blocks") and (not wanted or n in wanted)}
        for name in wanted:
            if name not in corpora:
                raise RecipeError(f"regurgitation: '{name}' is no table with corpus: true.{nearest(name, ctx.tables)}")
        columns = [c for c, cells in tables.synthetic.columns.items() if c == tables.text or kind_of(cells) == "text"]
        if not corpora or not columns:
            return []
        real = tables.reference
        own = _texts(tables.synthetic, columns, self.most, tables.seed)
        other = _texts(real, [c for c in columns if c in real.columns], min(self.most, len(tables.synthetic)), tables.seed) if real else []
        seen = Verbatim([t for _, t in (*own, *other)])
        for corpus in corpora.values():
            seen.scan(corpus.blocks())
        named = ", ".join(c.path.name for c in corpora.values())
        out = []
        for n in seen.sizes:
            found = seen.found(n)
            rows = _by_row(own, found[: len(own)])
            asked = sum(trials > 0 for _, trials in rows)
            if not asked:
                continue
            value, span = clustered(*zip(*rows))
            caveats = (
                f"{seen.words:,} words of {named}; {asked:,} of {len(rows):,} rows have {n} words or more",
                "word for word: no paraphrase; set phrases and quotations count",
            )
            detail: dict[str, Any] = {"rows": sum(hits > 0 for hits, _ in rows)}
            theirs = _by_row(other, found[len(own) :]) if other else []
            if any(trials for _, trials in theirs):
                detail["reference"] = clustered(*zip(*theirs))[0]
            out.append(Measurement(f"regurgitation.overlap_{n}", value, "share", asked, span, "lower", caveats=caveats, detail=detail))
        if not out:
            return []
        private = any(t.private for t in ctx.tables.values())
        longest = sorted(range(len(own)), key=lambda i: (-seen.runs[i], i))[:SHOWN]
        examples = [
            f"row {own[i][0] + 1}: {seen.runs[i]} words" + ("" if private else f": “{_cut(seen.passage(i))}”")
            for i in longest
            if seen.runs[i]
        ]
        detail = {"examples": examples}
        if other:
            detail["reference"], detail["reference_texts"] = max(seen.runs[len(own) :]), len(other)
        at_least = (
            f"at least: runs were followed at the first {MOST_HITS:,} places" if seen.hits >= MOST_HITS else "runs of 8 words and more"
        )
        caveats = (f"a largest value has no interval and grows with the number of texts, {len(own):,} here; {at_least}", out[0].caveats[0])
        value = max(seen.runs[: len(own)])
        return [*out, Measurement("regurgitation.longest_run", value, "words", out[0].n, None, "lower", caveats=caveats, detail=detail)]


def _texts(data: Data, columns: Sequence[str], most: int, seed: int) -> list[tuple[int, str]]:
    """(row, text) of every cell that is text."""
    return [(i, cell) for i in subsample(len(data), most, seed) for c in columns if isinstance(cell := data.columns[c][i], str)]


def _by_row(texts: Sequence[tuple[int, str]], found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    rows: dict[int, tuple[int, int]] = {}
    for (row, _), (hits, grams) in zip(texts, found, strict=True):
        before = rows.get(row, (0, 0))
        rows[row] = before[0] + hits, before[1] + grams
    return list(rows.values())


def _cut(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[:most]} …"
