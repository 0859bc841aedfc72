"""evolve_rows: votes of private rows bring back what columns do together, also three of them, and boundless noise does not."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.core.errors import RecipeError

pytest.importorskip("opendp", reason="opendp is not installed")
SCHEMA = {
    "a": {"levels": [0, 1]},
    "b": {"levels": [0, 1]},
    "c": {"levels": [0, 1]},
    "x": {"low": 0, "high": 10, "bins": 20, "missing": True},
}


def private(n: int = 12_000) -> list[dict[str, Any]]:
    """c is a xor b, so that no pair of columns says anything; x is high where c is 1."""
    rng = random.Random(4)
    out = []
    for _ in range(n):
        a, b = rng.randint(0, 1), rng.randint(0, 1)
        out.append({"a": a, "b": b, "c": a ^ b, "x": None if rng.random() < 0.05 else rng.gauss(8 if a ^ b else 2, 0.7)})
    return out


def run(tmp_path: Path, epsilon: float, **more: Any) -> Any:
    os.environ["MINTMARK_HOME"] = str(tmp_path / f"home{epsilon}")
    step = {"evolve_rows": {"from": "real", "rows": 60, "schema": SCHEMA, **more}}
    table = {"path": private(), "budget": {"epsilon": epsilon, "delta": 1e-5}}
    return mm.run(mm.load({"name": "tab", "tables": {"real": table}, "steps": [step]}), out=tmp_path / f"run{epsilon}")


def holds(rows: list[dict[str, Any]]) -> float:
    return float(np.mean([r["c"] == r["a"] ^ r["b"] for r in rows]))


def test_three_columns_at_epsilon_2_and_nothing_through_boundless_noise(tmp_path: Path) -> None:
    made, blind = run(tmp_path, 2.0), run(tmp_path, 0.001)
    rows = made.rows()
    assert made.status == "complete" and len(rows) == 60 == len(blind.rows())
    assert holds(rows) > 0.85 and holds(rows) > holds(blind.rows()) + 0.1
    high, low = (np.mean([r["x"] for r in rows if r["c"] == c and r["x"] is not None]) for c in (1, 0))
    assert high > 6.5 and low < 3.5
    (told,) = made.manifest["releases"]
    assert told["releases"] == 7 and told["epsilon"] == pytest.approx(2.0, rel=1e-6)
    assert run(tmp_path, 2.0).rows() == rows, "the same command again"


@pytest.mark.parametrize(
    ("more", "words"), [({"children": 1}, "children at least 2"), ({"change": 0}, "change must be"), ({"share": 2}, "share is 2")]
)
def test_refused(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        run(tmp_path, 1.0, **more)
