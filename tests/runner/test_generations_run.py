"""`run --generations`: what each generation learns from, going on, money, privacy, exit codes, and a verdict that theory has beforehand."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from conftest import ROOT, check_books, lines, mintmark, write_recipe
from evaluate.metric_texts import sentences
from mintmark.core.errors import PrivacyError, RecipeError, RunFolderError
from mintmark.models.scripted import ScriptedModel


def narrow(request: Any) -> str:
    """A writer that imitates its examples, frequent words above all: what a sharpened model does."""
    words = request.messages[-1]["content"].split()
    rng = random.Random(request.row + request.messages[-1]["content"])
    share = [words.count(w) ** 0.3 for w in words]
    return " ".join(rng.choices(words, share, k=8))


def texts(real: Any, n: int = 250, **more: Any) -> mm.Recipe:
    ops = [
        mm.generate.Grid({"n": list(range(n))}),
        mm.generate.Examples("real", k=12),
        mm.generate.Write(prompt="{% for e in examples %}{{ e.text }} {% endfor %}", column="text"),
    ]
    return mm.Recipe(**{"name": "texts", "ops": ops, "tables": {"real": real}, "models": {"writer": ScriptedModel(narrow)}, **more})


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    return [{"text": t, "source": i} for i, t in enumerate(sentences(np.random.default_rng(0), 400, 800))]


def way(made: Any, name: str) -> list[float]:
    return [p["value"] for m in made.measurements if m.metric == name for p in m.detail["generations"]]


def test_replacing_loses_the_tails_and_accumulating_less(tmp_path: Path, real: list[dict[str, Any]]) -> None:
    model = ScriptedModel(narrow)
    replaced = mm.run_generations(texts(real, models={"writer": model}), 4, out=tmp_path / "r", report=False)
    assert (
        replaced.exit_code == 0 and replaced.status == "complete" and replaced.verdict.startswith("The tails are going, over 4 generations")
    )
    for name in ("rare words or levels kept", "different word pairs", "perplexity of real text", "effective number"):
        assert name in replaced.verdict, name
    support = way(replaced, "collapse.ngram_support")
    assert support == sorted(support, reverse=True) and support[-1] < 0.7 * support[0]
    kept = mm.run_generations(texts(real), 4, regime="accumulate", out=tmp_path / "a", report=False)
    assert way(kept, "collapse.ngram_support")[0] == support[0], "the first generation is the same in every regime"
    for name, better in (("collapse.ngram_support", 1), ("collapse.entropy", 1), ("diversity.vendi", 1), ("collapse.perplexity", -1)):
        assert better * way(kept, name)[-1] > better * way(replaced, name)[-1], name

    for g in range(1, 5):
        assert check_books(tmp_path / f"r/gen-{g}")["generation"] == g
    assert [r["text"] for r in lines(tmp_path / "r/gen-1/next.jsonl")] == [r["text"] for r in lines(tmp_path / "r/gen-1/data.jsonl")]
    assert set(lines(tmp_path / "r/gen-1/next.jsonl")[0]) == {"text"}, "columns that the generated rows lack are nobody's"
    pool = {r["text"] for r in lines(tmp_path / "a/gen-2/next.jsonl")}
    assert pool == {r["text"] for f in ("real.jsonl", "gen-1/data.jsonl", "gen-2/data.jsonl") for r in lines(tmp_path / "a" / f)}
    assert len(lines(tmp_path / "r/real.jsonl")) == 320 and len(lines(tmp_path / "r/holdout.jsonl")) == 80

    told = json.loads((tmp_path / "r/measurements.json").read_text())
    assert told["verdict"] == replaced.verdict and all(m["interval"] or m["caveats"] for m in told["measurements"])
    assert {m["metric"] for m in told["measurements"]} == {
        *(f"collapse.{n}" for n in ("tail_mass", "rare_recall", "ngram_support", "variance", "entropy", "perplexity")),
        "diversity.vendi",
    }
    page = (tmp_path / "r/report.html").read_text()
    addresses = page.replace("http://www.w3.org/", "").count("://")
    assert "The tails are going" in page and page.count("<svg") == 7 and not addresses and "<script" not in page
    calls = model.calls
    again = mm.run_generations(texts(real, models={"writer": model}), 4, out=tmp_path / "r", report=False)
    assert model.calls == calls and again.verdict == replaced.verdict, "the same command finds everything done"
    with pytest.raises(RunFolderError, match="regime 'replace'"):
        mm.run_generations(texts(real), 4, regime="accumulate", out=tmp_path / "r", report=False)


def test_a_budget_stops_it_and_the_same_command_goes_on(tmp_path: Path, real: list[dict[str, Any]]) -> None:
    model = ScriptedModel(lambda prompt: {"text": " ".join(prompt.split()[:9]), "tokens_in": 5, "tokens_out": 5})
    recipe = texts(real, 60, models={"writer": model})
    first = mm.run_generations(recipe, 3, regime="subsample", out=tmp_path / "s", max_tokens=900, report=False)
    m = first.manifest
    assert first.exit_code == 3 and "generation 2 of 3" in first.reason and m["status"] == "unfinished" and not first.measurements
    assert 900 <= m["tokens_in"] + m["tokens_out"] <= 1000 and [r["status"] for r in m["runs"]] == ["complete", "unfinished"]
    done = mm.run_generations(recipe, 3, regime="subsample", out=tmp_path / "s", report=False)
    assert done.exit_code == 0 and done.manifest["kept"] == 180 and model.calls == 180
    more = mm.run_generations(recipe, 4, regime="subsample", out=tmp_path / "s", report=False)
    assert model.calls == 240 and len(way(more, "collapse.entropy")) == 4
    assert len(lines(tmp_path / "s/gen-3/next.jsonl")) == len(lines(tmp_path / "s/real.jsonl")) == 320


def test_what_is_refused_before_any_call(tmp_path: Path, real: list[dict[str, Any]]) -> None:
    recipe, out = texts(real), tmp_path / "x"
    for options, said in (
        ({"k": 0}, "expected at least 1"),
        ({"k": 2, "regime": "accumulat"}, "Did you mean 'accumulate'"),
        ({"k": 2, "feeds": "rael"}, "Did you mean 'real'"),
    ):
        with pytest.raises(RecipeError, match=said):
            mm.run_generations(recipe, **options, out=out)  # type: ignore[arg-type]
    unread = texts(real, tables={"real": real, "holdout": real[:50]})
    with pytest.raises(RecipeError, match="no step reads the table 'holdout'"):
        mm.run_generations(unread, 2, feeds="holdout", out=out)
    lost = mm.Recipe(
        "lost", ops=[mm.generate.Grid({"source": {"from": "real.source"}}), mm.curate.Columns(drop=("source",))], tables={"real": real}
    )
    with pytest.raises(RecipeError, match="have no column of the table|expected|columns that the finished"):
        mm.run_generations(lost, 2, out=out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="no experiment's"):
        mm.run_generations(recipe, 2, out=tmp_path / "full")


def test_rows_made_from_private_rows_are_private(tmp_path: Path, real: list[dict[str, Any]]) -> None:
    """The remote writer sees seeds alone, a local step sees the private table; in the next generation the seeds are made of it."""
    (tmp_path / "real.jsonl").write_text("".join(json.dumps(r) + "\n" for r in real))
    ops = [
        mm.generate.Examples("seeds", k=2),
        mm.generate.Write(prompt="{% for e in examples %}{{ e.text }}{% endfor %}", column="text", model="remote"),
        mm.generate.Examples("real", k=2),
        mm.generate.Write(prompt="{{ text }} {% for e in examples %}{{ e.text }}{% endfor %}", column="text", model="writer"),
    ]
    recipe = mm.Recipe(
        "mixed",
        ops=[mm.generate.Grid({"n": list(range(20))}), *ops],
        tables={"seeds": real[:100], "real": {"path": str(tmp_path / "real.jsonl"), "private": True}},
        models={"writer": ScriptedModel(narrow), "remote": {"spec": "openai:m@https://example.invalid/v1"}},
    )
    with pytest.raises(PrivacyError, match="seeds"):
        mm.run_generations(recipe, 2, feeds="seeds", out=tmp_path / "p")
    own = texts({"path": str(tmp_path / "real.jsonl"), "private": True}, 40)
    made = mm.run_generations(own, 2, out=tmp_path / "q", report=False)
    assert made.exit_code == 0 and stat.S_IMODE(os.stat(tmp_path / "q/gen-1/next.jsonl").st_mode) == 0o600
    assert "private: true" in (tmp_path / "q/gen-2/recipe.yaml").read_text()


TABLE = """
name: people
tables: {real: people.jsonl}
steps:
  - synthesize: {from: real}
measure: [copies]
gates: {privacy.copies: {at_most: GATE}}
"""


def test_command_line(tmp_path: Path) -> None:
    rng = random.Random(0)
    rows = [{"town": f"t{min(int(rng.paretovariate(0.7)), 60)}", "income": round(rng.lognormvariate(10, 0.8))} for _ in range(300)]
    (tmp_path / "people.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    write_recipe(tmp_path, TABLE.replace("GATE", "300"))
    args = ("run", "recipe.yaml", "--generations", 3, "--regime", "accumulate")
    done = mintmark(*args, "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["kind"] == "generations" and told["status"] == "complete" and told["verdict"], done.stderr
    assert [r["kept"] for r in told["runs"]] == [240, 240, 240], "the pool grows, the generations do not"
    assert len(lines(tmp_path / "runs/people-accumulate/gen-2/next.jsonl")) == 720
    shown = mintmark("show", "runs/people-accumulate", cwd=tmp_path)
    assert shown.returncode == 0 and "complete" in shown.stdout
    write_recipe(tmp_path, TABLE.replace("GATE", "-1"))
    done = mintmark(*args, cwd=tmp_path)
    assert done.returncode == 4 and "FAILED" in done.stdout and "by generation:" in done.stdout and told["verdict"] in done.stdout
    assert mintmark("run", "recipe.yaml", "--generations", 2, "--regime", "grow", cwd=tmp_path).returncode == 2


SLOW = """
import asyncio
async def write(request):
    with open("asked", "a") as file:
        file.write("x")
    await asyncio.sleep(0.05)
    return " ".join(request.messages[-1]["content"].split()[:8]) + " " + request.row
"""
TEXTS = """
name: slow
models: {writer: "scripted:slow:write"}
tables: {real: real.jsonl}
steps:
  - grid: {n: {range: [1, 60]}}
  - examples: {from: real, k: 3}
  - write: {column: text, prompt: "{% for e in examples %}{{ e.text }} {% endfor %}"}
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_in_a_later_generation(tmp_path: Path, real: list[dict[str, Any]], how: signal.Signals) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "real.jsonl").write_text("".join(json.dumps(r) + "\n" for r in real[:100]))
    write_recipe(tmp_path, TEXTS.replace("{range: [1, 60]}", json.dumps(list(range(60)))))
    command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml", "--generations", "2", "--concurrency", "2"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    asked = tmp_path / "asked"
    while (not asked.exists() or asked.stat().st_size < 70) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (3 if how == signal.SIGINT else -9), err
    if how == signal.SIGINT:
        assert "generation 2 of 2" in err and "mintmark run recipe.yaml --generations 2" in err and "Traceback" not in err
        assert json.loads((tmp_path / "runs/slow-replace/manifest.json").read_text())["status"] == "unfinished"
    done = mintmark(*command[3:], "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["kept"] == 120 and told["calls"] <= 120 + 2, "at most the calls in flight are paid twice"
