"""The page of an experiment over generations: each measure as a line with its band, and a verdict in plain words.

    verdict(series, "replace").text  ->  "The tails are going, over 5 generations: rare words or levels kept from 0.86 to 0.41 (fresh real rows 0.9). ..."

A measure got worse where the last generation lies beyond the first, and is lost where it lies beyond fresh real rows, by more than both 95 %
intervals explain; the tails are going where one did both. Simulated chains that lose nothing (120 tables, 60 sets of texts, two generations) had a
measure that got worse in 3 to 5 % and one that is lost in 3 to 6 %, all measures taken together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.metric import Measurement
from . import plots, words
from .html import render

GUARD = {  # what the verdict rests on: name -> in words; the tails go down, the perplexity goes up
    "collapse.tail_mass": "share of numbers in the real tails",
    "collapse.rare_recall": "rare words or levels kept",
    "collapse.ngram_support": "different word pairs",
    "collapse.variance": "variance",
    "collapse.entropy": "entropy",
    "collapse.perplexity": "perplexity of real text",
    "diversity.vendi": "effective number of different rows",
}


@dataclass(frozen=True)
class Verdict:
    """tone: good | fair | poor. worse: measures that got worse from the first generation to the last; lost: below fresh real rows."""

    text: str
    tone: str
    worse: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def verdict(series: Mapping[str, Sequence[Measurement]], regime: str) -> Verdict:
    """series: of each measure, one Measurement a generation in order."""
    judged = {n: found for n, found in series.items() if n in GUARD and found[0].value is not None and found[-1].value is not None}
    if not judged:
        return Verdict("Nothing could be measured: too few rows, or no column that real and generated rows share.", "fair")
    k = max((f[-1].detail or {}).get("generation", len(f)) for f in judged.values())
    worse = tuple(n for n, found in judged.items() if len(found) > 1 and _beyond(found[-1], found[0].value, _half(found[0]), n))
    lost = tuple(n for n, found in judged.items() if _beyond(found[-1], (found[-1].detail or {}).get("reference"), _half(found[-1]), n))
    over = f"{k} generation{'s' * (k > 1)}"
    if going := [n for n in worse if n in lost]:
        text = f"The tails are going, over {over}: {'; '.join(_told(n, judged[n]) for n in going)}."
        if regime == "replace":
            text += " Keep real rows in what each generation learns from (--regime accumulate)."
        return Verdict(text, "poor", worse, lost)
    if lost:
        since = ", and no further loss can be shown since" if k > 1 else ""
        return Verdict(f"Tails were lost at the first step{since}: {'; '.join(_told(n, judged[n]) for n in lost)}.", "fair", worse, lost)
    near = f"each of {len(judged)} measures is near what fresh real rows give, or better"
    return Verdict(f"No loss of tails can be shown in {over}: {near}.", "good", worse, lost)


def _half(m: Measurement) -> float:
    return max(abs(m.value - m.interval[0]), abs(m.interval[1] - m.value)) if m.interval and m.value is not None else math.inf


def _beyond(m: Measurement, other: float | None, half: float, name: str) -> bool:
    """Whether m is on the bad side of `other`, whose own half interval is `half`."""
    if other is None or m.value is None:
        return False
    gap = m.value - other if name == "collapse.perplexity" else other - m.value
    return gap > math.hypot(_half(m), half)


def _told(name: str, found: Sequence[Measurement]) -> str:
    reference = (found[-1].detail or {}).get("reference")
    first, last = (words.number(m.value) for m in (found[0], found[-1]))
    way = last if first == last else f"from {first} to {last}"
    return f"{GUARD[name]} {way}" + (f" (fresh real rows {words.number(reference)})" if reference is not None else "")


def over_generations(found: Sequence[Measurement]) -> Measurement:
    """The last generation's, with the way there in `detail.generations` and as its picture."""
    last = found[-1]
    points = [[(m.detail or {})["generation"], m.value, *(m.interval or (None, None))] for m in found if m.value is not None]
    name = GUARD.get(last.metric, last.metric)
    lines = [{"name": "generated rows", "role": "synthetic", "points": points}]
    beside = {k: v for k, v in (last.detail or {}).items() if k != "generation"}
    level = next((k for k in ("reference", "ceiling") if isinstance(beside.get(k), (int, float))), None)
    if level:
        at = [[(m.detail or {})["generation"], (m.detail or {}).get(level), None, None] for m in found]
        lines.append(
            {
                "name": "fresh real rows" if level == "reference" else "ceiling",
                "role": "real",
                "points": [p for p in at if p[1] is not None],
            }
        )
    detail = {**beside, "generations": [dict(zip(("generation", "value", "low", "high"), p, strict=True)) for p in points]}
    picture = {"kind": "lines", "title": name, "x": "generation", "y": last.unit, "series": lines}
    caveats = (*last.caveats, "of the last generation; measured against the original real rows")
    return dataclasses.replace(last, detail=detail, picture=picture, caveats=caveats)


def write_page(
    manifest: Mapping[str, Any],
    told: Verdict,
    found: Sequence[Measurement],
    gates: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    citations: Sequence[str],
    task: str = "",
) -> str:
    """report.html of an experiment."""
    import markupsafe

    parts = ([m for m in found if m.metric in GUARD], [m for m in found if m.metric not in GUARD])
    drawn = [
        [{"title": m.picture["title"], "svg": markupsafe.Markup(svg)} for m in part if m.picture and (svg := plots.picture(m.picture))]
        for part in parts
    ]
    return render(
        "generations.html.j2",
        m=manifest,
        told=told,
        found=found,
        named=GUARD,
        gates=gates,
        notes=notes,
        citations=citations,
        task=task,
        pictures=drawn,
    )
