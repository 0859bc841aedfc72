"""Tests that are more than calls, run in a second box: there the candidate's functions are proxies, whose calls are carried to the candidate's own.

Only plain values pass, in both directions, and what the tests expect stays in the box of the tests: the candidate can answer wrongly, and that is
all it can do. Tests may be a model's work too, so they are boxed as well. Not covered: arguments and values that are not plain, languages other than Python.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..core.ports import Outcome, Trial
from .box import Box

_RUN = """
def {name}():
    names = dict(globals())
    exec(compile({text!r}, "tests.py", "exec"), names)
    for name, test in list(names.items()):
        if callable(test) and (name == "check" or name.startswith("test")):
            test({entry}) if name == "check" else test()
"""


def functions(source: str) -> list[str]:
    """Names of the functions at the top of a source; [] where it cannot be read."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [n.name for n in body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


def run(trial: Trial, start: Callable[[], Box]) -> Outcome:
    """The trial's calls, then its tests: one more answer for each, ["value", None] where it ended without an exception."""
    if trial.language != "python":
        raise ValueError(f"tests as code run in Python alone, not in {trial.language}")
    candidate, tests = start(), start()
    try:
        candidate.open(trial)
        candidate.send(*(c.line() for c in trial.calls))
        if candidate.until(len(trial.calls)):
            names = functions(trial.source)
            runners = [_RUN.format(name=f"_tests_{i}", text=t, entry=trial.entry) for i, t in enumerate(trial.tests)]
            tests.open(replace(trial, source="".join(runners), calls=()), names)
            answers: list[Any] = []
            for i in range(len(trial.tests)):
                tests.send(json.dumps([f"_tests_{i}", ["t"], ["d"]]).encode())
                answers += _converse(candidate, tests, len(trial.calls))
            status, detail = candidate.status or tests.status, candidate.detail or tests.detail
            candidate.answers[len(trial.calls) :] = answers
            return replace(candidate.outcome(), status=status or "ran", detail=detail)
        return candidate.outcome()
    finally:
        candidate.close()
        tests.close()


def _converse(candidate: Box, tests: Box, calls: int) -> list[Any]:
    """Carries calls to the candidate and answers back until the test has ended: its answer, or none."""
    while tests.until(1):
        told = tests.answers.pop()
        if told[0] != "ask":
            return [told]
        candidate.send(json.dumps(told[1:]).encode())
        if not candidate.until(calls + 1):
            return []
        tests.send(json.dumps(candidate.answers.pop()).encode())
    return []
