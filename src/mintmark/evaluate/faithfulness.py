"""faithfulness: do labels say what the checked ones say, and do answers and quotes stand in their source? No model is asked.

    measure: [faithfulness]                                        the columns of the built-in recipes
    measure: [{faithfulness: {source: body, answer: summary, label: intent, gold: checked}}]

label_accuracy: `label` (default: the target) against `gold`, else against the votes' consensus in `agreed`; by_group: share right of each true label;
detail: the most frequent confusions, and as floor what labels dealt out anew would get.
quote_found: the quote stands in the source word for word, or after folding (text/quotes). answer_in_source: share of the answer's runs of `n` words that
stand there (of all its words where it has fewer; marks as [1] are no words), mean over rows; words, not meaning: a paraphrase scores low, a wrong sum of right words high.
Both: detail.floor is the same with sources dealt out anew (what chance and a shared topic give), detail.reference the real rows with such columns.
unanswerable: share of rows whose `answerable` is false. Intervals: Wilson, rows of one document (`group`) as one cluster.
Sources: n-gram precision as in Grusky, Naaman and Artzi 2018 (1804.11283); label accuracy, survey 2406.15126, section 4.1. Not covered here: verdicts of models
(verdicts), sums and conditions (consistency). Rows that a step dropped are not in it.
One line: faithfulness.answer_in_source 1 [0.57, 1] of 13 rows; by chance, with sources dealt out anew, 0.000
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import clustered, wilson
from ..stats.resample import subsample
from ..text.answers import texts_of
from ..text.arithmetic import number, same_number
from ..text.citations import SOURCES, containment, unmarked
from ..text.quotes import find_quote

MOST_LABELS, DEALS, DEALT = 50, 3, 500


@dataclass(frozen=True)
class Faithfulness(Metric):
    """source: the column of what an answer rests on, or several; default passage, else context, contexts, passages, documents or retrieved. answer: column. quote: column. answerable: column of true and false.
    label: column, default the target. gold: column of the checked labels, default gold, then agreed. group: the column that names a document.
    n: words of a run."""

    source: str | tuple[str, ...] = "passage"
    answer: str = "answer"
    quote: str = "quote"
    answerable: str = "answerable"
    label: str | None = None
    gold: str | None = None
    group: str = "doc_id"
    n: int = 2
    name: ClassVar[str] = "faithfulness"
    family: ClassVar[str] = "faithfulness"
    gives: ClassVar[Mapping[str, str]] = {
        "faithfulness.label_accuracy": "share of labels equal to the checked ones, or to the consensus of votes, 0..1, higher is better",
        "faithfulness.quote_found": "share of quotes that stand in their source, 0..1, higher is better, beside sources dealt out anew",
        "faithfulness.answer_in_source": "share of the answer's word pairs that stand in its source, 0..1, higher is better, beside sources dealt out anew",
        "faithfulness.unanswerable": "share of questions that their source does not answer, 0..1, as wanted",
    }
    cites: ClassVar[tuple[str, ...]] = ("Grusky, Naaman and Artzi 2018, Newsroom (1804.11283)",)

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("n must be at least 1")

    def reads(self) -> tuple[str, ...]:
        named = [v for k, v in self.params().items() if k != "n"]
        return tuple(c for v in named for c in ([v] if isinstance(v, str) else v))

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        out = [*self._labels(tables)]
        found = cache(find_quote)  # asked for the share and for the kinds of matches
        quotes = ((at := found(source, text)) and at.match for text, source, _ in self._texts(tables.synthetic, self.quote))
        matches = {"matches": dict(Counter(m or "not found" for m in quotes))}
        out += self._share(tables, "quote_found", self.quote, lambda text, source: float(found(source, text) is not None), matches)
        out += self._share(tables, "answer_in_source", self.answer, lambda text, source: containment(unmarked(text), source, self.n), {})
        cells = tables.synthetic.columns.get(self.answerable, ())
        told = _mean((float(not v) if isinstance(v, bool) else None, d) for v, d in zip(cells, self._documents(tables.synthetic)))
        if told:
            out.append(Measurement("faithfulness.unanswerable", told.share, "share", told.n, told.span, "none", caveats=told.told))
        return out

    def _labels(self, tables: Tables) -> list[Measurement]:
        columns, label = tables.synthetic.columns, self.label or tables.target
        gold = next((c for c in (self.gold, "gold", "agreed") if c in columns and c != label), None)
        if label not in columns or gold is None:
            return []
        pairs = [(str(a), str(b)) for a, b in zip(columns[str(label)], columns[gold], strict=True) if a is not None and b is not None]
        if not pairs:
            return []
        n, right = len(pairs), sum(map(_same, pairs))
        stated, true = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
        detail: dict[str, Any] = {"labels": len(true), "gold": gold}
        caveats = ["against the consensus of votes, which can be wrong itself"] if gold == "agreed" else []
        groups = None
        if max(len(true), len(stated)) <= MOST_LABELS:
            groups = {t: sum(_same(p) for p in pairs if p[1] == t) / k for t, k in true.most_common()}
            detail["floor"] = sum(i * j for a, i in stated.items() for b, j in true.items() if _same((a, b))) / n**2
            detail["floor_is"] = "labels dealt out anew"
            confused = Counter(p for p in pairs if not _same(p))
            detail["confused"] = [{"label": a, "true": b, "rows": k} for (a, b), k in confused.most_common(20)]
            caveats.append(f"labels dealt out anew would be right in {detail['floor']:.3f}")
        if n < len(tables.synthetic):
            caveats.append(f"{len(tables.synthetic) - n:,} rows without a label or a checked one are left out")
        span = wilson(right, n)
        return [Measurement("faithfulness.label_accuracy", right / n, "share", n, span, "higher", groups, tuple(caveats), detail)]

    def _share(
        self, tables: Tables, name: str, column: str, score: Callable[[str, str], float | None], detail: dict[str, Any]
    ) -> list[Measurement]:
        own = self._texts(tables.synthetic, column)

        def mean(rows: Rows) -> _Mean | None:
            return _mean((score(text, source), document) for text, source, document in rows)

        value = mean(own)
        if value is None:
            return []
        caveats = ["words, not meaning", *value.told] if name == "answer_in_source" else list(value.told)
        floor = [m.share for k in range(DEALS) if (m := mean(_dealt(own, tables.seed + k)))]
        if floor:
            detail |= {"floor": sum(floor) / len(floor), "floor_is": "sources dealt out anew"}
            caveats.append(f"by chance, with sources dealt out anew, {detail['floor']:.3f}")
        else:
            caveats.append("all rows have one source: there is no floor")
        for real in (tables.real, tables.holdout):
            if real is not None and "reference" not in detail and (theirs := mean(self._texts(real, column))):
                detail["reference"] = theirs.share
                caveats.append(f"{theirs.share:.3f} of {theirs.n:,} real rows")
        return [Measurement(f"faithfulness.{name}", value.share, "share", value.n, value.span, "higher", None, tuple(caveats), detail)]

    def _documents(self, data: Data) -> list[Any]:
        """What names each row's document; a row without one stands for itself."""
        return [f"row {i}" if d is None else d for i, d in enumerate(data.columns.get(self.group, [None] * len(data)))]

    def _texts(self, data: Data, column: str) -> list[tuple[str, str, Any]]:
        """(text, source, document) of the rows that have both."""
        names = (self.source,) if isinstance(self.source, str) else self.source
        if names == SOURCES[:1]:
            names = tuple(c for c in SOURCES if c in data.columns)[:1] or names
        if column not in data.columns or not all(c in data.columns for c in names):
            return []
        cells = zip(data.columns[column], zip(*(data.columns[c] for c in names), strict=True), self._documents(data), strict=True)
        rows = ((t, "\n".join(x for c in source for x in texts_of(c)), d) for t, source, d in cells)
        return [(str(t), source, d) for t, source, d in rows if t is not None and str(t).strip() and source.strip()]


Rows = Sequence[tuple[str, str, Any]]


def _same(pair: tuple[str, str]) -> bool:
    """Labels that are one name or number; B+ is not B-, and C not C++, so that no sign may fall away as it may in an answer."""
    a, b = pair
    return a == b or (same_number(a, b) if number(a) and number(b) else _name(a) == _name(b))


def _name(label: str) -> str:
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)|_+", " ", label).strip().casefold()


class _Mean(NamedTuple):
    share: float
    span: tuple[float, float]
    n: int
    clusters: int

    @property
    def told(self) -> tuple[str, ...]:
        return (f"of {self.clusters:,} documents, which are the clusters of the interval",) if self.clusters < self.n else ()


def _mean(values: Iterable[tuple[float | None, Any]]) -> _Mean | None:
    """Of (share, document); those without a share are left out."""
    by: dict[str, list[float]] = {}
    for value, document in values:
        if value is not None:
            by.setdefault(str(document), []).append(value)
    if not by:
        return None
    return _Mean(*clustered([sum(v) for v in by.values()], [len(v) for v in by.values()]), sum(map(len, by.values())), len(by))


def _dealt(rows: Rows, seed: int) -> Rows:
    """At most DEALT rows, each with another source than its own; [] where there is but one."""
    import numpy as np

    rows = [rows[i] for i in subsample(len(rows), DEALT, seed)]
    sources = sorted({source for _, source, _ in rows})
    if len(sources) < 2:
        return []
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(sources)).tolist()
    other = {sources[a]: sources[b] for a, b in zip(order, [*order[1:], order[0]], strict=True)}
    return [(text, other[source], document) for text, source, document in rows]
