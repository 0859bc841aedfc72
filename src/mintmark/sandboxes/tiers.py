"""What can hold a candidate on this machine, strongest first, and the probes that show that it does before the first candidate runs.

    bwrap      bubblewrap: own user, pid, net, mount, ipc, uts and cgroup namespaces, no /proc, empty file system but for the interpreter (read-only) and
               80 MiB to write in, that vanish; inside: Landlock, seccomp, limits
    landlock   where user namespaces are blocked: Landlock, seccomp and limits alone, as the same user (nobody, where that is root); nothing can
               be written at all; files can be seen to exist, not read
    rlimits    limits alone: no boundary. Only where `unsafe` is said, and every verdict carries its name

As root all of them run as nobody (65534): limits on processes do not bind root, and root's files would be ours. Where no tier passes its
probes there is none: NoSandbox. Not covered: virtual machines and containers from elsewhere (run Mintmark inside one).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from inspect import getsource
from pathlib import Path
from typing import Any

from ..core import plain
from ..core.errors import NoSandbox
from ..core.ports import Call, Outcome, Trial
from . import launcher, probes, seccomp
from .box import Box, Broken

MOST_THREADS = (
    1000  # of all boxes together, where no namespace counts them by box: kernel memory and numbers of processes are the machine's
)
NOBODY, _PATH = 65534, "/usr/bin:/usr/local/bin:/bin"
INSTALL = "apt-get install bubblewrap (dnf, pacman, apk: the same name), or run on Linux 6.2 or newer with Landlock"
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
_PLAIN, _FUTURE = getsource(plain).partition("\ndef canonical(")[0], "from __future__ import annotations\n"  # comparing is done outside
_LAUNCHER = f"{_PLAIN}\n{getsource(launcher).replace(_FUTURE, '')}\nmain(pack, unpack)\n"


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    command: tuple[str, ...]
    config: dict[str, Any]
    user: int | None

    def start(self) -> Box:
        return Box(self.name, self.command, self.config, self.user)


@cache
def interpreter() -> tuple[str, str]:
    """(python, its prefix) that the user of the box may read: ours, else the system's. NoSandbox where neither can be."""
    ours = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    for python, prefix in ((ours, Path(sys.base_prefix)), (Path("/usr/bin/python3").resolve(), Path("/usr"))):
        if python.exists() and all(_open_to_all(p) for path in (python, prefix.resolve()) for p in (path, *path.parents)):
            return str(python), str(prefix.resolve())
    raise NoSandbox(
        f"no interpreter that an unprivileged user may read: {ours} lies in a closed folder, /usr/bin/python3 is absent; install python3"
    )


def _open_to_all(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o005 == 0o005) if os.getuid() == 0 else os.access(path, os.R_OK | os.X_OK)


def _python() -> tuple[str, ...]:
    return interpreter()[0], "-I", "-S", "-B", "-c", _LAUNCHER


def _config(**own: Any) -> dict[str, Any]:
    prefix = interpreter()[1]
    base: dict[str, Any] = {
        "readable": [*_SYSTEM, prefix, "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"],
        "writable": [],
        "file_mb": 32,
        "threads": 0,
        "least_abi": 1,
        "unsafe": False,
        "seccomp": "",
    }
    return {**base, **own}


def _filter() -> str:
    try:
        return seccomp.program(platform.machine()).hex()
    except ValueError as error:
        raise NoSandbox(str(error)) from error


def bwrap() -> Tier:
    found = shutil.which("bwrap", path=_PATH)
    if found is None:
        raise NoSandbox("bubblewrap is not installed")
    prefix = interpreter()[1]
    shown = ["--ro-bind", "/usr", "/usr"]
    for path in _SYSTEM[1:]:
        if os.path.islink(path):
            shown += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            shown += ["--ro-bind", path, path]
    if not prefix.startswith("/usr/") and prefix != "/usr":
        shown += ["--ro-bind", prefix, prefix]
    room = [w for path, size in (("/dev/shm", 4), ("/tmp", 16), ("/box", 64)) for w in ("--size", str(size << 20), "--tmpfs", path)]
    command = [
        *(found, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv"),
        *(*shown, "--dev", "/dev", *room, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/box"),
        *("--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "box", "--", *_python()),
    ]
    config = _config(writable=["/box", "/tmp", "/dev/shm"], threads=24, seccomp=_filter())
    return _nobody(Tier("bwrap", tuple(command), config, None))


def landlock() -> Tier:
    config = _config(file_mb=0, least_abi=3, threads=_tasks() + MOST_THREADS, seccomp=_filter(), parent=os.getpid())
    return _nobody(Tier("landlock", _python(), config, None))


def _tasks() -> int:
    """Threads that the user of the box has already: without a namespace the limit counts them all, and those of other boxes."""
    user, found = NOBODY if os.getuid() == 0 else os.getuid(), 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found += len(os.listdir(process / "task")) if process.stat().st_uid == user else 0
    return found


def rlimits() -> Tier:
    return _nobody(Tier("rlimits", _python(), _config(unsafe=True), None))


def _nobody(tier: Tier) -> Tier:
    """The tier as nobody, where this is root. By setpriv where there is one: Python changes a user only after a fork, which copies the tables of
    all of this process's memory for each box; without it vfork copies nothing."""
    if os.getuid() != 0:
        return tier
    if setpriv := shutil.which("setpriv", path=_PATH):
        become = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
        if subprocess.run([*become, "/bin/true"], env={}, capture_output=True).returncode == 0:  # BusyBox has another of that name
            return replace(tier, command=(*become, *tier.command))
    return replace(tier, user=NOBODY)


TIERS: dict[str, Callable[[], Tier]] = {"bwrap": bwrap, "landlock": landlock}


@cache
def choose(name: str | None = None, unsafe: bool = False) -> Tier:
    """The tier named, or the strongest that passes its probes; limits alone where none does and `unsafe` is said. NoSandbox, with what each lacks. Probed once a process."""
    if sys.platform != "linux":
        raise NoSandbox(f"code is executed on Linux alone, this is {sys.platform}; run Mintmark in a Linux container or virtual machine")
    if unsafe and name == "rlimits":
        return rlimits()
    if name is not None and name not in TIERS:
        raise NoSandbox(f"there is no tier '{name}'; there are {', '.join(TIERS)}, and rlimits with `unsafe`, which holds nothing")
    lacking = []
    for tier in [name] if name else TIERS:
        try:
            made = TIERS[tier]()
            if not (breaches := breached(made)):
                return made
            lacking.append(f"{tier}: {'; '.join(breaches)}")
        except NoSandbox as error:
            lacking.append(f"{tier}: {error}")
    if unsafe and name is None:
        return rlimits()
    raise NoSandbox(f"no sandbox holds on this machine, so no code is executed. {' · '.join(lacking)}. Install one: {INSTALL}")


def breached(tier: Tier) -> list[str]:
    """What a candidate could do in this tier that it must not, by trying; [] where it holds."""
    with tempfile.TemporaryDirectory(prefix="mintmark-probe-") as folder:
        os.chmod(folder, 0o777)  # so that it is the box that refuses, not the mode
        canary = Path(folder) / "canary"
        canary.write_text("outside")
        os.chmod(canary, 0o666)
        calls = tuple(Call(name, (str(canary),) if name in probes.WITH_PATH else ()) for name in probes.ALL)
        try:
            outcome: Outcome = tier.start().run(Trial(getsource(probes), calls))
        except (Broken, OSError) as error:
            return [str(error)]
        found = [p for p, a in zip(probes.ALL, outcome.answers) if a != ["value", "refused"]]
        told = [f"{name} is possible" for name in found] or ([] if outcome.status == "ran" else [outcome.detail])
        if canary.read_text() != "outside" or len(list(Path(folder).iterdir())) > 1:
            told.append("it wrote outside the box")
        return told
