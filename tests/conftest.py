"""Shared by all tests: no network key reaches them, the package and this folder are importable, recorded data are found or skipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
TOOLS = ROOT.parent / "shared" / "tools"
sys.path.insert(0, str(ROOT / "tests"))


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("recorded data are absent: ../shared/data")
    return DATA


@pytest.fixture
def tools() -> Path:
    if not TOOLS.is_dir():
        pytest.skip("shared tools are absent: ../shared/tools")
    return TOOLS


def mintmark(
    *args: Any, cwd: Path, timeout: float = 300, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """The real command line in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **(env or {})}
    command = [sys.executable, "-m", "mintmark", *map(str, args)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False, **more)


def write_recipe(folder: Path, text: str, rows: int = 0) -> Path:
    """recipe.yaml, and rows.jsonl with {"row": i} where wanted."""
    if rows:
        (folder / "rows.jsonl").write_text("".join(json.dumps({"row": i}) + "\n" for i in range(rows)))
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def ledger(folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return pq.read_table(folder / "ledger.parquet").to_pylist()


def check_books(folder: Path) -> dict[str, Any]:
    """Law 1: planned = kept + dropped + failed + pending, in the manifest and in the ledger, and the data are the kept rows."""
    manifest = json.loads((folder / "manifest.json").read_text())
    found = ledger(folder)
    states = {s: sum(line["state"] == s for line in found) for s in ("kept", "dropped", "failed", "pending")}
    assert manifest["planned"] == sum(states.values()), (manifest, states)
    assert {s: manifest[s] for s in states} == states
    ids = [line["id"] for line in found if line["state"] != "split"]
    assert len(set(ids)) == len(ids), "a row stands in the ledger twice"
    kept = [r["id"] for r in lines(folder / "data.jsonl")]
    assert sorted(kept) == sorted(line["id"] for line in found if line["state"] == "kept")
    return manifest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What tests spend of a privacy budget is spent in a home of their own."""
    monkeypatch.setenv("MINTMARK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    """The strongest that holds here; without one the test is skipped and says why."""
    import asyncio

    from mintmark.core.errors import NoSandbox
    from mintmark.sandboxes.local import LocalSandbox

    try:
        made = LocalSandbox()
    except NoSandbox as error:
        pytest.skip(str(error))
    yield made
    asyncio.run(made.aclose())
