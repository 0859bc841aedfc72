"""`mintmark audit`, measured: CPU seconds and peak memory of the whole command, and of each family beside a floor, in processes of their own.

    python bench/audit.py [--data ../shared/data]

The floor of a family is the least work in it that cannot be left out: the fits of its learner on these rows by scikit-learn alone (realism: 11 + 5
for the reference; utility: 18), a sort of the columns (fidelity), reading the files (everything else). Limits: adult 45 CPU s and 0.8 GB,
banking77 60 CPU s.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def child(*command: str) -> tuple[float, float, str, str]:
    """(CPU s, peak MB, standard output, standard error) of a command."""
    code = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "r = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([r.ru_utime + r.ru_stime, r.ru_maxrss / 1024, done.stdout, done.stderr, done.returncode]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, env=os.environ, check=True)
    cpu, peak, out, err, code = json.loads(done.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}: {err}")
    return cpu, peak, out, err


def families(args: list[str]) -> None:
    """In this process: the audit's own metrics, each with its CPU seconds."""
    from mintmark import catalogue
    from mintmark.cli import main

    found = catalogue.metrics_for
    spent: dict[str, float] = {}

    def timed(*given: Any) -> list[Any]:
        out = found(*given)
        for metric in out:
            cls = type(metric)
            if not hasattr(cls, "_bare"):
                cls._bare = cls.measure

                def measure(self: Any, tables: Any, ctx: Any, bare: Any = cls.measure) -> Any:
                    began = time.process_time()
                    result = bare(self, tables, ctx)
                    key = f"{self.family}: {self.name}"
                    spent[key] = spent.get(key, 0.0) + time.process_time() - began
                    return result

                cls.measure = measure
        return out

    catalogue.metrics_for = timed  # type: ignore[assignment]
    sys.argv = ["mintmark", "audit", *args, "--json"]
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
    try:
        main()
    except SystemExit:
        pass
    sys.stdout = stdout
    print(json.dumps({"spent": spent, "cpu": time.process_time(), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def floor(train: Path, target: str) -> dict[str, float]:
    """CPU seconds of one fit of the default learner on at most 20,000 rows, and of one sort of all columns."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    began = time.process_time()
    with train.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    read = time.process_time() - began
    y = [r.pop(target) for r in rows[:20_000]]
    began = time.process_time()
    with threadpool_limits(1):
        if "text" in rows[0]:
            x = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform([r["text"] for r in rows[:20_000]])
            LogisticRegression(C=10, solver="saga", tol=3e-3, random_state=0).fit(x, y)
        else:
            x = np.asarray([np.unique([r[c] for r in rows[:20_000]], return_inverse=True)[1] for c in rows[0] if c != target], float).T
            HistGradientBoostingClassifier(early_stopping=False).fit(x, y)
    fit = time.process_time() - began
    began = time.process_time()
    for c in rows[0]:
        np.sort([r.get(c, "") for r in rows])
    return {"read": read, "fit": fit, "sort": time.process_time() - began}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    parser.add_argument("--families", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.families is not None:
        return families(given.families)
    d = given.data
    jobs = {
        "adult_ctgan, 39,040 rows x 15": (
            [d / "adult_ctgan/adults_syn_ctgan.csv", "--real", d / "adult_ctgan/adults_train.csv"],
            ["--holdout", d / "adult_ctgan/adults_control.csv", "--target", "income"],
            (45, 800),
        ),
        "banking77, 10,003 texts": (
            [d / "banking77/train.csv", "--real", d / "banking77/train.csv"],
            ["--holdout", d / "banking77/test.csv", "--target", "category"],
            (60, 800),
        ),
        "sdmetrics_demo, 215 rows x 17": (
            [d / "sdmetrics_demo/student_placements_synthetic.csv", "--real", d / "sdmetrics_demo/student_placements_real.csv"],
            ["--target", "placed"],
            (45, 800),
        ),
    }
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, (first, more, (most_cpu, most_mb)) in jobs.items():
        args = [str(a) for a in (*first, *more)]
        cpu, peak, out, err = child(sys.executable, "-m", "mintmark", "audit", *args, "--json")
        told = {m["metric"]: m["value"] for m in json.loads(out)["measurements"]}
        shown = ", ".join(f"{k} {told[k]:.3f}" for k in ("realism.c2st_auc", "utility.tstr", "utility.trtr") if k in told)
        print(f"{name}: {cpu:.1f} CPU s (limit {most_cpu}), peak {peak:.0f} MB (limit {most_mb}), {len(err)} bytes on stderr; {shown}")
        spent = json.loads(child(sys.executable, __file__, "--families", *args)[2].splitlines()[-1])["spent"]
        least = floor(Path(first[2]), more[-1])
        for key, seconds in sorted(spent.items(), key=lambda t: -t[1]):
            bare = {"realism: realism": 16 * least["fit"], "utility: utility": 18 * least["fit"], "realism: fidelity": least["sort"]}
            under = bare.get(key, least["read"])
            if seconds > 0.05:
                print(f"  {key:<28} {seconds:6.2f} CPU s, floor {under:6.2f}, x {seconds / under:.1f}")


if __name__ == "__main__":
    main()
