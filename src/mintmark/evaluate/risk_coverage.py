"""risk_coverage: how many rows are wrong among those whose score is at least t, for every t: never one threshold alone.

For tables where it is known which rows are right (a checked sample, recorded benchmarks): `correct` (true or false), or `gold` beside the target
column (without a target: beside `agreed`, which `agree` writes), equal as numbers or after folding. Scores: what the filters write, whichever there
are: confidence, agreement, p_label, loss (less is surer), judged_score, supported, relevance, query_score, rederived_agreement, roundtrip_f1, and
columns that end in _logprob or _score. The first of them leads, the others stand in by_group. Rows without score or answer are left out.
Not covered: rows that a step has dropped (give filters `least: 0` to see them in the curve); how `gold` came about.
Sources: Geifman and El-Yaniv 2017 (1705.08500); AURC: Geifman, Uziel and El-Yaniv 2019 (1805.08206); see stats/risk_coverage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.cells import is_number
from ..stats.intervals import delong, wilson
from ..stats.risk_coverage import Curve, curve
from ..text.answers import same_answer

SCORES = "confidence agreement p_label loss judged_score supported relevance query_score rederived_agreement roundtrip_f1".split()
MOST_SCORES = 6


@dataclass(frozen=True)
class RiskCoverage(Metric):
    name: ClassVar[str] = "risk_coverage"
    family: ClassVar[str] = "confidence"
    gives: ClassVar[Mapping[str, str]] = {
        "confidence.accuracy": "share of rows known to be right, at full coverage, 0..1, higher is better",
        "confidence.aurc": "area under the risk-coverage curve of the first score, 0..1, lower is better; beside random order and the least possible",
        "confidence.auc": "AUC of the first score for telling right rows from wrong ones; 0.5 says nothing, higher is better",
    }
    cites: ClassVar[tuple[str, ...]] = ("Geifman and El-Yaniv 2017, Selective classification for deep neural networks (1705.08500)",)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        right = _correct(columns, tables.target)
        known = [r for r in right if r is not None]
        if not known:
            return []
        names = [n for n in columns if n.endswith(("_logprob", "_score")) and n not in SCORES]
        found: dict[str, tuple[list[float], list[bool]]] = {}
        for name in [*(n for n in SCORES if n in columns), *names]:
            sign = -1.0 if name == "loss" else 1.0
            pairs = [(sign * float(s), r) for s, r in zip(columns[name], right, strict=True) if r is not None and is_number(s)]
            if len(pairs) > 1 and len(found) < MOST_SCORES:
                found[name] = ([s for s, _ in pairs], [r for _, r in pairs])
        if not found:
            return []
        kept = "over the kept rows: what a step has dropped is not in it"
        hits = sum(known)
        out = [
            Measurement(
                "confidence.accuracy", hits / len(known), "accuracy", len(known), wilson(hits, len(known)), "higher", caveats=(kept,)
            )
        ]
        curves = {name: curve(s, r, most=40, seed=tables.seed) for name, (s, r) in found.items()}
        main, one = next(iter(curves.items()))
        caveats = (f"score: {main}; {len(known) - one.n} rows without it" if one.n < len(known) else f"score: {main}", kept)
        thresholds = {n: [[round(p.coverage, 6), round(p.threshold, 6)] for p in c.points] for n, c in curves.items()}
        detail = {"score": main, "random": one.random, "oracle": one.oracle, "thresholds": thresholds}
        groups = {n: c.aurc for n, c in curves.items()}
        beside = f"random order {one.random:.3f}, least possible {one.oracle:.3f}"
        drawn = _picture(curves)
        out.append(
            Measurement("confidence.aurc", one.aurc, "share", one.n, one.interval, "lower", groups, (*caveats, beside), detail, drawn)
        )
        scores, labels = found[main]
        if 0 < sum(labels) < len(labels):
            value, span = delong(scores, labels)
            by = {n: delong(s, r)[0] for n, (s, r) in found.items() if 0 < sum(r) < len(r)}
            out.append(Measurement("confidence.auc", value, "AUC", len(labels), span, "higher", by, caveats))
        return out


def _picture(curves: Mapping[str, Curve]) -> dict[str, Any]:
    """Risk over coverage for each score; the first with its interval at each point, and random order as a line."""
    main, one = next(iter(curves.items()))
    series = [
        {
            "name": name,
            "role": "synthetic" if name == main else "other",
            "points": [[round(x, 6) for x in (p.coverage, p.risk, *(p.interval if name == main else ()))] for p in c.points],
        }
        for name, c in curves.items()
    ]
    flat = {"name": "random order", "role": "other", "points": [[0.0, one.random], [1.0, one.random]]}
    title = "Keep the rows with the highest score: this share of them is wrong (rows that a step has dropped are not in it)"
    labels = {"x": "share of rows kept, the surest first", "y": "share of them wrong"}
    return {"kind": "lines", "title": title, **labels, "series": [*series, flat]}


def _correct(columns: Mapping[str, Sequence[Any]], target: str | None) -> list[bool | None]:
    """Per row whether it is right, None where that is not known; [] where nothing says so."""
    if "correct" in columns:
        return [bool(c) if isinstance(c, (bool, int, float)) and c in (0, 1) else None for c in columns["correct"]]
    answer = target if target in columns and target != "gold" else "agreed"
    if "gold" not in columns or answer not in columns:
        return []
    return [None if g is None or a is None else same_answer(a, g) for a, g in zip(columns[str(answer)], columns["gold"], strict=True)]
