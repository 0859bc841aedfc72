"""The built-in recipes clinical, private-table and private-text: new, check, run, as people do, and what their rows must mean."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, check_books, ledger, lines, mintmark
from mintmark.stores.tables import read_table

DATA = ROOT / "src/mintmark/recipes/data"


def start(kind: str, folder: Path, **more: Any) -> Any:
    assert mintmark("new", kind, "made", cwd=folder).returncode == 0
    assert len((folder / f"made/{kind}.yaml").read_text().splitlines()) <= 50
    checked = mintmark("check", f"made/{kind}.yaml", cwd=folder)
    assert checked.returncode == 0, checked.stderr
    return mintmark("run", f"made/{kind}.yaml", "--out", "out", cwd=folder, **more)


def test_clinical(tmp_path: Path) -> None:
    """The paper's tests pass in 12 columns of 13 or more, as they would for independent columns; BMI is right in every row."""
    done = start("clinical", tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    assert manifest["calls"] == 16 and manifest["planned"] == 400 and len(rows) == manifest["kept"] > 300
    assert all(r["bmi"] == round(r["weight_kg"] * 10000 / (r["height_cm"] * r["height_cm"]), 1) for r in rows)
    assert not any(r["department"] == "gynaecology" and r["sex"] == "m" for r in rows)
    reasons = Counter((line["step"], line["reason"]) for line in ledger(tmp_path / "out") if line["state"] == "dropped")
    assert reasons["tabulate", "missing"] and reasons["tabulate", "above"] and reasons["tabulate", "not_a_number"]
    told = json.loads((tmp_path / "out/measurements.json").read_text())
    found = {m["metric"]: m for m in told["measurements"]}
    print({m: found[m]["value"] for m in ("realism.not_different", "realism.intervals_overlap", "realism.c2st_auc", "realism.rules")})
    assert found["realism.rules"]["value"] == 1.0 and told["gates"][0]["passed"]
    assert any("bmi" in rule for rule in found["realism.rules"]["by_group"])
    assert found["realism.not_different"]["value"] >= 12 / 13 and found["realism.not_different"]["n"] == 13
    assert found["realism.c2st_auc"]["value"] > 0.6, "a learner sees what tests of single columns do not"
    assert found["privacy.copies"]["value"] == 0
    (parent,) = {line["id"]: line["parents"] for line in ledger(tmp_path / "out")}[rows[0]["id"]]
    prompt = mintmark("show", "out", parent, cwd=tmp_path).stdout
    assert "standard deviation" in prompt and "rank correlation" in prompt
    real = read_table("real", DATA / "clinical/patients.csv")
    for row in real.rows():  # no row of the table is in it
        assert not re.search(rf"\b{row['height_cm']}\b.*\b{row['weight_kg']}\b", prompt)
    assert "10.3389/frai.2025.1533508" in (tmp_path / "out/README.md").read_text().partition("## Methods used")[2]


def test_private_text(tmp_path: Path) -> None:
    """Votes find what the private notes are about; no prompt holds one of them, and the budget is spent once."""
    pytest.importorskip("opendp", reason="opendp is not installed: pip install 'mintmark[dp]'")
    done = start("private-text", tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    assert len(rows) == 40 and manifest["planned"] == 360 and manifest["calls"] == 360
    demo = the_demo()
    private = {"pain", "sleep", "wound", "nausea"}
    drafts = [demo.likest(demo.answer(Ask(k))) for k in range(400)]
    elected = [demo.likest(r["text"]) for r in rows]
    shares = [sum(a in private for a in about) / len(about) for about in (drafts, elected)]
    print(f"of what the notes are about: {shares[0]:.2f} of first drafts, {shares[1]:.2f} of the elected")
    assert shares[0] < 0.5 and shares[1] > 0.8
    journal = (tmp_path / "out/journal.sqlite").read_bytes()
    notes = read_table("notes", DATA / "private-text/notes.csv")
    assert not any(text.encode() in journal for text in notes.column("text"))
    again = mintmark("run", "made/private-text.yaml", "--out", "out", cwd=tmp_path)
    assert again.returncode == 0 and lines(tmp_path / "out/data.jsonl") == rows, "recalled, not drawn again"
    elsewhere = mintmark("run", "made/private-text.yaml", "--out", "out2", cwd=tmp_path)
    assert elsewhere.returncode == 2 and "epsilon 4 of 4" in elsewhere.stderr


def test_private_table(tmp_path: Path) -> None:
    """check says what the budget means; the rows keep to the public schema; the budget is spent once."""
    pytest.importorskip("opendp", reason="opendp is not installed: pip install 'mintmark[dp]'")
    assert mintmark("new", "private-table", "made", cwd=tmp_path).returncode == 0
    told = mintmark("check", "made/private-table.yaml", cwd=tmp_path)
    assert "even odds that somebody is in it may grow to 95.3%; spent so far 0\n" in told.stdout, told.stderr
    done = mintmark("run", "made/private-table.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0 and "Differentially private for table 'patients': epsilon 3 at delta 0.0001" in done.stdout, done.stderr
    rows = lines(tmp_path / "out/data.jsonl")
    assert (
        len(rows) == 400
        and {r["sex"] for r in rows} == {"f", "m"}
        and all(18 <= r["age"] <= 100 and 30 <= r["weight_kg"] <= 160 for r in rows)
    )
    assert not any(r["department"] == "gynaecology" and r["sex"] == "m" for r in rows)
    assert all(r["weight_kg"] == round(r["weight_kg"], 1) for r in rows), "no digits that say nothing"
    assert sum(r["hypertension"] == "yes" for r in rows) / 400 == pytest.approx(177 / 400, abs=0.12)
    assert mintmark("run", "made/private-table.yaml", "--out", "elsewhere", cwd=tmp_path).returncode == 2
    assert "so a new run is refused" in mintmark("check", "made/private-table.yaml", cwd=tmp_path).stdout


def test_private_text_without_opendp_tells_the_install_line(tmp_path: Path) -> None:
    """Refused before anything is asked or spent."""
    (tmp_path / "none").mkdir()
    (tmp_path / "none/sitecustomize.py").write_text("import sys\nsys.modules['opendp'] = None\n")
    env = {"PYTHONPATH": f"{tmp_path / 'none'}:{ROOT / 'src'}"}
    assert mintmark("new", "private-text", "made", cwd=tmp_path).returncode == 0
    for command in (("check", "made/private-text.yaml"), ("run", "made/private-text.yaml", "--out", "out")):
        done = mintmark(*command, cwd=tmp_path, env=env)
        assert done.returncode == 2 and "pip install 'mintmark[dp]'" in done.stderr
    assert not (tmp_path / "out").exists() and not (tmp_path / "home").exists()


class Ask:
    """A request for a first draft."""

    def __init__(self, number: int) -> None:
        self.row, self.seed, self.messages = str(number), number, ({"role": "user", "content": "Write a note."},)


def the_demo() -> Any:
    spec = importlib.util.spec_from_file_location("demo_private_text", DATA / "private-text/demo_private_text.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
