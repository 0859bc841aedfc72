"""Python in texts: the program in a model's answer, its fenced blocks, the function it is about.

    code_of("Like this:\\n```python\\ndef add(a, b):\\n    return a + b\\n```", "add")  ->  'def add(a, b):\\n    return a + b'

Nothing is run. What cannot be parsed is looked at by patterns, so that a program with a syntax error is still a program. Source: none.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

MOST = 100_000
# closed by a fence at the beginning of a line, no deeper than it was opened (one in a docstring is), by one right behind the code, or never
_FENCE = re.compile(r"(?:^([ \t]+)|(?<![^\s:.>*]))```[^\n`]*\n(.*?)(?:^\1?[ ]{0,3}```|(?<=[^\s`])```|\Z)", re.DOTALL | re.MULTILINE)
_DEF = re.compile(r"^(?:async +)?def +([^\W\d]\w*)", re.MULTILINE)
_CLASS = re.compile(r"^class +([^\W\d]\w*)", re.MULTILINE)


def parsed(source: str) -> ast.Module | None:
    """None for what is no Python, or too long to be read by the judge: 14 MB cost it 35 CPU s and 5.5 GB."""
    try:
        return ast.parse(source.removeprefix("\ufeff")) if len(source) <= MOST else None
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
    if tree is None:
        text = "\n".join(fenced(source)) if "```" in source else source[:MOST]
        names = _DEF.findall(text) or _CLASS.findall(text)
    else:
        names = _functions(tree) or [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
    return next((name for name in reversed(names) if not hasattr(builtins, name)), "")


def fenced(text: str) -> list[str]:
    """What stands in fences, with the indentation of an indented fence taken off."""
    return [dedent(code) if indent else code for indent, code in _FENCE.findall(text[:MOST])]


def blocks(text: str) -> list[str]:
    """What stands in fences, less empty ones."""
    return [b.strip("\n") for b in fenced(text) if b.strip()]


def code_of(reply: str, entry: str) -> str:
    """The last fenced block that defines `entry` (of 'Class.method' the class; '' any); without fences the text itself, where it does. '' where none does."""
    name = re.escape(entry.partition(".")[0].removesuffix("()"))
    named = rf"^[ \t]*(?:async +)?(?:def|class|function)[ *]+{name}\b|^(?:(?:const|let|var) +)?{name} *="
    defines = re.compile(named if entry else "", re.MULTILINE)
    found = blocks(reply) if "```" in reply and parsed(reply) is None else [reply[:MOST].strip("\n")]
    return next((b for b in reversed(found) if defines.search(b)), "")


def answer_of(value: Any) -> str:
    """What a cell says: a text, or of a dialogue [{role, content}] the last message. ValueError for any other list."""
    last = value[-1] if isinstance(value, (list, tuple)) and value else value
    if isinstance(last, Mapping) and "content" in last:
        return str(last["content"] or "")
    if isinstance(value, (list, tuple)) and value:
        raise ValueError(f"holds a list of {len(value)}, expected one program in a row, as a text or as the last message of a dialogue")
    return str(value or "")


def program(text: str, entry: str) -> str:
    """What to run of a column that may hold a model's whole answer: the text, less a byte order mark, unless it is no Python and has fences; then what
    `code_of` finds there, or else the last block that does anything: a program that reads and prints, or what can be said to lack the function."""
    text = text.removeprefix("\ufeff")
    if "```" not in text or len(text) > MOST or parsed(text) is not None:
        return text
    return (code_of(text, entry) if entry else "") or next((b for b in reversed(blocks(text)) if _acts(b)), text)


def _acts(code: str) -> bool:
    """Whether it is Python and more than values, as a block that shows an input or an output is."""
    tree = parsed(code)
    return tree is not None and any(not isinstance(n, ast.Expr) or isinstance(n.value, ast.Call) for n in tree.body)


def unfenced(text: str) -> str:
    """Tests out of a model's answer: the text, less a byte order mark, unless it is no Python and has lines that are fences; then what stands in those
    that holds Python, doctests or JSON, or else in all."""
    text = text.removeprefix("\ufeff")
    if len(text) > MOST or not re.search(r"^[ \t]*```", text, re.MULTILINE) or parsed(text) is not None:
        return text
    found = blocks(text)
    return "\n".join([b for b in found if parsed(b) is not None or ">>>" in b] or found) or text


_KEPT = frozenset(keyword.kwlist) | frozenset(n for n in dir(builtins) if not n.startswith("_"))
_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|[rbuf]{0,2}(?:'''(?:\\.|[^\\])*?(?:'''|\Z)|\"""(?:\\.|[^\\])*?(?:\"""|\Z)))"""
    r"""|(?P<text>[rbuf]{0,2}(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))"""
    r"""|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>\*\*=?|//=?|->|[-+*/%&|^@=!<>:]=|<<|>>|[^\s\w;\\()])""",
    re.IGNORECASE | re.DOTALL,
)


def code_tokens(text: str) -> list[str]:
    """The tokens of code that a copy keeps when it is laid out anew and its names are changed: no white space, comments, docstrings or parentheses, and
    every name that a writer is free to choose is 'x'. Keywords, built-ins, names after a dot, numbers, signs and short strings stay. Of a text that is no
    Python and has fenced blocks, the blocks."""
    found: list[str] = []
    if "```" in text and parsed(text) is None:  # in a program they stand in a docstring or a comment
        text = "\n".join(fenced(text)) or text
    for match in _TOKEN.finditer(text):
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
