"""The asserts in what a model wrote when it was asked for tests: samples that go on for too long, break off, or test something else.

    asserts_of(" add(1, 2) == 3\\nassert add(2, 2) == 4\\nassert add(2,", "add")  ->  ["assert add(1, 2) == 3", "assert add(2, 2) == 4"]

The text may begin behind the word assert (the prompt's last). A part from one assert to the next is cut off where other code begins, kept if it names
the entry point and can be read, and of it the assert alone. Nothing is run. Source: CodeT (2207.10397), section 4 and its published code; less what
follows the assert in its part, and where `given` is told less asserts that can pass for nobody: `assert ____ == add(1, 2)` reads a name that
nothing gives. Not covered: tests that are not asserts; they can go to `execute` as they are.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable

STOPS = re.compile(r"\n(?:class|def|#|if|print|```)")
MOST_CHARACTERS = 100_000


def asserts_of(text: str, entry: str, most: int = 5, given: Iterable[str] | None = None) -> list[str]:
    """The first `most`, in their order, equal ones too. given: names that tests may use beside the entry point and builtins."""
    names = None if given is None else {*given, entry, *dir(builtins)}
    found: list[str] = []
    for part in f"assert {text[:MOST_CHARACTERS]}".split("assert "):
        if len(found) == most:
            break
        if entry in part and (one := _assert(STOPS.split(f"assert {part}")[0].strip(), names)):
            found.append(one)
    return found


def _assert(part: str, names: set[str] | None) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(part).body[0]
        if isinstance(node, ast.Assert) and (names is None or names >= certain(node.test) - _bound(node)):
            return ast.get_source_segment(part, node) or ""
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        pass
    return ""


def certain(node: ast.AST) -> set[str]:
    """Names that are read whenever the expression is computed to its end."""
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            return certain(first)
        case ast.Compare(left=left, comparators=[right, *_]):
            return certain(left) | certain(right)
        case ast.Lambda():
            return set()
        case ast.ListComp(generators=[first, *_]) | ast.SetComp(generators=[first, *_]) | ast.DictComp(generators=[first, *_]):
            return certain(first.iter)
        case ast.GeneratorExp(generators=[first, *_]):
            return certain(first.iter)
    return {name for child in ast.iter_child_nodes(node) for name in certain(child)}


def _bound(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def functions_of(code: str) -> list[str]:
    """Names of the functions at the top of a code, which may break off; [] where it cannot be read."""
    for whole in (code, f"{code}\n    pass\n"):
        try:
            return [n.name for n in ast.parse(whole).body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []
