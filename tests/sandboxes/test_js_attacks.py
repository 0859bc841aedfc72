"""The attacks in JavaScript, on every tier that this machine has (others skip, and so does a machine without node)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mintmark.core.errors import NoSandbox
from mintmark.core.ports import Call, Trial
from mintmark.core.verdict import Check, judge
from mintmark.sandboxes.box import Broken
from mintmark.sandboxes.local import LocalSandbox
from sandboxes.js_attacks import ATTACKS, FLAKY, GOOD
from sandboxes.test_attacks import CPU_S, SECRET, Outside, alive, descends, outside  # noqa: F401 (a fixture)

CHECKS = [Check(Call("solve", (1,)), "equals", 2), Check(Call("solve", (41,)), "equals", 42)]
REFUSED_IN_WORDS = {"environment", "inherited files"}  # they come back, with nothing in it but what node has opened for itself
CASES = [(kind, name) for kind, named in ATTACKS.items() for name in named]


@pytest.fixture(scope="module", params=["bwrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[LocalSandbox]:
    try:
        made = LocalSandbox(request.param, languages=["javascript"])
    except NoSandbox as error:
        pytest.skip(str(error))
    os.environ["MINTMARK_CANARY"] = SECRET
    yield made
    del os.environ["MINTMARK_CANARY"]
    asyncio.run(made.aclose())


def trial(source: str, cpu_s: float = CPU_S, **more: Any) -> Trial:
    return Trial(source, tuple(c.call for c in CHECKS), cpu_s=cpu_s, language="javascript", **more)


@pytest.mark.parametrize("kind, name", CASES, ids=[f"{k}: {n}" for k, n in CASES])
def test_attack(sandbox: LocalSandbox, outside: Outside, kind: str, name: str) -> None:  # noqa: F811
    asked = trial(outside.fill(ATTACKS[kind][name]), memory_mb=256)
    before = outside.state()
    for patience in range(
        3, 0, -1
    ):  # as the sandbox does: node needs threads, which another test's attack may have used up for all of the user's
        box = sandbox._tier.start(asked)
        started = time.monotonic()
        try:
            outcome = box.run(asked)
            break
        except Broken:
            if patience == 1:
                raise
            time.sleep(1)
    took = time.monotonic() - started
    verdict = judge(outcome, CHECKS)
    if kind not in FLAKY:
        assert verdict.status in ("failed", "error", "timeout", "limit"), verdict
    assert verdict.tier == sandbox.tier and outcome.runtime.startswith("Node ")
    assert took <= 5 * CPU_S + 2 + 4, f"{took:.1f} s"
    raw = outcome.pack().decode()
    assert SECRET not in raw and "root:" not in raw, "it leaks"
    assert outside.state() == before and (outside.folder / "secret").read_text() == SECRET, "it wrote outside"
    assert not outside.heard, "it reached a socket"
    assert not alive(box._process.pid) and not alive(box._pid), "it survived"
    if kind in ("escape", "network", "exfiltration", "processes"):
        assert verdict.status != "failed" or name in REFUSED_IN_WORDS, f"it came back with {outcome.answers}"
    if kind == "exit":
        assert verdict.status == "error", "an exit status decides nothing"
    if kind == "memory":
        assert verdict.status in ("limit", "error", "timeout"), verdict


def test_no_process_is_left(sandbox: LocalSandbox, outside: Outside) -> None:  # noqa: F811
    asyncio.run(sandbox.aclose())
    end = time.monotonic() + 10
    while (left := _left()) and time.monotonic() < end:
        time.sleep(0.02)
    assert not left and sorted(outside.state()) == ["datagram", "secret", "socket"]


def _left() -> list[bytes]:
    found = []
    for p in Path("/proc").iterdir():
        if p.name.isdigit() and descends(int(p.name)):
            with suppress(OSError):
                found.append((p / "cmdline").read_bytes()[:80])
    return [line for line in found if line.startswith((b"node\0", b"sleep\x0077"))]


def test_a_good_candidate_passes(sandbox: LocalSandbox) -> None:
    for source in (
        GOOD,
        "const solve = async x => { await null; return x + 1 }",
        "module.exports = { solve: x => x + 1 }",
        "exports.solve = x => x + 1",
        "class A { static solve(x) { return x + 1 } }\nconst { solve } = A",
        "const fs = require('fs'), assert = require('assert')\nlet solve = x => { assert(fs); return x + 1 }",
    ):
        asked = trial(source)
        assert judge(sandbox._tier.start(asked).run(asked), CHECKS).status == "passed", source


def test_memory_counts_on_top_of_what_node_takes(sandbox: LocalSandbox) -> None:
    source = "const solve = x => { const b = Buffer.alloc(400 * 2 ** 20, 1); return x + b[5] }"
    for memory_mb, status in ((768, "passed"), (256, "error")):
        asked = trial(source, cpu_s=2.0, memory_mb=memory_mb)
        assert judge(sandbox._tier.start(asked).run(asked), CHECKS).status == status


AGAIN = """
import ctypes, json, os, resource, sys
def say(*words): os.write(3, json.dumps(words).encode() + b"\\n")
def tried(action):
    try: return ["value", f"done: {action()}"]
    except (OSError, ValueError): return ["value", "refused"]
say("ready", {"runtime": "Python again"})
os.read(4, 1 << 16)
say("loaded")
say(*tried(lambda: os.execve("/usr/bin/env", ["env"], {})))
say(*tried(lambda: os.execve(os.open("/usr/bin/env", os.O_RDONLY), ["env"], {})))
say(*tried(lambda: os.dup2(1, 100)))
say(*tried(lambda: os.execve(100, ["env"], {})))
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 322, "aarch64": 281}[os.uname().machine]
def path(name):
    argv = (ctypes.c_char_p * 2)(b"env", None)
    if libc.syscall(number, 100, name, argv, None, 0): raise OSError(ctypes.get_errno(), "refused")
say(*tried(lambda: path(b"/usr/bin/env")))  # an absolute path needs no descriptor: the filter lets it through, Landlock does not
say(*tried(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))))
say(*tried(os.fork))
"""


def test_another_program_is_executed_once(sandbox: LocalSandbox, tmp_path: Path) -> None:
    """The same way with Python as the program, since it can make any system call that it likes."""
    from mintmark.sandboxes import languages, launcher, tiers
    from mintmark.sandboxes.box import Box

    tier, (python, prefix) = sandbox._tier, tiers.interpreter()
    (tmp_path / "again.py").write_text(AGAIN)
    language = languages.Language("again", "python3", ("-I", "-S", "-c"), str(tmp_path / "again.py"), "", {}, "", "")
    there = languages.Runtime(language, python, prefix, languages.elf_loader(Path(python)) or "")
    config = {**tier.config, **there.config(4.0, 768, 0), "seccomp": tiers._filter(launcher.EXEC_FD)}
    outcome = Box(tier.name, tier.command, config, tier.user).run(Trial("", tuple(Call("x") for _ in range(7))))
    assert outcome.runtime == "Python again" and outcome.answers == (["value", "refused"],) * 7, outcome


def test_a_core_would_hold_nothing(sandbox: LocalSandbox) -> None:
    """The exec undoes PR_SET_DUMPABLE, and where cores go to a program RLIMIT_CORE binds none; V8 aborts when memory runs out."""
    box = sandbox._tier.start(trial(GOOD))
    try:
        box.ready()
        assert int(Path(f"/proc/{box._pid}/coredump_filter").read_text(), 16) == 0
    finally:
        box.close()


def test_of_a_program_in_a_home_not_all_of_it_is_shown(sandbox: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mintmark.sandboxes import languages, tiers

    for folder in ("bin", "lib"):
        (tmp_path / folder).mkdir()
    (node := tmp_path / "bin" / "node").touch()
    there = languages.Runtime(languages.LANGUAGES["javascript"], str(node), str(tmp_path), "")
    monkeypatch.setattr(languages, "runtime", lambda *_: there)
    shown: list[Any] = []

    def started(name: str, command: tuple[str, ...], config: dict[str, Any], *more: Any) -> Any:
        shown.extend([*command, *config["readable"]])
        raise Broken("seen")

    monkeypatch.setattr(tiers, "Box", started)
    with pytest.raises(Broken, match="seen"):
        tiers.speaking.__wrapped__(sandbox._tier, "javascript")
    assert {str(node), str(tmp_path / "lib")} <= set(shown) and str(tmp_path) not in shown
