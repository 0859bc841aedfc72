"""rare_echo: what only one real row says and synthetic rows say again: rare words, personal data, rare combinations of levels.

    measure: [privacy]        or        measure: [{rare_echo: {types: [EMAIL, PHONE, PERSON]}}]

  rare_words    words that a single row of real and holdout together holds, where that row is real: the share that stands in a synthetic text
  pii_echo      personal data (text/pii) in the texts of real rows and of no holdout row: the same share, compared by letters and digits alone
  rare_levels   combinations of two and three category columns that a single row has, where that row is real: the share that a synthetic row has

The reference is the same with the holdout in the place of real: as rare, as real, and never seen by the generator, so what chance explains. Intervals
take the words of a row as one cluster. Examples name rows, never words. The idea: exposure of rare secrets (Carlini et al. 2019, 1802.08232); k-anonymity
(Sweeney 2002) for the combinations. Not covered: rare numbers (see nearness, anonymeter), names that no context tells.
One row: privacy.rare_words 0.31 [0.28, 0.34] of 812 rows, reference 0.02
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import level
from ..stats.features import kind_of
from ..stats.intervals import clustered
from ..stats.resample import affordable, same_size, subsample
from ..text.contained import tokens
from ..text.pii import DEFAULT_TYPES, find

SHOWN, CHARACTERS = 5, 1_000_000
Owner = tuple[int, int]  # 0 = real, 1 = holdout; row


@dataclass(frozen=True)
class RareEcho(Metric):
    """types: of personal data, see text/pii. read: real and holdout rows looked through for them. most: rows a table. columns: of categories, those
    with the most levels."""

    types: tuple[str, ...] = DEFAULT_TYPES
    read: int = 2_000
    most: int = 100_000
    columns: int = 10
    name: ClassVar[str] = "rare_echo"
    family: ClassVar[str] = "privacy"
    cites: ClassVar[tuple[str, ...]] = (
        "Carlini et al. 2019, The secret sharer (1802.08232)",
        "Sweeney 2002, k-anonymity: a model for protecting privacy",
    )
    gives: ClassVar[Mapping[str, str]] = {
        "privacy.rare_words": "share of the words of one real row alone that stand in a synthetic text, 0..1, not above the holdout's",
        "privacy.pii_echo": "share of the personal data in real texts alone that stand in a synthetic text, 0..1, not above the holdout's",
        "privacy.rare_levels": "share of the level combinations of one real row alone that a synthetic row has, 0..1, not above the holdout's",
    }

    def __post_init__(self) -> None:
        if unknown := set(self.types) - {*DEFAULT_TYPES, "URL"}:
            raise ValueError(f"there is no type {', '.join(sorted(unknown))}; known are {', '.join(DEFAULT_TYPES)}")

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        real, held, own = tables.real, tables.holdout, tables.synthetic
        if real is None or not len(own):
            return []
        held = held or Data({c: [] for c in real.columns})
        data = [d.take(subsample(len(d), self.most, tables.seed)) if len(d) > self.most else d for d in (real, held, own)]
        out = []
        if tables.text is not None and all(tables.text in d.columns for d in data):
            texts = [["" if c is None else str(c) for c in d.columns[tables.text]] for d in data]
            words = [[tokens(t) for t in side] for side in texts]
            spans = self._personal(texts[:2], tables.seed)
            lengths = sorted({len(s) for s in spans})
            single = _single([[set(row) for row in side] for side in words[:2]])
            out.append(_told("privacy.rare_words", single, _first(words[2], single, [1]), "words"))
            out.append(_told("privacy.pii_echo", spans, _first(words[2], spans, lengths), "personal data, by patterns that miss some"))
        out.append(self._levels(data, tables.text))
        return [m for m in out if m is not None]

    def _personal(self, texts: Sequence[Sequence[str]], seed: int) -> dict[Any, Owner]:
        """Spans of one side alone, as words, with the first row that holds each; as many rows of either side."""
        seen: list[dict[tuple[str, ...], Owner]] = [{}, {}]
        sizes, read = [len(t) for t in texts], affordable(texts[0], self.read, CHARACTERS)
        for side, rows in enumerate(same_size(sizes, read, seed) if all(sizes) else [subsample(n, read, seed) for n in sizes]):
            for row in rows:
                for span in find(texts[side][row], self.types):
                    if key := tuple(tokens(texts[side][row][span.start : span.end])):
                        seen[side].setdefault(key, (side, row))
        return {k: owner for side in (0, 1) for k, owner in seen[side].items() if k not in seen[1 - side]}

    def _levels(self, data: Sequence[Data], text: str | None) -> Measurement | None:
        import numpy as np

        codes: dict[str, Any] = {}
        for name in data[0].columns:
            if name == text or any(name not in d.columns for d in data) or kind_of(data[0].columns[name]) != "category":
                continue
            known: dict[str | None, int] = {}
            codes[name] = np.asarray([known.setdefault(level(c), len(known)) for d in data for c in d.columns[name]], np.int64)
        n, ends = len(data[0]), len(data[0]) + len(data[1])
        single: dict[Any, Owner] = {}
        there: dict[Any, int] = {}
        widest = sorted(codes, key=lambda c: -int(codes[c].max()))[: self.columns]
        for names in [*combinations(widest, 2), *combinations(widest, 3)]:
            code = np.zeros(len(codes[names[0]]), np.int64)
            for name in names:
                code = code * (int(codes[name].max()) + 1) + codes[name]
            values, first, counts = np.unique(code[:ends], return_index=True, return_counts=True)
            once = counts == 1
            made, row = np.unique(code[ends:], return_index=True)
            single |= {(names, v): (int(i >= n), i - n * (i >= n)) for v, i in zip(values[once].tolist(), first[once].tolist())}
            there |= {(names, v): i for v, i in zip(made.tolist(), row.tolist()) if (names, v) in single}
        return _told("privacy.rare_levels", single, there, f"combinations of 2 and 3 of {', '.join(widest)}")


def _single(sides: Sequence[Sequence[set[str]]]) -> dict[Any, Owner]:
    """What one row of all holds, and which; keys are tuples of one word."""
    seen: dict[Any, Owner | None] = {}
    for side, rows in enumerate(sides):
        for i, row in enumerate(rows):
            for word in row:
                seen[word,] = None if (word,) in seen else (side, i)
    return {word: owner for word, owner in seen.items() if owner is not None}


def _first(rows: Sequence[Sequence[str]], wanted: Mapping[Any, Owner], lengths: Sequence[int]) -> dict[Any, int]:
    """The first synthetic row that holds each of the wanted runs of words."""
    there: dict[Any, int] = {}
    for i, row in enumerate(rows):
        for n in lengths:
            for run in zip(*(row[k:] for k in range(n))):
                if run in wanted:
                    there.setdefault(run, i)
    return there


def _told(name: str, single: Mapping[Any, Owner], there: Mapping[Any, int], what: str) -> Measurement | None:
    clusters: tuple[dict[int, list[int]], dict[int, list[int]]] = ({}, {})
    pairs: dict[Owner, int] = {}
    for key, (side, row) in single.items():
        count = clusters[side].setdefault(row, [0, 0])
        count[0] += key in there
        count[1] += 1
        if side == 0 and key in there:
            pairs.setdefault((there[key], row), 0)
            pairs[there[key], row] += 1
    if not clusters[0]:
        return None
    (value, span), (chance, apart) = (clustered(*zip(*side.values()) if side else ((), ())) for side in clusters)
    worst = sorted(pairs, key=lambda p: (-pairs[p], p))[:SHOWN]
    detail: dict[str, Any] = {
        "rows": sum(h > 0 for h, _ in clusters[0].values()),
        "examples": [f"row {made + 1} shares {pairs[made, row]} with real row {row + 1}" for made, row in worst],
    }
    n = len(clusters[0])
    total = sum(t for _, t in clusters[0].values())
    others = sum(t for _, t in clusters[1].values())
    if others:
        detail |= {"reference": chance, "reference_interval": apart}
    caveats = (
        f"{total:,} in all, of {n:,} real rows: {what}",
        f"the reference rests on {others:,} of the holdout" if others else "nothing as rare in a holdout to compare with",
    )
    return Measurement(name, value, "share", n, span, "lower", caveats=caveats, detail=detail)
