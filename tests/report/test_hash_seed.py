"""Python orders sets of text anew in every process: no figure may follow that order, not in its last digit (a sum over a set does)."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from pathlib import Path

WORDS = "river lamp stone coffee winter paper garden window letter bridge copper violet summer engine harbour meadow".split()


def _file(path: Path, seed: int, n: int) -> Path:
    rng = random.Random(seed)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["place", "goal", "size", "note", "kind"])
        for _ in range(n):
            kind = rng.choice(["warm", "cold"])
            note = " ".join(rng.choices(WORDS[:10] if kind == "warm" else WORDS[6:], k=9))
            out.writerow([rng.choice(WORDS), rng.choice(WORDS[:7]), round(rng.gauss(2 if kind == "warm" else 3), 3), note, kind])
    return path


def test_an_audit_is_the_same_under_every_order_of_sets(tmp_path: Path) -> None:
    made, real, holdout = (_file(tmp_path / f"{name}.csv", k, 91) for k, name in enumerate(("made", "real", "holdout")))
    told = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "mintmark", "audit", str(made), "--real", str(real), "--holdout", str(holdout), "--target", "kind"]
        out = tmp_path / seed
        done = subprocess.run(
            [*command, "--out", str(out)], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        told.append({p.name: p.read_bytes() for p in sorted(out.iterdir())})
    assert told[0].keys() == told[1].keys() and "measurements.json" in told[0]
    for name, content in told[0].items():
        assert content == told[1][name], name


def test_a_distance_is_the_same_to_the_last_digit() -> None:
    """An audit rounds what it writes; a suite's result does not, and two lines of it are compared."""
    code = (
        "from collections import Counter; from mintmark.stats.distances import tvd;"
        "print([tvd(Counter({f'k{i}': i * 7 % 13 for i in range(n)}),"
        " Counter({f'k{i}': i * 5 % 11 for i in range(3, n)})) for n in range(9, 60)])"
    )
    told = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": s}, capture_output=True, text=True).stdout
        for s in "1234"
    }
    assert len(told) == 1 and told.pop().startswith("[0.")
