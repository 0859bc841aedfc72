"""A container as the box, started for real: an image is made of this machine's own Python. Skips where no engine runs one.

Attacks of each class by default; all of them with -m slow.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mintmark.core.errors import NoSandbox
from mintmark.core.ports import Call, Trial
from mintmark.core.verdict import judge
from mintmark.sandboxes import container, languages, tiers
from mintmark.sandboxes.box import Broken
from mintmark.sandboxes.local import LocalSandbox
from sandboxes.attacks import ATTACKS, FLAKY, GOOD
from sandboxes.test_attacks import CHECKS, CPU_S, SECRET, Outside, outside  # noqa: F401 (a fixture)

IMAGE = "mintmark-test-python"


def engine_here(engine: str) -> str:
    """'' where it can start this image, else why not. CONTAINERS_CONF and DOCKER_HOST of the environment hold."""
    if shutil.which(engine) is None:
        return f"{engine} is not installed"
    if subprocess.run([engine, "info"], capture_output=True, timeout=60, check=False).returncode:
        return f"{engine} does not answer"
    return ""


def pack_python(target: Path) -> None:
    """What Python needs to start, of this machine: the interpreter, its library, shared libraries and their loader, and env."""
    python, _ = tiers.interpreter()
    said = subprocess.run([python, "-I", "-c", "import os; print(os.__file__)"], capture_output=True, text=True, check=True)
    library = Path(said.stdout.strip()).parent
    natives = [python, "/usr/bin/env", *map(str, (library / "lib-dynload").glob("*.so"))]
    told = subprocess.run(["ldd", *natives], capture_output=True, text=True, check=False).stdout
    shared = {*re.findall(r"=> (/\S+)", told), languages.elf_loader(Path(python)) or ""} - {""}
    with tarfile.open(target, "w") as tar:
        known = {"."}

        def add(path: str, name: str = "") -> None:
            name = (name or path).lstrip("/")
            for folder in map(str, reversed(Path(name).parents)):
                if folder not in known:  # of themselves they would be closed to others
                    known.add(folder)
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(entry)
            tar.add(os.path.realpath(path), name, recursive=False)

        for path in (*shared, "/usr/bin/env"):
            add(path)
        add(python)
        add(python, "/usr/bin/python3")
        for path in library.rglob("*"):
            if path.is_file() and not {"site-packages", "dist-packages", "test", "__pycache__", "idlelib"} & set(path.parts):
                add(str(path))


@pytest.fixture(scope="module", params=["podman", "docker"])
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    engine = request.param
    if why := engine_here(engine):
        pytest.skip(why)
    file = tmp_path_factory.mktemp("image") / "python.tar"
    pack_python(file)
    subprocess.run([engine, "import", str(file), IMAGE], capture_output=True, timeout=300, check=True)
    file.unlink()
    try:
        made = LocalSandbox(f"{engine}:{IMAGE}", parallel=2, ahead=0)
    except NoSandbox as error:
        subprocess.run([engine, "rmi", "--force", IMAGE], capture_output=True, timeout=60, check=False)
        if "OCI" in str(error) or "cgroup" in str(error):  # the engine cannot start any container on this machine
            pytest.skip(str(error))
        raise
    os.environ["DOCKER_MINTMARK_CANARY"] = SECRET  # the engine gets it; the container must not
    yield made
    del os.environ["DOCKER_MINTMARK_CANARY"]
    asyncio.run(made.aclose())
    left = subprocess.run([engine, "ps", "-a", "--format={{.Names}}"], capture_output=True, text=True, timeout=60, check=True).stdout
    subprocess.run([engine, "rmi", "--force", IMAGE], capture_output=True, timeout=60, check=False)
    assert "mintmark-" not in left, "containers are left"


CASES = [(kind, name) for kind, named in ATTACKS.items() for name in named]
FEW = {named: kind for kind, attacks in ATTACKS.items() for named in list(attacks)[:1]}
OWN = {"passwords", "home", "environment", "files", "environment of others", "inherited files"}  # the image's own, and nothing of ours
OWN |= {"changes root of an open folder", "command lines of others", "another's limits"}  # all its own: it has no parent there


@pytest.mark.parametrize(
    "kind, name",
    [pytest.param(k, n, marks=() if FEW.get(n) == k else pytest.mark.slow) for k, n in CASES],
    ids=[f"{k}: {n}" for k, n in CASES],
)
def test_attack(sandbox: LocalSandbox, outside: Outside, kind: str, name: str) -> None:  # noqa: F811
    before = outside.state()
    box = sandbox._tier.start()
    outcome = box.run(Trial(outside.fill(ATTACKS[kind][name]), tuple(c.call for c in CHECKS), cpu_s=CPU_S))
    verdict = judge(outcome, CHECKS)
    if kind not in FLAKY:
        assert verdict.status in ("failed", "error", "timeout", "limit"), verdict
    assert SECRET not in outcome.pack().decode() and outside.state() == before and not outside.heard
    assert not os.path.exists(f"/proc/{box._pid}"), "it survived"
    if kind in ("escape", "network", "exfiltration") and name not in OWN:
        assert verdict.status != "failed", outcome
    if kind == "exit":
        assert verdict.status == "error"


def test_a_good_candidate_passes_and_time_is_kept(sandbox: LocalSandbox) -> None:
    trial = Trial(GOOD, tuple(c.call for c in CHECKS))
    outcome = sandbox.run_now(trial)
    assert judge(outcome, CHECKS).status == "passed" and outcome.tier in container.ENGINES and outcome.runtime.startswith("CPython")
    printed = sandbox.run_now(Trial("def f():\n    print('here')\n", (Call("f"),)))
    assert printed.answers == (["value", None],) and printed.stderr == "here\n", "what is printed comes as standard error"
    started = time.monotonic()
    slow = sandbox._tier.start().run(Trial("def f():\n    while True: pass\n", (Call("f"),), cpu_s=0.2))
    assert slow.status == "timeout" and slow.cpu_s > 0.1 and time.monotonic() - started < 20


def test_tests_that_are_code_run_beside_it(sandbox: LocalSandbox) -> None:
    tests = ("def test():\n    for i in range(3):\n        assert solve(i) == i + 1\n",)
    outcome = sandbox.run_now(Trial(GOOD, (), tests=tests, entry="solve"))
    assert outcome.answers == (["value", None],), outcome


def test_what_is_no_container_is_refused() -> None:
    for name, words in (
        ("podman:", "names no container"),
        ("chroot:x", "names no container"),
        ("docker:--privileged", "names no container"),
    ):
        with pytest.raises(NoSandbox, match=words):
            LocalSandbox(name)


def test_an_engine_that_does_not_answer_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*given: object, **more: object) -> None:
        raise subprocess.TimeoutExpired("podman", 30)

    made = container.Container.__new__(container.Container)
    made._engine, made._name, made._environment = "podman", "x", {}
    monkeypatch.setattr(container.subprocess, "run", late)
    with pytest.raises(Broken, match="does not answer"):
        made._find()


def test_an_absent_engine_or_image_is_said(monkeypatch: pytest.MonkeyPatch, sandbox: LocalSandbox) -> None:
    engine = sandbox.tier
    with pytest.raises(NoSandbox, match="does not hold: the box did not start"):
        LocalSandbox(f"{engine}:no-such-image-of-mintmark")
    with pytest.raises(NoSandbox, match="containers run Python alone"):
        sandbox._tier.start(Trial("", (), language="javascript"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoSandbox, match=f"{engine} is not installed"):
        container.starter(f"{engine}:x", (), {})
