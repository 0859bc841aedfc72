"""The built-in recipes of instructions, code, preferences, tool use, hard cases, rare classes, maths and code that runs: new, check, run, as people do, and
what their rows must mean."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, check_books, lines, mintmark
from mintmark.core.errors import NoSandbox
from mintmark.sandboxes.tiers import choose
from mintmark.stores.tables import read_table
from mintmark.text.answers import same_answer
from mintmark.text.arithmetic import run_program
from mintmark.text.rouge import rouge_l
from mintmark.text.structured import Schema

Rows = list[dict[str, Any]]


def reasons(manifest: dict[str, Any]) -> set[str]:
    return {r for s in manifest["steps"] for r in (*s["dropped"], *s["failed"])}


def tasks(made: Path, rows: Rows, seeds: str) -> None:
    """Complete tasks, none like another or like a seed, several of one request."""
    known = read_table("seeds", made / seeds).column("instruction")
    told = [r["instruction"] for r in rows]
    assert all(r["output"].strip() and "<noinput>" not in r["input"] for r in rows)
    assert any(r["input"] for r in rows) and not all(r["input"] for r in rows)
    for i, text in enumerate(told):
        assert max((rouge_l(text, other) for other in (*known, *told[:i])), default=0) <= 0.7
    assert max(Counter(r["batch"] for r in rows).values()) > 1


def instructions(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    tasks(made, rows, "seeds.jsonl")
    assert not any(re.search(r"\b(image|music)\b", r["instruction"], re.IGNORECASE) for r in rows)
    assert {"black_word", "too_short", "not_novel"} <= reasons(manifest)


def code_instructions(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    tasks(made, rows, "code_seeds.jsonl")
    assert any(r["instruction"].startswith("Write a program") for r in rows), "programs are wanted here"
    assert {"matched", "not_novel"} <= reasons(manifest)


def preferences(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    for r in rows:
        scores = {c["text"]: s for c, s in zip(r["candidates"], r["scores"], strict=True)}
        assert (
            r["chosen"] != r["rejected"] and scores[r["chosen"]] == max(scores.values()) and scores[r["rejected"]] == min(scores.values())
        )
        assert r["margin"] >= 0.5 and abs(scores[r["chosen"]] - scores[r["rejected"]] - r["margin"]) < 1e-5
        assert all(set(x) == {"instruction_following", "truthfulness", "helpfulness"} for x in r["ratings"])
    assert {c["model"] for r in rows for c in r["candidates"]} == {"writer", "small"}
    by = Counter(r["chosen_by"] for r in rows)
    assert by["writer"] > 2 * by["small"], "the better writer is chosen more often"


def tool_dialogue(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    tools = {t["name"]: t for t in json.loads((made / "tools.json").read_text())}
    for r in rows:
        assert r["wanted"] is None or r["wanted"] in [t["name"] for t in r["tools"]]
        assert [c["name"] for c in r["calls"]][:1] == ([r["wanted"]] if r["wanted"] else [])
        for call in r["calls"]:
            assert Schema(tools[call["name"]]["parameters"]).valid(call["arguments"]) and Schema(tools[call["name"]]["returns"]).valid(
                call["result"]
            )
            assert all(str(v) in r["messages"][0]["content"] for v in call["arguments"].values()), "arguments come from the conversation"
    assert 0 < sum(r["wanted"] is None for r in rows) < len(rows) / 2 and len({r["wanted"] for r in rows}) > 4
    assert manifest["calls"] > 6 * 30, "some arguments were asked again"


def hard_cases(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    real = dict(zip(*(read_table("real", made / "reviews.csv").column(c) for c in ("text", "sentiment"))))
    for r in rows:
        assert (r["sentiment"] != real[r["perturbed_from"]]) is (r["perturbation"] in ("negation", "contrast"))
        assert r["text"] not in real
        assert r["perturbation"] != "negation" or " not " in r["text"]
    assert {r["perturbation"] for r in rows} == {"typos", "paraphrase", "negation", "contrast", "boundary"}
    assert {"unchanged", "too_different"} <= reasons(manifest)


def rare_class(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    real = Counter(read_table("real", made / "messages.csv").column("kind"))
    assert min(real, key=lambda k: real[k]) == "safety" and real["safety"] == 4
    assert Counter(r["kind"] for r in rows) == dict.fromkeys(real, 12), "each class as often as wanted, whatever was dropped"
    texts = dict(zip(*(read_table("real", made / "messages.csv").column(c) for c in ("text", "kind"))))
    assert all(texts[e["text"]] == r["kind"] for r in rows for e in r["examples"]), "examples are of the row's class"
    assert max(r["round"] for r in rows) > 1 and {"too_long", "near_duplicate"} <= reasons(manifest)
    told = {m["metric"]: m for m in json.loads((made.parent / "out/measurements.json").read_text())["measurements"]}
    assert told["privacy.copies"]["value"] == 0 and told["utility.lift"]["n"] == 60


def maths(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    for r in rows:
        assert same_answer(float(run_program(r["program"])), r["answer"]) and r["result"] == pytest.approx(float(r["answer"]))
        steps = re.findall(r"<<([^=>]+)=([^>]+)>>", r["solution"])
        assert len(steps) == r["solution_checked"] >= 2
        assert all(float(run_program(a)) == pytest.approx(float(b)) for a, b in steps)
        assert set(re.findall(r"\d+", r["question"])) & set(re.findall(r"\d+", r["program"]))
    assert {"wrong_answer", "wrong_arithmetic"} <= reasons(manifest)


def code(made: Path, rows: Rows, manifest: dict[str, Any]) -> None:
    for r in rows:
        names: dict[str, Any] = {}
        exec(r["solution"] + "\n" + r["tests"], names)  # ours, canned; one that cheats would end this process
        assert r["function"] in names and "_exit" not in r["solution"] and "__eq__" not in r["solution"]
        assert (r["verdict"], r["passed"], r["strength"]) == ("passed", 1.0, "exact")
        assert r["cases"] is None if len(r["turns"]) > 1 else len(r["cases"]) == r["tests"].count("assert"), (
            "those of a mended one are gone"
        )
        assert (
            r["tests_kept"] == r["tests"].count("assert")
            and r["turns"][-1]["verdict"] == "passed"
            and r["turns"][-1]["code"] == r["solution"]
        )
    assert any(len(r["turns"]) > 1 and r["turns"][0]["feedback"] for r in rows), "none was mended"
    told = manifest["execution"]["execute"]
    assert told["strengths"] == {"exact": told["candidates"]} and set(told["tiers"]) <= {"bwrap", "landlock"}
    assert {"ran", "error", "timeout"} <= set(told["outcomes"]) and manifest["execution"]["repair"]["verdicts"]["passed"] == len(rows)
    assert "Code that execute ran" in (made.parent / "out/report.html").read_text()
    assert "not_repaired" in reasons(manifest) and manifest["execution"]["repair"]["verdicts"]["not_repaired"] > 0
    assert max(Counter(r["function"] for r in rows).values()) > 1


KINDS: dict[str, tuple[Callable[[Path, Rows, dict[str, Any]], None], str]] = {
    "instructions": (instructions, "Stanford Alpaca"),
    "code-instructions": (code_instructions, "Code Alpaca"),
    "preferences": (preferences, "2310.01377"),
    "tool-dialogue": (tool_dialogue, "2307.16789"),
    "hard-cases": (hard_cases, "2004.02709"),
    "rare-class": (rare_class, "2410.10756"),
    "maths": (maths, "2211.12588"),
    "code": (code, "2107.03374"),
}
EXPORTS = {
    "instructions": ("alpaca", {"instruction", "input", "output"}),
    "code-instructions": ("chatml", {"messages"}),
    "preferences": ("dpo", {"prompt", "chosen", "rejected"}),
    "tool-dialogue": ("chatml", {"messages", "tools"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_family(tmp_path: Path, kind: str) -> None:
    meaning, paper = KINDS[kind]
    if kind == "code":
        try:
            choose()
        except NoSandbox as error:
            pytest.skip(str(error))
    assert mintmark("new", kind, "made", cwd=tmp_path).returncode == 0
    text = (tmp_path / f"made/{kind}.yaml").read_text()
    assert len(text.splitlines()) <= 50 and text.startswith("# ") and "With" in text and "real model" in text
    checked = mintmark("check", f"made/{kind}.yaml", cwd=tmp_path)
    assert checked.returncode == 0 and "runs code" in checked.stdout and "$0.0000" in checked.stdout, checked.stderr
    assert ("runs the rows' code in a box: " in checked.stdout) == (kind == "code")
    done = mintmark("run", f"made/{kind}.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    assert len(rows) >= 10 and manifest["failed"] == 0 and manifest["cost_usd"] == 0
    meaning(tmp_path / "made", rows, manifest)
    card = (tmp_path / "out/README.md").read_text()
    assert paper in card.partition("## Methods used")[2]
    if kind in EXPORTS:
        fmt, columns = EXPORTS[kind]
        assert mintmark("export", "out", "--as", fmt, "--to", "x.jsonl", cwd=tmp_path).returncode == 0
        assert set(lines(tmp_path / "x.jsonl")[0]) == columns and len(lines(tmp_path / "x.jsonl")) == len(rows)


def test_each_says_that_it_stands_in_for_a_model() -> None:
    for kind in KINDS:
        for file in (ROOT / "src/mintmark/recipes/data" / kind).glob("*.py"):
            assert file.read_text().startswith('"""Stands in for') and file.name == f"demo_{kind.replace('-', '_')}.py"
    listed = mintmark("list", "recipes", cwd=ROOT).stdout
    assert all(kind in listed for kind in KINDS)
