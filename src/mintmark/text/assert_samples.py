"""The asserts in what a model wrote when it was asked for tests: samples that go on for too long, break off, or test something else.

    asserts_of(" add(1, 2) == 3\\nassert add(2, 2) == 4\\nassert add(2,", "add")  ->  ["assert add(1, 2) == 3", "assert add(2, 2) == 4"]

The text may begin behind the word assert (the prompt's last). A part from one assert to the next is cut off where other code begins, kept if it names
the entry point and can be read, and of it the assert alone. Nothing is run. Source: CodeT (2207.10397), section 4 and its published code; less what
follows the assert in its part. Not covered: tests that are not asserts; they can go to `execute` as they are.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable

from .code import parsed

STOPS = re.compile(r"\n(?:class|def|#|if|print|```)")
MOST_CHARACTERS, BLANK = 100_000, " \t"


def asserts_of(text: str, entry: str, most: int = 5) -> list[str]:
    """The first `most`, in their order, equal ones too."""
    found: list[str] = []
    for part in f"assert {text[:MOST_CHARACTERS]}".split("assert "):
        if len(found) == most:
            break
        one = STOPS.split(f"assert {part.lstrip(BLANK)}")[0].strip() if entry in part else ""
        if one and (node := _assert(one)) is not None:
            found.append(ast.get_source_segment(one, node) or "")
    return found


def unbound(text: str, given: Iterable[str]) -> set[str]:
    """Names that an assert reads in any case and that nothing gives it, neither itself nor Python nor `given`: with one of them it passes for nobody."""
    node = _assert(text)
    if node is None:
        return set()
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    try:
        return certain(node.test) - own - set(given) - set(dir(builtins))
    except RecursionError:  # nested deeply: it is left to who runs it
        return set()


def _assert(text: str) -> ast.Assert | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if body and isinstance(body[0], ast.Assert) else None


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


def functions_of(code: str) -> list[str]:
    """Names of the functions at the top of a code, which may break off; [] where it cannot be read."""
    tree = parsed(code) or parsed(f"{code}\n    pass\n")
    return [] if tree is None else [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
