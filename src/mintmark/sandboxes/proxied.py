"""Tests that are more than calls, run in a second box: there the candidate's functions are proxies, whose calls are carried to the candidate's own.

Only plain values pass, in both directions, and what the tests expect stays in the box of the tests: the candidate can answer wrongly, and that is
all it can do. What is not plain stays where it was made and goes by its number: functions, iterators and coroutines, and objects of classes that
the tests name (tested.py tells what those can do there, and that they are never compared by a method of their own). None of the candidate's names stands in
for one of Python's own or of its library (an `abs` of its own would see how far off it is, and say 0), NaN goes to tests alone that speak of it, and
a test that ended without one call of the candidate has tested nothing, and is no test that passed. Tests may be a model's work too, so they are
boxed as well. Not covered: functions of the tests' as arguments; helpers that the tests call and the candidate defines are believed; languages other
than Python.
"""

from __future__ import annotations

import builtins
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from inspect import getsource
from typing import Any

from ..core.ports import Call, Outcome, Trial
from ..text.code import defined
from . import tested
from .box import Box

_NAN = '["u","NaN"]'
_PACKAGES = frozenset({"np", "numpy", "pd", "pandas", "pytest", "mock", "hypothesis"})  # what tests mean by these is no candidate's


def run(trial: Trial, start: Callable[[], Box]) -> Outcome:
    """The trial's calls, then its tests: one more answer for each, ["value", None] where it ended without an exception. cpu_s is the larger of both boxes':
    what either has used up is not asked again, as what waited is."""
    if trial.language != "python":
        raise ValueError(f"tests as code run in Python alone, not in {trial.language}")
    candidate, tests = start(), start()
    try:
        candidate.open(trial, asked=True)
        wanted = _wanted(trial)
        candidate.send(*(c.line() for c in trial.calls), _second(json.loads(Call("#names", (wanted,)).line())))
        if candidate.until(len(trial.calls) + 1):
            told = json.dumps(candidate.answers.pop(), separators=(",", ":"))
            tests.open(replace(trial, source=getsource(tested), calls=()), asks=True)
            answers: list[Any] = []
            for text in trial.tests:
                nan = "nan" in text.lower()
                tests.send(Call("_run_tests", (text, trial.entry, wanted, told if nan or _NAN not in told else "[0,[0]]")).line())
                came = _converse(candidate, tests, len(trial.calls), nan)
                if not came:  # one of both has ended: what the next test would hear is not its own
                    break
                answers += came
            status, detail = candidate.status or tests.status, candidate.detail or tests.detail
            candidate.answers[len(trial.calls) :] = answers
            outcome = candidate.outcome()
            return replace(outcome, status=status or "ran", detail=detail, cpu_s=max(outcome.cpu_s, round(tests.spent(), 4)))
        return candidate.outcome()
    finally:
        candidate.close()
        tests.close()


def _wanted(trial: Trial) -> list[str]:
    """Names of the candidate's that the tests use."""
    used = {word for text in trial.tests for word in re.findall(r"\w+", text)}
    pythons = {*dir(builtins), *sys.stdlib_module_names, *_PACKAGES}
    own = [n for n in defined(trial.source) if n in used and n not in pythons and not n.startswith("__")]
    return list(dict.fromkeys([*own, trial.entry]))


def _second(call: list[Any]) -> bytes:
    return json.dumps([*call, True], separators=(",", ":")).encode()


def _converse(candidate: Box, tests: Box, calls: int, nan: bool) -> list[Any]:
    """Carries calls to the candidate and answers back until the test has ended: its answer, or none. nan: whether the test speaks of NaN: what only
    asks whether a difference is large would pass with it."""
    asked, missing = False, None
    while tests.until(1):
        told = tests.answers.pop()
        if told[0] != "ask":
            if missing:  # whatever the test made of it
                return [["raised", "NameError", f"{missing} is not defined"]]
            return [told if asked or told[0] != "value" else ["raised", "Untested", "it never called the code"]]
        asked = True
        candidate.send(_second(told[1:]))
        if not candidate.until(calls + 1):
            return []
        answer = candidate.answers.pop()
        missing = str(told[1]) if answer[0] == "missing" else missing
        line = json.dumps(answer, separators=(",", ":"))
        tests.send((line if nan or _NAN not in line else '["unplain","NaN"]').encode())
    return []
