"""ranking: queries made for passages: as hard for a search engine as people's, and of use to train one?

    measure: [ranking]                                             rows with query, passage, negatives, as `inpars` and `negatives` write them
    measure: [{ranking: {query: question, passage: context, group: article}}]

The passages of all tables (synthetic, real, holdout; negatives too, and rows without a query) are what is searched, the same for everybody.
  ndcg_10, mrr, recall_10   BM25's ranking on the generated queries; detail.reference: on people's queries (holdout, else real). Far above: the queries
                            copy their passage; far below: they are vague, or their passage does not answer them. mrr: of the first 50 places.
  utility, lift             a linear reranker of BM25's first 50 (text/match: BM25, words, rare words, word pairs in common, length), trained on pairs of the
                            generated queries' passages and negatives (their own, else five of BM25's others), tested on the holdout's queries: nDCG@10,
                            and how much more than BM25 alone; against_real: how much more than the same trained on the real table's queries.
                            Queries whose passage is not among the first 50 teach nothing, since it is not there to be lifted: they are left out, and
                            told. With them the reranker learns that few shared words are a good sign: on COVID-QA it is then worse than BM25.
Intervals: queries of one document (`group`, else of one passage) are a cluster; for what is trained also other training queries, by refits on halves
(stats/trained). Only the stated passage counts as right: others that answer too are counted as wrong, for every ranking alike.
Sources: Järvelin and Kekäläinen 2002; InPars (2202.05144) for training on generated queries; pairwise logistic loss, Burges et al. 2005. Not covered: graded
relevance, neural rerankers (which gain more), queries of other languages than the passages'.
One line: ranking.ndcg_10 0.93 [0.90, 0.96] of 400 queries, people's 0.62: the generated ones repeat their passage
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar, NamedTuple

from ..core.context import Context
from ..core.metric import Data, Measurement, Metric, Tables
from ..stats.intervals import widened
from ..stats.ranking import clustered_mean, ndcg, recall, reciprocal_rank
from ..stats.resample import subsample
from ..stats.trained import halves
from ..text.answers import shown_texts
from ..text.match import FEATURES, Matcher

K, DEPTH, PLACES = 10, 50, (1, 3, 5, 10, 20, 50)
NEGATIVES, LEAST = 5, 10  # NEGATIVES of BM25's other places are drawn where a row has none; LEAST queries to train or test on


class Asked(NamedTuple):
    """A query with the numbers of the passages that are right and known to be wrong, and its cluster."""

    query: str
    right: frozenset[int]
    wrong: tuple[int, ...]
    group: str


@dataclass(frozen=True)
class Ranking(Metric):
    """query, passage, negatives, group: columns. most: queries a table. most_passages: that are searched. seeds: refits for the interval, in pairs."""

    query: str = "query"
    passage: str = "passage"
    negatives: str = "negatives"
    group: str = "doc_id"
    most: int = 1_000
    most_passages: int = 20_000
    seeds: int = 6
    name: ClassVar[str] = "ranking"
    family: ClassVar[str] = "ranking"
    gives: ClassVar[Mapping[str, str]] = {
        "ranking.ndcg_10": "nDCG@10 of BM25 on the generated queries, 0..1, near that on people's queries",
        "ranking.mrr": "mean reciprocal rank of their passage by BM25, 0..1, near that on people's queries",
        "ranking.recall_10": "share of their passages among BM25's first ten, 0..1, near that on people's queries",
        "ranking.utility": "nDCG@10 on people's queries of a linear reranker trained on the generated ones, 0..1, higher is better",
        "ranking.lift": "the same less BM25 alone, above 0 is a gain",
        "ranking.against_real": "the same less the reranker trained on real queries, at 0 they are worth as much",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation of IR techniques",
        "Bonifacio, Abonizio, Fadaee and Nogueira 2022, InPars: data augmentation for information retrieval using large language models",
    )

    def __post_init__(self) -> None:
        if self.seeds < 4 or self.seeds % 2:
            raise ValueError("seeds must be even and at least 4")

    def reads(self) -> tuple[str, ...]:
        return tuple(v for v in self.params().values() if isinstance(v, str))

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        given = {n: d for n, d in (("synthetic", tables.synthetic), ("real", tables.real), ("holdout", tables.holdout)) if d is not None}
        told = {name: self._told(data, tables.seed) for name, data in given.items()}
        if not told["synthetic"]:
            return []
        needed = {t for side in told.values() for _, right, wrong, _ in side for t in (*right, *wrong)}
        others = sorted({t for data in given.values() for t in self._passages(data)} - needed)
        room = max(0, self.most_passages - len(needed))
        texts = [*needed, *(others[i] for i in (subsample(len(others), room, tables.seed) if room else ()))]
        # in an order of its own: equal scores go by number, and the right ones must not come first
        numbers = {t: i for i, t in enumerate(sorted(texts, key=lambda t: blake2b(t.encode("utf-8", "replace")).digest()))}
        asked = {
            name: [Asked(q, frozenset(numbers[t] for t in right), tuple(numbers[t] for t in wrong), g) for q, right, wrong, g in side]
            for name, side in told.items()
        }
        matcher = Matcher(numbers)
        cut = f", {len(others) - room:,} more are left out" if len(others) > room else ""
        caveats = (f"{len(numbers):,} passages are searched{cut}; only the stated passage counts as right",)
        test = next((name for name in ("holdout", "real") if asked.get(name)), None)
        places = {n: [_right(matcher.search(a.query, DEPTH), a) for a in asked[n]] for n in ("synthetic", test) if n}
        out = self._difficulty(asked, places, test, caveats)
        if test == "holdout" and min(len(asked["synthetic"]), len(asked["holdout"])) >= LEAST:
            out += self._utility(matcher, asked, caveats, tables.seed)
        return out

    def _passages(self, data: Data) -> list[str]:
        cells = (c for name in (self.passage, self.negatives) for c in data.columns.get(name, ()))
        return [t for cell in cells for t in shown_texts(cell)]

    def _told(self, data: Data, seed: int) -> list[tuple[str, list[str], list[str], str]]:
        """(query, right passages, wrong ones, cluster); rows of one query text are one query."""
        if self.query not in data.columns or self.passage not in data.columns:
            return []
        by: dict[str, list[int]] = {}
        for i, (q, p) in enumerate(zip(data.columns[self.query], data.columns[self.passage], strict=True)):
            if q is not None and str(q).strip() and shown_texts(p):
                by.setdefault(str(q).strip(), []).append(i)
        names, out = list(by), []
        kept = data.only([c for c in (self.passage, self.negatives, self.group) if c in data.columns])
        for query in (names[k] for k in subsample(len(names), self.most, seed)):
            part = kept.take(by[query])
            right = list(dict.fromkeys(t for c in part.columns[self.passage] for t in shown_texts(c)))
            wrong = list(dict.fromkeys(t for c in part.columns.get(self.negatives, ()) for t in shown_texts(c) if t not in right))
            group = next(iter(part.columns.get(self.group, ())), None)
            out.append((query, right, wrong, right[0] if group is None else f"document {group}"))
        return out

    def _difficulty(
        self, asked: Mapping[str, list[Asked]], places: Mapping[str, list[list[bool]]], test: str | None, caveats: tuple[str, ...]
    ) -> list[Measurement]:
        figures: dict[str, Callable[[list[bool], Asked], float]] = {
            "ndcg_10": lambda found, a: ndcg(found, len(a.right), K),
            "mrr": lambda found, a: reciprocal_rank(found),
            "recall_10": lambda found, a: recall(found, len(a.right), K),
        }
        out = []
        for name, of in figures.items():
            told = {}
            for side, found in places.items():
                values = [of(f, a) for f, a in zip(found, asked[side], strict=True)]
                told[side] = clustered_mean(values, [a.group for a in asked[side]])
            value, span = told["synthetic"]
            detail: dict[str, Any] = {}
            more = ("no people's queries to compare with: neither high nor low is good",)
            if test:
                detail = {"reference": told[test][0], "reference_interval": _bounded(told[test][1])}
                more = (f"{told[test][0]:.3f} for {len(asked[test]):,} queries of the {test} table",)
            interval = _bounded(span)
            one = () if interval else ("all queries are of one document: no interval",)
            picture = _picture(asked, places, test) if name == "recall_10" else None
            n = len(asked["synthetic"])
            better = "near real" if test else "none"
            out.append(Measurement(f"ranking.{name}", value, "share", n, interval, better, None, (*more, *one, *caveats), detail, picture))
        return out

    def _utility(self, matcher: Matcher, asked: Mapping[str, list[Asked]], caveats: tuple[str, ...], seed: int) -> list[Measurement]:
        import numpy as np

        test = asked["holdout"]
        seen = [(matcher.features(a.query, found := matcher.search(a.query, DEPTH)), _right(found, a), len(a.right)) for a in test]
        bm25 = np.asarray([ndcg(found, known, K) for _, found, known in seen])
        told: tuple[str, ...] = (f"BM25 alone {bm25.mean():.3f}",)
        fits: dict[str, list[Any]] = {}
        for name in ("synthetic", "real"):
            pairs = _pairs(matcher, asked.get(name, ()), seed)
            if len(pairs) >= LEAST:
                even, rng = len(pairs) // 2 * 2, np.random.default_rng(seed)
                orders = [rng.permutation(len(pairs)) for _ in range(self.seeds // 2)]
                fits[name] = [_fit(pairs), *(_fit([pairs[i] for i in order[k:even:2]]) for order in orders for k in (0, 1))]
            if asked.get(name):
                kind = "generated" if name == "synthetic" else "real"
                told += (f"trained on {len(pairs):,} of {len(asked[name]):,} {kind} queries, whose passage is among BM25's first {DEPTH}",)
        runs = {name: [np.asarray([_reranked(w, *one) for one in seen]) for w in found] for name, found in fits.items()}
        if "synthetic" not in runs:
            none = (f"fewer than {LEAST} queries to learn from", *told, *caveats)
            return [Measurement("ranking.utility", None, "nDCG@10", len(test), None, "higher", None, none)]
        own = runs["synthetic"]
        detail: dict[str, Any] = {"bm25": float(bm25.mean()), "per_refit": [float(v.mean()) for v in own[1:]]}
        detail["weights"] = {f: round(float(w), 4) for f, w in zip(FEATURES, fits["synthetic"][0], strict=True)}
        against = {"utility": [0 * bm25] * len(own), "lift": [bm25] * len(own)}
        if "real" in runs:
            against["against_real"] = runs["real"]
            detail["reference"] = float(runs["real"][0].mean())
            told += (f"{detail['reference']:.3f} trained on the real ones",)
        out = []
        for name, less in against.items():
            per = [v - b for v, b in zip(own, less, strict=True)]
            value, span = clustered_mean(per[0], [a.group for a in test])
            if math.isfinite(span[0]):
                span = widened(value, span, halves([np.append(v.mean(), v - v.mean()) for v in per[1:]]))
                one, interval = told, _bounded(span) if name == "utility" else span
            else:
                one, interval = (*told, "all queries of the holdout are of one document: no interval"), None
            out.append(
                Measurement(f"ranking.{name}", value, "nDCG@10", len(test), interval, "higher", None, (*told, *one, *caveats), detail)
            )
        return out


def _reranked(weights: Any, features: Any, right: Sequence[bool], known: int) -> float:
    """nDCG of a query's candidates in the order of the reranker; equal scores stay in BM25's order."""
    import numpy as np

    return ndcg([right[i] for i in np.argsort(-(features @ weights), kind="stable")], known, K)


def _right(found: Sequence[tuple[int, float]], asked: Asked) -> list[bool]:
    return [n in asked.right for n, _ in found]


def _bounded(span: tuple[float, float]) -> tuple[float, float] | None:
    return (max(0.0, span[0]), min(1.0, span[1])) if math.isfinite(span[0]) else None


def _pairs(matcher: Matcher, asked: Sequence[Asked], seed: int) -> list[Any]:
    """Of each query whose passage can be found the differences of the features: a right passage less a wrong one."""
    import numpy as np

    rng = np.random.default_rng(seed)
    out = []
    for a in asked:
        found = matcher.search(a.query, DEPTH)
        places = [n for n, _ in found]
        wrong = list(a.wrong) or [places[i] for i in rng.permutation(len(places)) if places[i] not in a.right][:NEGATIVES]
        right = [n for n in places if n in a.right]
        if right and wrong:
            x = matcher.features(a.query, matcher.scored(a.query, [*right, *wrong]), found[0][1])
            out.append((x[: len(right), None] - x[None, len(right) :]).reshape(-1, x.shape[1]))
    return out


def _fit(pairs: Sequence[Any]) -> Any:
    """Weights by logistic regression on the differences and their opposites, in the scale of the features; every query counts alike."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    x, weight = np.concatenate(pairs), np.concatenate([np.full(len(p), 1 / len(p)) for p in pairs])
    scale = np.sqrt(np.average(x**2, axis=0, weights=weight))
    scale[scale == 0] = 1.0
    x = x / scale
    model = LogisticRegression(fit_intercept=False, max_iter=500)
    model.fit(np.concatenate([x, -x]), np.repeat([1, 0], len(x)), sample_weight=np.concatenate([weight, weight]) / 2)
    return model.coef_[0] / scale


def _picture(asked: Mapping[str, list[Asked]], places: Mapping[str, list[list[bool]]], test: str | None) -> dict[str, Any]:
    series = []
    for side, found in places.items():
        points: list[list[Any]] = []
        for k in PLACES:
            values = [recall(f, len(a.right), k) for f, a in zip(found, asked[side], strict=True)]
            mean, span = clustered_mean(values, [a.group for a in asked[side]])
            points.append([k, mean, *(_bounded(span) or (None, None))])
        own = side == "synthetic"
        series.append(
            {
                "name": "generated queries" if own else f"queries of the {test} table",
                "role": "synthetic" if own else "real",
                "points": points,
            }
        )
    return {"kind": "lines", "title": "Passages that BM25 finds", "x": "first places", "y": "share found", "log_x": True, "series": series}
