"""Summary: all that a report or a data card says about a run or an audit, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.metric import Measurement


@dataclass
class Summary:
    """steps: {label, op, in, out, dropped: {reason: n}, failed: {reason: n}, split, made}: rows that entered and left each
    step. samples: kept rows. losses: {id, step, state, reason, detail}.
    columns: {name, kind, synthetic, real}: numbers or {level: count}, for small pictures. tables: {name, rows (None: not told), private,
    digest}. A step may have tables and roles: what it reads and whom it asks. For the data card: card (the recipe's), target, file {name,
    sha256, format, date}: where the rows lie, fields {column: Arrow type, [type] or {name: type}}, kinds {column: see stats/features.py;
    the target is a number only for regression}, languages (ISO 639-1). spent: what each step asked of each
    model. lineage: sample id -> {parents: [{id, step}], steps: [{label, op, makes, calls, wrote}]}. meaning: dotted name -> what a measurement
    is. folder: where `mintmark show` finds the rows."""

    name: str
    kind: str = "run"
    task: str = ""
    version: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Mapping[str, Any]] = ()
    samples: Sequence[Mapping[str, Any]] = ()
    losses: Sequence[Mapping[str, Any]] = ()
    columns: Sequence[Mapping[str, Any]] = ()
    measurements: Sequence[Measurement] = ()
    gates: Sequence[Mapping[str, Any]] = ()
    tables: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()
    citations: Sequence[str] = ()
    spent: Sequence[Mapping[str, Any]] = ()
    lineage: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    meaning: Mapping[str, str] = field(default_factory=dict)
    folder: str = "DIR"
    recipe: str = ""
    licence: str = ""
    card: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None
    file: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    languages: Sequence[str] = ()
