"""The engine, measured: N rows, one structured call each, against a fake server in a process of its own.

    python bench/engine.py [--rows 2000 10000 100000] [--latency 0 500] [--concurrency N]

Prints CPU ms per row (user + system of the whole command, children included, less the same at N = 1), rows/s from first to last call, and
the run process's peak memory, as a table and as JSON; and what others took of the cores meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

FLOOR_MS = 0.12  # a bare loop with journal on the same job, see bench/README.md
ROOT = Path(__file__).resolve().parents[1]
RECIPE = """
name: engine
models: {{writer: "openai:fake@{url}"}}
tables: {{rows: rows.jsonl}}
steps:
  - read: {{from: rows}}
  - write:
      prompt: "Write about row {{{{ row }}}} please, in a friendly voice."
      temperature: 0.7
      schema:
        type: object
        properties: {{row_id: {{type: string}}, text: {{type: string}}, score: {{type: integer}}}}
        required: [row_id, text, score]
        additionalProperties: false
"""


def cores_busy() -> tuple[float, float]:
    """(busy core seconds of the machine, wall seconds) so far."""
    with open("/proc/stat") as file:
        fields = [int(x) for x in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK"), time.monotonic()


def server_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(rows: int, latency: int, concurrency: int, server: list[str]) -> dict[str, Any]:
    port = 20_000 + os.getpid() % 20_000
    fake = subprocess.Popen([*server, "--port", str(port), "--latency-ms", str(latency)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.05)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "recipe.yaml").write_text(RECIPE.format(url=f"http://127.0.0.1:{port}/v1"))
            Path(folder, "rows.jsonl").write_text("".join(f'{{"row":{i}}}\n' for i in range(rows)))
            busy0, wall0 = cores_busy()
            fake0 = server_cpu(fake.pid)
            command = [sys.executable, "-m", "mintmark", "run", "recipe.yaml", "--concurrency", str(concurrency), "--json"]
            environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE)
            assert process.stdout is not None
            told = json.loads(process.stdout.read())
            _, status, usage = os.wait4(process.pid, 0)
            busy1, wall1 = cores_busy()
            cpu = usage.ru_utime + usage.ru_stime
            others = (busy1 - busy0 - cpu - (server_cpu(fake.pid) - fake0)) / (wall1 - wall0)
            stats = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/_stats").read())
            assert status == 0 and told["kept"] == rows, told
            span = (stats["last_s"] - stats["first_s"] + latency / 1000) if rows > 1 else 1.0
            return {"rows": rows, "latency_ms": latency, "concurrency": concurrency, "cpu_s": cpu, "rows_per_s": rows / span,
                    "peak_rss_mb": told["peak_rss_mb"], "others_cores": round(others, 2)}  # fmt: skip
    finally:
        fake.terminate()
        fake.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 10_000, 100_000])
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 500])
    parser.add_argument("--concurrency", type=int, help="default 256 at 0 ms, 512 at others")
    parser.add_argument(
        "--server", type=Path, default=ROOT.parent / "shared" / "tools" / "fake_llm.py", help="a fake OpenAI-compatible server"
    )
    given = parser.parse_args()
    if not given.server.exists():
        parser.error(f"{given.server} is absent; name a fake server that takes --port and --latency-ms and tells /_stats")
    out = []
    print(
        f"{'rows':>8} {'latency':>8} {'conc.':>6} {'CPU ms/row':>11} {'x floor':>8} {'rows/s':>8} {'ideal':>7} {'RSS MB':>7} {'others':>7}"
    )
    for latency in given.latency:
        concurrency = given.concurrency or (256 if latency == 0 else 512)
        base = measure(1, latency, concurrency, [sys.executable, str(given.server)])
        for rows in given.rows:
            found = measure(rows, latency, concurrency, [sys.executable, str(given.server)])
            found["cpu_ms_per_row"] = 1000 * (found["cpu_s"] - base["cpu_s"]) / (rows - 1)
            ideal = f"{1000 * concurrency / latency:,.0f}" if latency else "-"
            print(
                f"{rows:>8,} {latency:>8} {concurrency:>6} {found['cpu_ms_per_row']:>11.3f} {found['cpu_ms_per_row'] / FLOOR_MS:>8.1f} "
                f"{found['rows_per_s']:>8,.0f} {ideal:>7} {found['peak_rss_mb']:>7.0f} {found['others_cores']:>7.2f}"
            )
            out.append(found)
    print(json.dumps(out))


if __name__ == "__main__":
    main()
