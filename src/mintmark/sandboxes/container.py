"""A container as the box, by choice: `--sandbox podman:IMAGE` or `docker:IMAGE`, an image that is here already and has python3 and env in it.

    podman run --rm -i --pull=never --network=none --read-only --cap-drop=ALL --security-opt=no-new-privileges --user=65534:65534 ... IMAGE

The same launcher closes it from within (limits, seccomp, Landlock where the kernel has it), and it is probed as any tier. What differs: it takes ten times as
long to start; what the candidate prints comes as standard error; its environment and its root are the image's, so put nothing secret there; a candidate that
sleeps may outlive a judge that is killed (podman ends it after ten minutes). Not covered: engines on other machines, whose processes are not seen here.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..core.errors import NoSandbox
from .box import Box, Broken

ENGINES = ("docker", "podman")
UNSEEN = ("environment", "home")  # probes that ask for what is the image's own here
_PASSED = ("PATH", "HOME", "USER", "TMPDIR")  # of our environment to the engine, beside its own; it hands none of them on
_OWN = ("DOCKER_", "CONTAINER", "XDG_")
_LIMITS = ("nofile=1024:1024", "nproc=1024:1024")  # what an engine would set else may be more than it may raise


class Container(Box):
    """engine: its path. launched: the command inside."""

    def __init__(self, tier: str, engine: str, image: str, launched: tuple[str, ...], config: dict[str, Any]) -> None:
        self._engine, self._name = engine, f"mintmark-{secrets.token_hex(8)}"
        self._environment = {k: v for k, v in os.environ.items() if k in _PASSED or k.startswith(_OWN)}
        command = [
            *(engine, "run", "--rm", "-i", "--name", self._name, "--pull=never", "--network=none", "--read-only", "--cap-drop=ALL"),
            *("--security-opt=no-new-privileges", "--user=65534:65534", "--workdir=/tmp", "--tmpfs=/tmp:rw,size=16m,mode=1777"),
            *(x for limit in _LIMITS for x in ("--ulimit", limit)),
            *(("--timeout=600", "--http-proxy=false") if tier == "podman" else ()),
            *("--entrypoint=/usr/bin/env", image, "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *launched),
        ]
        super().__init__(tier, command, config, environment=self._environment, piped=False)

    def _find(self) -> int:
        """As the engine says, and only where the process is one of ours: else its CPU time could not be read."""
        done = self._ask("inspect", "--format={{.State.Pid}}", self._name)
        with suppress(ValueError, OSError):
            pid = int(done)
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if b"PR_SET_PDEATHSIG" in f.read():
                    return pid
        raise Broken(
            f"the container's process is not to be seen here ({done or 'the engine names none'}): it runs on another machine, or as another user's"
        )

    def _ask(self, *words: str) -> str:
        try:
            done = subprocess.run([self._engine, *words], capture_output=True, text=True, env=self._environment, timeout=30, check=False)
        except subprocess.TimeoutExpired as error:
            raise Broken(f"{self._engine} does not answer") from error
        return done.stdout.strip()

    def close(self) -> None:
        if self._process.returncode is None:
            if self._pid:
                with suppress(OSError):  # not by its number, which may be another's by now
                    signal.pidfd_send_signal(self._end, signal.SIGKILL)
            try:
                self._process.wait(5 if self._pid else 0.01)
            except subprocess.TimeoutExpired:
                with suppress(OSError, Broken):
                    self._ask("rm", "--force", self._name)
        super().close()


def starter(tier: str, launched: tuple[str, ...], config: dict[str, Any]) -> tuple[str, Callable[[], Box]]:
    """(engine, what starts its boxes) of 'podman:IMAGE'. NoSandbox where there is no such engine."""
    engine, _, image = tier.partition(":")
    found = shutil.which(engine)
    if engine not in ENGINES or not image or image.startswith("-"):
        raise NoSandbox(f"'{tier}' names no container; expected {' or '.join(f'{e}:IMAGE' for e in ENGINES)}")
    if found is None:
        raise NoSandbox(f"{engine} is not installed: apt-get install {'podman' if engine == 'podman' else 'docker.io'}")
    return engine, lambda: Container(engine, found, image, launched, config)
