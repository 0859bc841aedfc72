"""`mintmark audit`: any table, whoever made it, against real rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.context import Context
from .core.errors import InputError, RunFolderError
from .core.metric import Gate, Measurement, check_gates
from .measuring import MOST_SAMPLES, citations, describe, meaning, measure_tables, pictures, write_files


def audit_context(seed: int) -> Context:
    """What metrics may use where there is no recipe: the built-in learners."""
    from .core.recipe import Recipe
    from .generate.read import Read
    from .wiring import _ports

    return Context(seed, learners=_ports(Recipe("audit", ops=[Read("real")]), "learners", object))


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
    card: Any = None,
    gates: Sequence[Gate] = (),
) -> list[Measurement]:
    """See api.audit."""
    from .catalogue import families, metric_names, metrics_for
    from .core.errors import nearest
    from .stores.tables import read_table, set_aside

    wanted = wanted or families(costly=False)
    check_gates(gates, metric_names(), metrics_for(wanted, "--measure"))
    said = _card(card)
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
    found = measure_tables(
        columns,
        {c: train.column(c) for c in train.columns},
        {c: held.column(c) for c in held.columns} if held is not None else None,
        target,
        text,
        wanted,
        audit_context(seed),
        notes,
        seed,
    )
    if out is not None:
        lines = [line for gate in gates for line in gate.judge(found)]
        tables = [("synthetic", own), ("real", train), *([("holdout", held)] if held is not None else [])]
        _write_audit(Path(out), tables, columns, found, notes, synthetic, target, said, lines)
    return found


def _card(given: Any) -> Mapping[str, Any]:
    """{licence, and the keys of a recipe's card:}, from a mapping or a YAML file."""
    from .core.errors import RecipeError
    from .reading import read_card
    from .text.yaml_strict import load_yaml

    if isinstance(given, (str, os.PathLike)):
        try:
            given = load_yaml(Path(given).read_text(), Path(given).name)
        except (OSError, ValueError) as error:
            raise InputError(f"--card {given}: {error}") from error
    if given is not None and not isinstance(given, Mapping):
        raise RecipeError("--card: expected a mapping such as {licence: CC-BY-4.0, intended_use: ...}")
    read_card({k: v for k, v in (given or {}).items() if k != "licence"}, "--card")
    return given or {}


def _write_audit(
    out: Path,
    tables: Sequence[tuple[str, Any]],
    columns: Mapping[str, list[Any]],
    found: Sequence[Measurement],
    notes: Sequence[str],
    source: Any,
    target: str | None,
    card: Mapping[str, Any],
    gates: Sequence[Mapping[str, Any]],
) -> None:
    from . import __version__
    from .report.card import warnings
    from .report.summary import Summary

    (_, own), (_, train) = tables[:2]
    licence = card.get("licence")
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
        notes=[*notes, *warnings(licence, card, [])],
        citations=citations((), found),
        tables=[{"name": n, "rows": len(t), "private": t.private, "digest": t.digest} for n, t in tables],
        licence=licence or "",
        card=card,
        target=target,
        **(describe(Path(source), target) if isinstance(source, (str, os.PathLike)) else {}),
        meaning=meaning(),
    )
    about = {"name": summary.name, "kind": "audit", "rows": len(own), "version": __version__}
    told = {"measurements": [m.as_dict() for m in found], "gates": gates, "about": about}
    write_files(out, summary, told)
