"""`mintmark audit`: any table, whoever made it, against real rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.context import Context
from .core.errors import InputError, RunFolderError
from .core.metric import Gate, Measurement, check_gates
from .measuring import MOST_SAMPLES, citations, meaning, measure_tables, pictures, write_files


def audit_tables(
    synthetic: Any,
    real: Any,
    holdout: Any,
    target: str | None,
    text: str | None,
    mapping: Mapping[str, str],
    wanted: Sequence[Any],
    out: Any,
    seed: int,
    gates: Sequence[Gate] = (),
) -> list[Measurement]:
    """See api.audit."""
    from .catalogue import families, metric_names, metrics_for
    from .core.errors import nearest
    from .stores.tables import read_table, set_aside
    from .wiring import _ports

    wanted = wanted or families(costly=False)
    check_gates(gates, metric_names(), metrics_for(wanted, "--measure"))
    if out is not None and (Path(out) / "journal.sqlite").exists():
        raise RunFolderError(f"--out {out}: this folder holds a run, whose report would be lost; choose another")
    own, train = read_table("synthetic", synthetic), read_table("real", real)
    held = read_table("holdout", holdout) if holdout is not None else None
    for name, column in mapping.items():
        if column not in own.columns:
            raise InputError(f"--map {name}={column}: the synthetic table has no column '{column}'.{nearest(column, own.columns)}")
    back = {v: k for k, v in mapping.items()}
    columns = {back.get(c, c): own.column(c) for c in own.columns}
    shared = [c for c in columns if c in train.columns]
    if not shared:
        raise InputError(
            f"the synthetic table ({', '.join(columns)}) and the real one ({', '.join(train.columns)}) share no column; name pairs with --map REAL=SYNTHETIC"
        )
    for what, named in (("target", target), ("text", text)):
        if named is not None and named not in shared:
            raise InputError(f"--{what} {named}: not a column of both tables; they share {', '.join(shared)}.{nearest(named, shared)}")
    notes: tuple[str, ...] = ()
    if held is None and target is not None:
        n = len(train)
        train, held = set_aside(train, 0.2, target, seed)
        notes = (
            f"no holdout was given: {len(held)} of the {n} real rows were set aside here, stratified by {target}; the generator may have seen them, "
            "so realism, utility and copies can look better than they are",
        )
    from .core.recipe import Recipe
    from .generate.read import Read

    nothing = Recipe("audit", ops=[Read("real")])
    ctx = Context(seed, learners=_ports(nothing, "learners", object))
    found = measure_tables(
        columns,
        {c: train.column(c) for c in train.columns},
        {c: held.column(c) for c in held.columns} if held is not None else None,
        target,
        text,
        wanted,
        ctx,
        notes,
        seed,
    )
    if out is not None:
        lines = [line for gate in gates for line in gate.judge(found)]
        _write_audit(Path(out), own, train, columns, found, notes, synthetic, lines)
    return found


def _write_audit(
    out: Path,
    own: Any,
    train: Any,
    columns: Mapping[str, list[Any]],
    found: Sequence[Measurement],
    notes: Sequence[str],
    source: Any,
    gates: Sequence[Mapping[str, Any]],
) -> None:
    from . import __version__
    from .report.summary import Summary

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{out} cannot be made ({error.strerror}); choose another folder with --out") from error
    step = max(1, len(own) // MOST_SAMPLES)
    name = Path(source).name if isinstance(source, (str, os.PathLike)) else "synthetic table"
    summary = Summary(
        name=f"Audit of {name}",
        kind="audit",
        version=__version__,
        manifest={"kept": len(own), "planned": 0},
        samples=[row for i, row in enumerate(own.rows()) if i % step == 0][:MOST_SAMPLES],
        columns=pictures(columns, train),
        measurements=found,
        gates=gates,
        notes=list(notes),
        citations=citations((), found),
        meaning=meaning(),
    )
    about = {"name": summary.name, "kind": "audit", "rows": len(own), "version": __version__}
    told = {"measurements": [m.as_dict() for m in found], "gates": gates, "about": about}
    write_files(out, summary, told)
