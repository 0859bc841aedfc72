"""judging: how far a judge can be relied on: do its repeated votes agree, does it go by position, does it say in one order what it says in the other,
and does it say what people say.

Reads what the ops write, whichever columns there are: comparisons (`compare`), ratings (`rate`), judged (`judge`), votes (`agree`); and for judges
recorded elsewhere `verdict` (1, 2, tie, first, [[A]] ..., text/verdicts) beside `human`, one verdict of people or a list of them (their majority counts).

agreement: Fleiss' kappa over repeated votes or several judges, with squared distances where votes are scores (1-5); by_group: each column and criterion.
position_bias: share of decided verdicts for whichever answer stood first. Where every pair was shown in both orders 0.5 is no bias; verdicts of one row
hang together, so the Wilson interval counts them for as many as their spread says. Pairs shown in one order cannot tell bias from merit: then people's
own share of first is the reference. consistency: share of pairs judged alike in both orders.
human_agreement, human_kappa: against the people's majority. Verdicts that cannot be read count as disagreeing in the first and are left out of the second.
Sources: Zheng et al. 2023 (2306.05685), sections 3.3 and 4.2; Fleiss 1971; Cohen 1960; bootstrap over items. Not covered: length bias, self-preference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.metric import Measurement, Metric, Tables
from ..stats.agreement import Agreement, cohen, fleiss
from ..stats.cells import is_number
from ..stats.intervals import clustered, wilson
from ..text.verdicts import majority, pairs_of, verdict

Items = list[list[Any]]


@dataclass(frozen=True)
class Judging(Metric):
    name: ClassVar[str] = "judging"
    family: ClassVar[str] = "judging"
    gives: ClassVar[Mapping[str, str]] = {
        "judging.agreement": "chance-corrected agreement of repeated votes or of several judges (Fleiss' kappa), up to 1, higher is better",
        "judging.position_bias": "share of decided verdicts for the answer shown first, 0..1, near 0.5 where each pair was shown in both orders",
        "judging.consistency": "share of pairs judged alike in both orders, 0..1, higher is better",
        "judging.human_agreement": "share of verdicts equal to the majority of people, unreadable ones counted as wrong, higher is better",
        "judging.human_kappa": "the same beyond chance (Cohen's kappa), over the readable verdicts, up to 1, higher is better",
    }
    cites: ClassVar[tuple[str, ...]] = ("Zheng et al. 2023, Judging LLM-as-a-judge with MT-Bench and Chatbot Arena (2306.05685)",)

    def measure(self, tables: Tables, ctx: Context) -> list[Measurement]:
        columns = tables.synthetic.columns
        out = self._agreement(columns, tables.seed)
        pairs = [pairs_of(cell) for cell in columns.get("comparisons", ())]
        if any(pairs):
            out += _both_orders(pairs)
        if "verdict" in columns and "human" in columns:
            out += _people(columns["verdict"], columns["human"], tables.seed, single=not any(pairs))
        return out

    def _agreement(self, columns: Mapping[str, Sequence[Any]], seed: int) -> list[Measurement]:
        found: dict[str, Agreement] = {}
        for name, (items, squared) in _voted(columns).items():
            if any(sum(v is not None for v in item) > 1 for item in items):
                found[name] = fleiss(items, squared=squared, seed=seed)
        if not found:
            return []
        main, one = max(found.items(), key=lambda t: t[1].n)
        caveats = [f"votes in {main}; {one.observed:.3f} before chance is taken off (1 = alike)"]
        if one.kappa is None:
            caveats.append("all votes are the same: there is no chance-corrected agreement")
        groups = {k: a.kappa for k, a in found.items() if a.kappa is not None}
        detail = {"observed": {k: a.observed for k, a in found.items()}, "n": {k: a.n for k, a in found.items()}}
        return [Measurement("judging.agreement", one.kappa, "kappa", one.n, one.interval, "higher", groups, tuple(caveats), detail)]


def _voted(columns: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Items, bool]]:
    """Where votes stand -> (the votes of each item, whether they are scores)."""
    out: dict[str, tuple[Items, bool]] = {}

    def add(name: str, votes: Any, scores: bool) -> None:
        if isinstance(votes, list) and len(votes) > 1:
            out.setdefault(name, ([], scores))[0].append([v for v in votes if not scores or is_number(v)])

    for cell in columns.get("comparisons", ()):
        for pair in pairs_of(cell):
            add("comparisons", pair.get("votes_ab"), False)
            add("comparisons", pair.get("votes_ba"), False)
    for cell in columns.get("ratings", ()):
        for of in cell if isinstance(cell, list) else ():
            for aspect, one in of.items() if isinstance(of, Mapping) else ():
                add(f"ratings: {aspect}", one.get("votes") if isinstance(one, Mapping) else None, True)
    for cell in columns.get("judged", ()):
        for criterion, one in cell.items() if isinstance(cell, Mapping) else ():
            add(f"judged: {criterion}", one.get("votes") if isinstance(one, Mapping) else None, True)
    for cell in columns.get("votes", ()):
        add("votes", cell, False)
    return out


def _both_orders(rows: Sequence[Sequence[Mapping[str, Any]]]) -> list[Measurement]:
    """Of verdicts as `compare` writes them: ab is the verdict where a stood first, ba where b did; rows are the clusters."""
    told = [p for row in rows for p in row]
    first = [sum((p["ab"] == "a") + (p["ba"] == "b") for p in row) for row in rows]
    decided = [sum((p["ab"] != "tie") + (p["ba"] != "tie") for p in row) for row in rows]
    out = []
    if sum(decided):
        share, span = clustered(first, decided)
        caveats = [f"{sum(decided):,} decided verdicts on {len(told):,} pairs, each shown in both orders"]
        kinds = Counter((p["ab"] == "a") + (p["ba"] == "b") for p in told if p["ab"] != p["ba"] and "tie" not in (p["ab"], p["ba"]))
        detail = {"always_first": kinds[2], "always_second": kinds[0], "pairs": len(told)}
        out.append(Measurement("judging.position_bias", share, "share", sum(decided), span, "near 0.5", None, tuple(caveats), detail))
    share, span = clustered([sum(p["ab"] == p["ba"] for p in row) for row in rows], [len(row) for row in rows])
    by_chance = "judges that toss a coin are alike in half of the pairs, or in a third with ties"
    out.append(Measurement("judging.consistency", share, "share", len(told), span, "higher", None, (by_chance,)))
    return out


def _people(verdicts: Sequence[Any], humans: Sequence[Any], seed: int, single: bool) -> list[Measurement]:
    """single: the table has no pairs in both orders, so that position is measured here, as far as it can be."""
    told = [(verdict(v), majority(map(verdict, h)) if isinstance(h, list) else verdict(h)) for v, h in zip(verdicts, humans, strict=True)]
    known = [(v, h) for v, h in told if h is not None]
    if not known:
        return []
    readable = [(v, h) for v, h in known if v is not None]
    right = sum(v == h for v, h in known)
    unread = f"{len(known) - len(readable)} of {len(known):,} verdicts cannot be read"
    others = (f"{len(told) - len(known)} items without a majority of people are left out",) if len(told) > len(known) else ()
    span = wilson(right, len(known))
    out = [Measurement("judging.human_agreement", right / len(known), "share", len(known), span, "higher", caveats=(unread, *others))]
    if readable:
        one = cohen(readable, seed)
        why = ("all verdicts are the same",) if one.kappa is None else ()
        out.append(Measurement("judging.human_kappa", one.kappa, "kappa", one.n, one.interval, "higher", caveats=(unread, *others, *why)))
    decided = [v for v, _ in readable if v != "tie"]
    theirs = [h for _, h in readable if h != "tie"]
    if single and decided:
        first, reference = decided.count("first"), theirs.count("first") / len(theirs) if theirs else None
        caveats = ["each pair is taken as shown in one order, so this mixes position with merit"]
        if reference is not None:
            caveats.append(f"people, who decided {len(theirs):,} of them, prefer the first in {reference:.3f}")
        span = wilson(first, len(decided))
        detail = {"people": reference}
        out.append(
            Measurement("judging.position_bias", first / len(decided), "share", len(decided), span, "none", None, tuple(caveats), detail)
        )
    return out
