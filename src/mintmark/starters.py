"""What people start from: the built-in recipes with their example data (`mintmark new`), and the demo."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from .catalogue import recipe_kinds
from .core.errors import InputError, RunFolderError, nearest
from .stores.atomic import atomic_write

WITH_DOCUMENTS = ("grounded-qa", "multi-hop", "queries")  # they share one folder of documents, about an invented island


def write_starter(kind: str, folder: Path) -> list[Path]:
    """Writes KIND.yaml and the data it needs; refuses to overwrite a recipe that is there."""
    if kind not in recipe_kinds():
        raise InputError(f"new: there is no recipe '{kind}'.{nearest(kind, recipe_kinds())}")
    target = folder / f"{kind}.yaml"
    if target.exists():
        raise RunFolderError(f"{target} is already there; choose another folder, or remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{folder} cannot be made ({error.strerror}); choose another folder") from error
    out = []
    for name, content in _files(kind):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(folder / name) as file:
            file.write(content)
        out.append(folder / name)
    return out


def _files(kind: str) -> Iterator[tuple[str, bytes]]:
    """The recipe, what lies in recipes/data/KIND/, and the documents of the kinds that read some."""
    at: Any = resources.files("mintmark.recipes")
    yield f"{kind}.yaml", (at / f"{kind}.yaml").read_bytes()
    if kind == "table":
        yield "breast_cancer.csv", breast_cancer()
    if kind == "private-table":
        yield "patients.csv", (at / "data" / "clinical" / "patients.csv").read_bytes()
    for folder, into in ((at / "data" / kind, ""), *([(at / "data" / "_docs", "docs/")] if kind in WITH_DOCUMENTS else [])):
        for file in sorted(folder.iterdir(), key=lambda f: str(f.name)) if folder.is_dir() else ():
            if file.is_file() and not file.name.startswith(("_", ".")):
                yield into + file.name, file.read_bytes()


def breast_cancer() -> bytes:
    """scikit-learn's bundled table (Wolberg, Street and Mangasarian 1995) as CSV."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(n.replace(" ", "_") for n in data.feature_names), "diagnosis"])
    for values, diagnosis in zip(data.data, data.target, strict=True):
        writer.writerow([*(f"{v:.6g}" for v in values), data.target_names[diagnosis]])
    return text.getvalue().encode()


def run_demo(out: Path, say: Callable[[str], None]) -> int:
    """Both starters, run into `out`; the same command again goes on or finds them done. Returns the exit code."""
    from . import api

    code = 0
    for kind, what in (
        ("classification", "a text data set: a language model's replies (recorded, labelled so), curated and measured"),
        ("table", "a table without any model: scikit-learn's breast-cancer data"),
    ):
        folder = out / f"demo-{kind}-recipe"
        recipe = folder / f"{kind}.yaml"
        if not recipe.exists():
            write_starter(kind, folder)
        say(f"{what} ...")
        made = api.run(recipe, out=out / f"demo-{kind}")
        m = made.manifest
        say(f"  {made.status}: {m['kept']} rows kept, {m['dropped']} dropped, {m['failed']} failed; {m['wall_s']:.1f} s")
        say(f"  report: {out / f'demo-{kind}' / 'report.html'}")
        code = code or made.exit_code
    return code
