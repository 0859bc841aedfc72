"""After the rows: measurements, gates, report and data card. In a child process, so that the run's own memory and time stay its own.

python -m mintmark.finish DIR      measures what recipe.yaml asks for and writes measurements.json, report.html and README.md
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.context import Context
from .core.errors import InputError, MintmarkError, RunFolderError
from .core.metric import Data, Measurement, Tables
from .reading import read_recipe
from .text.jsontext import dumps, loads
from .wiring import Prepared, prepare

MOST_SAMPLES, MOST_LOSSES, MOST_PICTURE = 12, 40, 5_000


def measure_all(prepared: Prepared, columns: Mapping[str, Sequence[Any]]) -> list[Measurement]:
    """All metrics of the recipe's families over the kept rows."""
    recipe, tables = prepared.recipe, prepared.tables
    notes = (prepared.holdout_note,) if prepared.holdout_note else ()
    return measure_tables(
        columns,
        {c: tables["real"].column(c) for c in tables["real"].columns} if "real" in tables else None,
        {c: tables["holdout"].column(c) for c in tables["holdout"].columns} if "holdout" in tables else None,
        recipe.target,
        None,
        recipe.measure,
        prepared.context(),
        notes,
        recipe.seed,
    )


def measure_tables(
    synthetic: Mapping[str, Sequence[Any]],
    real: Mapping[str, Sequence[Any]] | None,
    holdout: Mapping[str, Sequence[Any]] | None,
    target: str | None,
    text: str | None,
    wanted: Sequence[str],
    ctx: Context,
    notes: tuple[str, ...] = (),
    seed: int = 0,
) -> list[Measurement]:
    from .catalogue import metrics
    from .stats.features import text_column

    gone = ("id", "weight", "split", "round", "examples")
    shared = set(synthetic) & set(real) if real is not None else set(synthetic)

    def data(columns: Mapping[str, Sequence[Any]] | None) -> Data | None:
        return (
            None
            if columns is None
            else Data({k: v for k, v in columns.items() if k not in gone or (k in shared and k not in ("id", "weight"))})
        )

    own = data(synthetic)
    assert own is not None
    if not len(own):
        return []
    if text is None:
        text = text_column({k: v for k, v in own.columns.items() if real is None or k in real}, target)
    tables = Tables(own, data(real), data(holdout), target, text, notes, seed)
    out: list[Measurement] = []
    for metric in metrics():
        if metric.family in wanted:
            out.extend(metric().measure(tables, ctx))
    return out


def in_child(folder: Path) -> dict[str, Any]:
    """Runs this module on a run folder; its failure is ours, told with its last line."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait make a busy machine many times slower
    done = subprocess.run([sys.executable, "-m", "mintmark.finish", str(folder)], capture_output=True, env=environment, check=False)
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise MintmarkError(
            f"the data are whole, but measuring failed: {last[-1] if last else 'no message'}; see `mintmark report {folder}`"
        )
    told: dict[str, Any] = loads((folder / "measurements.json").read_bytes())
    return told


def here(folder: Path, prepared: Prepared) -> dict[str, Any]:
    """Measures and writes the report of a run folder; returns {measurements, gates}."""
    from .report.card import write_card
    from .report.html import write_report
    from .report.summary import Summary
    from .stores.atomic import atomic_write

    recipe = prepared.recipe
    manifest = loads((folder / "manifest.json").read_bytes())
    complete = manifest.get("status") == "complete"
    columns: dict[str, list[Any]] = {}
    found: list[Measurement] = []
    if recipe.measure:
        columns = _columns(folder, prepared.columns)
        found = measure_all(prepared, columns) if manifest["kept"] else []
    gates = [line for gate in recipe.gates for line in gate.judge(found)] if complete else []
    notes = list(prepared.notes)
    for label, facts in manifest.get("facts", {}).items():
        notes += [f"{label}: {fact}" for fact in facts.values() if isinstance(fact, str)]
        found += [Measurement(f"{label}.{name}", **fact) for name, fact in facts.items() if not isinstance(fact, str)]
    told = {"measurements": [m.as_dict() for m in found], "gates": gates}
    for step in recipe.steps:
        baseline = getattr(step.op, "baseline", None)
        if baseline:
            notes.append(f"{step.label}: {baseline}")
            notes.extend(_fit_notes(step, prepared))
    if any(s.scheme == "replay" for s in prepared.specs.values()):
        notes.append("the model's replies were replayed from a file of recorded replies; no model was called")
    if recipe.measure and not complete:
        notes.append("the run is not complete: numbers are of the rows so far, and gates are not judged")
    summary = Summary(
        name=recipe.name,
        task=recipe.task,
        version=str(manifest.get("version", "")),
        manifest=manifest,
        steps=manifest.get("steps", ()),
        samples=list(_spread(folder / "data.jsonl", manifest["kept"])),
        losses=_losses(folder),
        columns=_pictures(columns, prepared.tables["real"] if "real" in prepared.tables else None) if columns else [],
        measurements=found,
        gates=gates,
        tables=[{"name": n, "rows": len(t), "private": t.private} for n, t in prepared.tables.items()],
        notes=notes,
        citations=_citations(recipe.steps, found),
        recipe=(folder / "recipe.yaml").read_text() if (folder / "recipe.yaml").exists() else "",
        licence=recipe.licence or "",
    )
    for name, text in (
        ("measurements.json", dumps(told)),
        ("report.html", _encode(write_report(summary))),
        ("README.md", _encode(write_card(summary))),
    ):
        with atomic_write(folder / name) as file:
            file.write(text)
    return loads(dumps(told))  # type: ignore[no-any-return]


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _fit_notes(step: Any, prepared: Prepared) -> list[str]:
    """What a fitted source says of itself (small n, rare levels, identifiers); learning again is cheap and gives the same."""
    if not hasattr(step.op, "model"):
        return []
    from .core.rows import Tally

    return [f"{step.label}: {n}" for n in step.op.model(prepared.context({}).at(step.label, "", Tally())).notes]


def _columns(folder: Path, names: Sequence[str]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {n: [] for n in names}
    for row in _lines(folder / "data.jsonl"):
        for n in names:
            out[n].append(row.get(n))
    return out


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                yield loads(line)


def _spread(path: Path, n: int) -> Iterator[dict[str, Any]]:
    """A dozen rows, evenly spaced."""
    step = max(1, n // MOST_SAMPLES)
    for i, row in enumerate(_lines(path)):
        if i % step == 0 and i // step < MOST_SAMPLES:
            yield row


def _losses(folder: Path) -> list[dict[str, Any]]:
    """Examples of rows that were dropped or failed, at most 3 per step and reason."""
    from .folders import ledger

    seen: Counter[tuple[str, str]] = Counter()
    out: list[dict[str, Any]] = []
    if not (folder / "ledger.parquet").exists():
        return out
    for line in ledger(folder):
        if line["state"] in ("dropped", "failed") and line["reason"] != "surplus":
            seen[line["step"], line["reason"]] += 1
            if seen[line["step"], line["reason"]] <= 3 and len(out) < MOST_LOSSES:
                out.append(line)
    return out


def _pictures(columns: Mapping[str, Sequence[Any]], real: Any) -> list[dict[str, Any]]:
    """Small material for the column pictures: numbers as they are (at most 5,000), levels as counts, texts by their length in words."""
    from .stats.features import kind_of

    out: list[dict[str, Any]] = []
    for name, cells in columns.items():
        kind = kind_of(cells)
        theirs = real.column(name)[:MOST_PICTURE] if real is not None and name in real.columns else None
        if kind == "number":
            own = [float(c) for c in cells[:MOST_PICTURE] if isinstance(c, (int, float))]
            out.append(
                {
                    "name": name,
                    "kind": "number",
                    "synthetic": own,
                    "real": [float(c) for c in theirs if isinstance(c, (int, float))] if theirs else None,
                }
            )
        elif kind == "category":
            shares = _shares(cells)
            top = dict(sorted(shares.items(), key=lambda t: -t[1])[:8])
            out.append({"name": name, "kind": "category", "synthetic": top, "real": _shares(theirs) if theirs else None})
        elif kind == "text":
            own = [float(len(str(c).split())) for c in cells[:MOST_PICTURE] if c is not None]
            words = [float(len(str(c).split())) for c in theirs if c is not None] if theirs else None
            out.append({"name": f"{name} (words)", "kind": "number", "synthetic": own, "real": words})
    return out


def _shares(cells: Sequence[Any]) -> dict[str, float]:
    counts = Counter("–" if c is None else str(c) for c in cells)
    return {k: n / len(cells) for k, n in counts.items()}


def _citations(steps: Sequence[Any], found: Sequence[Measurement]) -> list[str]:
    from .catalogue import metrics

    out = [c for s in steps for c in s.op.citations()]
    measured = {m.metric for m in found}
    out += [c for m in metrics() if measured & set(m.gives) for c in m.cites]
    return list(dict.fromkeys(out))


def audit_tables(
    synthetic: Any,
    real: Any,
    holdout: Any,
    target: str | None,
    text: str | None,
    mapping: Mapping[str, str],
    wanted: Sequence[str],
    out: Any,
    seed: int,
) -> list[Measurement]:
    """See api.audit."""
    from .catalogue import families
    from .core.errors import RecipeError, nearest
    from .stores.tables import read_table, set_aside
    from .wiring import _ports

    for family in wanted:
        if family not in families():
            raise RecipeError(f"--measure: there is nothing called '{family}'.{nearest(family, families())}")
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
        wanted or families(),
        ctx,
        notes,
        seed,
    )
    if out is not None:
        _write_audit(Path(out), own, train, columns, found, notes, synthetic)
    return found


def _write_audit(
    out: Path, own: Any, train: Any, columns: Mapping[str, list[Any]], found: Sequence[Measurement], notes: Sequence[str], source: Any
) -> None:
    from . import __version__
    from .report.card import write_card
    from .report.html import write_report
    from .report.summary import Summary
    from .stores.atomic import atomic_write

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
        columns=_pictures(columns, train),
        measurements=found,
        notes=list(notes),
        citations=_citations((), found),
    )
    told = {"measurements": [m.as_dict() for m in found], "gates": []}
    for file_name, data in (
        ("measurements.json", dumps(told)),
        ("report.html", _encode(write_report(summary))),
        ("README.md", _encode(write_card(summary))),
    ):
        with atomic_write(out / file_name) as file:
            file.write(data)


def main() -> None:
    import warnings

    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    try:
        here(folder, prepare(read_recipe(folder / "recipe.yaml"), build=False))
    except MintmarkError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
