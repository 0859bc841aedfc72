"""What a run may say of the code that it executed: counted from the journal, so that a resumed run tells the same, whichever op asked.

    {"execute": {"runs": 73, "candidates": 51, "outcomes": {"ran": 60, ...}, "tiers": {"bwrap": 73}, "runtimes": {"CPython 3.11.2": 73},
                 "strengths": {"exact": 49, "proxied": 2}, "requeued": 1, "sandbox_errors": 0, "verdicts": {"passed": 22, "failed": 19, ...}}}

runs: boxes whose outcome was used, of all sessions and versions of the recipe in this folder; equal candidates share one. candidates: those
less the repeats. verdicts: of rows, dropped by their status (or no_code, or not_repaired) or kept with it at the end, of the step that wrote it; rows that left later are in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.op import Scene
from ..core.ports import Outcome, Record, Store
from ..core.recipe import Recipe
from ..core.verdict import STATUSES
from ..text.jsontext import loads


def executions(store: Store, recipe: Recipe, funnel: Sequence[Mapping[str, Any]], kept: Iterable[Record], errors: Mapping[str, int]) -> Any:
    """Label -> counts, of each step that executes code. errors: label -> how often the sandbox itself failed in this session."""
    labels = [s.label for s in recipe.steps if s.op.executes]
    judges = [s.label for s in recipe.steps if s.op.executes and "verdict" in s.op.writes(Scene())]
    counts: dict[str, dict[str, Any]] = {x: {k: Counter() for k in (*_KINDS, "verdicts")} for x in labels}
    plain: dict[str, Counter[str]] = {x: Counter(runs=0, candidates=0, requeued=0) for x in labels}
    for answer in store.answers(port="sandbox") if labels else ():
        if answer.step not in counts:
            continue
        outcome, asked, here = Outcome.unpack(answer.raw), loads(answer.request), counts[answer.step]
        strength = asked.get("strength", "exact")
        for kind, value in zip(_KINDS, (outcome.status, outcome.tier, outcome.runtime, strength), strict=True):
            here[kind][value] += kind != "strengths" or not answer.attempt
        plain[answer.step].update(runs=1, candidates=not answer.attempt, requeued=outcome.requeued)
    for line in funnel:
        if line["label"] in judges:
            counts[line["label"]]["verdicts"].update({s: n for s, n in line["dropped"].items() if s in _VERDICTS})
    if judges:  # the last one wrote what the rows hold
        counts[judges[-1]]["verdicts"].update(v for r in kept if (v := (r.values or {}).get("verdict")) in _VERDICTS)
    return {x: {**plain[x], "sandbox_errors": errors.get(x, 0), **{k: dict(c) for k, c in counts[x].items()}} for x in labels}


_VERDICTS = {*STATUSES, "no_code", "not_repaired"}  # without a program there is one too, and `repair` drops by one of its own
_KINDS = ("outcomes", "tiers", "runtimes", "strengths")


def caveats(told: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Label -> name -> words, where a verdict is worth less than it could be: facts as steps tell them."""
    out: dict[str, dict[str, str]] = {}
    for label, one in told.items():
        runs, candidates, here = one["runs"], one["candidates"], out.setdefault(label, {})
        if unheld := one["tiers"].get("rlimits"):
            here["tier"] = (
                f"{unheld:,} of {runs:,} runs were held by limits alone (tier rlimits): the code could read, write and send what its user may"
            )
        for strength, why in _WORTH.items():
            if n := one["strengths"].get(strength):
                here[strength] = f"{n:,} of {candidates:,} verdicts ({n / candidates:.0%}) are {strength}, not exact: {why}"
        if n := one["requeued"]:
            here["requeued"] = (
                f"{n:,} of {runs:,} runs were ended by the wall clock alone and run once more: the machine was busy, or they slept"
            )
        if n := one["sandbox_errors"]:
            here["sandbox_errors"] = f"the sandbox itself failed {n:,} times; these rows have no verdict and wait for the next run"
    return {label: words for label, words in out.items() if words}


_WORTH = {
    "proxied": "their tests ran as code in a second box and told the result, rather than values being compared outside",
}


def lines(told: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """For `show`: a line or two for each step."""
    out = []
    for label, one in told.items():
        parts = [
            f"{kind} {', '.join(f'{k} {n:,}' for k, n in sorted(one[kind].items(), key=lambda p: -p[1]))}" for kind in _SHOWN if one[kind]
        ]
        counted = f"{one['requeued']:,} requeued, {one['sandbox_errors']:,} sandbox errors"
        out.append(f"{label}: {one['runs']:,} runs of {one['candidates']:,} candidates; {'; '.join([*parts, counted])}")
    return out


_SHOWN = ("verdicts", "strengths", "tiers", "runtimes")
