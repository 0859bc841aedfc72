"""What may be claimed of privacy, in sentences: differential privacy where noisy releases were all that steps took of a table, or that there is none.

    verdict({"releases": [{"table": "real", "epsilon": 1.0, "delta": 1e-6, ...}]})  ->  ["Differentially private for table 'real': epsilon 1 at ..."]

It reads manifest["releases"] and manifest["private_reads"] (runner/claims.py). docs/privacy.md says at length what these sentences leave out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..stats.gaussian_dp import upward

NONE = "No formal privacy guarantee: nothing here is differentially private."


def verdict(manifest: Mapping[str, Any]) -> list[str]:
    """For each private data set a sentence or two; one that says so where nothing may be claimed."""
    releases, reads = manifest.get("releases") or (), manifest.get("private_reads") or {}
    out = []
    for r in releases:
        if r.get("undone_by"):
            out.append(
                f"NOT differentially private for table '{r['table']}': {_steps(r['undone_by'], 'reads', 'read')} its rows without noise, so the epsilon of "
                f"its {r['releases']:,} noisy releases says nothing of these rows."
            )
        else:
            out += _held(r)
    told = {r["table"] for r in releases}
    for table, steps in reads.items():
        if releases and table not in told:
            out.append(f"No guarantee for the private table '{table}': {_steps(steps, 'reads', 'read')} its rows as they are.")
    return out or [NONE]


def limits(manifest: Mapping[str, Any]) -> list[str]:
    """What lies outside of a proof that holds; nothing where none does."""
    if not proof(manifest):
        return []
    return [
        "Outside of the proof: what people chose after they looked at the rows (prompts, filters, how many rows), "
        "what a model learned before this run, and rows added later: a changed data set has another account.",
        *(
            ["Whoever stands in several of these tables is protected by their guarantees together, which is less than by each."]
            if len(manifest["releases"]) > 1
            else []
        ),
        "Measurements that compare with private rows were made without noise: the guarantee holds for the rows, not for this page's numbers.",
    ]


def proof(manifest: Mapping[str, Any]) -> str:
    """'epsilon 1 at delta 1e-06: even odds may grow to 73.1%' where the guarantee holds for every private table that a step read; else ''."""
    releases = manifest.get("releases") or ()
    if not releases or manifest.get("private_reads") or any(r.get("undone_by") for r in releases):
        return ""
    return "; ".join(
        f"epsilon {upward(r['epsilon'])} at delta {r['delta']:g}: even odds may grow to {sure(r['epsilon'])}" for r in releases
    )


def sure(epsilon: float) -> str:
    """How sure somebody may become who held it for even odds that a person was in the table: e^epsilon / (1 + e^epsilon), in words."""
    p = 1 / (1 + math.exp(-epsilon))
    return f"{p:.1%}" if p < 0.9995 else "more than 99.9%"


def _held(r: Mapping[str, Any]) -> list[str]:
    sigmas = sorted(r["sigma"])
    sigma = f"{sigmas[0]:.4g}" if len(sigmas) == 1 else f"{sigmas[0]:.4g} to {sigmas[-1]:.4g}"
    one = r["releases"] == 1
    return [
        f"Differentially private for table '{r['table']}': epsilon {upward(r['epsilon'])} at delta {r['delta']:g}, by {r['releases']:,} "
        f"release{'' if one else 's'} with Gaussian noise (sigma {sigma}). Neighbouring data sets differ in {r['unit']}.",
        f"In plain words: who suspects at even odds that a certain {r['unit'].partition('one ')[2]} is among them may become {sure(r['epsilon'])} sure of it by "
        "these rows, even knowing all the others.",
        f"The guarantee holds for what {_steps(r.get('steps', ()), 'took', 'took')} of the table and for all that is made of it, these rows among it.",
        f"All runs together have spent epsilon {upward(r['epsilon_all_runs'])} of {upward(r['epsilon_allowed'])} on this data set, as of this run's last release; "
        "for whoever sees the rows of several runs that number holds.",
    ]


def _steps(labels: Sequence[str], one: str, more: str) -> str:
    return f"step{'s' * (len(labels) != 1)} {', '.join(labels)} {one if len(labels) == 1 else more}"


__all__ = ["NONE", "limits", "proof", "sure", "verdict"]
