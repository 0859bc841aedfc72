"""Runs inside a box, as text that comes with the job: what the launcher needs for programs, and for calls that come from a second box (proxied.py).

    run(code, "3\\n1 2 3\\n")  ->  "6\\n"          Kept(names, sys.stdout).keep(Stack())  ->  ["o", 0, "object", ["o", 1, "class", "Stack", ["__len__"], "object"]]

It stands apart since every candidate pays for what the launcher holds. What is not plain stays here and goes by its number: #3 is what has that number,
#3.push its method, #.len Python's own, #names what of the candidate's has these names, #await what comes of a coroutine.
Not covered: what is written to the descriptor 1 itself.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the launcher's
    from ..core.plain import pack
    from .launcher import awaited, found


class Kept:
    """What no plain value can say stays here, and goes by its number, with what a second box must know to stand in for it."""

    def __init__(self, names: dict[str, Any], stdout: Any) -> None:
        self.names, self.printed = names, Printed(stdout)
        self.all: list[Any] = []
        self.numbers: dict[int, int] = {}

    def keep(self, value: Any) -> list[Any]:
        number = self.numbers.setdefault(id(value), len(self.all))
        if number == len(self.all):
            self.all.append(value)
        kind = type(value)
        if isinstance(value, tuple):
            return ["o", number, "tuple", kind.__name__, ["l", *kind._fields], pack(tuple(value), 0, self.keep)]
        if isinstance(value, type):
            bases = [self.keep(b) if b.__module__ == "candidate" else b.__name__ for b in value.__bases__]
            has = [n for n in dir(value) if n[:2] == "__" and getattr(value, n, None) is not getattr(object, n, None)]
            return ["o", number, "class", value.__name__, has, *bases]
        if kind.__name__ == "coroutine":
            return ["o", number, "coroutine"]
        if kind.__module__ != "candidate" and (callable(value) or hasattr(kind, "__next__")):
            return ["o", number, "iterator" if hasattr(kind, "__next__") else "function"]
        if kind.__module__ in ("builtins", "collections", "array") and hasattr(kind, "__iter__"):
            return self.keep(iter(value))  # a view of a dict, a deque: what is in it
        return ["o", number, "object", self.keep(kind)]

    def back(self, number: int) -> Any:
        return self.all[number]

    def find(self, path: str) -> Any:
        if path == "#names":
            return lambda wanted: {n: self.names[n] for n in wanted if n in self.names}
        if path == "#await":
            return awaited
        if path[0] != "#":
            return found(self.names, path)
        number, *rest = path[1:].split(".")
        value: Any = self.all[int(number)] if number else builtins
        for name in rest:
            value = getattr(value, name)
        return value


class Printed:
    """Standard output, of which a second box hears too: its tests may look at it."""

    def __init__(self, real: Any) -> None:
        self.real, self.text = real, ""

    def write(self, text: str) -> int:
        self.text += text
        return int(self.real.write(text))

    def taken(self) -> list[Any]:
        text, self.text = self.text, ""
        return [["printed", text]] if text else []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def run(code: Any, given: str) -> str:
    """Runs it as a program of its own, with `given` to read; what it has printed."""
    data, printed, before = given.encode(), io.BytesIO(), (sys.stdin, sys.stdout, sys.modules["__main__"])
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.write(write, data[: 1 << 16])  # for those that read the descriptor itself: what a pipe takes
    os.close(write)
    if read:  # not where an earlier run closed the descriptor 0
        os.dup2(read, 0)
        os.close(read)
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    out = io.TextIOWrapper(printed, "utf-8", write_through=True)
    sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(data), "utf-8"), out
    try:
        exec(code, module.__dict__)
        for thread in sys.modules["threading"].enumerate() if "threading" in sys.modules else ():
            if not thread.daemon and thread is not sys.modules["threading"].current_thread():
                thread.join()
    except SystemExit as error:
        if error.code not in (None, 0):
            raise
    finally:
        sys.stdin, sys.stdout, sys.modules["__main__"] = before
    out.flush()
    text = printed.getvalue().decode("utf-8", "replace")
    print(text, end="")
    return text
