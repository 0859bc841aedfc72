"""croissant.json: the data set in MLCommons Croissant 1.0 (JSON-LD on schema.org), with the responsible-AI terms of Croissant RAI 1.0 that are known.

One field: {"@type": "cr:Field", "@id": "rows/text", "name": "text", "dataType": "sc:Text", "source": {"fileObject": {"@id": "data.parquet"}, ...}}
Checked against the reference implementation (mlcroissant) where that is installed. Nested columns (records, lists
of lists) are named but not described: the reference reader does not read them from Parquet. What nobody said
(creator, address) is left out.
"""

from __future__ import annotations

import re
from typing import Any

from .front import mark
from .guarantee import verdict
from .licences import licence_url
from .summary import Summary

FORMATS = {"parquet": "application/x-parquet", "csv": "text/csv", "tsv": "text/tab-separated-values", "jsonl": "application/jsonlines"}
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"string": "sc:Text", "large_string": "sc:Text", "bool": "sc:Boolean", "double": "sc:Float", "float": "sc:Float"}


def croissant(summary: Summary) -> dict[str, Any]:
    """{} where there is no file to describe."""
    file, card = summary.file, summary.card
    if not file:
        return {}
    name, _, sentence = mark(summary)
    steps = [str(s["label"]) for s in summary.steps if s["op"] != "want"]
    description = " ".join(x for x in (summary.task, sentence) if x)
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": summary.name,
        "description": description,
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": licence_url(summary.licence),
        "url": card.get("url"),
        "creator": {"@type": "Organization", "name": card["creator"]} if card.get("creator") else None,
        "datePublished": file.get("date"),
        "version": "1.0.0",
        "keywords": ["synthetic data"] if name or summary.kind == "audit" else None,
        "inLanguage": list(summary.languages) or None,
        "digitalSourceType": f"https://schema.org/{name[0].upper()}{name[1:]}DigitalSource" if name else None,
        "citeAs": f"{card['creator'] + ', ' if card.get('creator') else ''}{summary.name}, {file.get('date')}, made with Mintmark {summary.version}",
        "rai:dataCollection": " ".join([sentence, "Steps: " + ", ".join(steps) + "." if steps else ""]).strip(),
        "rai:dataUseCases": card.get("intended_use"),
        "rai:dataLimitations": [
            *([card["out_of_scope"]] if card.get("out_of_scope") else []),
            *summary.notes,
            *(verdict(summary.manifest) if summary.manifest.get("releases") else ()),
        ]
        or None,
        "rai:personalSensitiveInformation": card.get("personal_data_basis"),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file["name"],
                "name": file["name"],
                "contentUrl": file["name"],
                "encodingFormat": FORMATS[file["format"]],
                "sha256": file["sha256"],
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "rows", "name": "rows", **_nested(summary), "field": _fields(summary)}],
    }
    return {k: v for k, v in told.items() if v is not None}


def _flat(kind: Any) -> bool:
    return isinstance(kind, str) or (isinstance(kind, list) and isinstance(kind[0], str))


def _nested(summary: Summary) -> dict[str, str]:
    left = [n for n, kind in summary.fields.items() if not _flat(kind)]
    return {"description": f"Nested columns that are not described here: {', '.join(left)}."} if left else {}


def _fields(summary: Summary) -> list[dict[str, Any]]:
    out, taken = [], set()
    for name, kind in ((n, k) for n, k in summary.fields.items() if _flat(k)):
        key = re.sub(r"[^A-Za-z0-9_-]+", "_", name) or "_"  # an id is part of an address; the column's own name stands beside it
        while key in taken:
            key += "_"
        taken.add(key)
        repeated = isinstance(kind, list)
        inner = kind[0] if repeated else kind
        field = {"@type": "cr:Field", "@id": f"rows/{key}", "name": name, "dataType": _type(inner),
                 "source": {"fileObject": {"@id": summary.file["name"]}, "extract": {"column": name}}}  # fmt: skip
        out.append({**field, "repeated": True} if repeated else field)
    return out


def _type(kind: str) -> str:
    if kind.startswith(("date", "time")):
        return "sc:DateTime" if kind.startswith("timestamp") else "sc:Date"
    return "sc:Integer" if "int" in kind else _TYPES.get(kind, "sc:Text")


__all__ = ["CONTEXT", "FORMATS", "croissant"]
