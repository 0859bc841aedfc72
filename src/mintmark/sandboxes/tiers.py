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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import getsource
from pathlib import Path
from typing import Any

from ..core import plain
from ..core.errors import NoSandbox
from ..core.ports import Call, Outcome, Trial
from . import launcher, probes, seccomp
from .box import Box, Broken

NOBODY = 65534
INSTALL = "apt-get install bubblewrap (dnf, pacman, apk: the same name), or run on Linux 6.2 or newer with Landlock"
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
# less an import that annotations alone need: it is a sixth of what a box costs
_LAUNCHER = f"{getsource(plain)}\n{getsource(launcher)}\nmain(pack, unpack)\n".replace("from typing import Any\n", "")


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
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
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
    return _tier("bwrap", command, config)


def landlock() -> Tier:
    return _tier("landlock", _python(), _config(file_mb=0, least_abi=3, seccomp=_filter(), parent=os.getpid()))


def rlimits() -> Tier:
    return _tier("rlimits", _python(), _config(unsafe=True))


def _tier(name: str, command: Sequence[str], config: dict[str, Any]) -> Tier:
    """As nobody where this is root: by setpriv where it can, since Popen would fork for it, which copies the page tables of a large process (200 MB: 9 CPU
    ms a box instead of 1)."""
    if os.getuid():
        return Tier(name, tuple(command), config, None)
    return Tier(name, (*_setpriv(), *command), config, None if _setpriv() else NOBODY)


@cache
def _setpriv() -> tuple[str, ...]:
    """() where util-linux's is not installed; busybox's knows no users."""
    found = shutil.which("setpriv", path="/usr/bin:/bin")
    command = (found or "", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
    works = found and not subprocess.run([*command, "/bin/true"], capture_output=True, env={}, cwd="/").returncode
    return command if works else ()


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
