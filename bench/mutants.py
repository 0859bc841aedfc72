"""python bench/mutants.py DIR [--tasks 164] [--most 10] [--out runs/mutants]: what HumanEval's own tests, and those CodeGen-16B wrote, are worth.

DIR holds HumanEval.jsonl.gz and codegen16B_test_case.jsonl (CodeT's recorded samples). For each task the canonical solution is the reference; of the
asserts that the model wrote the first 20 different ones that name the function and parse.
A run of its own each: the same command goes on where it was ended.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import json
import time
from pathlib import Path
from statistics import mean, median
from typing import Any

import mintmark as mm

MOST = 20


def asserts(samples: list[str], entry: str) -> list[str]:
    """The first different ones that parse and name the function."""
    found: dict[str, None] = {}
    for sample in samples:
        for line in ("assert " + sample).splitlines():
            if line.startswith("assert ") and entry in line and len(found) < MOST:
                try:
                    ast.parse(line)
                    found[line.strip()] = None
                except (SyntaxError, ValueError):
                    pass
    return list(found)


def run(name: str, rows: list[dict[str, Any]], most: int, out: Path) -> list[dict[str, Any]]:
    step = mm.curate.Mutants("code", "tests", "entry_point", most=most, exact=False)
    started = time.perf_counter()
    made = mm.run(mm.Recipe(name, ops=[mm.generate.Read("p"), step], tables={"p": rows}), out=out / name, report=False)
    found = list(made.rows())
    counts = {k: sum(r[f"tests_{k}"] for r in found) for k in ("kept", "wrong", "vacuous", "left_out")}
    scores = [r["mutation_score"] for r in found]
    told = {"run": name, "tasks": len(rows), "kept": len(found), "dropped": made.manifest["steps"][-1]["dropped"], "tests": counts}
    told |= {"mutants": sum(r["mutants"] for r in found), "killed": sum(r["killed"] for r in found)}
    told |= {"score_mean": round(mean(scores), 3), "score_median": round(median(scores), 3), "all_killed": sum(s == 1 for s in scores)}
    print(json.dumps(told | {"wall_s": round(time.perf_counter() - started)}), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/mutants"))
    parser.add_argument("--tasks", type=int, default=164)
    parser.add_argument("--most", type=int, default=10)
    given = parser.parse_args()
    with gzip.open(given.folder / "HumanEval.jsonl.gz", "rt") as lines:
        tasks = [json.loads(line) for line in lines][: given.tasks]
    with open(given.folder / "codegen16B_test_case.jsonl") as recorded:
        by_number = dict(zip(sorted(range(164), key=str), map(json.loads, recorded)))  # sorted by the number as a text
    base = [{"entry_point": t["entry_point"], "task": t["task_id"], "code": t["prompt"] + t["canonical_solution"]} for t in tasks]
    run("humaneval", [row | {"tests": t["test"]} for row, t in zip(base, tasks)], given.most, given.out)
    written = [row | {"tests": asserts(by_number[i]["samples"], row["entry_point"])} for i, row in enumerate(base)]
    run("codegen16b", written, given.most, given.out)


if __name__ == "__main__":
    main()
