"""What four chained calls a row cost beside one, measured: 5,000 rows against a fake server in a process of its own, at 0 ms.

    python bench/chain.py [--rows 5000]

Three jobs: one `write`; a `chain` of four links; four `write` steps. Prints the CPU seconds of each command, the same less its start (the
job at one row), and the ratio to the one-call job, which is to be at most 4 x 1.2.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import engine

HEAD = """
name: chain
models: {{writer: "openai:fake@{url}"}}
tables: {{rows: rows.jsonl}}
steps:
  - read: {{from: rows}}
"""
FIRST = "Write about row {{{{ row }}}} please, in a friendly voice."
PROMPTS = [FIRST, *(f"Step {k} for row {{{{{{{{ row }}}}}}}}, after: {{{{{{{{ a{k - 1} }}}}}}}}" for k in (1, 2, 3))]
ONE = HEAD + f'  - write: {{{{column: a0, prompt: "{FIRST}"}}}}\n'
LINKS = HEAD + "  - chain:\n" + "".join(f'    - {{{{ask: a{k}, prompt: "{p}"}}}}\n' for k, p in enumerate(PROMPTS))
WRITES = HEAD + "".join(f'  - {{{{name: step{k}, write: {{{{column: a{k}, prompt: "{p}"}}}}}}}}\n' for k, p in enumerate(PROMPTS))
MOST = 4 * 1.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--server", type=Path, default=engine.ROOT.parent / "shared" / "tools" / "fake_llm.py")
    given = parser.parse_args()
    if not given.server.exists():
        parser.error(f"{given.server} is absent; name a fake server that takes --port and --latency-ms and tells /_stats")
    server = [sys.executable, str(given.server)]
    one = 0.0
    print(f"{'job':<12} {'CPU s':>7} {'less start':>11} {'x one call':>11} {'at most':>8} {'others':>7}")
    for name, recipe in (("one write", ONE), ("chain of 4", LINKS), ("4 writes", WRITES)):
        engine.RECIPE = recipe
        start = engine.measure(1, 0, given.concurrency, server)["cpu_s"]
        found = engine.measure(given.rows, 0, given.concurrency, server)
        cpu = found["cpu_s"] - start
        one = one or cpu
        print(
            f"{name:<12} {found['cpu_s']:>7.2f} {cpu:>11.2f} {cpu / one:>11.2f} {MOST if name != 'one write' else 1:>8.1f} {found['others_cores']:>7.2f}"
        )


if __name__ == "__main__":
    main()
