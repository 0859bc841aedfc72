"""Imports go one way, function-level ones included; the package imports fast; core needs the standard library alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "src" / "mintmark"
PURE = {"core"}
PORTS = ("models", "learners", "embedders", "fetchers", "noise", "stores", "sandboxes", "reviewers", "engines")
MAY = {
    "core": {"core"},
    "text": {"text"},
    "stats": {"stats"},
    "prompting": {"core", "text", "prompting"},
    "private": {"core", "text", "stats", "private"},
    "generate": {"core", "text", "stats", "prompting", "private"},
    "curate": {"core", "text", "stats", "prompting", "private"},
    "evaluate": {"core", "text", "stats"},
    "runner": {"core", "text", "stats", "runner"},
    "report": {"core", "text", "stats", "report"},
    "recipes": {"generate", "curate", "evaluate", "core"},
    **{p: {"core", "text", "stats", p} for p in PORTS},
}
CORE_ORDER = ["errors", "params", "rows", "plain", "result_sets", "ports", "verdict", "context", "op", "metric", "recipe"]
COMPUTING = {
    "_duckdb",
    "bm25s",
    "numpy",
    "scipy",
    "sklearn",
    "jinja2",
    "json_repair",
    "jsonschema_rs",
    "rapidfuzz",
    "rensa",
    "yaml",
    "orjson",
    "phonenumbers",
    "presidio_analyzer",
    "tldextract",
    "py3langid",
    "pypdf",
    "faker",
    "markupsafe",
}
TOP = {"cli", *(p.stem for p in PACKAGE.glob("*.py"))}  # what may import everything: decision 0003


def imports(path: Path) -> list[tuple[str, int]]:
    """(module, line) of every import in a file, absolute names."""
    parts = ("mintmark", *path.relative_to(PACKAGE).with_suffix("").parts)
    out = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            out += [(a.name, node.lineno) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level]) if node.level else ""
            module = ".".join(x for x in (base, node.module or "") if x)
            out += [(module, node.lineno)] if node.module else [(f"{module}.{a.name}", node.lineno) for a in node.names]
    return out


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_direction(path: Path) -> None:
    wing = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if wing in TOP:
        return
    assert wing in MAY, f"a new folder {wing}: say in MAY what it may import"
    for module, line in imports(path):
        top = module.split(".")[0]
        if top == "mintmark":
            parts = module.split(".")
            target = parts[1] if len(parts) > 1 else ""
            assert target in MAY[wing], f"{path.name}:{line}: {wing} must not import {module}"
            if wing in ("generate", "curate", "evaluate"):
                assert target != wing
            if wing == "core" and len(parts) > 2 and path.stem in CORE_ORDER:
                assert CORE_ORDER.index(parts[2]) <= CORE_ORDER.index(path.stem), f"{path.name}:{line}: core goes one way"
        elif wing == "core":
            assert top in sys.stdlib_module_names, f"{path.name}:{line}: core imports {module}"
        elif wing in ("text", "stats"):
            assert top in sys.stdlib_module_names or top in COMPUTING, f"{path.name}:{line}: {wing} imports {module}"


def test_no_circle_at_the_top() -> None:
    """The files that compose, function-level imports included: none comes back to itself."""
    arrows = {p.stem: {t for m, _ in imports(p) if (t := m.removeprefix("mintmark.").split(".")[0]) in TOP} for p in PACKAGE.glob("*.py")}
    arrows.pop("__init__")  # it hands out names
    ready: set[str] = set()
    while found := {name for name in arrows.keys() - ready if arrows[name] - {"__init__", "cli"} <= ready}:
        ready |= found
    assert not arrows.keys() - ready, "a circle: " + str({name: arrows[name] - ready for name in arrows.keys() - ready})


def test_import_is_light() -> None:
    code = (
        "import time; a = time.process_time(); import mintmark; b = time.process_time(); import sys; print(b - a, 'numpy' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment).stdout.split() for _ in range(3)]
    assert min(float(t) for t, _ in done) < 0.2 and done[0][1] == "False"


def test_no_machine_is_named() -> None:
    """No paths, hosts or tool names of the place where this was written."""
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *FILES, *(ROOT / "bench").glob("*")]:
        if path.is_file():
            text = path.read_text(errors="ignore")
            assert "/work/" not in text and "farm-" not in text, path
