"""The built-in recipes end to end, the demo, the tutorial, the exports, through the doors people use."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import ROOT, check_books, lines, mintmark
from mintmark.stores.tables import read_table


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = mintmark("demo", "--out", "out", cwd=folder, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("report.html") == 2
    return folder / "out"


def test_demo_curates_its_flawed_replies(demo: Path) -> None:
    m = check_books(demo / "demo-classification")
    assert m["kept"] == 180 and m["cost_usd"] == 0
    reasons = {r for s in m["steps"] for r in (*s["dropped"], *s["failed"])}
    assert {"too_short", "too_long", "matched", "duplicate", "near_duplicate", "no_recorded_reply"} <= reasons
    rows = lines(demo / "demo-classification/data.jsonl")
    assert len({r["text"].casefold() for r in rows}) == 180 and all("here is a message" not in r["text"].lower() for r in rows)
    told = json.loads((demo / "demo-classification/measurements.json").read_text())
    assert {x["metric"] for x in told["measurements"]} >= {"utility.lift", "realism.c2st_auc", "diversity.vendi", "privacy.copies"}
    assert all(g["passed"] for g in told["gates"])


def test_demo_reports_are_self_contained_and_say_what_they_are(demo: Path) -> None:
    for name in ("demo-classification", "demo-table"):
        page = (demo / name / "report.html").read_text()
        assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
        assert not re.search(r'(?:src|href)\s*=\s*["\'](?:https?:)?//', page) and "<script" not in page.lower()
        assert len(page) < 400_000
        card = (demo / name / "README.md").read_text()
        assert card.startswith("---") and "synthetic" in card and "croissant" in card.lower()
    assert "replayed from a file" in (demo / "demo-classification/report.html").read_text()
    assert "a language model should beat" in (demo / "demo-table/report.html").read_text()


def test_demo_again_is_quick_and_buys_nothing(demo: Path) -> None:
    before = (demo / "demo-classification/data.jsonl").read_bytes()
    done = mintmark("demo", "--out", "out", cwd=demo.parent, timeout=600)
    assert done.returncode == 0 and (demo / "demo-classification/data.jsonl").read_bytes() == before


@pytest.mark.parametrize("fmt", ["jsonl", "csv", "parquet", "hf", "chatml", "alpaca", "sharegpt"])
def test_exports(demo: Path, tmp_path: Path, fmt: str) -> None:
    more = ("--map", "instruction=intent", "--map", "output=text") if fmt in ("chatml", "alpaca", "sharegpt") else ()
    target = tmp_path / f"x.{'csv' if fmt == 'csv' else 'parquet' if fmt == 'parquet' else 'jsonl'}"
    done = mintmark("export", demo / "demo-classification", "--as", fmt, "--to", target, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if fmt in ("jsonl", "csv", "parquet"):
        back = read_table("back", target)
        assert [r["text"] for r in back.rows()] == [r["text"] for r in lines(demo / "demo-classification/data.jsonl")]
    elif fmt == "hf":
        assert (
            pq.read_table(target / "data/train-00000-of-00001.parquet").num_rows == 180
            and "split: train" in (target / "README.md").read_text()
        )
    else:
        first = lines(target)[0]
        assert set(first) == {"chatml": {"messages"}, "alpaca": {"instruction", "input", "output"}, "sharegpt": {"conversations"}}[fmt]


def test_formula_guard(tmp_path: Path) -> None:
    """H6."""
    from mintmark.stores.exports import export_rows

    cells = ["=1+1", "+a", "-a", "@x", "\tx", "\rx", 'q"u\no,te', "plain", "", None, -5, 2.5, True]
    rows = [{"id": str(i), "c": c} for i, c in enumerate(cells)]
    export_rows(lambda: iter(rows), "csv", tmp_path / "g.csv")
    back = [r["c"] for r in csv.DictReader((tmp_path / "g.csv").open(newline=""))]
    assert back == ["'=1+1", "'+a", "'-a", "'@x", "'\tx", "'\rx", 'q"u\no,te', "plain", "", "", "-5", "2.5", "true"]
    export_rows(lambda: iter(rows), "csv", tmp_path / "h.csv", formula_guard=False)
    assert next(csv.DictReader((tmp_path / "h.csv").open(newline="")))["c"] == "=1+1"


@pytest.mark.parametrize("kind", ["classification", "table"])
def test_new_check_preview(tmp_path: Path, kind: str) -> None:
    assert mintmark("new", kind, "mine", cwd=tmp_path).returncode == 0
    assert mintmark("new", kind, "mine", cwd=tmp_path).returncode == 2
    told = json.loads(mintmark("check", f"mine/{kind}.yaml", "--json", cwd=tmp_path).stdout)
    assert told["rows"] > 100 and told["cost_usd"] == 0
    done = mintmark("preview", f"mine/{kind}.yaml", "-n", 3, "--out", "p", cwd=tmp_path)
    assert done.returncode == 0 and "3 kept" in done.stdout
    ping = mintmark("check", "mine/classification.yaml", "--ping", cwd=tmp_path) if kind == "classification" else None
    assert ping is None or "ping writer" in ping.stdout


def test_audit_of_a_foreign_table(demo: Path, tmp_path: Path) -> None:
    data = ROOT / "src/mintmark/recipes/data/classification"
    args = (
        "audit",
        demo / "demo-classification/data.jsonl",
        "--real",
        data / "messages_train.csv",
        "--holdout",
        data / "messages_test.csv",
    )
    done = mintmark(*args, "--target", "intent", "--out", "a", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {m["metric"] for m in json.loads(done.stdout)["measurements"]}
    assert names >= {"utility.tstr", "realism.c2st_auc", "privacy.near_copies"} and (tmp_path / "a/report.html").exists()
    assert mintmark(*args, "--target", "intnt", cwd=tmp_path).returncode == 2


def test_list() -> None:
    for what, word in (("ops", "dedup"), ("metrics", "utility.lift"), ("models", "openai:"), ("recipes", "classification")):
        assert word in mintmark("list", what, cwd=ROOT).stdout


def test_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL))
    assert code.count("assert") >= 4
    file = tmp_path / "tutorial_code.py"
    file.write_text(code)
    exec(compile(code, str(file), "exec"), {"__name__": "tutorial"})
