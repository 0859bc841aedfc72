"""`mintmark report A B`: reads two folders of runs or audits and writes the comparison of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from .core.errors import RunFolderError
from .core.metric import Measurement
from .folders import refuse_own
from .text.jsontext import loads

MOST_READ = 2_000  # kept rows looked at for pairs with one id


def compare_folders(a: Path, b: Path, to: Path | None = None) -> tuple[Path, dict[str, Any]]:
    """Writes the page, default A/compare-B.html; returns where, and what it tells as plain values."""
    from .measuring import meaning
    from .report.compare import compare, write_comparison
    from .stores.atomic import atomic_write, is_private, owner_only
    from .text.names import slug

    known = meaning()
    told = compare(_side(a), _side(b), known)
    target = to if to is not None else a / f"compare-{slug(b.resolve().name)}.html"
    for folder in (a, b):
        refuse_own(folder, target, "report: --to")
    with owner_only(is_private(a) or is_private(b)), atomic_write(target) as file:
        file.write(write_comparison(told, known).encode("utf-8", "replace"))
    return target, told


def _side(folder: Path) -> Any:
    """A run's folder (manifest.json, recipe.yaml, data.jsonl) or an audit's (measurements.json alone, with its `about`)."""
    from .report.compare import Side

    manifest, measured = _json(folder / "manifest.json"), _json(folder / "measurements.json")
    if manifest is None and measured is None:
        raise RunFolderError(f"{folder} holds neither manifest.json nor measurements.json; expected the folder of a run or an audit")
    measured = measured or {}
    try:
        found = [Measurement.from_dict(m) for m in measured.get("measurements", ())]
        gates = [{k: g[k] for k in ("metric", "limit", "value", "passed")} for g in measured.get("gates", ())]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise RunFolderError(f"{folder}/measurements.json is damaged ({error}); `mintmark report {folder}` writes it anew") from error
    about = measured.get("about") or {}
    if manifest is None:
        kept = {"kept": about.get("rows", 0), "planned": 0}
        return Side(str(about.get("name") or folder.resolve().name), "audit", kept, found, gates, tables=_tables(folder))
    recipe = (folder / "recipe.yaml").read_text("utf-8", "replace") if (folder / "recipe.yaml").exists() else ""
    name, here = str(manifest.get("name", "")), folder.resolve().name
    return Side(
        name if name == here else f"{name} ({here})", "run", manifest, found, gates, recipe, _rows(folder / "data.jsonl"), _tables(folder)
    )


def _tables(folder: Path) -> dict[str, str]:
    """Name -> digest of the tables it read, from prov.json."""
    said = (_json(folder / "prov.json") or {}).get("entity")
    told = {k.removeprefix("mm:table/"): v for k, v in said.items() if k.startswith("mm:table/")} if isinstance(said, dict) else {}
    return {name: str(v["mm:digest"]) for name, v in told.items() if isinstance(v, dict) and v.get("mm:digest")}


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path} cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise RunFolderError(f"{path} is damaged: expected a JSON object")
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [loads(line) for line in islice(file, MOST_READ)]
