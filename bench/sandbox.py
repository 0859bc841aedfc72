"""What a verdict costs: python bench/sandbox.py [--runs 200] [--tier bwrap]. Milliseconds from a trial to its outcome, four calls each.

cold: a box started for the trial. warm: a box that waited. verdicts/s: as many at a time as there are cores, boxes started ahead.
CPU time of a verdict: the judge's own, what it may see of its children, and the clock of the process in the box, where a namespace hides it from that
sum. --heavy MB: a judge as large as a run's, since what it costs to start a box may depend on it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import time

from mintmark.core.ports import Call, Trial
from mintmark.core.verdict import Check, judge
from mintmark.sandboxes.local import LocalSandbox

CHECKS = [Check(Call("add", (i, 2)), "equals", i + 2) for i in range(4)]
TRIAL = Trial("def add(a, b):\n    return a + b\n", tuple(c.call for c in CHECKS))


def cpu() -> float:
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--tier", choices=["bwrap", "landlock"])
    parser.add_argument("--heavy", type=int, default=0)
    given = parser.parse_args()
    ballast = bytearray(b"x" * (given.heavy << 20))
    load = os.getloadavg()[0]
    sandbox = LocalSandbox(given.tier)
    cold, warm, hidden, before = [], [], 0.0, cpu()
    for _ in range(given.runs // 2):
        started = time.perf_counter()
        box = sandbox._tier.start()
        assert judge(box.run(TRIAL), CHECKS).status == "passed"
        cold.append(1000 * (time.perf_counter() - started))
        hidden += box._used if sandbox.tier == "bwrap" else 0.0
    each = 1000 * (cpu() - before + hidden) / len(cold)
    for _ in range(given.runs // 2):
        box = sandbox._tier.start()
        time.sleep(0.15)
        started = time.perf_counter()
        assert judge(box.run(TRIAL), CHECKS).status == "passed"
        warm.append(1000 * (time.perf_counter() - started))

    async def many() -> None:
        outcomes = await asyncio.gather(*(sandbox.run(TRIAL) for _ in range(given.runs)))
        assert all(judge(o, CHECKS).status == "passed" for o in outcomes)

    async def whole() -> float:
        started = time.perf_counter()
        await many()
        rate = given.runs / (time.perf_counter() - started)
        await sandbox.aclose()
        return rate

    rate = asyncio.run(whole())
    told = {"tier": sandbox.tier, "load": round(load, 1), "cores": sandbox.parallel, "cold_p50_ms": round(statistics.median(cold), 1)}
    told |= {"cold_min_ms": round(min(cold), 1), "warm_p50_ms": round(statistics.median(warm), 1), "warm_min_ms": round(min(warm), 1)}
    print(json.dumps(told | {"verdicts_per_s": round(rate, 1), "cpu_ms_per_verdict": round(each, 1)}))
    del ballast


if __name__ == "__main__":
    main()
