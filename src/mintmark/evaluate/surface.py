"""surface: length, punctuation, entities and frequent words of texts against real ones: what a reader sees before the meaning.

    measure: [realism]

`length`: 1 - KS of words a text. `punctuation`: 1 - TVD of the marks per word. `frequent_words`: 1 - TVD of the shares of the 50 most frequent real words
(mostly function words, a stand-in for parts of speech) and all others. `entity_rates`: mean over kinds of 1 - KS of their number per 100 words.
Entities are found by rules: numbers, amounts of money, dates, addresses (mail, web), capitalised words inside a sentence (names; poor for German).
Beside each: `detail.ceiling`, real rows against the holdout. by_group of entity_rates tells the kinds; `detail.means` the means of both sides.
Not covered: parts of speech, syntax, names known to a model only. One reading: entity_rates 0.71 (money 0.42): made-up texts name too few sums.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.distances import ks
from ..stats.resample import jackknife_of_two, subsample
from ..text.words import words

MARKS = ".,;:!?-()\"'/*#\n。，、；：！？（）「」"
ENTITIES = {
    "numbers": re.compile(r"\d+(?:[.,]\d+)*"),
    "money": re.compile(r"[$€£¥]\s?\d|\d\s?(?:[$€£¥]|(?:USD|EUR|GBP|dollars?|euros?|pounds?)\b)"),
    "dates": re.compile(
        r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    ),
    "addresses": re.compile(r"\S@\w|https?://|\bwww\."),
    "names": re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+"),
}
LONGEST = 20_000  # characters of a text that are looked at


@dataclass(frozen=True)
class Surface(Metric):
    """most: texts a side. frequent: real words that are counted one by one."""

    most: int = 5_000
    frequent: int = 50
    name: ClassVar[str] = "surface"
    family: ClassVar[str] = "realism"
    gives: ClassVar[Mapping[str, str]] = {
        "realism.length": "1 - KS of words a text against real texts, 0..1, higher is better, beside its ceiling",
        "realism.punctuation": "1 - TVD of punctuation marks a word against real texts, 0..1, higher is better, beside its ceiling",
        "realism.frequent_words": "1 - TVD of the most frequent real words (function words), 0..1, higher is better, beside its ceiling",
        "realism.entity_rates": "mean over kinds of 1 - KS of entities per 100 words, by rules, 0..1, higher is better, beside its ceiling",
    }

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        import numpy as np

        real, text = tables.reference, tables.text
        if real is None or text is None or text not in tables.synthetic.columns or text not in real.columns:
            return []
        if min(len(real), len(tables.synthetic)) < 5:
            return []
        third = tables.ceiling([text])
        sides = [self._texts(d, text, tables.seed) for d in (tables.synthetic, real, third) if d is not None]
        counts = Counter(w for t in sides[1] for w in words(t.lower()))
        known = {w: i for i, (w, _) in enumerate(sorted(counts.items(), key=lambda x: (-x[1], x[0]))[: self.frequent])}
        seen = [{k: np.asarray(v, float) for k, v in _features(texts, known).items()} for texts in sides]
        caveats = (
            f"{len(sides[0]):,} and {len(sides[1]):,} texts; characters and rules, not meaning",
            tables.against,
        )
        return [self._told(name, score, seen, tables.seed, caveats) for name, score in SCORES.items()]

    def _texts(self, data: Data, text: str, seed: int) -> list[str]:
        cells = data.columns[text]
        return ["" if cells[i] is None else str(cells[i])[:LONGEST] for i in subsample(len(cells), self.most, seed)]

    def _told(
        self, name: str, score: Callable[[Any, Any], float], seen: list[dict[str, Any]], seed: int, caveats: tuple[str, ...]
    ) -> Measurement:
        own, real, *third = seen
        value = score(own, real)
        sizes = (len(own["words"]), len(real["words"]))
        low, high = jackknife_of_two(lambda i, j: score(_part(own, i), _part(real, j)), sizes, value, seed)
        detail: dict[str, Any] = {"ceiling": score(third[0], real)} if third else {}
        groups = None
        if name == "length":
            detail["means"] = [float(d["words"].mean()) for d in (own, real)]
        if name == "entity_rates":
            groups = {k: _rate_agreement(own, real, k) for k in ENTITIES}
            detail["means"] = {k: [float(_rate(d, k).mean()) for d in (own, real)] for k in ENTITIES}
        return Measurement(f"realism.{name}", value, "share", sizes[0], (low, high), "higher", groups, caveats, detail or None)


def _features(texts: list[str], known: Mapping[str, int]) -> dict[str, Any]:
    """Per text: words; marks (and words without one); the frequent words (and the others); entities of each kind."""
    out: dict[str, Any] = {"words": [], "marks": [], "frequent": [], **{k: [] for k in ENTITIES}}
    for text in texts:
        split = words(text.lower())
        marks = [text.count(m) for m in MARKS]
        found = [0] * (len(known) + 1)
        for w in split:
            found[known.get(w, -1)] += 1
        out["words"].append(len(split))
        out["marks"].append([*marks, max(0, len(split) - sum(marks))])
        out["frequent"].append(found)
        for kind, pattern in ENTITIES.items():
            out[kind].append(sum(1 for _ in pattern.finditer(text)))
    return out


def _part(d: dict[str, Any], rows: Any) -> dict[str, Any]:
    return {k: v[rows] for k, v in d.items()}


def _rate(d: dict[str, Any], kind: str) -> Any:
    import numpy as np

    return 100 * d[kind] / np.maximum(1, d["words"])


def _rate_agreement(a: dict[str, Any], b: dict[str, Any], kind: str) -> float:
    return 1 - ks(_rate(a, kind), _rate(b, kind))


def _totals(a: Any, b: Any) -> float:
    """1 - TVD of the summed counts."""
    import numpy as np

    p, q = a.sum(0), b.sum(0)
    if not p.sum() or not q.sum():
        return float(p.sum() == q.sum())
    return 1 - 0.5 * float(np.abs(p / p.sum() - q / q.sum()).sum())


SCORES: Mapping[str, Callable[[Any, Any], float]] = {
    "length": lambda a, b: 1 - ks(a["words"], b["words"]),
    "punctuation": lambda a, b: _totals(a["marks"], b["marks"]),
    "frequent_words": lambda a, b: _totals(a["frequent"], b["frequent"]),
    "entity_rates": lambda a, b: sum(_rate_agreement(a, b, k) for k in ENTITIES) / len(ENTITIES),
}
