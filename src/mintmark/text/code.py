"""Python in texts: the program in a model's answer, its fenced blocks, the function it is about.

    code_of("Like this:\\n```python\\ndef add(a, b):\\n    return a + b\\n```", "add")  ->  'def add(a, b):\\n    return a + b'

Nothing is run. What cannot be parsed is looked at by patterns, so that a program with a syntax error is still a program. Source: none.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re

MOST = 100_000
FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_DEF = re.compile(r"^def +([^\W\d]\w*)", re.MULTILINE)


def parsed(source: str) -> ast.Module | None:
    """None for what is no Python, or too long to be read by the judge: 14 MB cost it 35 CPU s and 5.5 GB."""
    try:
        return ast.parse(source) if len(source) <= MOST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def functions(source: str) -> list[str]:
    """Names of the functions at the top of a source, the last one last; [] where it cannot be read."""
    tree = parsed(source)
    return [] if tree is None else _functions(tree)


def _functions(tree: ast.Module) -> list[str]:
    return [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


def defined(source: str) -> list[str]:
    """All names that the top of a source defines or assigns; [] where it cannot be read."""
    tree = parsed(source)
    found: list[str] = []
    for node in tree.body if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [t.id for t in targets if isinstance(t, ast.Name)]
    return found


def last_function(source: str) -> str:
    """The name of the last function at the top of the code, else of the last class; '' where there is none. Not one that hides a function of Python's
    own: tests that call `abs` mean that one."""
    tree = parsed(source)
    classes = [] if tree is None else [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
    names = _DEF.findall(source[:MOST]) if tree is None else _functions(tree) or classes
    return next((name for name in reversed(names) if not hasattr(builtins, name)), "")


def blocks(text: str) -> list[str]:
    """What stands in fences, less empty ones."""
    return [b.strip("\n") for b in FENCE.findall(text[:MOST]) if b.strip()]


def code_of(reply: str, entry: str) -> str:
    """The last fenced block that defines `entry` (of 'Class.method' the class; '' any); without fences the text itself, where it does. '' where none does."""
    name = re.escape(entry.partition(".")[0].removesuffix("()"))
    defines = re.compile(rf"^[ \t]*(?:async +def|def|class) +{name}\b|^{name} *=" if entry else "", re.MULTILINE)
    found = blocks(reply) if "```" in reply else [reply[:MOST].strip("\n")]
    return next((b for b in reversed(found) if defines.search(b)), "")


_KEPT = frozenset(keyword.kwlist) | frozenset(n for n in dir(builtins) if not n.startswith("_"))
_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|[rbuf]{0,2}(?:'''(?:\\.|[^\\])*?(?:'''|\Z)|\"""(?:\\.|[^\\])*?(?:\"""|\Z)))"""
    r"""|(?P<text>[rbuf]{0,2}(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))"""
    r"""|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>\*\*=?|//=?|->|[-+*/%&|^@=!<>:]=|<<|>>|[^\s\w;\\()])""",
    re.IGNORECASE | re.DOTALL,
)


def code_tokens(text: str) -> list[str]:
    """The tokens of code that a copy keeps when it is laid out anew and its names are changed: no white space, comments, docstrings or parentheses, and
    every name that a writer is free to choose is 'x'. Keywords, built-ins, names after a dot, numbers, signs and short strings stay. Of a text with fenced
    blocks, the blocks."""
    found: list[str] = []
    for match in _TOKEN.finditer("\n".join(FENCE.findall(text)) if "```" in text else text):
        kind, token = match.lastgroup, match.group()
        if kind == "text":
            found.append(token.lstrip("rbufRBUF")[1:-1].replace("\\", ""))
        elif kind == "number" and "." in token:
            found.append(token.rstrip("0").rstrip("."))
        elif kind == "name" and token not in _KEPT and found[-1:] != ["."]:
            found.append("x")
        elif kind != "skip":
            found.append(token)
    return found
