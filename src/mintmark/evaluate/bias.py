"""bias: do groups of people come with labels, does a learner go by the group, is it worse for one of them, and how often does each occur?

    measure: [bias]                     groups: women and men by words, pronouns, first names in the text; else a column called sex, race ...
    measure: [{bias: {group: gender, label: income}}]                      groups: the levels of a column
    measure: [{bias: {attributes: [location, tone]}}]                      how evenly these columns spread, as AttrPrompt looks at locations
    measure: [{bias: {pairs: {black: white}, groups: [black, white]}}]     words of your own, as `swap` takes them

information: bits that group tells of label; exactly 0 after `swap` (both texts kept) or `even`. association: the log odds ratio of the pair of group
and label that stands out most, with all others in detail (PMI, interval, Holm's p), both beside the real rows'; a label that is a number is cut at its median. Of texts only
those count that name exactly one group. uneven, unlike_real: total variation of the groups from all alike, from the real rows; beside what chance gives.
flip_rate: a learner trained on the synthetic rows reads real texts (holdout, else real, else a part of the synthetic rows kept from it) and their
counterfactuals (words swapped; or the group column set to its other levels): share whose label changes, with a change of probability above
`threshold`. accuracy_gap, auc_gap: best less worst group on the holdout. Beside each the same learner trained on the real rows (`reference`).
Sources: PMI, Church and Hanks 1990; flips, Kusner et al. 2017 and Garg et al. 2019 (1809.10610); gaps, Hardt et al. 2016 and Borkan et al. 2019
(1903.04561); swaps, Lu et al. 2018 (1807.11714). Statistics: stats/group_bias.
Not covered: WEAT and vectors; groups named by no word of the lexicon; why a gap is there; numbers to predict (flips, gaps).
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.cells import finite, is_number, level
from ..stats.distances import tvd
from ..stats.features import default_learner, is_regression
from ..stats.group_bias import associations, gap, information, spread
from ..stats.intervals import delong, wilson
from ..stats.resample import jackknife_of_two, subsample, subsample_interval
from ..text.swaps import Swaps

MOST_LEVELS, MOST_TOLD, FEW = 200, 30, 10
NAMES = "gender sex race ethnicity ethnic_group religion nationality age_group".split()


@dataclass(frozen=True)
class Bias(Metric):
    """group: a column; default: words in the text, or where it has none the first column of a name in NAMES. label: default the target. attributes: columns whose levels are counted, default the group.
    pairs: words of your own that are swapped, as `swap` takes them. groups: the names of their two sides. threshold: least change of probability that counts as a flip. most: rows a side for the learner."""

    group: str | None = None
    label: str | None = None
    attributes: tuple[str, ...] = ()
    pairs: Mapping[str, Any] | None = None
    groups: tuple[str, str] = ("male", "female")
    threshold: float = 0.0
    most: int = 5_000
    name: ClassVar[str] = "bias"
    family: ClassVar[str] = "bias"
    gives: ClassVar[Mapping[str, str]] = {
        "bias.information": "bits that the group tells of the label, at least 0, near 0 is better; beside what chance gives",
        "bias.association": "log odds ratio of the group and label that stand out most, near 0 is better; by group: every pair",
        "bias.uneven": "total variation of the groups' shares from all alike, 0..1, near 0 is even; beside the real rows'",
        "bias.unlike_real": "total variation of the groups' shares from the real rows', 0..1, near 0 is alike; beside what chance gives",
        "bias.flip_rate": "share of rows whose predicted label changes with the group, 0..1, near 0 is better; beside a learner of real rows",
        "bias.accuracy_gap": "accuracy on the holdout of the best group less the worst, near 0 is better; beside a learner of real rows",
        "bias.auc_gap": "the same of the AUC, for a target of two classes",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Garg et al. 2019, Counterfactual fairness in text classification through robustness (1809.10610)",
        "Borkan et al. 2019, Nuanced metrics for measuring unintended bias with real data for text classification (1903.04561)",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ValueError("threshold is a change of probability, 0..1")
        if any(not isinstance(w, str) for pair in (self.pairs or {}).items() for w in pair):
            raise ValueError("pairs must be words; write a word such as yes or no in quotation marks")
        self._swaps()

    def reads(self) -> tuple[str, ...]:
        return tuple(c for c in (self.group, self.label, *self.attributes) if c)

    def _swaps(self) -> Swaps:
        return Swaps(self.pairs, self.groups, self.pairs is None)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        label = self.label or tables.target
        if self.group is None and self.pairs is None and not self._grouped(tables.synthetic, tables.text):
            named = {c.lower(): c for c in tables.synthetic.columns if c != label}
            if found := next((named[x] for x in NAMES if x in named), None):
                return replace(self, group=found).measure(tables, ctx)
        own, real = tables.synthetic, tables.reference
        out = []
        grouped = self._grouped(own, tables.text)
        told = {c: [level(v) for v in own.columns[c]] for c in self.attributes if c in own.columns}
        theirs = {c: [level(v) for v in real.columns[c]] for c in told if real is not None and c in real.columns}
        if not told and grouped:
            name = self.group or "named in the text"
            told = {name: grouped}
            theirs = {name: self._grouped(real, tables.text)} if real is not None and self._sees(real, tables.text) else {}
        out += _histograms(told, theirs, tables.seed)
        if label in own.columns and grouped:
            cells = real.columns.get(str(label)) if real is not None else None
            counts = _counts(grouped, _classes(own.columns[str(label)], cells), tables.weight)
            theirs_too = self._grouped(real, tables.text) if real is not None and cells is not None else []
            out += _association(
                counts, _counts(theirs_too, _classes(cells, cells)) if theirs_too and cells else None, len(own), tables.weight
            )
        if label in own.columns and not is_regression(own.columns[str(label)]):
            out += _Learnt(self, tables, str(label), ctx).measurements()
        return out

    def _sees(self, data: Data, text: str | None) -> bool:
        return (self.group or text) in data.columns

    def _grouped(self, data: Data, text: str | None) -> list[str | None]:
        """The group of each row, None where there is none or several; [] where there is nothing to go by, or no row has one."""
        if not self._sees(data, text):
            return []
        if self.group:
            found = [level(v) for v in data.columns[self.group]]
            return found if len(set(found)) <= MOST_LEVELS and any(found) else []
        swaps = self._swaps()
        named = [swaps.swap(str(t or "")).group for t in data.columns[str(text)]]
        named = [g if g in self.groups else None for g in named]
        return named if any(named) else []


def _classes(cells: Sequence[Any], real: Sequence[Any] | None) -> list[str | None]:
    """Labels by name; numbers as whether they lie above the median of the real (else the own) ones."""
    if not is_regression(cells):
        return [level(c) for c in cells]
    numbers = [c for c in finite(real or cells) if is_number(c)] or [c for c in finite(cells) if is_number(c)]
    middle = statistics.median(numbers)
    return [f"above {middle:g}" if c > middle else f"at most {middle:g}" if is_number(c) else None for c in finite(cells)]


def _counts(
    groups: Sequence[str | None], labels: Sequence[str | None], weight: Sequence[float] | None = None
) -> dict[tuple[str, str], float]:
    out: dict[tuple[str, str], float] = {}
    for g, y, w in zip(groups, labels, weight or [1.0] * len(groups), strict=True):
        if g is not None and y is not None and w > 0:
            out[g, y] = out.get((g, y), 0.0) + w
    return out


def _association(
    counts: Mapping[tuple[str, str], float], real: Mapping[tuple[str, str], float] | None, rows: int, weight: Sequence[float] | None
) -> list[Measurement]:
    n = sum(counts.values())
    if len({g for g, _ in counts}) < 2 or len({y for _, y in counts}) < 2 or len(counts) > MOST_LEVELS * MOST_TOLD:
        return []
    told = information(counts)
    caveats = [
        f"{n:,.0f} of {rows:,} rows have one group and a label",
        f"independent columns would give {told.by_chance:.4f} on average; p {f'= {told.p:.2g}' if told.p > 1e-12 else '< 1e-12'}",
    ]
    caveats += ["rows count by their weight; intervals take the weights for whole rows"] if weight else []
    detail = {"floor": told.by_chance, "floor_is": "chance", "p": told.p} | ({"reference": information(real).bits} if real else {})
    out = [Measurement("bias.information", told.bits, "bits", round(n), told.interval, "near 0", None, tuple(caveats), detail)]
    found = associations(counts)
    top, clear = found[0], sum(f.p_holm < 0.05 for f in found)
    shown = [
        {"group": f.group, "label": f.label, "n": f.n, "pmi": f.pmi, "log_odds": f.log_odds, "interval": f.interval, "p_holm": f.p_holm}
        for f in found[:MOST_TOLD]
    ]
    caveats = [f"{top.group} and {top.label}: the largest of {len(found)} pairs; its interval makes no allowance for that", *caveats[2:]]
    caveats.append(f"{clear} of {len(found)} pairs differ from 0 (Holm, 5 % over all)")
    points = [[f"{f.group} | {f.label}", f.log_odds, *f.interval] for f in found[:MOST_TOLD]]
    picture = {"kind": "dots", "title": "Group and label", "x": "group | label", "y": "log odds ratio"}
    picture |= {"series": [{"name": "synthetic", "role": "synthetic", "points": points}]}  # type: ignore[dict-item]
    by = {f"{f.group} | {f.label}": f.log_odds for f in found[:MOST_TOLD]}
    theirs = {(f.group, f.label): f.log_odds for f in associations(real)} if real else {}
    what = {"pairs": shown} | ({"reference": theirs[top.group, top.label]} if (top.group, top.label) in theirs else {})
    out.append(
        Measurement("bias.association", top.log_odds, "log odds", round(n), top.interval, "near 0", by, tuple(caveats), what, picture)
    )
    return out


def _histograms(own: Mapping[str, list[str | None]], real: Mapping[str, list[str | None]], seed: int) -> list[Measurement]:
    """Total variation from uniform over the levels of both tables, and from the real rows; a mean over columns."""
    told = {c: [v for v in cells if v is not None] for c, cells in own.items()}
    theirs = {c: [v for v in cells if v is not None] for c, cells in real.items()}
    told = {c: cells for c, cells in told.items() if len(cells) > 4 and 2 <= len({*cells, *theirs.get(c, ())}) <= MOST_LEVELS}
    out = []
    for c, cells in told.items():
        other = theirs.get(c, [])
        levels = sorted({*cells, *other})
        even = Counter(dict.fromkeys(levels, 1))
        shares = [{k: v / len(x) for k, v in Counter(x).items()} for x in (cells, other) if x]
        points = [[[k, s.get(k, 0.0), *wilson(s.get(k, 0.0) * len(x), len(x))] for k in levels] for s, x in zip(shares, (cells, other))]
        picture = {"kind": "bars", "title": f"Shares: {c}", "x": c, "y": "share"}
        series = [{"name": r, "role": r, "points": p} for r, p in zip(("synthetic", "real"), points)]
        series.append({"name": "all alike", "role": "other", "points": [[k, 1 / len(levels), None, None] for k in levels]})
        value = tvd(Counter(cells), even)
        span = subsample_interval(len(cells), lambda i, x=cells, e=even: tvd(Counter(x[k] for k in i), e), value, seed)  # type: ignore[misc]
        bits = -sum(p * math.log2(p) for p in shares[0].values())
        detail = {
            "attribute": c,
            "floor": _by_chance([1 / len(levels)] * len(levels), 1 / len(cells)),
            "floor_is": "chance",
            "entropy": bits / math.log2(len(levels)),
        }
        if other:
            detail["reference"] = tvd(Counter(other), even)
        said = (f"{c}: {len(levels)} levels", f"chance alone gives about {detail['floor']:.3f}")
        out.append(
            Measurement("bias.uneven", value, "share", len(cells), span, "near 0", shares[0], said, detail, picture | {"series": series})
        )
        if len(other) > 4:
            value = tvd(Counter(cells), Counter(other))

            def apart(i: Any, j: Any, x: list[str] = cells, y: list[str] = other) -> float:
                return tvd(Counter(x[k] for k in i), Counter(y[k] for k in j))

            span = jackknife_of_two(apart, (len(cells), len(other)), value, seed)
            chance = _by_chance([shares[1].get(k, 0.0) for k in levels], 1 / len(cells) + 1 / len(other))
            said = (f"{c}: against {len(other):,} real rows", f"chance alone gives about {chance:.3f}")
            detail = {"attribute": c, "floor": chance, "floor_is": "chance"}
            gaps = {k: shares[0].get(k, 0.0) - shares[1].get(k, 0.0) for k in levels}
            out.append(Measurement("bias.unlike_real", value, "share", len(cells), span, "near 0", gaps, said, detail))
    return out


def _by_chance(shares: Sequence[float], variance: float) -> float:
    """The total variation that sampling alone makes on average: half the mean absolute errors, normal for each share."""
    return sum(math.sqrt(2 / math.pi * p * (1 - p) * variance) for p in shares) / 2


class _Learnt:
    """What a learner of the synthetic rows does with groups, beside one of the real rows."""

    def __init__(self, metric: Bias, tables: Tables, label: str, ctx: Context) -> None:
        self.metric, self.tables, self.label = metric, tables, label
        wanted = [c for c in tables.synthetic.columns if c != label]
        found = [d for d in (tables.holdout, tables.real) if d is not None and label in d.columns]
        self.features = [c for c in wanted if all(c in d.columns for d in found)]
        by = metric.group or tables.text
        self.usable = by in self.features and len(tables.synthetic) >= FEW
        self.ctx, self.by = ctx, str(by)
        self.real: Data | None = None
        own = tables.synthetic
        if found:
            test, self.where = found[0], "the holdout" if tables.holdout is found[0] else "the real rows that the generator saw"
            self.real = tables.real if tables.holdout is found[0] and len(found) > 1 else None
        else:
            part = set(subsample(len(own), max(1, len(own) // 3), tables.seed))
            test, self.where = own.take(sorted(part)), "a third of the synthetic rows, kept from it"
            own = own.take([i for i in range(len(own)) if i not in part])
        self.held_out = bool(found) and tables.holdout is found[0]
        self.own, self.test = _labelled(own, label), _labelled(test, label)

    def measurements(self) -> list[Measurement]:
        if not self.usable or min(len(self.own), len(self.test)) < FEW:
            return []
        test = self.test.take(subsample(len(self.test), self.metric.most, self.tables.seed))
        rows, other, groups = self._counterfactual(test)
        grouped = self.metric._grouped(test, self.tables.text)
        apart = self.held_out and len(set(grouped) - {None}) > 1
        if len(rows) < FEW and not apart:
            return []
        fits = {name: fitted for name, data in (("own", self.own), ("real", self.real)) if (fitted := self._fit(data)) is not None}
        if "own" not in fits:
            return []
        said = (f"learner: {fits['own'][1]}, one fit on {fits['own'][2]:,} rows; tested on {self.where}", *self.tables.notes)
        out = []
        if len(rows) >= FEW:
            out.append(self._flips(fits, test, rows, other, groups, said))
        if apart:
            out += self._gaps(fits, test, grouped, said)
        return out

    def _fit(self, data: Data | None) -> tuple[Any, str, int] | None:
        data = _labelled(data, self.label) if data is not None else None
        if data is None or len({level(t) for t in data.columns[self.label]}) < 2:
            return None
        data = data.take(subsample(len(data), self.metric.most, self.tables.seed))
        columns = {c: finite(data.columns[c]) for c in self.features}
        learner = self.ctx.learner_for(
            None, default_learner(columns, self.label) if self.metric.group else "linear"
        )  # one that reads words
        labels = [level(t) for t in data.columns[self.label]]
        return learner.fit(columns, labels, seed=self.tables.seed), getattr(learner, "name", "user"), len(data)

    def _counterfactual(self, test: Data) -> tuple[list[int], list[Data], list[str]]:
        """(rows that have a counterfactual, their tables with the group changed, their groups)."""
        cells = test.columns[self.by]
        if self.metric.group:
            levels = sorted({str(level(v)) for v in cells if level(v) is not None})
            if not 2 <= len(levels) <= MOST_LEVELS // 10:
                return [], [], []
            rows = [i for i, v in enumerate(cells) if level(v) is not None]
            values = {str(level(v)): v for v in cells if level(v) is not None}
            base = test.take(rows)
            return rows, [Data({**base.columns, self.by: [values[x]] * len(rows)}) for x in levels], [str(level(cells[i])) for i in rows]
        swaps = self.metric._swaps()
        found = [(i, s) for i, s in enumerate(swaps.swap(str(t or "")) for t in cells) if not s.why]
        rows = [i for i, _ in found]
        return rows, [Data({**test.take(rows).columns, self.by: [s.text for _, s in found]})], [str(s.group) for _, s in found]

    def _proba(self, fitted: Any, data: Data) -> Any:
        import numpy as np

        return np.asarray(fitted.proba({c: finite(data.columns[c]) for c in self.features}), float)

    def _flips(
        self, fits: Mapping[str, Any], test: Data, rows: list[int], other: list[Data], groups: list[str], said: tuple[str, ...]
    ) -> Measurement:
        import numpy as np

        found = {}
        for name, (fitted, *_) in fits.items():
            before = self._proba(fitted, test.take(rows))
            flipped, moved = np.zeros(len(rows), bool), np.zeros(len(rows))
            for changed in other:
                after = self._proba(fitted, changed)
                change = np.abs(after - before).sum(axis=1) / 2
                flipped |= (after.argmax(axis=1) != before.argmax(axis=1)) & (change > self.metric.threshold)
                moved = np.maximum(moved, change)
            found[name] = (flipped, moved)
        flipped, moved = found["own"]
        n, hits = len(rows), int(flipped.sum())
        names = np.asarray(groups)
        by = {g: float(flipped[names == g].mean()) for g in sorted(set(groups))}
        detail = {"moved": float(moved.mean()), "threshold": self.metric.threshold}
        if "real" in found:
            detail |= {"reference": float(found["real"][0].mean()), "reference_moved": float(found["real"][1].mean())}
        said = (f"probabilities move by {moved.mean():.3f} on average", *said)
        return Measurement("bias.flip_rate", hits / n, "share", n, wilson(hits, n), "near 0", by, said, detail)

    def _gaps(self, fits: Mapping[str, Any], test: Data, grouped: list[str | None], said: tuple[str, ...]) -> Iterator[Measurement]:
        import numpy as np

        truth = np.asarray([str(level(t)) for t in test.columns[self.label]])
        names = np.asarray([g or "" for g in grouped])
        found = {name: (fit[0].classes, self._proba(fit[0], test)) for name, fit in fits.items()}
        sizes = {g: n for g, n in sorted(Counter(g for g in grouped if g is not None).items()) if n >= FEW}
        for kind in ("accuracy", "AUC"):
            scores: dict[str, dict[str, tuple[float, tuple[float, float]]]] = {}
            for name, (classes, proba) in found.items():
                right = np.asarray([str(c) for c in classes])[proba.argmax(axis=1)] == truth
                for g in sizes:
                    at = names == g
                    positive = truth[at] == sorted(set(truth))[-1]
                    if kind == "accuracy":
                        hits = int(right[at].sum())
                        one = (hits / sizes[g], wilson(hits, sizes[g], spread(len(sizes))))
                    elif len(set(truth)) == 2 == len(classes) and 1 < positive.sum() < len(positive) - 1:
                        one = delong(proba[at, [str(c) for c in classes].index(sorted(set(truth))[-1])], positive, spread(len(sizes)))
                    else:
                        continue
                    scores.setdefault(name, {})[g] = one
            if len(scores.get("own", {})) < 2:
                continue
            best, worst, value, span = gap(scores["own"])
            spans = {g: i for g, (_, i) in scores["own"].items()}
            detail: dict[str, Any] = {"best": best, "worst": worst, "sizes": sizes, "intervals": spans}
            if len(scores.get("real", {})) > 1:
                detail["reference"] = gap(scores["real"])[2]
            more = (f"{best} over {worst}, of {len(scores['own'])} groups; chance alone makes a gap above 0",)
            points = [[g, v, *i] for g, (v, i) in scores["own"].items()]
            picture = {"kind": "dots", "title": f"{kind} by group", "x": self.metric.group or "group", "y": kind}
            picture |= {"series": [{"name": "trained on synthetic", "role": "synthetic", "points": points}]}  # type: ignore[dict-item]
            by = {g: v for g, (v, _) in scores["own"].items()}
            n = sum(sizes[g] for g in scores["own"])
            yield Measurement(f"bias.{kind.lower()}_gap", value, "difference", n, span, "near 0", by, (*more, *said), detail, picture)


def _labelled(data: Data, label: str) -> Data:
    rows = [i for i, t in enumerate(data.columns[label]) if level(t) is not None]
    return data if len(rows) == len(data) else data.take(rows)
