"""Two runs, or two audits, side by side: verdicts, steps, every number with the difference, the recipes' diff, rows, cost.

    {"metric": "diversity.vendi", "a": {...}, "b": {...}, "difference": -1.1, "interval": [-2.3, 0.1], "verdict": "cannot be told apart"}

Whether two numbers differ is not read off overlapping intervals (two 95 % intervals may overlap and the numbers differ). From both intervals that of
the difference is built (MOVER, Zou and Donner 2008), approximately 95 %: it takes the two as independent. Two learners tested on the same rows are
not: a paired test would see more. It is one comparison each: of 20 numbers without a difference, one is expected to seem to differ.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.metric import FAMILIES, Measurement
from ..stats.intervals import difference
from . import words
from .html import render

MOST_PAIRS, MOST_DIFF = 6, 400
BOOKS = (
    "planned",
    "kept",
    "dropped",
    "failed",
    "pending",
    "calls",
    "tokens_in",
    "tokens_out",
    "cost_usd",
    "wall_s",
    "cpu_s",
    "peak_rss_mb",
)


@dataclass
class Side:
    """One of the two. samples: kept rows, with their id. tables: name -> digest of what it read, as far as told."""

    name: str
    kind: str
    manifest: Mapping[str, Any] = field(default_factory=dict)
    measurements: Sequence[Measurement] = ()
    gates: Sequence[Mapping[str, Any]] = ()
    recipe: str = ""
    samples: Sequence[Mapping[str, Any]] = ()
    tables: Mapping[str, str] = field(default_factory=dict)


def compare(a: Side, b: Side, known: Mapping[str, str]) -> dict[str, Any]:
    """Everything the page and the terminal tell, as plain values. known: dotted name -> what a measurement is."""
    found = {m.metric: m for m in [*b.measurements, *a.measurements]}
    own, other = words.by_name(a.measurements), words.by_name(b.measurements)
    families = words.by_family(list(found.values()), known)
    numbers = [{"family": f, **_pair(own.get(m.metric), other.get(m.metric))} for f, inside in families.items() for m in inside]
    both = a.recipe and b.recipe
    diff = list(difflib.unified_diff(a.recipe.splitlines(), b.recipe.splitlines(), "A", "B", lineterm="", n=2)) if both else []
    return {
        "a": _head(a),
        "b": _head(b),
        "numbers": numbers,
        "told_apart": sum(x["apart"] is True for x in numbers),
        "tested": sum(x["apart"] is not None for x in numbers),
        "other_real": _other_tables(a, b)
        if a.tables and b.tables
        else sorted({m for m in own if m in other and _other_real(own[m], other[m])}),
        "steps": _steps(a.manifest.get("steps", ()), b.manifest.get("steps", ())),
        "recipe": diff[:MOST_DIFF],
        "same_recipe": bool(a.recipe) and a.recipe == b.recipe,
        "books": [{"what": k, "a": a.manifest.get(k), "b": b.manifest.get(k)} for k in BOOKS if k in a.manifest or k in b.manifest],
        "samples": _rows(a.samples, b.samples),
    }


def _head(side: Side) -> dict[str, Any]:
    tiles = words.tiles(side.manifest, side.measurements)
    return {
        "name": side.name,
        "kind": side.kind,
        "verdict": words.verdict(tiles, side.gates),
        "lead": " ".join(words.lead(str(side.manifest.get("name", side.name)), side.manifest, side.kind)),
        "tiles": [t for t in tiles if t["verdict"] != "not measured"],
        "gates": list(side.gates),
    }


def _pair(a: Measurement | None, b: Measurement | None) -> dict[str, Any]:
    """One number on both sides. apart: whether the two can be told apart, None where that cannot be asked."""
    one = a or b
    assert one is not None
    out: dict[str, Any] = {"metric": one.metric, "unit": one.unit, "better": one.better, "a": _told(a), "b": _told(b), "apart": None}
    if a is None or b is None:
        return {**out, "verdict": f"only in {'A' if b is None else 'B'}"}
    if a.value is None or b.value is None or a.unit != b.unit:
        return {**out, "verdict": "not comparable"}
    out["difference"] = b.value - a.value
    if a.n != b.n and any("other sizes" in c for c in (*a.caveats, *b.caveats)):
        return {**out, "verdict": f"not comparable: measured at {a.n:,} and {b.n:,}"}
    if a.interval is None or b.interval is None:
        return {**out, "verdict": "no interval to tell by"}
    low, high = difference(a.value, a.interval, b.value, b.interval)
    apart = low > 0 or high < 0
    return {**out, "interval": [low, high], "apart": apart, "verdict": _better(a, b) if apart else "cannot be told apart"}


def _other_tables(a: Side, b: Side) -> list[str]:
    """Which real rows are not the same. Without a holdout it is set aside from the real table, by the seed."""
    names = [n for n in ("real", "holdout") if a.tables.get(n) != b.tables.get(n)]
    aside = "holdout" not in {**a.tables, **b.tables} and a.manifest.get("seed") != b.manifest.get("seed")
    return [*names, *(["holdout"] if aside and not names else [])]


def _other_real(a: Measurement, b: Measurement) -> bool:
    """The same number of real rows gave another value on both sides: then the real rows are not the same."""
    one, two = ((m.detail or {}).get("reference") for m in (a, b))
    return a.n == b.n and isinstance(one, (int, float)) and isinstance(two, (int, float)) and abs(one - two) > 1e-9


def _told(m: Measurement | None) -> dict[str, Any] | None:
    return (
        None
        if m is None
        else {"value": m.value, "interval": list(m.interval) if m.interval else None, "n": m.n, "caveats": list(m.caveats)}
    )


def _better(a: Measurement, b: Measurement) -> str:
    assert a.value is not None and b.value is not None
    if a.better.startswith("near "):
        aim = (a.detail or {}).get("reference") if a.better == "near real" else float(a.better[5:])
        if not isinstance(aim, (int, float)):
            return "differs"
        gain = abs(a.value - aim) - abs(b.value - aim)
    else:
        gain = {"higher": b.value - a.value, "lower": a.value - b.value}.get(a.better, 0.0)
    return "B is better" if gain > 0 else "A is better" if gain < 0 else "differs"


def _steps(a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Steps of both, in the order of A with those of B where they stand there."""
    own, other = ({s["label"]: s for s in steps} for steps in (a, b))
    order: list[str] = []
    matcher = difflib.SequenceMatcher(None, list(own), list(other), autojunk=False)
    for _, i, j, k, end in matcher.get_opcodes():
        order += [*list(own)[i:j], *list(other)[k:end]]
    return [{"label": x, "a": own.get(x), "b": other.get(x)} for x in dict.fromkeys(order)]


def _rows(a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with one id first, those that changed before those that did not; then rows of the same place."""
    other = {r.get("id"): r for r in b if r.get("id")}
    shared = [(r, other[r.get("id")]) for r in a if r.get("id") in other]
    shared.sort(key=lambda pair: pair[0] == pair[1])
    pairs = shared[:MOST_PAIRS] or list(zip(a, b))[:MOST_PAIRS]
    out = []
    for x, y in pairs:
        names = [n for n in dict.fromkeys([*x, *y]) if n != "id"]
        changed = [n for n in names if x.get(n) != y.get(n)]
        out.append(
            {"id": x.get("id") if x.get("id") == y.get("id") else None, "a": dict(x), "b": dict(y), "columns": names, "changed": changed}
        )
    return out


def write_comparison(told: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """The page, as text."""
    most = max((s[x]["out"] for s in told["steps"] for x in ("a", "b") if s[x]), default=0)
    return render("compare.html.j2", t=told, most=most, meaning=known, asks=FAMILIES)
