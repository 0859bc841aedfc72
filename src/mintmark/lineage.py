"""Does a recipe feed on its own output? A table that lies in a run's folder, beside a data card tagged `synthetic`, or whose ids are Mintmark's.

    found = fed_by(recipe, tables);  found["real"]  ->  {"run": "bank-messages", "recipe_hash": "9c1f...", "generation": 2, "how": "..."}

`generation`: how many models stand between these rows and rows that nobody generated, None where it is not known. A run's manifest says which
generation its own rows are and what fed it (`generation`, `fed_by`), so that the next run can count on. A guard against model collapse (Shumailov et al. 2024, 2305.17493): what hides where it
came from (ids removed, moved elsewhere) is not found.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .core.ports import Table
from .core.recipe import Recipe
from .reading import absolute
from .text.jsontext import loads

_ID = re.compile(r"[0-9a-f]{20}\Z")  # as core/rows.row_id makes them
_TAGS = re.compile(rb"^tags:(?:[^\n]*\bsynthetic\b|(?:\s*\n\s*-[^\n]*)*\n\s*-\s*[\"']?synthetic\b)", re.MULTILINE)
_GENUINE: dict[str, Any] = {"run": "", "recipe_hash": "", "generation": 0, "how": ""}
UP, MOST, LOOKED = 3, 16 << 20, 50


def fed_by(recipe: Recipe, tables: Mapping[str, Table]) -> dict[str, dict[str, Any]]:
    """Of each table that a step reads and that looks generated: where its rows come from. Reads manifests and cards beside the files."""
    read = {t for step in recipe.steps for t in step.op.reads_tables()}
    out: dict[str, dict[str, Any]] = {}
    for name in sorted(read & set(recipe.tables)):
        given = recipe.tables[name]
        path = given.get("path") if isinstance(given, Mapping) and "path" in given else given
        found = _beside(recipe.base, path)
        if found is None and name in tables:
            found = _marked(tables[name])
        if found and found["generation"] != 0:
            out[name] = found
    return out


def generation(recipe: Recipe, found: Mapping[str, Mapping[str, Any]]) -> int | None:
    """Of the rows that the recipe makes: 1 where nothing generated feeds it; rows read and only curated stay what they were."""
    before = [of.get("generation") for of in found.values()]
    if any(not isinstance(g, int) for g in before):
        return None
    curated = recipe.steps[0].op.name == "read" and not any(step.op.roles() for step in recipe.steps)
    return max((g for g in before if isinstance(g, int)), default=0) + (not curated)


def warnings(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What `check`, `run` and the report say of it."""
    out = []
    for name, of in found.items():
        n = of.get("generation")
        back = f"; {n} generation{'s' * (n != 1)} away from rows that nobody generated" if n else ""
        out.append(
            f"table '{name}' holds generated rows ({of['how']}{back}): what feeds on its own output loses the tails. Keep real rows in it, and "
            "measure: [collapse] against real ones; `mintmark run --generations` shows where it leads"
        )
    return out


def _beside(base: str, path: Any) -> dict[str, Any] | None:
    if not isinstance(path, (str, os.PathLike)) or str(path).startswith("hf://"):
        return None
    file = Path(absolute(os.fspath(path), base))
    for folder in list(file.parents)[:UP]:
        told = _told(folder / "manifest.json")
        if told.get("kind") == "generations":  # its tables are copies of those it was given
            known = told.get("fed_by")
            known = known.get(file.stem) if isinstance(known, dict) else None
            return known if isinstance(known, dict) else _GENUINE
        if told.get("recipe_hash") or (folder / "journal.sqlite").exists():
            name, back = str(told.get("name", folder.name))[:200], told.get("generation")
            return {
                "run": name,
                "recipe_hash": str(told.get("recipe_hash", ""))[:64],
                "generation": back if isinstance(back, int) and 0 <= back < 1 << 20 else None,
                "how": f"it lies in the folder of the run '{name}'",
            }
    if _head(file.parent / "README.md"):
        return {"run": "", "recipe_hash": "", "generation": None, "how": "the README.md beside it is tagged synthetic"}
    return None


def _marked(table: Table) -> dict[str, Any] | None:
    if "id" not in table.columns:
        return None
    ids = [row["id"] for row in table.rows(0, LOOKED)]
    if not all(isinstance(i, str) and _ID.match(i) for i in ids):
        return None
    return {"run": "", "recipe_hash": "", "generation": None, "how": "its ids are those Mintmark gives to rows"}


def _told(path: Path) -> dict[str, Any]:
    """A manifest, {} where there is none that can be read."""
    try:
        if path.stat().st_size > MOST:
            return {}
        told = loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _head(path: Path) -> bool:
    """Whether a data card's front matter has the tag `synthetic`."""
    try:
        with path.open("rb") as file:
            text = file.read(1 << 16)
    except OSError:
        return False
    end = text.find(b"\n---", 3)
    return text.startswith(b"---") and end > 0 and bool(_TAGS.search(text[:end]))
