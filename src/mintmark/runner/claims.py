"""What a run may claim of private tables: the noisy releases, and who read rows without noise, which undoes their guarantee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.op import Op
from ..core.ports import Table
from ..core.recipe import Step
from ..stats.one_cell import contents


def plain_reads(op: Op, tables: Mapping[str, Table]) -> list[str]:
    """Private tables whose rows, or what follows from them, this op puts into its own; what was released with noise is not private any more."""
    return [] if op.releases else [t for t in op.reads_tables() if t in tables and tables[t].private]


def claims(releases: Sequence[Mapping[str, Any]], steps: Sequence[Step], tables: Mapping[str, Table]) -> dict[str, Any]:
    """For the manifest: the releases, each with the steps that undo its guarantee since they read rows of the same data set without noise,
    under whatever name; and private_reads: what steps read of private tables without noise."""
    reads: dict[str, list[str]] = {}
    for step in steps:
        for name in plain_reads(step.op, tables):
            reads.setdefault(name, []).append(step.label)
    read = {t for s in steps if not s.op.releases for t in s.op.reads_tables() if t in tables} if releases else set()
    data = {name: _data(tables[name]) for name in read}
    undone = {
        r["data"]: [s.label for s in steps if not s.op.releases and any(data.get(t) == r["data"] for t in s.op.reads_tables())]
        for r in releases
    }
    told = {"releases": [{**r, "undone_by": undone[r["data"]]} for r in releases], "private_reads": reads}
    return {k: v for k, v in told.items() if v}


def _data(table: Table) -> str:
    """By which a data set is known, in whatever order and format."""
    allowance = getattr(table, "allowance", None)
    return allowance.data if allowance is not None else contents(table.column(c) for c in table.columns)
