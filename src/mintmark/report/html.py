"""report.html: one file, no outside address, nothing in it runs. Every value is escaped by Jinja's autoescape; a strict CSP stands in front.

Without measurements no picture library is loaded: the funnel is drawn in plain HTML.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from ..core.metric import Measurement
from . import words
from .summary import Summary

MOST_CELL, MOST_SAMPLES = 600, 12


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(number=words.number, cell=cell, label=label, money=words.money, whisker=whisker)
    return environment


def cell(value: Any) -> str:
    """A cell as readable text: control, bidi and escape characters out, long texts cut with a note."""
    if value is None:
        return "–"
    if isinstance(value, float):
        text = words.number(value)
    elif isinstance(value, list) and value and all(isinstance(v, dict) and ("content" in v or "text" in v) for v in value):
        text = "\n".join(_turn(v, k) for k, v in enumerate(value, 1))
    elif isinstance(value, (dict, list)):
        from ..text.jsontext import dumps

        text = dumps(value).decode("utf-8", "replace")
    else:
        text = str(value)
    text = "".join(ch for ch in text[: 4 * MOST_CELL] if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co"))
    return text if len(text) <= MOST_CELL else f"{text[:MOST_CELL]} … ({len(str(value)):,} characters)"


def _turn(item: dict[str, Any], number: int) -> str:
    """One message of a conversation, or one text of a list of candidates or passages, as people read them."""
    if "content" in item:
        calls = "; ".join(_call(c) for c in item.get("tool_calls") or () if isinstance(c, dict))
        return f"{item.get('role', '')}: {item['content'] or calls}"
    return f"{number}. {item['text']}"


def _call(item: dict[str, Any]) -> str:
    """pool_hours({"day": "Tuesday"})"""
    told = item.get("function", item)
    return f"{told.get('name', '')}({told.get('arguments', '')})" if isinstance(told, dict) else str(told)


def label(text: Any) -> Any:
    """A step's label, which a narrow page may break after an underscore."""
    import markupsafe

    return markupsafe.Markup("_<wbr>").join(str(cell(text)).split("_"))


def whisker(m: Measurement) -> dict[str, float] | None:
    """Places (0..100) of value, interval and reference on a line, for the small picture in the table."""
    if m.value is None or m.interval is None:
        return None
    detail = m.detail or {}
    reference = detail.get("reference", detail.get("ceiling"))
    points = [m.value, *m.interval, *([reference] if reference is not None else [])]
    if m.unit in ("share", "AUC", "accuracy") and all(0 <= p <= 1 for p in points) and m.metric != "utility.lift":
        low, high = 0.0, 1.0
    else:
        low, high = min([*points, 0.0]), max([*points, 0.0])
        high = high if high > low else low + 1
    place = [round(100 * (min(max(p, low), high) - low) / (high - low), 2) for p in points]
    out = {"value": place[0], "low": place[1], "width": max(0.8, place[2] - place[1])}
    if reference is not None:
        out["reference"] = place[3]
    if low < 0 < high:
        out["zero"] = round(100 * -low / (high - low), 2)
    return out


def write_report(summary: Summary) -> str:
    """The page, as text."""
    found = words.by_name(summary.measurements)
    pictures = {"distributions": "", "utility": "", "risk_coverage": ""}
    if summary.measurements:
        from . import plots

        pictures = {
            "distributions": plots.distributions(summary.columns),
            "utility": plots.utility(found),
            "risk_coverage": plots.risk_coverage(found),
        }
    most = max((max(s["in"], s["out"]) for s in summary.steps), default=0)
    names = list(dict.fromkeys(n for row in summary.samples[:MOST_SAMPLES] for n in row))
    import markupsafe

    page: str = (
        _environment()
        .get_template("report.html.j2")
        .render(
            s=summary,
            opening=words.opening(summary.name, summary.manifest, summary.measurements, summary.kind),
            tiles=words.tiles(summary.manifest, summary.measurements, any(t.get("private") for t in summary.tables)),
            found=found,
            samples=summary.samples[:MOST_SAMPLES],
            names=names,
            most=most,
            pictures={k: markupsafe.Markup(v) for k, v in pictures.items()},
            style=markupsafe.Markup((Path(__file__).parent / "style.css").read_text()),
            gives_away=(found["realism.c2st_auc"].detail or {}).get("gives_away", []) if "realism.c2st_auc" in found else [],
            private=[t["name"] for t in summary.tables if t.get("private")],
        )
    )
    return page
