"""What can hold a candidate on this machine, strongest first, and the probes that show that it does before the first candidate runs.

    bwrap      bubblewrap: own user, pid, net, mount, ipc, uts and cgroup namespaces, no /proc, empty file system but for the interpreter (read-only) and
               84 MiB to write in, that vanish; inside: Landlock, seccomp, limits
    landlock   where user namespaces are blocked: Landlock, seccomp and limits alone, as the same user (nobody, where that is root); nothing can
               be written at all; files can be seen to exist, not read
    podman:IMAGE, docker:IMAGE    a container (container.py), by choice alone
    rlimits    limits alone: no boundary. Only where `unsafe` is said, and every verdict carries its name

As root all of them run as nobody (65534): limits on processes do not bind root, and root's files would be ours. Where no tier passes its
probes there is none: NoSandbox. Not covered: virtual machines and containers from elsewhere (run Mintmark inside one).
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from inspect import getsource
from pathlib import Path
from typing import Any

from ..core import plain
from ..core.errors import NoSandbox
from ..core.ports import Call, Outcome, Trial
from . import container, languages, launcher, probes, seccomp
from .box import Box, Broken

MOST_THREADS = (
    1000  # of all boxes together, where no namespace counts them by box: kernel memory and numbers of processes are the machine's
)
NOBODY, _PATH = 65534, "/usr/bin:/usr/local/bin:/bin"
INSTALL = "apt-get install bubblewrap (dnf, pacman, apk: the same name), or run on Linux 6.2 or newer with Landlock"
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
_PLAIN, _FUTURE = getsource(plain).partition("\ndef canonical(")[0], "from __future__ import annotations\n"  # comparing is done outside
_LAUNCHER = f"{_PLAIN}\n{getsource(launcher).replace(_FUTURE, '')}\nmain(pack, unpack)\n"


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    name: str
    command: tuple[str, ...]
    config: dict[str, Any]
    user: int | None
    contained: Callable[[], Box] | None = None  # what starts it, where that is a container

    def start(self, trial: Trial | None = None) -> Box:
        """A box for any trial in Python, or for those like this one. NoSandbox where its language is not here, or this tier does not hold it."""
        if self.contained:
            if trial is not None and trial.language != "python":
                raise NoSandbox(f"containers run Python alone so far; for {trial.language} choose {' or '.join(TIERS)}")
            return self.contained()
        if trial is None or trial.language == "python":
            return Box(self.name, self.command, self.config, self.user)
        start, base_mb = speaking(self, trial.language)
        return start(trial.cpu_s, trial.memory_mb, base_mb)


@cache
def speaking(tier: Tier, language: str) -> tuple[Callable[[float, int, int], Box], int]:
    """What starts boxes of another language in this tier, and the address space in MiB that it has before any candidate: the same command and
    layers, with one more file that may run, once. Probed before."""
    there = languages.runtime(language, _open_to_all)
    command = [*tier.command]
    # Not all of the prefix: of ~/bin/node that is the home
    shown = [p for p in (there.program, f"{there.prefix}/lib") if os.path.exists(p) and not p.startswith("/usr/")]
    if tier.name == "bwrap":
        last = command.index("--remount-ro")
        command[last:last] = [w for path in shown for w in ("--ro-bind", path, path)]

    def start(cpu_s: float, memory_mb: int, base_mb: int) -> Box:
        config = {**tier.config, **there.config(cpu_s, memory_mb, base_mb)}
        config["readable"] = [*tier.config["readable"], *shown]
        config["seccomp"] = tier.config["seccomp"] and _filter(launcher.EXEC_FD)
        return Box(tier.name, tuple(command), config, tier.user, there.language.out_of_memory)

    box = start(4.0, 1 << 14, 0)
    try:
        box.ready()
        base_mb = box.space_mb()
    except (Broken, OSError) as error:
        raise NoSandbox(f"{tier.name} does not hold {language}: {error}") from error
    finally:
        box.close()
    source = (languages.HERE / there.language.probes).read_text("utf-8")
    if tier.name in TIERS and (breaches := _breaches(lambda: start(4.0, 768, base_mb), source, language)):
        raise NoSandbox(f"{tier.name} does not hold {language}: {'; '.join(breaches)}")
    return start, base_mb


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


@cache
def modules() -> dict[str, str]:
    """Native modules of one file each that can be seen in a box of the bwrap tier: DuckDB's, where it is installed and anybody may read it.
    Not in the landlock tier: there /proc/self/cgroup exists and is refused, at which it crashes."""
    found = {name: spec.origin for name in ("_duckdb",) if (spec := find_spec(name)) and spec.origin}
    return {name: path for name, path in found.items() if all(map(_open_to_all, (Path(path), *Path(path).parents)))}


def _python() -> tuple[str, ...]:
    return interpreter()[0], "-I", "-S", "-B", "-c", _LAUNCHER


def _config(**own: Any) -> dict[str, Any]:
    prefix = interpreter()[1]
    base: dict[str, Any] = {
        "modules": {},
        "readable": [*_SYSTEM, prefix, "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"],
        "writable": [],
        "file_mb": 32,
        "threads": 0,
        "least_abi": 1,
        "unsafe": False,
        "seccomp": "",
        "program": "",
        "runnable": [],
    }
    return {**base, **own}


def _filter(exec_fd: int | None = None) -> str:
    try:
        return seccomp.program(platform.machine(), exec_fd).hex()
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
    native = {name: f"/native/{Path(path).name}" for name, path in modules().items()}  # whatever folder they lie in
    shown += [w for path in modules().values() for w in ("--ro-bind", path, f"/native/{Path(path).name}")]
    room = [w for path, size in (("/dev/shm", 4), ("/tmp", 16), ("/box", 64)) for w in ("--size", str(size << 20), "--tmpfs", path)]
    command = [
        *(found, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv"),
        *("--dev", "/dev", *room, *shown, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/box"),
        *("--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "box", "--", *_python()),
    ]
    config = _config(writable=["/box", "/tmp", "/dev/shm"], threads=24, seccomp=_filter(), modules=native)
    config["readable"] += native.values()
    return Tier("bwrap", tuple(command), config, _user())


def landlock() -> Tier:
    config = _config(file_mb=0, least_abi=3, threads=_tasks() + MOST_THREADS, seccomp=_filter(), parent=os.getpid())
    return Tier("landlock", _python(), config, _user())


def _tasks() -> int:
    """Threads that the user of the box has already: without a namespace the limit counts them all, and those of other boxes."""
    user, found = NOBODY if os.getuid() == 0 else os.getuid(), 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found += len(os.listdir(process / "task")) if process.stat().st_uid == user else 0
    return found


def contained(name: str) -> Tier:
    config = _config(least_abi=0, writable=["/tmp"], seccomp=_filter())
    engine, start = container.starter(name, ("python3", *_python()[1:]), config)
    return Tier(engine, (), config, None, start)


def rlimits() -> Tier:
    return Tier("rlimits", _python(), _config(unsafe=True), _user())


def _user() -> int | None:
    return NOBODY if os.getuid() == 0 else None


TIERS: dict[str, Callable[[], Tier]] = {"bwrap": bwrap, "landlock": landlock}


@cache
def choose(name: str | None = None, unsafe: bool = False) -> Tier:
    """The tier named, or the strongest that passes its probes; limits alone where none does and `unsafe` is said. NoSandbox, with what each lacks. Probed once a process."""
    if sys.platform != "linux":
        raise NoSandbox(f"code is executed on Linux alone, this is {sys.platform}; run Mintmark in a Linux container or virtual machine")
    if unsafe and name == "rlimits":
        return rlimits()
    if name is not None and ":" in name:
        if breaches := breached(made := contained(name)):
            raise NoSandbox(f"{name} does not hold: {'; '.join(breaches)}")
        return made
    if name is not None and name not in TIERS:
        there = ", ".join([*TIERS, *(f"{e}:IMAGE" for e in container.ENGINES)])
        raise NoSandbox(f"there is no tier '{name}'; there are {there}, and rlimits with `unsafe`, which holds nothing")
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
    return _breaches(tier.start, getsource(probes), "python", container.UNSEEN if tier.contained else ())


def _breaches(start: Callable[[], Box], source: str, language: str, without: tuple[str, ...] = ()) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="mintmark-probe-") as folder:
        os.chmod(folder, 0o777)  # so that it is the box that refuses, not the mode
        canary = Path(folder) / "canary"
        canary.write_text("outside")
        os.chmod(canary, 0o666)
        names = [name for name in probes.ALL if name not in without]
        calls = tuple(Call(name, (str(canary),) if name in probes.WITH_PATH else ()) for name in names)
        try:
            outcome: Outcome = start().run(Trial(source, calls, language=language))
        except (Broken, OSError) as error:
            return [str(error)]
        found = [p for p, a in zip(names, outcome.answers) if a != ["value", "refused"]]
        told = [f"{name} is possible" for name in found] or ([] if outcome.status == "ran" else [outcome.detail])
        if canary.read_text() != "outside" or len(list(Path(folder).iterdir())) > 1:
            told.append("it wrote outside the box")
        return told
