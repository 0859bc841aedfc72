"""The languages that boxes run, beside Python: one line of the table each, and a launcher in that language (javascript.js).

The Python launcher closes the box, as always, and then becomes the program, by one exec that the filter lets through once (launcher.py, seccomp.py).
What differs from Python is told here and in docs/sandbox.md. Not covered: packages from elsewhere, compilers.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..core.errors import NoSandbox

HERE = Path(__file__).parent
START_CPU_S = 2.0  # at most, until a runtime is ready


@dataclass(frozen=True, slots=True)
class Language:
    """program: looked for on the PATH. arguments: before the launcher's text; its own argument, the configuration, follows it. environment: all that
    it starts with. out_of_memory: what it says on standard error before it dies of that. install: where it is absent."""

    name: str
    program: str
    arguments: tuple[str, ...]
    launcher: str
    probes: str
    environment: dict[str, str]
    out_of_memory: str
    install: str


LANGUAGES = {
    "javascript": Language(
        "javascript",
        "node",
        # V8's heap has a bound of its own, since a collection must come before the address space ends; no threads that compile ahead
        ("--max-old-space-size={memory_mb}", "--v8-pool-size=0", "--openssl-config=/dev/null", "-e"),
        "javascript.js",
        "javascript_probes.js",
        {"MALLOC_ARENA_MAX": "2"},
        "out of memory",
        "apt-get install nodejs, or Node.js 18 or newer on the PATH",
    )
}


@dataclass(frozen=True, slots=True)
class Runtime:
    """A language on this machine. program: its real path. prefix: the folder whose lib it needs to read. loader: what the kernel starts it with."""

    language: Language
    program: str
    prefix: str
    loader: str

    def config(self, cpu_s: float, memory_mb: int, base_mb: int) -> dict[str, object]:
        """What the Python launcher needs to become it. base_mb: address space that it takes before any candidate."""
        arguments = [a.format(memory_mb=memory_mb) for a in self.language.arguments]
        return {
            "program": self.program,
            "arguments": [self.language.program, *arguments, (HERE / self.language.launcher).read_text("utf-8")],
            "environment": self.language.environment,
            "runnable": [p for p in (self.program, self.loader) if p],
            "cpu_s": cpu_s + START_CPU_S,
            "memory_mb": base_mb + memory_mb,
        }


@cache
def runtime(name: str, readable: Callable[[Path], bool]) -> Runtime:
    """readable: whether the user of the box may read a path. NoSandbox, with the install line, where the language is not here."""
    if name not in LANGUAGES:
        raise NoSandbox(f"there is no language '{name}'; there are python, {', '.join(LANGUAGES)}")
    language = LANGUAGES[name]
    found = shutil.which(language.program) or shutil.which(language.program, path="/usr/local/bin:/usr/bin:/bin")
    if found is None:
        raise NoSandbox(f"{name} needs {language.program}, which is not installed: {language.install}")
    program = Path(found).resolve()
    if not all(readable(p) for p in (program, *program.parents)):
        raise NoSandbox(f"{program} lies in a folder that the user of the box may not read; install it for all: {language.install}")
    if not (head := elf_loader(program)) and head is None:
        raise NoSandbox(f"{program} is no program but a script around one; put the program itself on the PATH: {language.install}")
    return Runtime(language, str(program), str(program.parent.parent), head or "")


def elf_loader(program: Path) -> str | None:
    """The path that an ELF file names as its interpreter; '' where it needs none; None where it is no ELF file of 64 bits."""
    with open(program, "rb") as file:
        head = file.read(64)
        if len(head) < 64 or head[:5] != b"\x7fELF\x02":
            return None
        (at,) = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        for k in range(count):
            file.seek(at + k * size)
            kind, _, offset, _, _, length = struct.unpack("<IIQQQQ", file.read(40))
            if kind == 3:  # PT_INTERP
                file.seek(offset)
                return os.fsdecode(file.read(length).rstrip(b"\0"))
    return ""
