"""Python in texts: the program in a model's answer, its fenced blocks, the function it is about.

    code_of("Like this:\\n```python\\ndef add(a, b):\\n    return a + b\\n```", "add")  ->  'def add(a, b):\\n    return a + b'

Nothing is run. What cannot be parsed is looked at by patterns, so that a program with a syntax error is still a program. Source: none.
"""

from __future__ import annotations

import ast
import re

MOST = 100_000
FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_DEF = re.compile(r"^def +([^\W\d]\w*)", re.MULTILINE)


def parsed(source: str) -> ast.Module | None:
    """None for what is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def last_function(source: str) -> str:
    """The name of the last function at the top of the code; '' where there is none."""
    tree = parsed(source)
    names = _DEF.findall(source[:MOST]) if tree is None else [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    return names[-1] if names else ""


def blocks(text: str) -> list[str]:
    """What stands in fences, less empty ones."""
    return [b.strip("\n") for b in FENCE.findall(text[:MOST]) if b.strip()]


def code_of(reply: str, entry: str) -> str:
    """The last fenced block that defines `entry` (of 'Class.method' the class); without fences the text itself, where it does. '' where none does."""
    name = re.escape(entry.partition(".")[0])
    defines = re.compile(rf"^[ \t]*(?:async +def|def|class) +{name}\b|^{name} *=", re.MULTILINE)
    found = blocks(reply) if "```" in reply else [reply[:MOST].strip("\n")]
    return next((b for b in reversed(found) if defines.search(b)), "")
