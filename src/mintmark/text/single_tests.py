"""Tests written as code, taken apart: each test alone, with what they share; and the same code without some of them.

    singles("x = 2\nassert f(x) == 4\nassert True")  ->  ["x = 2\nassert f(x) == 4", "x = 2\nassert True"]
    kept("x = 2\nassert f(x) == 4\nassert True", {0})  ->  "x = 2\nassert f(x) == 4"

A test is a statement that asserts, at the top, in functions named test* or check, or in classes; other statements are shared. Of a JSON list each part is one. Nothing is
run. Doctests, and text in which no such statement is found, are one test. Not covered: tests that need what an earlier one did.
"""

from __future__ import annotations

import ast
import copy
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .asserts import asserts
from .jsontext import dumps, loads

MOST_CHARACTERS = 30_000  # a longer text is one test: taking it apart costs its length times the number of its tests


@dataclass
class _Cut:
    """Keeps the tests of these numbers, all else that is no test, and counts tests."""

    keep: set[int]
    count: int = 0

    def body(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for node in nodes:
            if isinstance(node, ast.ClassDef) or (
                isinstance(node, ast.FunctionDef) and (node.name == "check" or node.name.startswith("test"))
            ):
                before = self.count
                inner = copy.copy(node)
                inner.body = self.body(node.body)
                if before == self.count or any(before <= n < self.count for n in self.keep):
                    out.append(inner)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not _is_test(node):
                out.append(node)
            else:
                if self.count in self.keep:
                    out.append(node)
                self.count += 1
        return out


def singles(text: str) -> list[str]:
    if listed := _list(text):
        return [dumps([case]).decode() for case in listed]
    tree = _parsed(text)
    if tree is None:
        return [text]
    counted = _Cut(set())
    counted.body(tree.body)
    if counted.count < 2:
        return [text]
    return [ast.unparse(ast.Module(_Cut({n}).body(tree.body), [])) for n in range(counted.count)]


def kept(text: str, numbers: set[int]) -> str:
    """The text with these of its `singles` alone: word for word where that is all of them, else without comments."""
    if listed := _list(text):
        some = [case for n, case in enumerate(listed) if n in numbers]
        return text if some == listed else dumps(some).decode() if some else ""
    tree = _parsed(text)
    if tree is None:
        return text if numbers else ""
    cut = _Cut(numbers)
    body = cut.body(tree.body)
    if len(numbers) >= max(cut.count, 1):
        return text
    return ast.unparse(ast.Module(body, [])) if numbers else ""


def _is_test(node: ast.stmt) -> bool:
    """Asserts, or expects an exception: `with raises(...)`."""
    return asserts(node) or (isinstance(node, ast.With) and "raises(" in ast.unparse(node.items[0]))


def _list(text: str) -> list[Any]:
    """[] where it is no JSON list of two or more."""
    if len(text) <= MOST_CHARACTERS and text.lstrip()[:1] == "[":
        with suppress(ValueError, RecursionError):
            found = loads(text)
            return found if isinstance(found, list) and len(found) > 1 else []
    return []


def _parsed(text: str) -> ast.Module | None:
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        tree = ast.parse(text)
        ast.unparse(tree)  # may recurse too deeply
        return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
