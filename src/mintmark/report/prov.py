"""prov.json: where the rows come from, in W3C PROV (PROV-JSON, member submission of 2013-04-24).

entities     tables by content hash, the recipe by its hash (a plan), models by name, the data by sha256, measurements.json
activities   the steps, and the measuring; used = tables a step reads and models it asks
agent        this software, by version

No path, address, key or row stands in it: a private table is a name, a number of rows and a hash. Times are left out: the journal has them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import quote

from .front import mark
from .guarantee import verdict
from .summary import Summary

Node = dict[str, Any]
PREFIX = {"mm": "urn:mintmark:", "iptc": "http://cv.iptc.org/newscodes/digitalsourcetype/"}


def prov(summary: Summary) -> dict[str, Any]:
    m, audit = summary.manifest, summary.kind == "audit"
    agent, plan, data = f"mm:software/{_local(summary.version)}", f"mm:recipe/{m.get('recipe_hash') or 'recipe'}", "mm:data"
    entity: dict[str, Node] = {data: {"prov:label": summary.file.get("name", "rows"), "mm:rows": int(m.get("kept", 0))}}
    if summary.file:
        entity[data]["mm:sha256"] = summary.file["sha256"]
    name, _, _ = mark(summary)
    if name:
        entity[data]["mm:digitalSourceType"] = {"$": f"iptc:{name}", "type": "prov:QUALIFIED_NAME"}
    if m.get("releases"):
        entity[data]["mm:privacy"] = " ".join(verdict(m))
    for t in summary.tables:
        entity[_table(t["name"])] = {
            "prov:label": t["name"],
            "mm:private": t["private"],
            **({} if t["rows"] is None else {"mm:rows": t["rows"], "mm:digest": t.get("digest", "")}),
        }
    for role, model in (m.get("models") or {}).items():
        entity[_model(role)] = {"prov:label": f"{role}: {model}", "prov:type": {"$": "mm:Model", "type": "prov:QUALIFIED_NAME"}}
    if not audit:
        entity[plan] = {"prov:label": "recipe.yaml", "prov:type": {"$": "prov:Plan", "type": "prov:QUALIFIED_NAME"}}
    activity: dict[str, Node] = {}
    used: list[Node] = []
    steps = [] if audit else [s for s in summary.steps if s["op"] != "want"]
    for s in steps:
        step = _step(s["label"])
        activity[step] = {"prov:label": s["op"], "mm:rowsIn": s["in"], "mm:rowsOut": s["out"]}
        found = [*map(_table, s.get("tables", ())), *map(_model, s.get("roles", ()))]
        used += [{"prov:activity": step, "prov:entity": e} for e in found if e in entity]
    order = list(activity)
    made = [{"prov:entity": data, "prov:activity": order[-1]}] if order else []
    if summary.measurements:
        entity["mm:measurements"] = {"prov:label": "measurements.json"}
        activity["mm:measure"] = {"prov:label": "measure"}
        made.append({"prov:entity": "mm:measurements", "prov:activity": "mm:measure"})
        looked = [data, *(_table(t["name"]) for t in summary.tables if t["name"] in ("real", "holdout"))]
        used += [{"prov:activity": "mm:measure", "prov:entity": e} for e in looked]
    derived = dict.fromkeys(u["prov:entity"] for u in used if u["prov:activity"] in order)
    acting = [{"prov:activity": a, "prov:agent": agent, **({} if audit else {"prov:plan": plan})} for a in activity]
    return {
        "prefix": PREFIX,
        "entity": entity,
        "activity": activity,
        "agent": {
            agent: {"prov:label": f"Mintmark {summary.version}", "prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"}}
        },
        "used": _numbered("u", used),
        "wasGeneratedBy": _numbered("g", made),
        "wasInformedBy": _numbered("i", [{"prov:informed": b, "prov:informant": a} for a, b in pairwise(order)]),
        "wasDerivedFrom": _numbered("d", [{"prov:generatedEntity": data, "prov:usedEntity": e} for e in derived]),
        "wasAssociatedWith": _numbered("a", acting),
    }


def _numbered(letter: str, items: list[Node]) -> dict[str, Node]:
    return {f"_:{letter}{k}": item for k, item in enumerate(items, 1)}


def _local(name: Any) -> str:
    return quote(str(name), safe="", errors="replace")


def _table(name: str) -> str:
    return f"mm:table/{_local(name)}"


def _model(role: str) -> str:
    return f"mm:model/{_local(role)}"


def _step(label: str) -> str:
    return f"mm:step/{_local(label)}"


__all__ = ["PREFIX", "prov"]
