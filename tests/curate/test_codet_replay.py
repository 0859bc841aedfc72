"""CodeT on three problems of the recorded CodeGen-16B samples: as asserts run as they stand inside the candidate's process, by the paper's definition."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.errors import NoSandbox
from mintmark.core.ports import Call, Trial
from mintmark.sandboxes.local import LocalSandbox

STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
TASKS, SAMPLES = (13, 50, 157), 12  # proxied asserts, helper functions of the prompt, asserts that read names nothing gives
INSIDE = "\ndef inside(text):\n    try:\n        exec(text, globals())\n        return True\n    except Exception:\n        return False\n"


def cut(text: str) -> str:
    for stop in STOPS:
        text = text.split(stop)[0]
    return text


def readable(text: str) -> bool:
    try:
        compile(text, "", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def test_as_published(data: Path, tmp_path: Path) -> None:
    try:
        box = LocalSandbox()
    except NoSandbox as error:
        pytest.skip(f"no box here: {error}")
    folder = data / "humaneval_codegen16b"
    with gzip.open(folder / "HumanEval.jsonl.gz", "rt") as lines:
        entries = [json.loads(line)["entry_point"] for line in lines]
    recorded: dict[str, dict[int, Any]] = {}
    for name in ("code_solution", "test_case"):
        with open(folder / f"codegen16B_{name}.jsonl") as lines:
            recorded[name] = dict(zip(sorted(range(164), key=str), map(json.loads, lines)))
    problems, solutions = [], []
    for t in TASKS:
        prompt = recorded["code_solution"][t]["prompt"]
        problems.append({"task": t, "entry": entries[t], "prompt": prompt, "samples": recorded["test_case"][t]["samples"]})
        solutions += [{"task": t, "code": prompt + cut(s)} for s in recorded["code_solution"][t]["samples"][:SAMPLES]]

    gather = [mm.generate.Read("problems"), mm.curate.GatherTests("samples", "entry", code="prompt")]
    gathered = mm.run(mm.Recipe("tests", ops=gather, tables={"problems": problems}), out=tmp_path / "t", report=False)
    tests = {r["task"]: {k: r[k] for k in ("entry", "tests", "tests_times", "tests_left_out")} for r in gathered.rows()}
    steps = [
        mm.generate.Read("solutions"),
        mm.curate.Execute("code", "tests", "entry", cpu_s=2.0, call_cpu_s=0.1, repeats=1, exact=False),
        mm.curate.AgreeByExecution("task", times="tests_times"),
    ]
    rows = [s | tests[s["task"]] for s in solutions]
    made = list(mm.run(mm.Recipe("codet", ops=steps, tables={"solutions": rows}), out=tmp_path / "s", sandbox=box, report=False).rows())
    assert len(made) == len(TASKS) * SAMPLES and any(r["tests_left_out"] for r in made) and any(r["strength"] == "proxied" for r in made)

    times = {p["task"]: naive_tests(p["samples"], p["entry"]) for p in problems}
    box = LocalSandbox()  # a run closes the one it was given
    with ThreadPoolExecutor(2) as pool:
        distinct = list({(s["task"], s["code"]): s for s in solutions}.values())
        calls = [tuple(Call("inside", (text,)) for text in times[s["task"]]) for s in distinct]
        trials = [Trial(s["code"] + INSIDE, c, cpu_s=2.0, call_cpu_s=0.1) for s, c in zip(distinct, calls)]
        answers = {(s["task"], s["code"]): o.answers for s, o in zip(distinct, pool.map(box.run_now, trials))}
    asyncio.run(box.aclose())
    groups: dict[tuple[int, frozenset[str]], int] = defaultdict(int)
    passed = {}
    for s in solutions:
        at = s["task"], s["code"]
        passed[at] = frozenset(text for text, answer in zip(times[s["task"]], answers[at]) if answer == ["value", True])
        groups[s["task"], passed[at]] += 1
    for row in made:
        mine = passed[row["task"], row["code"]]
        count = sum(times[row["task"]][text] for text in mine)
        assert row["agreement_tests"] == count
        if count:
            assert row["agreement_size"] == groups[row["task"], mine]
        assert row["execution_agreement"] == pytest.approx(math.sqrt(groups[row["task"], mine]) * count, abs=1e-5)
        assert row["cases"].count("passed") <= len(mine), "equal asserts, written differently, are one"


def naive_tests(samples: list[str], entry: str) -> Counter[str]:
    """CodeT's own reading of its samples: parts between asserts that name the entry point and compile; the first five of each."""
    found: Counter[str] = Counter()
    for text in samples:
        parts = [cut(f"assert {part}".strip()).strip() for part in f"assert {text}".split("assert ") if entry in part]
        found.update([p for p in parts if readable(p)][:5])
    return found
