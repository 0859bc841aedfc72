"""README.md of a data set: a data card with Hugging Face front matter and a Croissant description, readable as it stands."""

from __future__ import annotations

import json
from typing import Any

from . import words
from .summary import Summary


def _line(text: Any) -> str:
    """One line of Markdown, nothing in it active: no HTML, table bars or line breaks."""
    return str(text).replace("\n", " ").replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")[:400]


def write_card(summary: Summary) -> str:
    m = summary.manifest
    kept = int(m.get("kept", 0))
    size = next(
        name for most, name in ((1e3, "n<1K"), (1e4, "1K<n<10K"), (1e5, "10K<n<100K"), (1e6, "100K<n<1M"), (1e18, "n>1M")) if kept < most
    )
    licence = summary.licence or "unknown"
    out = [
        "---",
        f"pretty_name: {json.dumps(_line(summary.name))}",
        f"license: {json.dumps(_line(licence))}",
        "tags: [synthetic, mintmark]",
        f"size_categories: [{json.dumps(size)}]",
        "configs: [{config_name: default, data_files: data.parquet}]",
        "---",
        "",
        f"# {_line(summary.name)}",
        "",
        _line(summary.task) if summary.task else "",
        "",
        _line(words.opening(summary.name, m, summary.measurements, summary.kind)) + "",
        "",
        "All rows are synthetic. " + ("Licence: " + _line(licence) + "." if summary.licence else "No licence was stated in the recipe."),
        "",
        "## How it was made",
        "",
    ]
    if summary.steps:
        out += ["| step | op | rows out | dropped or failed |", "|---|---|---|---|"]
        for s in summary.steps:
            lost = ", ".join(f"{n:,} {reason}" for part in (s["dropped"], s["failed"]) for reason, n in part.items())
            out.append(f"| {_line(s['label'])} | {_line(s['op'])} | {s['out']:,} | {_line(lost) or '–'} |")
    models = m.get("models") or {}
    if models:
        out += ["", "Models: " + "; ".join(f"{_line(role)} = {_line(name)}" for role, name in models.items()) + "."]
    out += [
        "",
        f"Recipe hash {m.get('recipe_hash', '?')}, seed {m.get('seed', '?')}, Mintmark {summary.version}. The recipe is `recipe.yaml`.",
    ]
    if summary.measurements:
        out += ["", "## Measurements", "", "| metric | value | 95 % interval | n | better | caveats |", "|---|---|---|---|---|---|"]
        for x in summary.measurements:
            out.append(
                f"| {x.metric} | {words.number(x.value, x.unit)} {x.unit} | {words.span(x)} | {x.n:,} | {x.better} | {_line('; '.join(x.caveats))} |"
            )
    out += ["", "## Limits", ""]
    out += [f"- {_line(n)}" for n in summary.notes]
    out += [
        "- No formal privacy guarantee: nothing here is differentially private.",
        "- Numbers hold for the learner, the rows and the sizes named with them.",
    ]
    if summary.citations:
        out += ["", "## Methods used", "", *(f"- {_line(c)}" for c in summary.citations)]
    out += [
        "",
        "## Croissant",
        "",
        "```json",
        json.dumps(_croissant(summary), indent=1, ensure_ascii=True).replace("<", "\\u003c").replace("`", "\\u0060"),
        "```",
        "",
    ]
    return "\n".join(out)


def _croissant(summary: Summary) -> dict[str, Any]:
    """The core of a Croissant description (mlcommons.org/croissant 1.0): name, files, fields."""
    types = {"number": "sc:Float"}
    return {
        "@context": {"@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "sc:Dataset",
        "name": summary.name,
        "description": summary.task,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": summary.licence or "unknown",
        "distribution": [{"@type": "cr:FileObject", "@id": "data", "contentUrl": "data.parquet", "encodingFormat": "application/x-parquet"}],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "rows",
                "field": [
                    {"@type": "cr:Field", "@id": f"rows/{c['name']}", "dataType": types.get(c["kind"], "sc:Text"),
                     "source": {"fileObject": {"@id": "data"}, "extract": {"column": c["name"]}}}
                    for c in summary.columns
                ],
            }
        ],
    }  # fmt: skip
