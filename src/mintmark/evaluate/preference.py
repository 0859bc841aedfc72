"""preference: which system is preferred, by how much, and how much of that is the place it stood in: open evaluation from pairwise verdicts.

    measure: [preference]                                              what `compare` wrote: comparisons, beside candidates
    measure: [{preference: {a: system_a, b: system_b, winner: verdict, item: instruction}}]     verdicts of judges or people, recorded elsewhere

A system is the `model` of a candidate, as `candidates` writes it, else the candidate's place. In a table of verdicts a row names two systems, the
first shown first, and the winner: its name, or any layout of text/verdicts (1, B, tie, [[A]] ...); a list holds the verdicts of several people, who
count as one together. Verdicts on one item (the row, or equal cells of `item`) hang together: they are resampled together.
win_rate: share of verdicts for the leading system (or `of`), ties half, mean over its opponents. strength: log odds of the Bradley-Terry model against
the mean of all systems, with ties (Davidson) and order, see stats/bradley_terry; lead: of the first over the second; by_group: every system.
position: log odds for whoever stands first of two equals, 0 is no bias; only where pairs were shown in both orders.
Sources: Bradley and Terry 1952; Davidson 1970; Davidson and Beaver 1977; swapping the order: Zheng et al. 2023 (2306.05685), section 3.4.
Not covered: whether the judge is right (`judging` compares it with people), length bias, a judge that prefers its own texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.bradley_terry import Strengths, strengths
from ..stats.intervals import clustered
from ..text.verdicts import pairs_of, verdict

Verdict = tuple[str, str, str, Any, float]  # shown first, shown second, what was said, item, weight
FEW = 20


@dataclass(frozen=True)
class Preference(Metric):
    """candidates: column of the texts that `comparisons` numbers. a, b, winner, item: columns of a table of verdicts. of: the system whose numbers
    are wanted; default: the one that leads."""

    of: str | None = None
    candidates: str = "candidates"
    a: str = "a"
    b: str = "b"
    winner: str = "winner"
    item: str | None = None
    name: ClassVar[str] = "preference"
    family: ClassVar[str] = "preference"
    gives: ClassVar[Mapping[str, str]] = {
        "preference.win_rate": "share of verdicts for the leading system, ties half, mean over its opponents, 0..1; by group: every system",
        "preference.strength": "log odds of the leading system (Bradley-Terry, ties, order) against the mean of all; by group: every system",
        "preference.lead": "log odds of the leading system over the next; an interval that holds 0 leaves the order open",
        "preference.position": "log odds for whoever of two equals stands first, near 0 is better; where pairs were shown in both orders",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Bradley and Terry 1952, Rank analysis of incomplete block designs",
        "Davidson 1970, On extending the Bradley-Terry model to accommodate ties",
    )

    def reads(self) -> tuple[str, ...]:
        renamed = (c for f in fields(self) if isinstance(c := getattr(self, f.name), str) and f.name != "of" and c != f.default)
        return tuple(renamed)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        told, unread = self._compared(columns), 0
        if not told and {self.a, self.b, self.winner} <= columns.keys():
            told, unread = self._recorded(columns)
        names = {x for v in told for x in v[:2]}
        if len(names) < 2:
            return []
        caveats = [f"{len(told):,} verdicts on {len({v[3] for v in told}):,} items"]
        if unread:
            caveats.append(f"{unread:,} verdicts cannot be read and are left out")
        if self.of is not None and self.of not in names:
            caveats.append(f"there is no system '{self.of}'")
        n = len(told)
        try:
            fit = strengths(told, tables.seed)
        except ValueError as error:
            return [Measurement("preference.strength", None, "log odds", n, caveats=(str(error), *caveats))]
        if fit.order is None:
            caveats.append("no pair was shown in both orders: the place that answers stood in cannot be told from their merit")
        if fit.items < FEW:
            caveats.append(f"fewer than {FEW} items: intervals are too narrow")
        if fit.penalised:
            caveats.append(
                "some system (or place) always or never wins: half a win each way was added to every pair, and strengths have no interval"
            )
        who = self.of if self.of in names else fit.names[0]
        if who != self.of and len(names) > 2:
            caveats.append(f"{who} leads these verdicts; picked for that, it is a little flattered")
        return [_win_rate(told, fit, who, caveats), *_strengths(fit, who, n, caveats)]

    def _compared(self, columns: Mapping[str, Sequence[Any]]) -> list[Verdict]:
        """Of what `compare` wrote, each pair twice: once with either first."""
        told: list[Verdict] = []
        cells = columns.get("comparisons", ())
        for cell, given, item in zip(cells, columns.get(self.candidates, cells), self._items(columns), strict=False):
            for pair in pairs_of(cell):
                a, b = (_system(given, pair.get(k)) for k in "ab")
                swapped = {"a": "second", "b": "first"}
                told.append((a, b, {"a": "first", "b": "second"}.get(pair["ab"], "tie"), str(item), 1.0))
                told.append((b, a, swapped.get(pair["ba"], "tie"), str(item), 1.0))
        return told

    def _items(self, columns: Mapping[str, Sequence[Any]]) -> Iterable[Any]:
        """Which item each row is about; a row is one by itself where nothing says so."""
        return columns[self.item] if self.item is not None and self.item in columns else count()

    def _recorded(self, columns: Mapping[str, Sequence[Any]]) -> tuple[list[Verdict], int]:
        told: list[Verdict] = []
        unread = 0
        for a, b, said, item in zip(columns[self.a], columns[self.b], columns[self.winner], self._items(columns), strict=False):
            if a is None or b is None or said is None:
                continue
            a, b = str(a), str(b)
            every = said if isinstance(said, list) else [said]
            read = [("first" if str(v) == a else "second" if str(v) == b else verdict(v)) if a != b else verdict(v) for v in every]
            usable = [v for v in read if v is not None]
            unread += len(read) - len(usable)
            told += [(a, b, v, str(item), 1 / len(usable)) for v in usable]
        return told, unread


def _system(candidates: Any, number: Any) -> str:
    one = candidates[number] if isinstance(candidates, list) and isinstance(number, int) and 0 <= number < len(candidates) else None
    if isinstance(one, Mapping) and one.get("model") is not None:
        return str(one["model"])
    return f"answer {number + 1}" if isinstance(number, int) else str(number)


def _rates(told: Sequence[Verdict], who: str) -> tuple[dict[str, dict[str, list[float]]], dict[str, float]]:
    """opponent -> item -> [points, verdicts]; opponent -> share of points."""
    against: dict[str, dict[str, list[float]]] = {}
    for a, b, said, item, weight in told:
        if (who in (a, b)) and a != b:
            points = 0.5 if said == "tie" else float((said == "first") == (a == who))
            one = against.setdefault(b if a == who else a, {}).setdefault(item, [0.0, 0.0])
            one[0] += weight * points
            one[1] += weight
    return against, {x: sum(p for p, _ in of.values()) / sum(m for _, m in of.values()) for x, of in against.items()}


def _win_rate(told: Sequence[Verdict], fit: Strengths, who: str, caveats: Sequence[str]) -> Measurement:
    """Each opponent counts the same: verdicts are weighed by how seldom their pair was shown."""
    rates, spans = {}, {}
    for name in fit.names:
        against, shares = _rates(told, name)
        items: dict[str, list[float]] = {}
        for of in against.values():
            size = sum(m for _, m in of.values())
            for item, (points, m) in of.items():
                one = items.setdefault(item, [0.0, 0.0])
                one[0] += points / size
                one[1] += m / size
        if items:
            rates[name] = sum(shares.values()) / len(shares)
            unit = sum(m for of in against.values() for _, m in of.values()) / len(against)
            _, spans[name] = clustered([unit * p for p, _ in items.values()], [unit * m for _, m in items.values()])
    n = sum(who in v[:2] and v[0] != v[1] for v in told)
    detail = {"system": who, "intervals": spans, "against": _rates(told, who)[1], "reference": 0.5}
    picture = _dots("Win rates", "share of verdicts, ties half", {k: (v, spans[k]) for k, v in rates.items()})
    return Measurement("preference.win_rate", rates[who], "share", n, spans[who], "higher", rates, (f"of {who}", *caveats), detail, picture)


def _strengths(fit: Strengths, who: str, n: int, caveats: Sequence[str]) -> list[Measurement]:
    by = dict(zip(fit.names, fit.strength, strict=True))
    spans = dict(zip(fit.names, fit.intervals, strict=True)) if fit.intervals else {}
    none = () if spans or fit.penalised else ("one item alone: no interval",)
    detail = {"system": who, "intervals": spans, "tie": fit.tie, "items": fit.items, "penalised": fit.penalised, "reference": 0.0}
    picture = _dots("Strengths (Bradley-Terry)", "log odds against the mean", {k: (v, spans.get(k)) for k, v in by.items()})
    said = (*none, *caveats)
    out = [
        Measurement("preference.strength", by[who], "log odds", n, spans.get(who), "higher", by, (f"of {who}", *said), detail, picture),
        Measurement(
            "preference.lead", fit.lead, "log odds", n, fit.lead_interval, "none", None, (f"{fit.names[0]} over {fit.names[1]}", *said)
        ),
    ]
    if fit.order is not None:
        out.append(Measurement("preference.position", fit.order, "log odds", n, fit.order_interval, "near 0", None, said))
    return out


def _dots(title: str, y: str, values: Mapping[str, tuple[float, tuple[float, float] | None]]) -> dict[str, Any]:
    points = [[name, v, *(span or (None, None))] for name, (v, span) in values.items()]
    return {"kind": "dots", "title": title, "x": "system", "y": y, "series": [{"name": title, "role": "synthetic", "points": points}]}
