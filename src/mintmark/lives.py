"""How single rows came about, for the report: the rows they were made of, the steps they went through, what each step asked and wrote.

    {"parents": [{"id": "6608f1589d87b52a5053", "step": "chunk"}],
     "steps": [{"label": "chunk", "op": "chunk", "calls": 0, "wrote": ["passage", "start"]}, ...]}

One look at the ledger and one at the journal for all of them. The whole life, prompts and replies included, is `mintmark show DIR ID`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .wiring import Prepared

MOST_UP = 3  # generations of parents


def lives(folder: Path, ids: Sequence[str], prepared: Prepared, asked: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """asked: what `Journal.spent(ids)` tells. A row that a step split off has its parent's calls of the steps before in its parent."""
    family = _family(folder / "ledger.parquet", ids)
    calls: dict[tuple[str, str], int] = {}
    for line in asked:
        key = (line["row"], line["step"])
        calls[key] = calls.get(key, 0) + line["calls"]
    steps = [(s.label, s.op.name, list(s.op.writes(here))) for s, here in prepared.recipe.walk(prepared.scene)]
    out = {}
    for row in ids:
        parents, seen, level = [], {row}, family.get(row, (None, ()))[1]
        while level:
            up: list[str] = []
            for parent in (p for p in level if p not in seen):
                seen.add(parent)
                step, above = family.get(parent, ("", ()))
                parents.append({"id": parent, "step": step})
                up += above
            level = up
        told = [{"label": x, "op": op, "calls": calls.get((row, x), 0), "wrote": wrote} for x, op, wrote in steps]
        out[row] = {"parents": parents, "steps": told}
    return out


def _family(ledger: Path, ids: Sequence[str]) -> dict[str, tuple[str, Sequence[str]]]:
    """id -> (step where it ended, its parents), of the rows and of their parents, MOST_UP generations up."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not ids or not ledger.exists():  # the ledger of a run that planned nothing has no columns
        return {}
    table = pq.read_table(ledger, columns=["id", "step", "parents"])
    out: dict[str, tuple[str, Sequence[str]]] = {}
    wanted = set(ids)
    for _ in range(MOST_UP + 1):
        wanted -= out.keys()
        if not wanted:
            break
        found = table.filter(pc.is_in(table.column("id"), pa.array(sorted(wanted)))).to_pylist()
        out.update({line["id"]: (line["step"], line["parents"] or ()) for line in found})
        wanted = {p for line in found for p in line["parents"] or ()}
    return out
