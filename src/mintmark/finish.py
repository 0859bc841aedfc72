"""After the rows: measurements, gates, report and data card. In a child process, so that the run's own memory and time stay its own.

python -m mintmark.finish DIR      measures what recipe.yaml asks for and writes measurements.json, report.html and README.md
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.errors import MintmarkError
from .core.metric import Measurement
from .lives import lives
from .measuring import MOST_SAMPLES, citations, describe, meaning, measure_all, pictures, unchecked, write_files
from .reading import read_recipe
from .report.discreet import Discreet
from .text.jsontext import dumps, loads
from .wiring import Prepared, prepare

MOST_LOSSES = 40


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
    from .report.summary import Summary

    recipe = prepared.recipe
    manifest = loads((folder / "manifest.json").read_bytes())
    complete = manifest.get("status") == "complete"
    columns: dict[str, list[Any]] = {}
    found: list[Measurement] = []
    if recipe.measure:
        columns = kept_columns(folder, prepared.columns)
        found = measure_all(prepared, columns) if manifest["kept"] else []
        secret = [{c: t.column(c) for c in t.columns} for t in prepared.tables.values() if t.private]
        if secret:  # the report may be shown to people who may not see those rows
            found = [*map(Discreet(columns, secret).measurement, found)]
    gates = [line for gate in recipe.gates for line in gate.judge(found)] if complete else []
    hushed = {n for t in prepared.tables.values() if t.private for n in getattr(t, "notes", ())}  # file names; `check` tells them
    notes = [n for n in (*prepared.notes, *prepared.warnings) if n not in hushed]
    for label, facts in manifest.get("facts", {}).items():
        notes += [f"{label}: {fact}" for fact in facts.values() if isinstance(fact, str)]
        found += [Measurement(f"{label}.{name}", **fact) for name, fact in facts.items() if not isinstance(fact, str)]
    told = {"measurements": [m.as_dict() for m in found], "gates": gates}
    for step in recipe.steps:
        baseline = getattr(step.op, "baseline", None)
        if baseline:
            notes.append(f"{step.label}: {baseline}")
    if any(s.scheme == "replay" for s in prepared.specs.values()):
        notes.append("the model's replies were replayed from a file of recorded replies; no model was called")
    if recipe.measure:
        notes.extend(unchecked(found, recipe.measure, recipe.target if manifest["kept"] and "real" in prepared.tables else None))
    if recipe.measure and not complete:
        notes.append("the run is not complete: numbers are of the rows so far, and gates are not judged")
    means = {s.label: s.op.drops for s in recipe.steps}
    samples = list(_spread(folder / "data.jsonl", manifest["kept"]))
    ids = [str(row["id"]) for row in samples if "id" in row]
    spent, asked = _spent(folder, ids)
    summary = Summary(
        name=recipe.name,
        task=recipe.task,
        version=str(manifest.get("version", "")),
        manifest=_shown(manifest, prepared),
        steps=[{**s, **_touched(s["label"], prepared), "means": means.get(s["label"], {})} for s in manifest.get("steps", ())],
        samples=samples,
        losses=_losses(folder),
        columns=pictures(columns, None if _noisy(prepared.tables.get("real")) else prepared.tables.get("real")) if columns else [],
        measurements=found,
        gates=gates,
        tables=[_told(n, t) for n, t in prepared.tables.items() if t.columns],
        notes=notes,
        citations=citations(recipe.steps, found),
        spent=spent,
        lineage=lives(folder, ids, prepared, asked),
        meaning=meaning(),
        folder=folder.resolve().name,
        recipe=_recipe_text(folder, recipe.tables.values()),
        licence=recipe.licence or "",
        card=recipe.card,
        target=recipe.target,
        **describe(folder / "data.parquet", recipe.target),
    )
    write_files(folder, summary, told)
    return loads(dumps(told))  # type: ignore[no-any-return]


def _shown(manifest: dict[str, Any], prepared: Prepared) -> dict[str, Any]:
    """The manifest as pages print it: the recipe's hash holds the contents of the tables, see _told."""
    noisy = any(map(_noisy, prepared.tables.values()))
    return {k: v for k, v in manifest.items() if not (noisy and k == "recipe_hash")}


def _told(name: str, table: Any) -> dict[str, Any]:
    """Of a table whose releases are noisy neither count nor hash: whoever knows all others would see by them whether one person is in it."""
    told = {"name": name, "rows": len(table), "private": table.private, "digest": table.digest}
    return {**told, "rows": None, "digest": ""} if _noisy(table) else told


def _noisy(table: Any) -> bool:
    return getattr(table, "allowance", None) is not None


def _touched(label: str, prepared: Prepared) -> dict[str, Any]:
    """What a step reads and whom it asks."""
    op = next((s.op for s in prepared.recipe.steps if s.label == label), None)
    if op is None:
        return {}
    named = op.reads_tables()
    return {"tables": [n for n in prepared.tables if n in named or "*" in named], "roles": list(op.roles())}


def _recipe_text(folder: Path, tables: Iterable[Any]) -> str:
    """For people who get the report: tables by their file names, without where they lie on this machine."""
    path = folder / "recipe.yaml"
    text = path.read_text("utf-8", "replace") if path.exists() else ""
    for given in tables:
        at = given.get("path") if isinstance(given, Mapping) else given
        if isinstance(at, (str, os.PathLike)) and os.path.isabs(at):
            text = text.replace(str(at), os.path.basename(str(at).rstrip("/")))
    return text


def _spent(folder: Path, ids: Sequence[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What each step asked of each model: of the whole run, and for these rows."""
    from .stores.folder import FolderStore

    if not (folder / "journal.sqlite").exists():
        return [], []
    store = FolderStore(folder, readonly=True)
    try:
        return store.journal.spent(), store.journal.spent(ids) if ids else []
    finally:
        store.close()


def kept_columns(folder: Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Columns of the kept rows; None where a row has no such value."""
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
