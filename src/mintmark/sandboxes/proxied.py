"""Tests that are more than calls, run in a second box: there the candidate's functions are proxies, whose calls are carried to the candidate's own.

Only plain values pass, in both directions, and what the tests expect stays in the box of the tests: the candidate can answer wrongly, and that is
all it can do. So none of its functions stands in for one of Python's own (an `abs` of its own would see how far off it is, and say 0), and
a test that ended without one call of the candidate has tested nothing, and is no test that passed. Tests may be a model's work too, so they are
boxed as well. Not covered: arguments and values that are not plain; helpers that the tests call and the
candidate defines are believed; languages other than Python.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from dataclasses import replace
from inspect import getsource
from typing import Any

from ..core.ports import Call, Outcome, Trial
from ..text.code import functions
from . import tested
from .box import Box


def run(trial: Trial, start: Callable[[], Box]) -> Outcome:
    """The trial's calls, then its tests: one more answer for each, ["value", None] where it ended without an exception. cpu_s is the larger of both boxes':
    what either has used up is not asked again, as what waited is."""
    if trial.language != "python":
        raise ValueError(f"tests as code run in Python alone, not in {trial.language}")
    candidate, tests = start(), start()
    try:
        candidate.open(trial)
        candidate.send(*(c.line() for c in trial.calls))
        if candidate.until(len(trial.calls)):
            own = [n for n in functions(trial.source) if not hasattr(builtins, n) and not n.startswith("__")]
            names = list(dict.fromkeys([*own, trial.entry]))
            tests.open(replace(trial, source=getsource(tested), calls=()), names)
            answers: list[Any] = []
            for text in trial.tests:
                tests.send(Call("_run_tests", (text, trial.entry, names)).line())
                told = _converse(candidate, tests, len(trial.calls))
                if not told:  # one of both has ended: what the next test would hear is not its own
                    break
                answers += told
            status, detail = candidate.status or tests.status, candidate.detail or tests.detail
            candidate.answers[len(trial.calls) :] = answers
            outcome = candidate.outcome()
            return replace(outcome, status=status or "ran", detail=detail, cpu_s=max(outcome.cpu_s, round(tests.spent(), 4)))
        return candidate.outcome()
    finally:
        candidate.close()
        tests.close()


def _converse(candidate: Box, tests: Box, calls: int) -> list[Any]:
    """Carries calls to the candidate and answers back until the test has ended: its answer, or none."""
    asked, missing = False, None
    while tests.until(1):
        told = tests.answers.pop()
        if told[0] != "ask":
            if missing:  # whatever the test made of it
                return [["raised", "NameError", f"{missing} is not defined"]]
            return [told if asked or told[0] != "value" else ["raised", "Untested", "it never called the code"]]
        asked = True
        candidate.send(json.dumps(told[1:]).encode())
        if not candidate.until(calls + 1):
            return []
        answer = candidate.answers.pop()
        missing = str(told[1]) if answer[0] == "missing" else missing
        tests.send(json.dumps(answer).encode())
    return []
