"""Pictures for the report, as SVG text: matplotlib, transparent, in colours that read on light and dark ground.

Fonts stay text and ids are hashed with a fixed salt, so that the same numbers give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.metric import Measurement
from ..text.names import plain

OWN, REAL, GREY = "#c26a1b", "#2f7fb8", "#8a8f98"


def _figure(width: float, height: float, columns: int = 1, rows: int = 1) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "mintmark",
            "font.family": "sans-serif",
            "font.size": 9,
            "text.color": GREY,
            "axes.labelcolor": GREY,
            "axes.edgecolor": GREY,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "text.parse_math": False,
        }
    )
    return plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")


def _svg(figure: Any, title: str) -> str:
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)  # it names addresses; the report names none
    text = re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", text, count=1)
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    import html

    width = round(figure.get_figwidth() * 100)
    return text.replace("<svg", f'<svg role="img" style="width:100%;max-width:{width}px" aria-label="{html.escape(title, quote=True)}"', 1)


def _plain(axis: Any) -> None:
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def distributions(columns: Sequence[Mapping[str, Any]]) -> str:
    """Small multiples: each column's values, synthetic beside real."""
    shown = [c for c in columns if c.get("synthetic")][:12]
    if not shown:
        return ""
    wide = min(3, len(shown))
    figure, axes = _figure(3.1 * wide, 2.1 * math.ceil(len(shown) / wide), wide, math.ceil(len(shown) / wide))
    for axis in axes.flat[len(shown) :]:
        axis.set_visible(False)
    for axis, column in zip(axes.flat, shown):
        own, real = column["synthetic"], column.get("real")
        if column["kind"] == "number":
            every = [*own, *(real or ())]
            low, high = min(every), max(every)
            edges = [low + (high - low) * i / 20 for i in range(21)] if high > low else [low - 0.5, low + 0.5]
            if real:
                axis.hist(real, edges, density=True, histtype="step", color=REAL, linewidth=1.4)
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
        name = str(column["name"])
        axis.set_title(_short(name), loc="left", fontsize=9, color=GREY)
        _plain(axis)
    return _svg(figure, "Distributions of the columns, synthetic beside real")


def utility(found: Mapping[str, Measurement]) -> str:
    """Dots with intervals: real rows alone, synthetic alone, both together."""
    tstr, trtr, lift = found.get("utility.tstr"), found.get("utility.trtr"), found.get("utility.lift")
    if tstr is None or trtr is None or tstr.value is None or trtr.value is None:
        return ""
    lines: list[tuple[str, float, tuple[float, float] | None, str]] = [
        ("real rows", trtr.value, trtr.interval, REAL),
        ("synthetic rows", tstr.value, tstr.interval, OWN),
    ]
    if lift is not None and lift.detail and lift.interval:
        base = lift.detail["real"]
        lines.append(("real + synthetic", lift.detail["both"], (base + lift.interval[0], base + lift.interval[1]), "#6a9a3b"))
    figure, axes = _figure(6.4, 0.5 + 0.42 * len(lines))
    axis = axes[0][0]
    for i, (_, value, interval, colour) in enumerate(lines):
        if interval:
            axis.plot(interval, (i, i), color=colour, linewidth=2)
        axis.plot(value, i, "o", color=colour, markersize=7)
        axis.annotate(f"{value:.3f}", (value, i), textcoords="offset points", xytext=(0, 7), ha="center", color=GREY)
    axis.set_yticks(range(len(lines)), [name for name, *_ in lines])
    axis.set_ylim(len(lines) - 0.5, -0.7)
    axis.set_xlabel(f"{tstr.unit} on real rows that nobody trained on")
    _plain(axis)
    return _svg(figure, "Score of a learner trained on real, synthetic and both")


def risk_coverage(found: Mapping[str, Measurement]) -> str:
    """Share of wrong rows among those kept, over the share kept, for each score; the first with its interval, random order as a line."""
    aurc = found.get("confidence.aurc")
    if aurc is None or not aurc.detail or not aurc.detail.get("curves"):
        return ""
    figure, axes = _figure(6.4, 3.0)
    axis = axes[0][0]
    colours = (OWN, REAL, "#6a9a3b", "#8a5fb0", "#b0475f", GREY)
    for (name, points), colour in zip(aurc.detail["curves"].items(), colours):
        coverage, risk, low, high, _ = zip(*points)
        if name == aurc.detail["score"]:
            axis.fill_between(coverage, low, high, color=colour, alpha=0.2, linewidth=0)
        axis.plot(coverage, risk, color=colour, linewidth=1.6, marker="o" if len(points) < 8 else None, markersize=4, label=_short(name))
    axis.axhline(aurc.detail["random"], color=GREY, linewidth=1, linestyle="--", label="random order")
    axis.set_xlim(0, 1.02)
    axis.set_ylim(0, None)
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(lambda v, _: f"{v:.0%}")
    axis.set_xlabel("share of rows kept, the surest first")
    axis.set_ylabel("share of them wrong")
    axis.legend(frameon=False, fontsize=8)
    _plain(axis)
    return _svg(figure, "Risk and coverage: share of wrong rows among those kept")


def _short(name: str, most: int = 30) -> str:
    """One line that fonts can draw: a lone surrogate makes matplotlib fail."""
    name = " ".join(plain(str(name)[: 4 * most]).split())
    return name if len(name) <= most else name[: most - 1] + "…"
