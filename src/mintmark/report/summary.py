"""Summary: all that a report or a data card says about a run or an audit, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.metric import Measurement


@dataclass
class Summary:
    """steps: {label, op, in, out, dropped: {reason: n}, failed: {reason: n}, split, made}: rows that entered and left each step.
    samples: kept rows. losses: {id, step, state, reason, detail}. columns: {name, kind, synthetic, real}: numbers or {level: count}, for small pictures. tables: {name, rows, private}."""

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
    recipe: str = ""
    licence: str = ""
