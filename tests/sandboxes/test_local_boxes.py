"""The pool: what is whose fault, what is run again, what is refused; on the strongest tier that is here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from conftest import ROOT
from mintmark.core.errors import NoSandbox
from mintmark.core.ports import Call, Outcome, Trial
from mintmark.sandboxes import box, tiers
from mintmark.sandboxes.box import Box, Broken, _parsed
from mintmark.sandboxes.local import LocalSandbox


def run(sandbox: LocalSandbox, source: str, *calls: Call, **limits: object) -> Outcome:
    return sandbox.run_now(Trial(source, calls or (Call("f"),), **limits))  # type: ignore[arg-type]


def test_answers_come_in_order_with_what_was_printed(sandbox: LocalSandbox) -> None:
    calls = [Call("f", (i,), {"b": (i,)}) for i in range(500)]
    outcome = run(sandbox, "import sys\ndef f(a, b):\n    print(a)\n    print(b, file=sys.stderr)\n    return {a: b}\n", *calls)
    assert outcome.status == "ran" and outcome.answers[7] == ["value", ["d", [7, ["t", 7]]]] and len(outcome.answers) == 500
    assert outcome.stdout.splitlines() == [str(i) for i in range(500)] and outcome.stderr.startswith("(0,)\n")
    assert 0 < outcome.cpu_s < 1 and outcome.runtime.startswith("CPython 3")


def test_large_arguments_go_in(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f(x):\n    return len(x)\n", *[Call("f", ("x" * 300_000,))] * 5)
    assert outcome.answers == (["value", 300_000],) * 5


def test_output_keeps_both_ends(sandbox: LocalSandbox) -> None:
    told = run(sandbox, "def f():\n    print('first', 'x' * 50_000, 'last')\n").stdout
    assert told.startswith("first") and told.endswith("last\n") and "bytes left out" in told and len(told) < 10_000


def test_a_method_a_class_and_threads_work(sandbox: LocalSandbox) -> None:
    source = (
        "from dataclasses import dataclass\nimport asyncio, threading\n@dataclass\nclass A:\n    x: int = 3\n    @staticmethod\n    def f(y):\n        return A(y).x\n"
        "def g():\n    seen = []\n    t = threading.Thread(target=seen.append, args=(1,)); t.start(); t.join()\n    return seen\n"
        "async def h():\n    await asyncio.sleep(0.01)\n    return 5\ndef k():\n    return asyncio.run(h())\n"
        "if __name__ == '__main__':\n    raise SystemExit\n"
    )
    assert run(sandbox, source, Call("A.f", (2,)), Call("g"), Call("k")).answers == (["value", 2], ["value", ["l", 1]], ["value", 5])


def test_one_late_call_does_not_take_the_others(sandbox: LocalSandbox) -> None:
    source = "def f(x):\n    while x: pass\n    return x\n"
    outcome = run(sandbox, source, Call("f", (0,)), Call("f", (1,)), Call("f", (0,)), cpu_s=3.0, call_cpu_s=0.1)
    assert outcome.answers == (["value", 0], ["late"], ["value", 0]) and outcome.status == "ran"


def test_cpu_decides_and_the_wall_is_tried_twice(sandbox: LocalSandbox) -> None:
    before = sandbox.requeued
    busy = run(sandbox, "def f():\n    while True: pass\n", cpu_s=0.1)  # a tenth of the least wall limit: also on a busy machine
    assert busy.status == "timeout" and 0.1 <= busy.cpu_s < 1.0 and busy.requeued == 0 and sandbox.requeued == before
    idle = run(sandbox, "import time\ndef f():\n    time.sleep(60)\n", cpu_s=0.1)
    assert idle.status == "timeout" and idle.cpu_s < 0.1 and idle.requeued == 1 and sandbox.requeued == before + 1


def test_a_limit_of_memory_is_one(sandbox: LocalSandbox) -> None:
    outcome = run(sandbox, "def f():\n    return len(bytearray(200 << 20))\n", memory_mb=128)
    assert outcome.answers[0][:2] == ["raised", "MemoryError"]
    assert run(sandbox, "def f():\n    return len(bytearray(200 << 20))\n", memory_mb=512).answers == (["value", 200 << 20],)


def test_our_fault_is_tried_again_and_never_the_candidates(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bad:
        def run(self, trial: Trial) -> Outcome:
            raise Broken("no box today")

    monkeypatch.setattr(sandbox, "_box", lambda trial: Bad())
    outcome = run(sandbox, "def f(): pass\n")
    assert outcome.status == "sandbox_error" and outcome.detail == "no box today" and sandbox.broken == 3


def test_a_box_that_cannot_close_runs_nothing(sandbox: LocalSandbox) -> None:
    tier = sandbox._tier
    open_tier = tiers.Tier(tier.name, tier.command, {**tier.config, "least_abi": 99}, tier.user)
    with pytest.raises(Broken, match="99 is needed"):
        open_tier.start().run(Trial("def f(): pass", (Call("f"),)))


def test_boxes_are_used_once_and_die_with_the_sandbox() -> None:
    async def go() -> list[int]:
        sandbox = LocalSandbox(parallel=2, ahead=2)
        trials = [Trial("n = 0\ndef f():\n    global n\n    n += 1\n    return n\n", (Call("f"),))] * 6
        outcomes = await asyncio.gather(*map(sandbox.run, trials))
        assert all(o.answers == (["value", 1],) for o in outcomes)
        left = [box._process.pid for box in sandbox._waiting[()]]
        await sandbox.aclose()
        return left

    try:
        left = asyncio.run(go())
    except NoSandbox as error:
        pytest.skip(str(error))
    assert left and not any(os.path.exists(f"/proc/{pid}") for pid in left)


def test_no_sandbox_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "TIERS", {"bwrap": tiers.bwrap})
    monkeypatch.setattr(tiers.shutil, "which", lambda *a, **k: None)
    tiers.choose.cache_clear()
    try:
        with pytest.raises(NoSandbox, match=r"bubblewrap is not installed.*apt-get install bubblewrap"):
            LocalSandbox()
        with pytest.raises(NoSandbox, match="there is no tier 'firejail'"):
            LocalSandbox("firejail")
        with pytest.raises(NoSandbox, match="rlimits with `unsafe`"):
            LocalSandbox("rlimits")
        unsafe = LocalSandbox(unsafe=True)
        assert unsafe.tier == "rlimits" and run(unsafe, "def f():\n    return 1\n").tier == "rlimits"
        asyncio.run(unsafe.aclose())
    finally:
        tiers.choose.cache_clear()


def test_limits_alone_are_breached_and_said_to_be() -> None:
    assert "fork is possible" in tiers.breached(tiers.rlimits())


def test_unsafe_is_used_only_where_nothing_holds(sandbox: LocalSandbox) -> None:
    assert LocalSandbox(unsafe=True).tier == sandbox.tier and LocalSandbox("rlimits", unsafe=True).tier == "rlimits"


DEEP = "def f(n):\n    a = {}\n    for i in range(n): a = {1: a}\n    return a\n"


def test_answers_are_read_as_deep_as_they_are_packed(sandbox: LocalSandbox) -> None:
    assert [a[0] for a in run(sandbox, DEEP, Call("f", (60,)), Call("f", (61,))).answers] == ["value", "unplain"]
    for depth in (130, 500, 900, 990, 100_000):
        assert _parsed(b'["value",' + b"[" * depth + b"]" * depth + b"]") == []
    assert _parsed(b'["value",NaN]') == _parsed(b'["value",{}]') == _parsed(b"[[]]") == _parsed(b"9" * 9999) == []


def test_a_line_that_comes_byte_by_byte_costs_its_bytes() -> None:
    ours, theirs = os.pipe()
    box = Box.__new__(Box)
    box._answers, box._streams, box._closed, box._todo, box._said_bytes, box._in = ours, {}, set(), memoryview(b""), 0, -1
    box._said, box._lines = bytearray(b"[" * (1 << 20)), deque()
    started = time.process_time()
    for _ in range(2000):
        os.write(theirs, b"[")
        box._read(1.0)
    assert time.process_time() - started < 0.3, "two thousand copies of a mebibyte take more"
    assert len(box._said) == (1 << 20) + 2000 and not box._lines
    os.close(ours), os.close(theirs)


def test_a_crash_leaves_no_core_and_memory_takes_the_box_first(sandbox: LocalSandbox) -> None:
    box = sandbox._tier.start()
    try:
        box.open(Trial("def f(): pass", ()))
        if os.getuid() == 0:
            assert Path(f"/proc/{box._pid}/environ").stat().st_uid != 65534, "the process may be dumped"
            assert Path(f"/proc/{box._pid}/oom_score_adj").read_text() == "1000\n"
    finally:
        box.close()


def test_a_box_whose_clock_cannot_be_read_runs_nothing(sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "_cpu", lambda self: 0.0)
    with pytest.raises(Broken, match="CPU time of the process in the box cannot be read"):
        sandbox._tier.start().run(Trial("def f(): pass", (Call("f"),)))


def test_a_box_that_waits_answers_fast(sandbox: LocalSandbox) -> None:
    box = sandbox._tier.start()
    time.sleep(0.5)
    started = time.process_time()
    assert box.run(Trial("def f():\n    return 1\n", (Call("f"),))).status == "ran"
    assert time.process_time() - started < 0.05


ENDLESS = {
    "python": "Trial('def f():\\n    while True: pass\\n', (Call('f'),), cpu_s=60.0)",
    "javascript": "Trial('function f() { for (;;); }', (Call('f'),), cpu_s=60.0, language='javascript')",
}


@pytest.mark.parametrize("language", ENDLESS)
@pytest.mark.parametrize("tier", ["bwrap", "landlock"])
def test_boxes_die_with_a_judge_that_is_killed(tier: str, language: str) -> None:
    key = () if language == "python" else (language, 60.0, 768)
    code = (
        "import sys, time\nfrom mintmark.core.ports import Call, Trial\nfrom mintmark.sandboxes.local import LocalSandbox\n"
        "from mintmark.sandboxes.box import _innermost\nimport threading\n"
        f"s = LocalSandbox({tier!r}, parallel=1, ahead=1)\n"
        f"t = {ENDLESS[language]}\nw = s._waiting[{key}]\nw.append(s._tier.start(t))\ntime.sleep(1)\nbox = w[0]\n"
        "threading.Thread(target=s.run_now, args=(t,), daemon=True).start()\n"
        "time.sleep(1)\nprint(box._process.pid, box._pid, *(_innermost(b._process.pid) for b in w), flush=True)\ntime.sleep(60)\n"
    )
    try:
        tiers.choose(tier).start(Trial("", (), language=language)).close()
    except NoSandbox as error:
        pytest.skip(str(error))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as judge:
        assert judge.stdout
        pids = [int(p) for p in judge.stdout.readline().split()]
        assert len(pids) >= 2 and all(os.path.exists(f"/proc/{p}") for p in pids)
        judge.kill()
    end = time.monotonic() + 5
    while time.monotonic() < end and any(os.path.exists(f"/proc/{p}") for p in pids):
        time.sleep(0.02)
    assert not any(os.path.exists(f"/proc/{p}") for p in pids)


@pytest.mark.parametrize("tier, inside", [("bwrap", 1000), ("landlock", 65534)])
def test_root_is_nobody_in_a_box_with_setpriv_and_without(tier: str, inside: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid():
        pytest.skip("this is not root")
    source = "import os\ndef f():\n    return [os.getuid(), os.geteuid(), os.getgid(), sorted(set(os.getgroups()) - {65534, 1000})]\n"
    for become in (box._becoming, lambda user: ()):
        monkeypatch.setattr(box, "_becoming", become)
        try:
            made = tiers.TIERS[tier]().start()
            outcome = made.run(Trial(source, (Call("f"),)))
        except (NoSandbox, Broken) as error:
            pytest.skip(str(error))
        assert ("setpriv" in str(made._process.args)) == bool(become(65534))
        assert outcome.answers == (["value", ["l", inside, inside, inside, ["l"]]],), outcome
