"""What a box must refuse, tried from inside: its text runs as the first candidate of a tier. Each function gives "refused", or what it could do.

Standard library only, no import of the package: the box cannot see it.
"""

import ctypes
import os
import socket
from collections.abc import Callable

ALL = ("environment", "files", "writing", "home", "loopback", "vsock", "fork", "execution", "namespaces", "tracing", "signals", "memory")
WITH_PATH = ("files", "writing")


def _tried(action: Callable[[], object]) -> str:
    try:
        return f"done: {action()!r}"[:200]
    except (OSError, MemoryError):
        return "refused"


def _call(number: int, *arguments: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return number


def environment() -> str:
    left = set(os.environ) - {"LC_CTYPE", "PWD"}  # the interpreter's own, and bwrap's
    return (
        f"done: {sorted(left)}" if left else _tried(lambda: open("/proc/1/environ").read(1) or open("/proc/self/environ").read(1) or 1 / 0)
    )


def files(path: str) -> str:
    return _tried(lambda: open(path).read())


def writing(path: str) -> str:
    def write() -> str:
        with open(path, "a") as file:
            file.write("inside")
        return path

    return _tried(write) if _tried(lambda: open(path + ".new", "x")) == "refused" else "done: a new file"


def home() -> str:
    for path in ("/home", "/root", "/etc", "/var", "/proc"):
        if (seen := _tried(lambda: os.listdir(path))) != "refused":
            return seen
    return "refused"


def loopback() -> str:
    return _tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


def vsock() -> str:
    return _tried(lambda: socket.socket(40, socket.SOCK_STREAM))


def fork() -> str:
    def twice() -> int:
        child = os.fork()
        if not child:
            os._exit(0)
        return child

    return _tried(twice)


def execution() -> str:
    return _tried(lambda: os.execv("/usr/bin/env", ["env"]))


def namespaces() -> str:
    return _tried(lambda: _call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000))


def tracing() -> str:
    return _tried(lambda: _call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 0, 0, 0, 0))


def signals() -> str:
    return _tried(lambda: os.kill(os.getppid(), 0))


def memory() -> str:
    return _tried(lambda: len(bytearray(2 << 30)))
