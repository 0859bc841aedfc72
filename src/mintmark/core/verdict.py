"""The verdict on a candidate's code: reached here, from plain values that came out of a box, never by anything that ran in one.

    judge(outcome, [Check(Call("add", (1, 2)), expected=3)])  ->  CodeVerdict("passed", "bwrap", ("passed",))

Types count: True is not 1, 1 is not 1.0, a tuple is no list; `exact=False` compares as Python's == does. No test at all is never passed.
Not covered: whether the tests are right; that is what references, mutants and `agree_by_execution` are for.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .plain import canonical, pack, same
from .ports import Call, Outcome

STATUSES = ("passed", "failed", "error", "timeout", "limit", "flaky", "sandbox_error")


@dataclass(frozen=True, slots=True)
class Check:
    """A call and what should come of it.

    relation: equals | differs | close (to within `tolerance`) | true | false (as `if` sees it) | raises (expected: names of exceptions) | holds (a whole
    test that ran in the second box: no exception came out of it; its call names it).
    """

    call: Call
    relation: str = "equals"
    expected: Any = None
    tolerance: float = 0.0

    def holds(self, answer: Any, exact: bool = True) -> str:
        """passed | failed | error | timeout | limit, of one answer, which may be anything."""
        match answer:
            case ["value", found]:
                return "passed" if self.relation != "raises" and self._holds(found, exact) else "failed"
            case ["raised", "MemoryError", *_]:
                return "limit"
            case ["raised", "AssertionError", *_] if self.relation == "holds":
                return "failed"
            case ["raised", str(kind), *_]:
                return "error" if self.relation != "raises" else "passed" if self._catches(kind) else "failed"
            case ["late"]:
                return "timeout"
            case ["unplain", *_]:  # an object is true and unlike any plain value, for all one knows; it is not judged
                return "failed"
        return "error"

    def _catches(self, kind: str) -> bool:
        """As `except` does, as far as the names of Python's own exceptions tell."""
        known = getattr(builtins, kind, None)
        names = [c.__name__ for c in known.__mro__] if isinstance(known, type) and issubclass(known, BaseException) else [kind]
        return not set(names).isdisjoint(self.expected)

    def _holds(self, found: Any, exact: bool) -> bool:
        match self.relation:
            case "equals" | "holds":
                return same(pack(self.expected), found, exact)
            case "close":
                return same(pack(self.expected), found, False, max(self.tolerance, 1e-300))
            case "differs":  # by Python's own ==, whatever `exact` says: 1.0 is no way round `!= 1`
                return _readable(found) and not same(pack(self.expected), found, False)
            case "true" | "false":
                empty = found in (None, False, 0, "") or (type(found) is list and len(found) == 1) or found == ["b", ""]
                return _readable(found) and empty == (self.relation == "false")
        raise ValueError(f"there is no relation '{self.relation}'")


def _readable(found: Any) -> bool:
    try:
        return bool(canonical(found))
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError):
        return False


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """status: one of STATUSES. cases: each check's, in order. detail: of the first that did not pass. strength: exact (values compared here), or
    proxied where whole tests ran in a second box."""

    status: str
    tier: str
    cases: tuple[str, ...] = ()
    detail: str = ""
    strength: str = "exact"
    stdout: str = ""
    stderr: str = ""


def judge(outcome: Outcome, checks: Sequence[Check], exact: bool = True) -> CodeVerdict:
    """Cases that have no answer have the fate of the whole: a candidate that ends its process has not passed what was still to come."""
    strength = "proxied" if any(c.relation == "holds" for c in checks) else "exact"
    came = outcome.answers[: len(checks)] if outcome.status != "sandbox_error" else ()
    rest = "error" if outcome.status == "ran" else outcome.status
    cases = tuple(c.holds(a, exact) for c, a in zip(checks, came)) + (rest,) * (len(checks) - len(came))
    bad = next((i for i, case in enumerate(cases) if case != "passed"), None)
    if bad is None and checks and outcome.status == "ran":
        return CodeVerdict("passed", outcome.tier, cases, "", strength, outcome.stdout, outcome.stderr)
    if bad is None:
        status, detail = (rest, outcome.detail or rest) if checks else ("error", "there is no test")
    elif bad < len(came):
        status, detail = cases[bad], f"{_called(checks[bad].call)}: {_shown(came[bad])}, expected {_wanted(checks[bad])}"
    else:
        status, detail = cases[bad], f"{_called(checks[bad].call)}: {outcome.detail or 'no answer'}"
    return CodeVerdict(status, outcome.tier, cases, detail, strength, outcome.stdout, outcome.stderr)


def _called(call: Call) -> str:
    given = [*map(_repr, call.args), *(f"{k}={_repr(v)}" for k, v in call.kwargs.items())]
    return f"{call.function}({', '.join(given)})"[:300]


def _wanted(check: Check) -> str:
    return f"{check.relation} {_repr(check.expected)}"[:200]


def _repr(value: Any) -> str:
    with suppress(ValueError, RecursionError):
        return repr(value)
    return "[too long to be shown]"  # Python refuses to write out an integer of more than 4300 digits


def _shown(answer: Any) -> str:
    return str(answer)[:200]
