"""The novelty filter, measured: N made-up instructions of about 18 words, each against all that were kept before it.

    python bench/novelty.py [--rows 6000 52000] [--batch 1000]

Texts: sentences over a vocabulary with Zipf's frequencies; one in ten is an earlier one with one to eight words changed, so that both verdicts
and the neighbourhood of the bound occur. Prints CPU seconds of the op's judge (user + system), pairs per CPU second, kept and dropped, and
bytes of memory per kept row, as a table and as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from itertools import accumulate
from typing import Any

from mintmark.core.context import Context
from mintmark.core.rows import Batch
from mintmark.curate.novelty import Novelty

WORDS = 20_000


def made_up(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    names = [f"w{i}" for i in range(WORDS)]
    weights = list(accumulate(1 / (i + 10) for i in range(WORDS)))

    def words(k: int) -> list[str]:
        return rng.choices(names, cum_weights=weights, k=k)

    out: list[list[str]] = []
    for _ in range(n):
        if out and rng.random() < 0.1:
            text = list(rng.choice(out))
            for _ in range(rng.randint(1, 8)):
                text[rng.randrange(len(text))] = words(1)[0]
        else:
            text = words(max(4, round(rng.gauss(18, 6))))
        out.append(text)
    return [" ".join(t) for t in out]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident() -> int:
    """KiB in memory now."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def measure(rows: int, size: int) -> dict[str, Any]:
    texts = made_up(rows)
    Novelty("instruction").judge(Context()).judge(Batch([(0, 0)] * 300, ["x"] * 300, {"instruction": texts[:300]}))  # loads the libraries
    judge = Novelty("instruction").judge(Context())
    memory, before, wall = resident(), cpu(), time.perf_counter()
    kept = pairs = 0
    for start in range(0, rows, size):
        part = texts[start : start + size]
        ids = [f"{start + i:020x}" for i in range(len(part))]
        for verdict in judge.judge(Batch([(start + i, 0) for i in range(len(part))], ids, {"instruction": part})):
            pairs += kept
            kept += verdict is None
    seconds = cpu() - before
    return {
        "rows": rows,
        "batch": size,
        "cpu_s": round(seconds, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
        "pairs": pairs,
        "million_pairs_per_cpu_s": round(pairs / seconds / 1e6, 1),
        "kept": kept,
        "dropped": rows - kept,
        "bytes_per_kept_row": round((resident() - memory) * 1024 / kept),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[6_000, 52_000])
    parser.add_argument("--batch", type=int, default=1_000)
    options = parser.parse_args()
    found = [measure(n, options.batch) for n in options.rows]
    print("| " + " | ".join(found[0]) + " |\n|" + "---|" * len(found[0]))
    for line in found:
        print("| " + " | ".join(f"{v:,}" for v in line.values()) + " |")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
