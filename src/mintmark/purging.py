"""`mintmark purge DIR`: a run's own files are taken away: journal, rows, data, ledger, reports, older versions, exports in the folder.

    purge(Path("runs/bank"))  ->  Purged(removed={"journal.sqlite": 81920, ...}, left=["notes.txt"], links=[], stays=["..."])

Only names that a run, an experiment of generations or an audit writes are removed; other files stay and are named. No link is followed: one that bears
such a name is removed, what it points to stays. The manifest goes last, so a purge that was killed can be given again. Refused: what is no run's
folder, a link to one, a run that goes on (its lock is held). Files are unlinked, not overwritten: `stays` says what that leaves, and what lies elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .core.errors import RunFolderError
from .folders import OWN
from .stores.atomic import storage_error
from .stores.exports import FORMATS
from .stores.folder import lock
from .stores.spending import home
from .text.jsontext import loads

EXPORTS = {"export.jsonl", "export.parquet", "data.csv", "hf", "beir", *(f"{f}.jsonl" for f in FORMATS)}
LAST = ("manifest.json", ".lock")  # by which a run's folder is known, and who works in it
_ALSO = re.compile(r"compare-.*\.html|\..*\.tmp")


@dataclass
class Purged:
    """removed: path below the folder -> bytes. left: what stays in the folder, since it is no run's. links: removed links whose targets stay.
    stays: in words, what no purge of this folder takes away."""

    folder: Path
    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


def purge(folder: Path, *, dry: bool = False) -> Purged:
    """dry: only says what would go."""
    if folder.is_symlink() or not folder.is_dir():
        raise RunFolderError(f"{folder} is {'a link' if folder.is_symlink() else 'no folder'}; purge takes the folder of a run itself")
    manifest = _manifest(folder)
    out = Purged(folder, stays=_stays(manifest))
    locks = []
    try:
        runs = [folder, *_generations(folder, manifest)]
        for run in runs:
            if not dry or (run / ".lock").exists():
                locks.append(lock(run))
        for run in reversed(runs):
            own, others = _sorted(run, manifest if run is folder else {})
            for place in own:
                name = str(place.relative_to(folder))
                if place.is_symlink():
                    out.links.append(name)
                out.removed[name] = _size(place)
                if not dry:
                    _remove(place)
            out.left += [str(p.relative_to(folder)) for p in others if p not in runs]
            if not dry and not any(run.iterdir()):
                run.rmdir()
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        for file in locks:
            os.close(file)
    return out


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run or an experiment, or of an audit what stands for it; RunFolderError where there is none."""
    for name in ("manifest.json", "measurements.json"):
        try:
            told = loads((folder / name).read_bytes()) if not (folder / name).is_symlink() else None
        except (OSError, ValueError):
            continue
        if isinstance(told, dict) and name == "manifest.json" and ("recipe_hash" in told or told.get("kind") == "generations"):
            return told
        if isinstance(told, dict) and isinstance(about := told.get("about"), dict) and about.get("kind") == "audit":
            return {"kind": "audit"}
    if (folder / "journal.sqlite").is_file() and (folder / ".lock").is_file():  # a run whose manifest is damaged
        return {}
    raise RunFolderError(f"{folder} holds no run: neither manifest.json nor a journal of one. Nothing was removed")


def _generations(folder: Path, manifest: dict[str, Any]) -> list[Path]:
    if manifest.get("kind") != "generations":
        return []
    return sorted(p for p in folder.glob("gen-*") if p.name[4:].isdigit() and p.is_dir() and not p.is_symlink())


def _sorted(folder: Path, manifest: dict[str, Any]) -> tuple[list[Path], list[Path]]:
    """(a run's own, others), the manifest and the lock last."""
    names = {*OWN, *EXPORTS, "next.jsonl"}
    if manifest.get("kind") == "generations":
        names |= {f"{manifest.get('feeds')}.jsonl", "real.jsonl", "holdout.jsonl"}
    found = sorted(folder.iterdir())
    own = [p for p in found if p.name in names or _ALSO.fullmatch(p.name)]
    own.sort(key=lambda p: LAST.index(p.name) + 1 if p.name in LAST else 0)
    return own, [p for p in found if p not in own]


def _files(place: Path) -> Iterator[Path]:
    for above, _, files in os.walk(place):
        yield from (Path(above, f) for f in files)


def _size(place: Path) -> int:
    folder = place.is_dir() and not place.is_symlink()
    return sum(p.lstat().st_size for p in (_files(place) if folder else (place,)))


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)  # removes links inside, never what they point to
    else:
        place.unlink(missing_ok=True)


def _stays(manifest: dict[str, Any]) -> list[str]:
    remote = [
        f"{role} = {name}"
        for role, name in (manifest.get("models") or {}).items()
        if str(name).partition(":")[0] in ("openai", "anthropic")
    ]
    out = ["what was exported or copied elsewhere, pushed to a hub or backed up, and the tables that the recipe reads"]
    out += [f"what the servers of {', '.join(remote)} keep of prompts and replies: ask who runs them"] if remote else []
    for r in manifest.get("releases") or ():
        at = home() / "spending" / f"{r['data']}.jsonl"
        out.append(f"the spending account of table '{r['table']}' ({at}): what was released is known, so its epsilon stays spent")
    return [*out, "the disk's blocks until they are used again: files are unlinked, not overwritten"]
