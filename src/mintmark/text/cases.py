"""Tests as data, for any language: a JSON list of calls of the entry point with what they should give.

    [{"args": [[3, 1, 2]], "expected": [1, 2, 3]}, {"args": [], "kwargs": {"reverse": true}, "expected": null, "tolerance": 1e-9}]

Values are those of JSON: numbers, texts, true, false, null, lists, objects. A text that is anything else is no such list.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .asserts import MOST_CHARACTERS, Found, Tests, read_tests
from .code import unfenced
from .jsontext import loads

_KEYS = {"args", "kwargs", "expected", "tolerance"}


def texts(given: Any) -> tuple[str, ...]:
    """The tests in a cell: a text, a list of texts, or such a list of cases that was never made a text. As they can be read: without fences."""
    if isinstance(given, str):
        return (unfenced(given),)
    listed = [given] if isinstance(given, Mapping) else [*(given or ())]
    if listed and all(isinstance(case, Mapping) for case in listed):
        return (json.dumps(listed, default=str),)
    return tuple(unfenced(one if isinstance(one, str) else str(one)) for one in listed)


def read_cases(text: str, entry: str) -> Tests | None:
    """None where the text is no such list."""
    if not text.lstrip().startswith("[") or len(text) > MOST_CHARACTERS:
        return None
    try:
        cases = loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(cases, list) or not cases or not all(map(_fits, cases)):
        return None
    checks = []
    for case in cases:  # all of them: what is not asked is passed without a word
        tolerance = float(case.get("tolerance", 0.0))
        call = entry, tuple(case.get("args", ())), dict(case.get("kwargs", {}))
        checks.append(Found(*call, "close" if tolerance else "equals", case["expected"], tolerance))
    return Tests(tuple(checks))


def _fits(case: Any) -> bool:
    if not isinstance(case, Mapping) or "expected" not in case or not set(case) <= _KEYS:
        return False
    tolerance = case.get("tolerance", 0.0)
    known = isinstance(case.get("args", []), list) and isinstance(case.get("kwargs", {}), Mapping)
    return known and not isinstance(tolerance, bool) and isinstance(tolerance, (int, float)) and 0 <= tolerance <= sys.float_info.max


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
