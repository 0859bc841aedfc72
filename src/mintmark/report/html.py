"""report.html: one file, no outside address, nothing in it runs. Every value is escaped by Jinja's autoescape; a strict CSP stands in front.

Without measurements no picture library is loaded: the funnel is drawn in plain HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..core.metric import FAMILIES, Measurement
from . import guarantee, words
from .summary import Summary

MOST_CELL, MOST_SAMPLES, MOST_PICTURES, MOST_DRAWN, MOST_RECIPE = 600, 12, 24, 800_000, 40_000


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda v: _seen(v) if type(v) is str else v,  # what a template forgot to pass through `cell` is still only text
    )
    environment.filters.update(
        number=words.number, span=words.span, money=words.money, direction=words.direction, beside=words.beside, cell=cell, label=label,
        whisker=whisker, part=part, top=lambda found, n: list(found.items())[:n], foremost=foremost, lines_of=lines_of, grouped=grouped,
    )  # fmt: skip
    environment.tests["code"] = looks_like_code
    return environment


def looks_like_code(value: Any) -> bool:
    """Lines whose indentation means something: shown in letters of one width."""
    return isinstance(value, str) and bool(re.search(r"^(?: {2,}|\t)\S", value[:4_000], re.M)) and "\n" in value


def cell(value: Any) -> str:
    """A cell as readable text: control, bidi and escape characters out, long texts cut with a note."""
    if value is None:
        return "–"
    if isinstance(value, float):
        text = repr(round(value, 4)) if abs(value) >= 0.001 else words.number(value)
    elif _is_talk(value):
        text = "\n".join(_turn(v, k) for k, v in enumerate(value, 1))
    elif isinstance(value, (dict, list)):
        from ..text.jsontext import dumps

        text = dumps(value).decode("utf-8", "replace")
    else:
        text = str(value)
    whole, text = text, _seen(text[: 4 * MOST_CELL])
    return text if len(text) <= MOST_CELL else f"{text[:MOST_CELL]} … ({len(whole):,} characters)"


def _seen(text: str) -> str:
    return "".join(ch for ch in text if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co"))


def lines_of(text: str) -> str:
    """A recipe whole, where `cell` would cut it."""
    return _seen(text[:MOST_RECIPE]) + (" …" if len(text) > MOST_RECIPE else "")


def _is_talk(value: Any) -> bool:
    """Messages of a conversation, or a list of candidates or passages."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and ("content" in v or "text" in v) for v in value)


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
    reference = detail.get("reference", detail.get("ceiling", detail.get("chance")))
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


def part(n: float, of: float) -> float:
    """Width of a bar in percent."""
    return round(min(100.0, max(0.0, 100 * n / of)), 2) if of else 0.0


def foremost(row: Mapping[str, Any], names: Sequence[str], most: int = 8) -> tuple[list[str], list[str]]:
    """The columns a reader wants to see at once, and those to fold away: of many columns, what reads as text comes first."""
    here = [n for n in names if row.get(n) is not None]
    if len(here) <= most:
        return here, []
    texts = [n for n in here if (" " in row[n].strip() if isinstance(row[n], str) else _is_talk(row[n]))][:most]
    shown = {*texts, *[n for n in here if n not in texts][: max(0, 4 - len(texts))]}
    return [n for n in here if n in shown], [n for n in here if n not in shown]


def grouped(found: Sequence[Mapping[str, Any]], key: str) -> list[tuple[Any, list[Mapping[str, Any]]]]:
    """By a key, in the order they come (Jinja's own groupby sorts)."""
    out: dict[Any, list[Mapping[str, Any]]] = {}
    for item in found:
        out.setdefault(item[key], []).append(item)
    return list(out.items())


def _reasons(summary: Summary) -> list[dict[str, Any]]:
    """Why rows were lost, most frequent first, each with examples: {step, state, reason, n, in, means, examples}."""
    out = []
    for step in summary.steps:
        for state in ("dropped", "failed"):
            for reason, n in step[state].items():
                own = [x for x in summary.losses if (x["step"], x["state"], x["reason"]) == (step["label"], state, reason)]
                means = step.get("means", {}).get(reason, "")
                out.append(
                    {"step": step["label"], "state": state, "reason": reason, "n": n, "in": step["in"], "means": means, "examples": own}
                )
    return sorted(out, key=lambda r: -r["n"])


def _drawn(families: Mapping[str, Sequence[Measurement]]) -> dict[str, list[dict[str, Any]]]:
    """family -> its pictures; the picture library is loaded only where there is one. What another package's metric hands over may not draw."""
    out: dict[str, list[dict[str, Any]]] = {}
    room = MOST_DRAWN
    for family, found in families.items():
        told = [m.picture for m in found if m.picture]
        if family == "utility" and not told:
            from . import plots

            told = [p for p in (plots.utility(words.by_name(found)),) if p]
        for each in told[: MOST_PICTURES - sum(map(len, out.values()))]:
            from . import plots

            try:
                svg = plots.picture(each) if room > 0 else ""
                title = str(each.get("title", ""))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError):
                continue
            if svg or room <= 0:
                out.setdefault(family, []).append({"title": title, "svg": _safe(svg)})
                room -= len(svg)
    return out


def _safe(text: str) -> Any:
    """Text that we made ourselves and that holds no value unescaped."""
    import markupsafe

    return markupsafe.Markup(text)


def render(template: str, **given: Any) -> str:
    page: str = _environment().get_template(template).render(style=_safe((Path(__file__).parent / "style.css").read_text("utf-8")), **given)
    return page


def write_report(summary: Summary) -> str:
    """The page, as text."""
    samples = summary.samples[:MOST_SAMPLES]
    names = [n for n in dict.fromkeys(n for row in samples for n in row) if n != "id"]
    as_table = len(names) > 3 and all(not isinstance(v, (list, dict)) and len(str(v)) <= 32 for row in samples for v in row.values())
    families = words.by_family(summary.measurements, summary.meaning)
    found = words.by_name(summary.measurements)
    distributions: list[Any] = []
    if summary.measurements and summary.columns:
        from . import plots

        distributions = [_safe(svg) for svg in plots.distributions(summary.columns)]
    tiles = words.tiles(summary.manifest, summary.measurements)
    rank = {"poor": 0, "fair": 1, "good": 2, "none": 3}
    answers = sorted(tiles, key=lambda t: (t["title"] != "Rows", t["title"] == "Cost", rank[t["tone"]]))
    tips: list[dict[str, Any]] = []
    for tile in answers:
        own = [found[n] for n in words.RESTS_ON.get(tile["title"], ()) if n in found]
        tips.append({**tile, "from": own, "caveats": list(dict.fromkeys(c for m in own for c in m.caveats))})
    drawn = _drawn(families)
    reasons = _reasons(summary)
    sections = [("generate", "Rows" if summary.kind == "audit" else "Generate"), ("curate", "Curate"), ("evaluate", "Evaluate")]
    sections += [("privacy", "Privacy"), ("cost", "Cost")]
    absent = {"curate": not summary.steps, "cost": summary.kind == "audit"}
    return render(
        "report.html.j2",
        s=summary,
        sections=[("top", "Verdict"), *(x for x in sections if not absent.get(x[0]))],
        verdict=words.verdict(tiles, summary.gates),
        lead=" ".join(words.lead(summary.name, summary.manifest, summary.kind)),
        missing=words.missing(tiles, summary.kind) if summary.manifest.get("kept") else "",
        tiles=tips,
        samples=samples[:6] if as_table else samples,
        names=names,
        as_table=as_table,
        most=max((max(f["in"], f["out"]) for f in summary.steps), default=0),
        reasons=reasons,
        lost=sum(r["n"] for r in reasons),
        distributions=distributions,
        families={k: v for k, v in families.items() if k != "privacy"},
        privacy=families.get("privacy", []),
        drawn=drawn,
        asks=FAMILIES,
        gives_away=(found["realism.c2st_auc"].detail or {}).get("gives_away", []) if "realism.c2st_auc" in found else [],
        private=[t["name"] for t in summary.tables if t.get("private")],
        guarantee=[*guarantee.verdict(summary.manifest), *guarantee.limits(summary.manifest)],
    )
