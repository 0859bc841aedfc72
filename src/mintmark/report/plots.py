"""Pictures for the report, as SVG text: matplotlib, transparent; colours are the page's own, so they follow light and dark.

`picture` draws what any metric hands over (`Measurement.picture`), so that a metric with a chart stays one file. Fonts stay text and ids are
hashed with a fixed salt: the same numbers give the same bytes.
"""

from __future__ import annotations

import html
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.metric import Measurement
from ..text.names import plain

OWN, REAL, BOTH, GREY = "#c26a1b", "#2f7fb8", "#6a9a3b", "#8a8f98"
OTHER = ("#8a5fb0", "#b0475f", "#3d8f8a", "#a08000", GREY)
PAGE = {OWN: "var(--own)", REAL: "var(--real)", BOTH: "var(--both)", GREY: "var(--soft)"}  # the rest reads on both grounds
ROLES = {"synthetic": OWN, "real": REAL, "both": BOTH}
HUGE = 1e150  # widths of what lies further out overflow
MOST_SERIES, MOST_POINTS, MOST_NAMES = 8, 150, 24
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mintmark",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.parse_math": False,
}


class _Canvas:
    """`with _Canvas(w, h, title) as canvas:` draw on canvas.axis, then read canvas.svg. Inches; the caller's own matplotlib settings stay."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.size, self.title, self.svg = (width, height), title, ""

    def __enter__(self) -> _Canvas:
        import matplotlib
        from matplotlib.figure import Figure

        self._style = matplotlib.rc_context(STYLE)
        self._style.__enter__()
        self.figure = Figure(figsize=self.size, layout="constrained")
        self.axis: Any = self.figure.add_subplot()
        return self

    def __exit__(self, kind: Any, *rest: Any) -> None:
        try:
            if kind is None:
                buffer = io.StringIO()
                self.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
                self.svg = _clean(buffer.getvalue(), self.title, round(100 * self.size[0]))
        finally:
            self._style.__exit__(kind, *rest)


def _clean(text: str, title: str, width: int) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)  # it names addresses; the report names none
    text = re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", text, count=1)
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    for colour, name in PAGE.items():
        text = text.replace(f": {colour}", f": {name}")
    label = html.escape(_short(title, 200), quote=True)
    return text.replace("<svg", f'<svg role="img" style="width:100%;max-width:{width}px" aria-label="{label}"', 1)


def distributions(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Small multiples: each column's values, synthetic beside real."""
    return [_distribution(c) for c in columns if c.get("synthetic")][:12]


def _distribution(column: Mapping[str, Any]) -> str:
    own, real = column["synthetic"], column.get("real")
    with _Canvas(3.1, 2.1, f"{column['name']}: synthetic beside real") as canvas:
        axis = canvas.axis
        if column["kind"] == "number":
            own, real = ([x for x in side if abs(x) < HUGE] for side in (own, real or ()))
            every = [*own, *real] or [0.0]
            low, high = min(every), max(every)
            edges = [low + (high - low) * i / 20 for i in range(21)] if high > low else [low - 0.5, low + 0.5]
            if real:
                axis.hist(real, edges, density=True, histtype="step", color=REAL, linewidth=1.4)
            if own:
                axis.hist(own, edges, density=True, color=OWN, alpha=0.55)
            axis.set_yticks([])
        else:
            names = list(own)[:8]
            height = 0.38 if real else 0.7
            axis.barh([i - (0.2 if real else 0) for i in range(len(names))], [own[n] for n in names], height, color=OWN)
            if real:
                axis.barh([i + 0.2 for i in range(len(names))], [real.get(n, 0) for n in names], height, color=REAL)
            axis.set_yticks(range(len(names)), [_short(n, 18) for n in names])
            axis.invert_yaxis()
            axis.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
        axis.locator_params(axis="x", nbins=4)
        axis.set_title(_short(column["name"]), loc="left", fontsize=10, color=GREY)
    return canvas.svg


def picture(told: Mapping[str, Any]) -> str:
    """Any `Measurement.picture`: lines with their band, dots with their interval, bars. '' where it holds nothing that can be drawn."""
    series = [s for s in told.get("series", ()) if s.get("points")][:MOST_SERIES]
    if not series:
        return ""
    kind, spare = told.get("kind"), iter(OTHER * 2)
    coloured = [(s, ROLES.get(s.get("role", "other")) or next(spare)) for s in series]
    names = list(dict.fromkeys(str(p[0]) for s in series for p in s["points"] if isinstance(p[0], str)))[:MOST_NAMES]
    named = bool(names) and kind != "lines"
    labelled = sum(bool(s.get("name")) for s in series)
    high = 0.9 + len(names) * (0.14 * len(series) + 0.1 if kind == "bars" else 0.36) + 0.1 * labelled if named else 3.1
    with _Canvas(5.6, min(9.0, high), str(told.get("title", ""))) as canvas:
        axis = canvas.axis
        draw = _named if named else _against_numbers
        draw(axis, str(kind), coloured, names)
        if told.get("log_x") and not named:
            axis.set_xscale("log")
            ticks = sorted({p[0] for s in series for p in s["points"] if _is_number(p[0]) and p[0] > 0})
            if 1 < len(ticks) <= 8:
                axis.set_xticks(ticks, [f"{t:g}" for t in ticks], minor=False)
                axis.set_xticks([], minor=True)
        axis.set_xlabel(_short(told.get("y" if named else "x", ""), 70))
        axis.set_ylabel(_short(told.get("x" if named else "y", ""), 50))
        if any(s.get("name") for s in series):
            axis.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    return canvas.svg


Coloured = Sequence[tuple[Mapping[str, Any], str]]


def _against_numbers(axis: Any, kind: str, series: Coloured, names: Sequence[str]) -> None:
    for s, colour in series:
        points = _thinned([p for p in s["points"] if _is_number(p[0]) and _is_number(p[1])])
        x, y = [p[0] for p in points], [p[1] for p in points]
        spans = [(p[0], *span) for p in points if (span := _span(p))]
        label = _short(s.get("name", "")) or None
        if kind == "bars":
            axis.bar(x, y, color=colour, alpha=0.7, label=label, width=0.8 * min((b - a for a, b in zip(x, x[1:]) if b > a), default=1.0))
        elif kind == "dots":
            axis.plot(x, y, "o", color=colour, markersize=6, label=label)
        else:
            few, dashed = len(points) < 8, s.get("role") == "other" and len(points) == 2
            mark = None if dashed or not few else "o"
            axis.plot(x, y, color=colour, linewidth=1.7, marker=mark, markersize=4, linestyle="--" if dashed else "-", label=label)
            if spans:
                axis.fill_between(*zip(*spans), color=colour, alpha=0.18, linewidth=0)
        if kind != "lines":
            axis.vlines([a for a, *_ in spans], [b for _, b, _ in spans], [c for *_, c in spans], color=colour, linewidth=1.8)


def _named(axis: Any, kind: str, series: Coloured, names: Sequence[str]) -> None:
    """Names down the side, numbers along: long names keep their place. Where several series have a name, they stand side by side."""
    having = {n: [k for k, (s, _) in enumerate(series) if any(str(p[0]) == n for p in s["points"])] for n in names}
    step = 0.8 / max(len(h) for h in having.values())
    for k, (s, colour) in enumerate(series):
        points = [p for p in s["points"] if str(p[0]) in having and _is_number(p[1])]
        places = [having[str(p[0])] for p in points]
        at = [names.index(str(p[0])) + (h.index(k) - (len(h) - 1) / 2) * step for p, h in zip(points, places)]
        label = _short(s.get("name", "")) or None
        if kind == "bars":
            axis.barh(at, [p[1] for p in points], 0.9 * step, color=colour, alpha=0.8, label=label)
        else:
            axis.plot([p[1] for p in points], at, "o", color=colour, markersize=6, label=label)
        for y, p in zip(at, points):
            if span := _span(p):
                axis.plot(span, (y, y), color=GREY if kind == "bars" else colour, linewidth=1.8)
    axis.set_yticks(range(len(names)), [_short(n, 26) for n in names])
    axis.set_ylim(len(names) - 0.5, -0.5)


def _thinned(points: list[Any]) -> list[Any]:
    """At most MOST_POINTS of them, evenly spaced, both ends included."""
    n = len(points)
    return points if n <= MOST_POINTS else [points[round(i * (n - 1) / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]


def _span(point: Sequence[Any]) -> tuple[float, float] | None:
    return (point[2], point[3]) if len(point) > 3 and _is_number(point[2]) and _is_number(point[3]) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def utility(found: Mapping[str, Measurement]) -> Mapping[str, Any] | None:
    """A picture for runs whose utility metric gives none: real rows alone, synthetic alone, both together."""
    tstr, trtr, lift = found.get("utility.tstr"), found.get("utility.trtr"), found.get("utility.lift")
    if tstr is None or trtr is None or tstr.value is None or trtr.value is None:
        return None

    def dot(name: str, role: str, value: float, span: tuple[float, float] | None) -> dict[str, Any]:
        return {"name": "", "role": role, "points": [[name, value, *(span or (None, None))]]}

    series = [dot("real rows", "real", trtr.value, trtr.interval), dot("synthetic rows", "synthetic", tstr.value, tstr.interval)]
    if lift is not None and lift.detail and lift.interval:
        base = lift.detail["real"]
        span = (base + lift.interval[0], base + lift.interval[1])
        series.append(dot("real + synthetic", "both", lift.detail["both"], span))
    return {
        "kind": "dots",
        "title": "The same learner trained on real rows, on synthetic rows and on both, tested on real rows that none of them saw",
        "x": "trained on",
        "y": f"{tstr.unit} with its 95 % interval",
        "series": series,
    }


def _short(name: Any, most: int = 30) -> str:
    """One line that fonts can draw: a lone surrogate makes matplotlib fail."""
    text = " ".join(plain(str(name)[: 4 * most]).split())
    return text if len(text) <= most else text[: most - 1] + "…"
