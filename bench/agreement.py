"""Filters by agreement and confidence, and judges, measured on recorded outputs and one simulated model.

    python bench/agreement.py --data ../shared/data

1. GSM8K, four recorded GPT-3 solvers: `agree` on their solutions as recorded, through `mintmark curate`: rows kept, share right.
2. A simulated calibrated model (p uniform on 0.2..1, right with p): accuracy at thresholds, its interval, and what it must be.
3. PandaLM's test set: GPT-3.5's and PandaLM-7B's 999 verdicts against three people, kappa, and position bias in the pairs that come in both orders.
Prints tables, and everything as JSON in the last line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import mintmark
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.judging import Judging
from mintmark.stats.intervals import wilson
from mintmark.stats.risk_coverage import curve
from mintmark.text.arithmetic import last_answer, same_number
from mintmark.text.verdicts import majority, verdict

SOLVERS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def gsm8k(folder: Path) -> dict[str, Any]:
    recorded = [json.loads(line) for line in (folder / "example_model_solutions.jsonl").read_text().splitlines()]
    rows = [{**{f"a{i}": r[s]["solution"] for i, s in enumerate(SOLVERS, 1)}, "gold": last_answer(r["ground_truth"])} for r in recorded]
    out: dict[str, Any] = {}
    environment = {**os.environ, "PYTHONPATH": str(Path(mintmark.__file__).resolve().parents[1])}
    print(f"GSM8K, {len(rows):,} questions, 4 solvers\n  least   kept  dropped (tie)   right   95 % interval")
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "solved.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        for least in (0, 2, 3, 4):
            recipe = f"name: solvers\nsteps:\n  - agree: {{columns: [a1, a2, a3, a4], as: number, least: {least}}}\n"
            recipe += "measure: [confidence, judging]\n" if not least else ""
            (here / "recipe.yaml").write_text(recipe)
            command = [sys.executable, "-m", "mintmark", "curate", "solved.jsonl", "--with", "recipe.yaml", "--out", f"out{least}"]
            done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            kept = [json.loads(line) for line in (here / f"out{least}" / "data.jsonl").read_text().splitlines()]
            if not least:
                told = json.loads((here / "out0" / "measurements.json").read_text())["measurements"]
                out["measured"] = {m["metric"]: [m["value"], m["interval"], m["n"]] for m in told}
                continue
            right = sum(same_number(str(r["agreed"]), r["gold"]) for r in kept)
            steps = json.loads((here / f"out{least}" / "manifest.json").read_text())["steps"]
            ties = steps[-1]["dropped"].get("tie", 0)
            low, high = wilson(right, len(kept))
            print(
                f"  {least:>5} {len(kept):>6,} {len(rows) - len(kept):>8,} ({ties:>2}) {right / len(kept):>8.1%}   {low:.1%} to {high:.1%}"
            )
            out[f"least {least}"] = {"kept": len(kept), "right": right, "precision": right / len(kept), "ties": ties}
    for metric, (value, span, n) in out["measured"].items():
        print(f"  {metric:<22} {value:.3f} ({span[0]:.3f} to {span[1]:.3f}), n = {n:,}")
    return out


def calibrated(n: int = 10_000) -> dict[str, Any]:
    rng = random.Random(0)
    p = [rng.uniform(0.2, 1) for _ in range(n)]
    made = curve(p, [rng.random() < x for x in p])
    print(
        f"\nA calibrated model, {n:,} rows: AURC {made.aurc:.4f} ({made.interval[0]:.4f} to {made.interval[1]:.4f}), random order {made.random:.4f}"
    )
    print("  threshold   kept   accuracy   95 % interval    must be")
    shown, before = [], 0.0
    for t in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        point = min(made.points, key=lambda x: abs(x.threshold - t))
        low, high = 1 - point.interval[1], 1 - point.interval[0]
        truth = (point.threshold + 1) / 2
        shown.append(
            {"threshold": point.threshold, "accuracy": 1 - point.risk, "interval": [low, high], "truth": truth, "rises": high >= before}
        )
        before = low
        print(f"  {point.threshold:>9.3f} {point.n:>6,} {1 - point.risk:>10.3f}   {low:.3f} to {high:.3f}   {truth:.3f}")
    inside = sum(p.interval[0] <= 1 - (p.threshold + 1) / 2 <= p.interval[1] for p in made.points)
    print(
        f"  {inside} of the curve's {len(made.points)} intervals hold the truth; accuracy never falls beyond them: {all(s['rises'] for s in shown)}"
    )
    return {"points": shown, "inside": inside, "of": len(made.points)}


def judges(folder: Path) -> dict[str, Any]:
    people = json.loads((folder / "testset-v1.json").read_text())
    human = [[p[f"annotator{k}"] for k in (1, 2, 3)] for p in people]
    recorded = {
        "GPT-3.5": [g["gpt_result"] for g in json.loads((folder / "gpt-3.5-turbo-testset-v1.json").read_text())],
        "PandaLM-7B": [g["pandalm_result"] for g in json.loads((folder / "pandalm-7b-testset-v1.json").read_text())],
    }
    together = Judging().measure(Tables(Data({"votes": human})), Context())[0]
    print(f"\nPandaLM's test set, {len(people)} pairs; three people: Fleiss' kappa {together.value:.3f} {together.interval}")
    out: dict[str, Any] = {"people": together.value}
    for name, raw in recorded.items():
        said = [verdict(v) for v in raw]
        found = {m.metric: m for m in Judging().measure(Tables(Data({"verdict": raw, "human": human})), Context())}
        print(f"  {name}: {dict(Counter(v or 'unreadable' for v in said))}")
        for m in found.values():
            assert m.value is not None and m.interval is not None
            right = f"{round(m.value * m.n)} of " if m.unit == "share" else ""
            print(f"    {m.metric:<24} {m.value:.4f} ({m.interval[0]:.3f} to {m.interval[1]:.3f}), {right}{m.n}; {'; '.join(m.caveats)}")
        both = _both_orders(people, said)
        readable = [p for p in both if None not in p.values()]
        print(f"    only {len(both)} items come in both orders ({len(readable)} readable), too few to tell a bias under about 0.1 from none:")
        swapped = {m.metric: m for m in Judging().measure(Tables(Data({"comparisons": [[p] for p in readable]})), Context())}
        for m in swapped.values():
            assert m.interval is not None
            print(f"    {m.metric:<24} {m.value:.4f} ({m.interval[0]:.3f} to {m.interval[1]:.3f}), n = {m.n}")
        out[name] = {m.metric: [m.value, m.interval, m.n] for m in found.values()}
        out[name]["both orders"] = {m.metric: [m.value, m.interval, m.n] for m in swapped.values()}
        alike = sum(a == majority(map(verdict, h)) for a, h in zip(said, human, strict=True))
        assert alike == round((found["judging.human_agreement"].value or 0) * len(people))
    return out


def _both_orders(people: list[dict[str, Any]], said: list[Any]) -> list[dict[str, str | None]]:
    """Pairs of answers to one request that were judged in both orders (the first time each), as `compare` writes them; ab is None where one is unreadable."""
    groups: dict[Any, dict[tuple[str, str], Any]] = defaultdict(dict)
    for p, v in zip(people, said, strict=True):
        key = (p["instruction"], p["input"], frozenset((p["response1"], p["response2"])))
        groups[key].setdefault((p["response1"], p["response2"]), v)
    out = []
    for found in groups.values():
        if len(found) == 2:
            (ab, ba) = found.values()
            one = {"first": "a", "second": "b", "tie": "tie"}.get(ab)
            two = {"first": "b", "second": "a", "tie": "tie"}.get(ba)
            out.append({"ab": one, "ba": two})
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with gsm8k/ and pandalm_judge/")
    at = parser.parse_args().data
    print(json.dumps({"gsm8k": gsm8k(at / "gsm8k"), "calibrated": calibrated(), "judges": judges(at / "pandalm_judge")}))


if __name__ == "__main__":
    main()
