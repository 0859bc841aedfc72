"""python bench/humaneval.py DIR [--out runs/humaneval] [--tasks 164]: HumanEval's canonical solutions and CodeGen-16B's recorded samples through `execute`.

DIR holds HumanEval.jsonl.gz and codegen16B_code_solution.jsonl. A run of its own each: the same command goes on where it was ended.
Texts that hold tests beyond calls run in a second box (see `execute`); numbers compare as == does, as the benchmark's own asserts do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from math import comb
from pathlib import Path

import mintmark as mm

STOPS = re.compile(r"\nclass|\ndef|\n#|\nif|\nprint")


def pass_at(k: int, right: list[tuple[int, int]]) -> float:
    """Unbiased, over (samples, right ones) of each task. Chen et al. 2021."""
    return 100 * sum(1 - comb(n - c, k) / comb(n, k) for n, c in right) / len(right)


def run(name: str, rows: list[dict[str, object]], out: Path, cpu_s: float) -> list[dict[str, object]]:
    step = mm.curate.Execute("code", "tests", "entry_point", cpu_s=cpu_s, repeats=1, exact=False)
    recipe = mm.Recipe(name, ops=[mm.generate.Read("problems"), step], tables={"problems": rows})
    started = time.perf_counter()
    made = mm.run(recipe, out=out / name, report=False)
    found = list(made.rows())
    statuses = {s: sum(r["verdict"] == s for r in found) for s in sorted({str(r["verdict"]) for r in found})}
    proxied = sum(r["strength"] == "proxied" for r in found) / len(found)
    wall = time.perf_counter() - started
    print(
        json.dumps(
            {"run": name, "status": made.status, "rows": len(found), "wall_s": round(wall), "proxied": round(proxied, 3), **statuses}
        ),
        flush=True,
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/humaneval"))
    parser.add_argument("--tasks", type=int, default=164)
    given = parser.parse_args()
    with gzip.open(given.folder / "HumanEval.jsonl.gz", "rt") as lines:
        tasks = [json.loads(line) for line in lines][: given.tasks]
    rows = [
        {k: t[k] for k in ("task_id", "entry_point")} | {"code": t["prompt"] + t["canonical_solution"], "tests": t["test"]} for t in tasks
    ]
    found = run("canonical", rows, given.out, 4.0)
    print(json.dumps({"canonical_passed": sum(r["verdict"] == "passed" for r in found), "of": len(found)}))
    for r in found:
        if r["verdict"] != "passed":
            print(r["task_id"], r["verdict"], r["failure"], r["left"])
    with open(given.folder / "codegen16B_code_solution.jsonl") as recorded:
        by_text_id = dict(zip(sorted(range(164), key=str), map(json.loads, recorded)))  # sorted by the number as a text
    samples = []
    for number, task in enumerate(tasks):
        asked = by_text_id[number]
        for text in asked["samples"]:
            code = asked["prompt"] + STOPS.split(text)[0]
            samples.append({"task_id": task["task_id"], "entry_point": task["entry_point"], "code": code, "tests": task["test"]})
    found = run("codegen16b", samples, given.out, 0.5)
    right = [
        (n, c)
        for t in tasks
        if (n := sum(r["task_id"] == t["task_id"] for r in found))
        for c in [sum(r["task_id"] == t["task_id"] and r["verdict"] == "passed" for r in found)]
    ]
    print(json.dumps({f"pass@{k}": round(pass_at(k, right), 2) for k in (1, 2, 10, 100)}))


if __name__ == "__main__":
    main()
