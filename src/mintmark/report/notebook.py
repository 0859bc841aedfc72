"""What a notebook shows of a run: how it ended, its numbers, its gates, the first rows; all escaped, nothing that runs."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.metric import Measurement
from .html import cell

MOST_ROWS, MOST_COLUMNS, MOST_TEXT = 5, 8, 120


def run_html(
    head: str, reason: str, found: Sequence[Measurement], gates: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> str:
    def text(value: Any) -> str:
        return html.escape(cell(value)[:MOST_TEXT])

    out = [f"<div><b>{text(head)}</b>" + (f"<br>{text(reason)}" if reason else "")]
    out += [f"<div>{'passed' if g['passed'] else '<b>failed</b>'}: {text(g['metric'])} {text(g['limit'])}</div>" for g in gates]
    if found:
        inside = "".join(m._repr_html_() for m in found)
        out.append(f"<details><summary>{len(found)} measurements</summary>{inside}</details>")
    names = list(rows[0])[:MOST_COLUMNS] if rows else []
    if names:
        lines = "".join("<tr>" + "".join(f"<td>{text(r.get(n))}</td>" for n in names) + "</tr>" for r in rows[:MOST_ROWS])
        out.append("<table><tr>" + "".join(f"<th>{text(n)}</th>" for n in names) + f"</tr>{lines}</table>")
    return "".join(out) + "</div>"
