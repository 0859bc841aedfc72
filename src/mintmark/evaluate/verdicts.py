"""verdicts: what the checking ops found of each sentence, counted: `faithful`, `citations`, `selfcheck`. They asked a model, or none; this does not.

    steps: [..., {faithful: {text: answer, passage: passage, least: 0}}]      least: 0, or the kept rows are all supported
    measure: [faithfulness]

supported: share of sentences that a judge or an entailment model finds supported, from `claims`: a list of {verdict} or of words (supported or entailment,
contradicted or contradiction, anything else: not found), or true and false; by_group: the share of each verdict.
citation_recall, citation_precision: from `citations`, ALCE's figures: the mean over answers of the share of sentences that what they cite bears out, and of
the share of citations that count; an answer whose citations count for nothing has precision 0. detail: the same over all sentences and citations.
Where that step has not run and answers cite as [1]: the same by words alone (80 % of a sentence's words stand in what it cites), detail.floor: another row's
documents; it sees no negation and no wrong number among right words.
selfcheck: mean -ln p of the words under a unigram model of the samples, from `selfcheck_mean`; detail.floor: the answer against another row's samples.
selfcheck_auc_pr: does a sentence's score find the wrong ones? Average precision, wrong = positive, against `sentence_labels` (a list per row: true or
accurate = right), else against `claims`; by_group: by the mean (the value) and by the largest -ln p of a sentence; detail.floor: the share of wrong ones,
what a random order gives; detail.right: the same for the right ones.
Intervals: Wilson with a row as one cluster; Student's t over rows; bootstrap of rows. They say nothing of the judge's own errors (judging, confidence).
Sources: 2305.14251, 2305.14627 (ALCE), 2303.08896 (SelfCheckGPT). Not covered: weights of sentences.
One line: faithfulness.citation_precision 0.71 [0.62, 0.79] of 101 answers; 3 answers whose citations count for nothing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.cells import is_number
from ..stats.intervals import clustered
from ..stats.ranking import average_precision, clustered_mean
from ..stats.resample import subsample
from ..text.answers import shown_texts, texts_of
from ..text.citations import SOURCES, Cited, containment, judge, read
from ..text.selfcheck import scores

_WORDS = {
    "supported": ("supported", "entailment", "entailed", "supports", "true"),
    "contradicted": ("contradicted", "contradiction", "refutes", "false"),
}
_VERDICTS = {word: verdict for verdict, words in _WORDS.items() for word in words}
_RIGHT = frozenset(("accurate", "factual", "right", "correct", "true", *_WORDS["supported"]))
TIMES, DEALT = 300, 500
ENOUGH, MOST_CHARACTERS = 0.8, 20_000

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Verdicts(Metric):
    """claims, labels: columns with a list per row. text, samples: of which `selfcheck` was made, for its floor."""

    claims: str = "claims"
    labels: str = "sentence_labels"
    text: str = "answer"
    samples: str = "samples"
    name: ClassVar[str] = "verdicts"
    family: ClassVar[str] = "faithfulness"
    gives: ClassVar[Mapping[str, str]] = {
        "faithfulness.supported": "share of sentences that a judge finds supported by their source, 0..1, higher is better",
        "faithfulness.citation_recall": "mean share of an answer's sentences that what they cite bears out (ALCE), 0..1, higher is better",
        "faithfulness.citation_precision": "mean share of an answer's citations that add to what it rests on (ALCE), 0..1, higher is better",
        "faithfulness.selfcheck": "mean -ln p of an answer's words under a unigram model of the other samples, nats, 0 or more, lower is better",
        "faithfulness.selfcheck_auc_pr": "average precision of that score for the wrong sentences, 0..1, higher is better, beside the share of wrong ones",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Gao et al. 2023, Enabling Large Language Models to Generate Text with Citations (2305.14627)",
        "Manakul, Liusie and Gales 2023, SelfCheckGPT (2303.08896)",
    )

    def reads(self) -> tuple[str, ...]:
        return tuple(str(v) for v in self.params().values())

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        return [
            *self._supported(columns),
            *(_citations(columns) or self._cited(columns, tables.seed)),
            *self._selfcheck(columns, tables.seed),
            *self._auc_pr(columns, tables.seed),
        ]

    def _supported(self, columns: Columns) -> list[Measurement]:
        rows = [row for cell in columns.get(self.claims, ()) if (row := _claims(cell))]
        if not rows:
            return []
        counts = Counter(v for row in rows for v in row)
        share, span = clustered([row.count("supported") for row in rows], [len(row) for row in rows])
        groups = {v: n / counts.total() for v, n in counts.most_common()}
        bad = sum("contradicted" in row for row in rows)
        caveats = ("as a model judged; of the kept rows", f"{bad:,} of {len(rows):,} rows hold a contradicted sentence")
        return [Measurement("faithfulness.supported", share, "share", counts.total(), span, "higher", groups, caveats)]

    def _cited(self, columns: Columns, seed: int) -> list[Measurement]:
        """The same of answers that no step has checked, by words."""
        name = next((c for c in SOURCES if c in columns), "")
        pairs = [
            (str(a), texts_of(d)) for a, d in zip(columns.get(self.text, ()), columns.get(name, ())) if a is not None and d is not None
        ]
        rows = [(read(a[:MOST_CHARACTERS]), d) for a, d in (pairs[i] for i in subsample(len(pairs), DEALT, seed))]
        if not any(c.numbers for answer, _ in rows for c in answer):
            return []
        floor = {m.metric: m.value for m in _citations({"citations": _by_words(rows, [d for _, d in rows[1:] + rows[:1]])})}
        told = f"by words: a sentence counts as borne out where {ENOUGH:.0%} of its words stand in what it cites in {name}; the step citations can ask a model"
        return [
            replace(m, caveats=(told, *m.caveats), detail={**(m.detail or {}), "floor": floor[m.metric]})
            for m in _citations({"citations": _by_words(rows, [d for _, d in rows])})
        ]

    def _selfcheck(self, columns: Columns, seed: int) -> list[Measurement]:
        told = [float(v) for v in columns.get("selfcheck_mean", ()) if is_number(v)]
        if not told:
            return []
        value, span = clustered_mean(told, range(len(told)))
        detail = {}
        caveats = ["depends on the length of the answers and the number of samples"]
        if len(told) < 2:
            caveats.append("one row has no interval")
        if self.text in columns and self.samples in columns:
            rows = [(str(t or ""), shown_texts(s)) for t, s in zip(columns[self.text], columns[self.samples], strict=True)]
            rows = [rows[i] for i in subsample(len(rows), DEALT, seed) if rows[i][0] and rows[i][1]]
            if len(rows) > 1:
                found = [[s.mean for s in scores(t, s)] for (t, _), (_, s) in zip(rows, [*rows[1:], rows[0]], strict=True)]
                means = [sum(f) / len(f) for f in found if f]
                detail["floor"] = sum(means) / max(1, len(means))
                caveats.append(f"{detail['floor']:.2f} against the samples of another row")
        interval = span if len(told) > 1 else None
        return [Measurement("faithfulness.selfcheck", value, "nats", len(told), interval, "lower", None, tuple(caveats), detail)]

    def _auc_pr(self, columns: Columns, seed: int) -> list[Measurement]:
        import numpy as np

        name = self.labels if self.labels in columns else self.claims
        score: list[float] = []
        most: list[float] = []
        wrong: list[bool] = []
        row: list[int] = []
        odd = 0
        for i, (cell, labels) in enumerate(zip(columns.get("selfcheck", ()), columns.get(name, ()))):
            right = _right(labels, name == self.claims)
            scored = cell if isinstance(cell, list) and all(isinstance(s, Mapping) for s in cell) else []
            if len(right) != len(scored):
                odd += 1
                continue
            for s, r in zip(scored, right):
                if r is not None and isinstance(s.get("mean"), (int, float)):
                    score.append(float(s["mean"]))
                    most.append(float(s["most"]) if isinstance(s.get("most"), (int, float)) else score[-1])
                    wrong.append(not r)
                    row.append(i)
        if not 0 < sum(wrong) < len(wrong):
            return []
        y, x = np.asarray(wrong), np.asarray(score)
        value = float(average_precision(x, y))
        _, rows = np.unique(row, return_inverse=True)
        rng, drawn = np.random.default_rng(seed), []
        for _ in range(TIMES):
            weight = rng.multinomial(rows.max() + 1, np.full(rows.max() + 1, 1 / (rows.max() + 1)))[rows]
            if 0 < (weight * y).sum() < weight.sum():
                drawn.append(float(average_precision(x, y, weight)))
        low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (0.0, 1.0)
        detail = {
            "floor": float(y.mean()),
            "right": float(average_precision(-x, ~y)),
            "right_floor": float(1 - y.mean()),
            "labels": name,
        }
        caveats = [f"a random order has {detail['floor']:.3f}; labels: {name}"]
        groups = {"mean": value, "most": average_precision(most, y)}
        if odd:
            caveats.append(f"{odd:,} rows with another number of labels than sentences are left out")
        span = (min(float(low), value), max(float(high), value))
        return [Measurement("faithfulness.selfcheck_auc_pr", value, "share", len(wrong), span, "higher", groups, tuple(caveats), detail)]


def _by_words(rows: Sequence[tuple[list[Cited], Any]], documents: Sequence[list[str]]) -> list[list[dict[str, Any]]]:
    """What the step `citations` writes of each answer, against these documents."""

    def one(said: Cited, given: list[str]) -> dict[str, Any]:
        def entails(numbers: tuple[int, ...]) -> bool:
            return (containment(said.sentence, "\n".join(given[n - 1][:MOST_CHARACTERS] for n in numbers)) or 0.0) >= ENOUGH

        found = judge(said.numbers, len(given), entails)
        return {"cites": list(said.numbers), "recall": found.recall, "counted": found.citations, "precise": found.precise}

    return [[one(said, given) for said in answer] for (answer, _), given in zip(rows, documents, strict=True)]


def _citations(columns: Columns) -> list[Measurement]:
    rows = [[c for c in cell if _judged(c)] for cell in columns.get("citations", ()) if isinstance(cell, list)]
    rows = [row for row in rows if row]
    if not rows:
        return []
    every = [c for row in rows for c in row]
    recall = [sum(bool(c["recall"]) for c in row) / len(row) for row in rows]
    counted = [sum(c["counted"] for c in row) for row in rows]
    precise = [sum(c["precise"] for c in row) / n if n else 0.0 for row, n in zip(rows, counted, strict=True)]
    bare, beyond = sum(not c["cites"] for c in every), sum(bool(c["cites"]) and not c["counted"] for c in every)
    nothing = counted.count(0)
    n, one = len(rows), [1.0] * len(rows)
    share, span = clustered(recall, one)
    pooled = {"over_all": sum(bool(c["recall"]) for c in every) / len(every), "sentences": len(every)}
    told = (f"{bare:,} of {len(every):,} sentences cite nothing, {beyond:,} a document that is not there",)
    out = [Measurement("faithfulness.citation_recall", share, "share", n, span, "higher", None, told, pooled)]
    share, span = clustered(precise, one)
    pooled = {"over_all": sum(c["precise"] for c in every) / max(1, sum(counted)), "citations": sum(counted)}
    told = (f"{nothing:,} of {n:,} answers whose citations count for nothing",)
    return [*out, Measurement("faithfulness.citation_precision", share, "share", n, span, "higher", None, told, pooled)]


def _judged(one: Any) -> bool:
    """Whether this is what `citations` writes of a sentence."""
    if not isinstance(one, Mapping) or not isinstance(one.get("cites"), list):
        return False
    counted, precise = one.get("counted"), one.get("precise")
    return "recall" in one and isinstance(counted, int) and isinstance(precise, int) and 0 <= precise <= counted


def _claims(cell: Any) -> list[str]:
    items = cell if isinstance(cell, list) else [] if cell is None else [cell]
    verdicts = (i.get("verdict") if isinstance(i, Mapping) else i for i in items)
    return [_VERDICTS.get(str(v).lower(), "not_found") for v in verdicts if v is not None]


def _right(cell: Any, verdicts: bool) -> list[bool | None]:
    if verdicts:
        return [v == "supported" for v in _claims(cell)]
    items = cell if isinstance(cell, list) else []
    return [None if i is None else i == 1 if isinstance(i, (int, float)) else str(i).lower() in _RIGHT for i in items]
