"""Tests as data, for any language: a JSON list of calls of the entry point with what they should give.

    [{"args": [[3, 1, 2]], "expected": [1, 2, 3]}, {"args": [], "kwargs": {"reverse": true}, "expected": null, "tolerance": 1e-9}]
    [{"input": "3\\n1 2 3\\n", "output": "6\\n"}]
    {"inputs": ["3\\n1 2 3\\n"], "outputs": ["6\\n"]}      {"fn_name": "total", "inputs": [[[1, 2, 3]]], "outputs": [6]}

Values are those of JSON: numbers, texts, true, false, null, lists, objects; NaN is NaN where it is written. The second and third form are of whole programs,
which read the input and print the output: compared line by line, word by word, with `tolerance` where both words are numbers. The third is that of APPS, where
`fn_name` makes them calls, and a result may stand in a list of its own. A text that is anything else is no such list.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .asserts import MOST_CHARACTERS, Found, Tests, read_tests
from .code import unfenced
from .jsontext import loads

PROGRAM = "#main"  # as in core/ports.py
_KEYS = {"args", "kwargs", "expected", "tolerance", "fn_name"}
_PROGRAM, _APPS = {"input", "output", "tolerance", "testtype"}, {"inputs", "outputs", "fn_name"}


def texts(given: Any) -> tuple[str, ...]:
    """The tests in a cell: a text, a list of texts, or such a list of cases that was never made a text. As they can be read: without fences."""
    if isinstance(given, str):
        return (unfenced(given),)
    if isinstance(given, Mapping) and "expected" not in given:  # APPS's
        return (json.dumps(given, default=str),)
    listed = [given] if isinstance(given, Mapping) else [*(given or ())]
    if listed and all(isinstance(case, Mapping) for case in listed):
        return (json.dumps(listed, default=str),)
    return tuple(unfenced(one if isinstance(one, str) else str(one)) for one in listed)


def read_cases(text: str, entry: str) -> Tests | None:
    """None where the text is no such list."""
    if text.lstrip()[:1] not in ("[", "{") or len(text) > MOST_CHARACTERS:
        return None
    try:
        cases = loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(cases, dict):
        cases = _apart(cases)
    if not isinstance(cases, list) or not cases:
        return None
    if all(map(_reads, cases)):
        given = ((c["input"], c["output"], float(c.get("tolerance", 0.0))) for c in cases)
        return Tests(tuple(Found(PROGRAM, (i,), {}, "prints", o, t) for i, o, t in given))
    if not all(map(_fits, cases)):
        return None
    checks = []
    for case in cases:  # all of them: what is not asked is passed without a word
        tolerance = float(case.get("tolerance", 0.0))
        call = case.get("fn_name", entry), tuple(case.get("args", ())), dict(case.get("kwargs", {}))
        expected = case["expected"]
        if "fn_name" in case and isinstance(expected, list) and expected:
            checks.append(Found(*call, "one_of", [expected, expected[0]]))
        else:
            checks.append(Found(*call, "close" if tolerance else "equals", expected, tolerance))
    return Tests(tuple(checks))


def _apart(told: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Cases of {"inputs": [...], "outputs": [...], "fn_name": ...}; None where it is no such thing."""
    inputs, outputs, name = told.get("inputs"), told.get("outputs"), told.get("fn_name")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs) or not set(told) <= _APPS:
        return None
    if name is not None:
        return [{"args": i, "expected": o, "fn_name": str(name)} for i, o in zip(inputs, outputs, strict=True)]
    return [{"input": _lines(i), "output": _lines(o)} for i, o in zip(inputs, outputs, strict=True)]


def _lines(text: Any) -> Any:
    return "\n".join(text) if isinstance(text, list) and all(isinstance(t, str) for t in text) else text


def _reads(case: Any) -> bool:
    """Whether it is a program's."""
    if not isinstance(case, Mapping) or not {"input", "output"} <= set(case) <= _PROGRAM:
        return False
    return isinstance(case["input"], str) and isinstance(case["output"], str) and _tolerable(case.get("tolerance", 0.0))


def _fits(case: Any) -> bool:
    if not isinstance(case, Mapping) or "expected" not in case or not set(case) <= _KEYS:
        return False
    known = isinstance(case.get("args", []), list) and isinstance(case.get("kwargs", {}), Mapping)
    return known and _tolerable(case.get("tolerance", 0.0))


def _tolerable(tolerance: Any) -> bool:
    return not isinstance(tolerance, bool) and isinstance(tolerance, (int, float)) and 0 <= tolerance <= sys.float_info.max


def read_any(text: str, entry: str) -> Tests:
    """Such a list, or tests in Python. ValueError where it is neither."""
    found = read_cases(text, entry)
    return read_tests(text, entry) if found is None else found


def unread(texts: Iterable[str], entry: str, read: Callable[[str, str], Tests] = read_any) -> str:
    """Why nothing of these is a test."""
    why = "there are none"
    for text in filter(str.strip, texts):
        try:
            read(text, entry)
        except ValueError as error:
            return str(error)[:300]
        why = "nothing is asserted in them"
        if text.lstrip()[:1] in "[{":
            why = 'a list of tests as JSON is [{"args": [1, 2], "expected": 3}], this is another'
    return why


def read_all(texts: Iterable[str], entry: str, read: Callable[[str, str], Tests] = read_any) -> list[tuple[str, Tests]]:
    """Each text with what is read in it; one that cannot be is left out, since that is nobody's fault but the test's."""
    found = []
    for text in texts:
        try:
            found.append((text, read(text, entry)))
        except ValueError:
            continue
    return found
