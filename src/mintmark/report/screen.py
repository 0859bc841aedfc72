"""An audit or the end of a run on one screen of a terminal: the verdict in words with its number and reason, then the figures as a table, then
what to know of them.

Real-looking?  easily told from real rows         C2ST AUC 0.968 (0.964 to 0.971)
               because of capital_loss (without it the AUC falls by 0.16; mean 148 against 86.4)
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.metric import Measurement
from . import words
from .summary import Summary

WIDTH, MARGIN = 120, 15


def screen(summary: Summary, verbose: bool = False) -> str:
    kept = summary.manifest.get("kept", 0)
    against = " and ".join(
        f"{t['rows']:,} {'held-out ' if t['name'] == 'holdout' else ''}real rows"
        for t in summary.tables
        if t["name"] in ("real", "holdout")
    )
    out = [f"{summary.name}: {kept:,} row{'s' * (kept != 1)}" + (f", against {against}" if against else ""), ""]
    out += figures(summary.manifest, summary.measurements, verbose)
    if summary.notes:
        out += ["", *(line for note in summary.notes for line in _wrapped(f"- {note}", 0))]
    return "\n".join(out)


def figures(manifest: Mapping[str, Any], found: Sequence[Measurement], verbose: bool = False, private: bool = False) -> list[str]:
    """Lines: the four answers, where there is one, and the table. private: without words of real rows, which a log would keep."""
    m = words.by_name(found)
    answers = [t for t in words.tiles(manifest, found) if t["title"] in words.RESTS_ON]
    out = []
    for tile in answers if any(t["verdict"] != "not measured" for t in answers) else ():
        out.append(f"{tile['title']:<{MARGIN}}{tile['verdict']:<42}  {tile['number']}".rstrip())
        out += _wrapped(_reason(tile["title"], m, private), MARGIN)
    return [*out, *([""] if out else []), *_table(found, verbose)]


def _reason(title: str, m: Mapping[str, Measurement], private: bool) -> str:
    """Why the verdict is what it is, where a number says so."""

    def detail(name: str) -> Mapping[str, Any]:
        return (m[name].detail or {}) if name in m else {}

    if title == "Real-looking?":
        by = detail("realism.c2st_auc").get("gives_away") or []
        real = detail("realism.c2st_auc").get("reference")
        shown = m.get("realism.c2st_auc")
        if private or shown is None or shown.interval is None or shown.interval[0] <= 0.5:
            by = []  # a learner that cannot tell goes by nothing
        told = [f"because of {'; '.join(x if len(x) < 150 else x[:150].rsplit(', ', 1)[0] for x in by[:2])}"] if by else []
        return "; ".join([*told, *([f"real rows against the holdout: {words.number(real)}"] if real is not None else [])])
    if title == "Varied?":
        cover = m.get("diversity.cluster_coverage")
        if cover is not None and cover.value is not None:
            beside = detail("diversity.cluster_coverage").get("reference")
            return f"they reach {cover.value:.0%} of the real rows' clusters" + (
                f", fresh real rows {beside:.0%}" if beside is not None else ""
            )
    if title == "Useful?" and {"both", "real"} <= set(lift := detail("utility.lift")):
        n = f"{m['utility.lift'].n:,} real rows it never saw"
        return f"a learner of real rows scores {words.number(lift['real'])} on {n}, with these added {words.number(lift['both'])}"
    if title == "Safe?" and "privacy.copies" in m and m["privacy.copies"].interval:
        return f"copies in all cells of {m['privacy.copies'].n:,} rows; at most {words.number(m['privacy.copies'].interval[1])} at 95 %"
    return ""


def _table(found: Sequence[Measurement], verbose: bool) -> list[str]:
    rows: list[tuple[str, ...]] = [("measurement", "value", "95 % interval", "floor", "real rows", "best", "unit", "n")]
    for m in found:
        detail = m.detail or {}
        beside = [detail.get("floor", detail.get("chance")), detail.get("ceiling", detail.get("reference"))]
        shown = [words.number(x) if isinstance(x, (int, float)) else "" for x in beside]
        best = "" if m.better == "none" else m.better
        rows.append((m.metric, words.number(m.value, m.unit), words.span(m) if m.interval else "-", *shown, best, m.unit, f"{m.n:,}"))
    if len(rows) == 1:
        return ["nothing could be measured"]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    left = {0, 2, 5, 6}
    out = []
    for k, row in enumerate(rows):
        cells = (c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        out.append("  ".join(cells).rstrip())
        if k and (way := (found[k - 1].detail or {}).get("generations")):
            out += _wrapped(f"by generation: {', '.join(words.number(point['value']) for point in way)}", 4)
        if k and verbose:
            out += [line for caveat in found[k - 1].caveats for line in _wrapped(caveat, 4)]
    return out


def _wrapped(text: str, indent: int) -> list[str]:
    pad = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=pad, subsequent_indent=pad + ("  " if not indent else "")) if text else []
