"""Run folders: opened for a run (refusing what belongs to another recipe, setting an edited recipe's old files aside), and looked at."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .core.errors import InputError, RunFolderError
from .core.recipe import Recipe
from .stores.atomic import keep_private, make_folder
from .stores.folder import FolderStore
from .text.jsontext import loads
from .text.names import slug
from .wiring import Prepared

MOVED = (
    "ledger.parquet",
    "data.parquet",
    "data.jsonl",
    "manifest.json",
    "measurements.json",
    "report.html",
    "README.md",
    "recipe.yaml",
    "croissant.json",
    "prov.json",
)

OWN = (*MOVED, "journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "rows", "learned", "versions", ".lock")


def refuse_own(folder: Path, to: Path, what: str) -> None:
    """Nothing is written over a run's own files: the journal holds answers that were paid for."""
    root, full = folder.resolve(), to.resolve()
    if full == root or (full.is_relative_to(root) and full.relative_to(root).parts[0].casefold() in {n.casefold() for n in OWN}):
        raise RunFolderError(f"{what}: {to} is the run's own; choose another place")


def folder_of(recipe: Recipe, out: str | os.PathLike[str] | None) -> Path:
    return Path(out) if out is not None else Path("runs") / slug(recipe.name)


def open_folder(prepared: Prepared, folder: Path, resolved: Mapping[str, Any], *, changed: bool, preview: bool) -> FolderStore:
    """Locks the folder and makes it this recipe's. Another name or seed is refused; changed steps or inputs need `changed`."""
    recipe = prepared.recipe
    if folder.is_symlink() and not folder.exists():
        raise RunFolderError(f"{folder} is a link to nowhere; choose another folder with --out")
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder} is a file, expected a folder; choose another one with --out")
    if strangers := _strangers(
        folder
    ):  # before anything of ours lies there: a journal beside somebody's tables would mark them as a run's rows
        raise RunFolderError(f"{folder} holds files that are no run's ({', '.join(strangers[:3])}); choose an empty folder with --out")
    store = FolderStore(folder)
    try:
        before = _told(store)
        if before is not None:
            for what, now in (("name", recipe.name), ("seed", recipe.seed)):
                if before.get(what) != now:
                    raise RunFolderError(
                        f"{folder} belongs to a run with {what} {before.get(what)!r}, this recipe has {what} {now!r}; "
                        "choose another folder with --out"
                    )
            if preview and before.get("status") != "preview":
                raise RunFolderError(
                    f"{folder} holds a run already, whose data a preview would replace; give --out another folder, or see `mintmark show {folder}`"
                )
            if before.get("recipe_hash") != prepared.identity and before.get("status") != "preview":
                if not changed:
                    raise RunFolderError(_edited(store, before, prepared, folder))
                _set_aside(store, folder)
        if any(t.private for t in prepared.tables.values()):
            keep_private(folder)
        from .text.yaml_strict import dump_yaml

        if before is None or before.get("recipe_hash") != prepared.identity or not (folder / "manifest.json").exists():
            from .text.jsontext import dumps

            head = {
                "name": recipe.name,
                "seed": recipe.seed,
                "recipe_hash": prepared.identity,
                "status": "preview" if preview else "running",
                "steps_hash": _steps(prepared),
            }
            store.put_file("manifest.json", dumps(head))
        store.put_file("recipe.yaml", dump_yaml(dict(resolved)).encode("utf-8", "surrogatepass"))
        return store
    except BaseException:
        store.close()
        raise


_OURS = re.compile(r"\.lock|rows|journal\.sqlite.*|\..*\.tmp", re.DOTALL)


def _strangers(folder: Path) -> list[str]:
    """What lies in a folder that holds no run, less what a killed one leaves; nothing where it cannot be looked into, which the store tells."""
    try:
        if (folder / "manifest.json").exists():
            return []
        return sorted(p.name for p in folder.iterdir() if not _OURS.fullmatch(p.name))
    except OSError:
        return []


def _told(store: FolderStore) -> dict[str, Any] | None:
    raw = store.get_file("manifest.json")
    if raw is None:
        return None
    try:
        told = loads(raw)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise RunFolderError(f"{store.folder}/manifest.json is damaged; restore it, or choose another folder with --out")
    return told


def _steps(prepared: Prepared) -> dict[str, str]:
    return {s.label: s.op.fingerprint() for s in prepared.recipe.steps}


def _edited(store: FolderStore, before: Mapping[str, Any], prepared: Prepared, folder: Path) -> str:
    """How many answers the edit makes the run ask again, at most: those of asking steps at or behind the first changed one."""
    old, now = before.get("steps_hash") or {}, _steps(prepared)
    labels = [s.label for s in prepared.recipe.steps]
    first = next((i for i, label in enumerate(labels) if old.get(label) != now[label]), 0)
    if list(old) == labels and old == now:
        first, what = 0, "its tables or models have"
    else:
        names = [x for x in labels if old.get(x) != now[x]] + [x for x in old if x not in now]
        what = f"step{'s' * (len(names) > 1)} {', '.join(names)} {'have' if len(names) > 1 else 'has'}"
    again = set(labels[first:]) | (set(old) - set(labels))
    asked = Counter(a.step for a in store.answers())
    n = sum(count for step, count in asked.items() if step in again)
    return (
        f"{folder} holds a run of an older version of this recipe: {what} changed. At most {n} of its {sum(asked.values())} answers would be "
        "asked again (what did not change is taken from the journal). Give --changed to go on: the old data move to "
        f"{folder}/versions/; or choose another folder with --out"
    )


def _set_aside(store: FolderStore, folder: Path) -> None:
    """Moves the old ledger, data and parts to versions/N/. Parts of unchanged steps could be used again, but are made again for nothing."""
    versions = folder / "versions"
    taken = [int(p.name) for p in versions.iterdir() if p.name.isdigit()] if versions.is_dir() else []
    target = versions / str(max(taken, default=0) + 1)
    make_folder(target)
    for name in MOVED:
        if (folder / name).exists():
            shutil.move(folder / name, target / name)
    make_folder(target / "rows")
    for path in (folder / "rows").glob("*.parquet"):
        shutil.move(path, target / "rows" / path.name)


def look(folder: Path, row: str | None = None) -> dict[str, Any]:
    """The manifest of a run (live while it goes on), or one row's life."""
    store = FolderStore(folder, readonly=True)
    try:
        told = _told(store)
        if told is None:
            raise RunFolderError(f"{folder} holds no manifest.json; expected the folder that `mintmark run` wrote")
        if row is not None:
            return _life(store, folder, row)
        if told.get("status") == "running":
            told["running"] = _is_locked(folder)
            if not told["running"]:
                told["reason"] = "the run was killed; the same command goes on"
            if (folder / "journal.sqlite").exists():
                told.update(store.totals())
        return told
    finally:
        store.close()


def _is_locked(folder: Path) -> bool:
    try:
        import fcntl

        with (folder / ".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except (BlockingIOError, PermissionError):
        return True
    except (ImportError, OSError):
        return False


def ledger(folder: Path) -> Iterator[dict[str, Any]]:
    """The ledger's lines; where a run has not ended, what its parts say so far."""
    import pyarrow.parquet as pq

    path = folder / "ledger.parquet"
    if not path.exists():
        raise RunFolderError(f"{folder} holds no ledger.parquet yet; it is written when the run ends or is stopped")
    for batch in pq.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _life(store: FolderStore, folder: Path, row: str) -> dict[str, Any]:
    found = [r for part in store.parts() for r in store.scan_part(part) if r.id.startswith(row)]
    ids = sorted({r.id for r in found})
    if not found and not any(True for _ in store.answers(row)):
        raise InputError(f"{folder} has no row '{row}'; the ids stand in ledger.parquet and data.jsonl")
    if len(ids) > 1:
        raise InputError(f"'{row}' fits {len(ids)} rows ({', '.join(ids[:4])}...); give more of the id")
    name = ids[0] if ids else row  # what all rows share has answers and no line of the ledger
    own = sorted(found, key=lambda r: (r.p, r.c))
    asked = [
        {
            "step": a.step,
            "attempt": a.attempt,
            "model": a.model,
            **loads(a.request),
            "reply": a.raw.decode("utf-8", "replace"),
            "tokens_in": a.tokens_in,
            "tokens_out": a.tokens_out,
            "cost_usd": a.cost_usd,
        }
        for a in store.answers(name)
    ]
    return {
        "id": name,
        "parents": list(own[-1].parents) if own else [],
        "life": [
            {"step": r.step, "state": r.state, "reason": r.reason, "detail": r.detail, "values": dict(r.values) if r.values else None}
            for r in own
        ],
        "answers": asked,
    }
