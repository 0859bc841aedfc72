"""The verdict on a candidate's code: reached here, from plain values that came out of a box, never by anything that ran in one.

    judge(outcome, [Check(Call("add", (1, 2)), expected=3)])  ->  CodeVerdict("passed", "bwrap", ("passed",))

Types count: True is not 1, 1 is not 1.0, a tuple is no list; `exact=False` compares as Python's == does. No test at all is never passed.
Not covered: whether the tests are right; that is what references, mutants and `agree_by_execution` are for.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .plain import MOST_DEPTH, canonical, pack, same
from .ports import PROGRAM, Call, Outcome
from .result_sets import same_rows

STATUSES = ("passed", "failed", "error", "timeout", "limit", "flaky", "sandbox_error")


@dataclass(frozen=True, slots=True)
class Check:
    """A call and what should come of it.

    relation: equals | differs | close (to within `tolerance`) | true | false (as Python's `if` sees it) | one_of | none_of (expected: several
    values) | prints (expected: a text; its lines' words, and numbers to within `tolerance`) | raises (expected: names of exceptions, none for any) | rows, rows in order (results of queries; expected: packed rows, tolerance:
    a share of a float's size) | holds (a whole test that ran in the second box: no exception came out of it; its call names it).
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
            case ["raised", str(kind), *more]:
                return (
                    "error" if self.relation != "raises" else "passed" if not self.expected or self._catches(kind, *more[1:]) else "failed"
                )
            case ["late"]:
                return "timeout"
            case ["unplain", *_]:  # an object is true and unlike any plain value, for all one knows; it is not judged
                return "failed"
        return "error"

    def _catches(self, *kinds: Any) -> bool:
        """As `except` does. kinds: the names of its class and of those that this is made of, up to the first that is Python's own."""
        own = (getattr(builtins, k, None) for k in kinds if isinstance(k, str))
        names = [c.__name__ for known in own if isinstance(known, type) and issubclass(known, BaseException) for c in known.__mro__]
        return any(k in self.expected for k in (*kinds, *names))

    def _holds(self, found: Any, exact: bool) -> bool:
        match self.relation:
            case "equals" | "holds":
                return same(pack(self.expected), found, exact)
            case "close":
                return same(pack(self.expected), found, False, max(self.tolerance, 1e-300))
            case "prints":
                return type(found) is str and _prints(self.expected, found, self.tolerance)
            case "rows" | "rows in order":
                return same_rows(self.expected, found, self.relation != "rows", exact, self.tolerance)
            case "differs":  # by Python's own ==, whatever `exact` says: 1.0 is no way round `!= 1`
                return _readable(found) and not same(pack(self.expected), found, False)
            case "one_of":
                return any(same(pack(e), found, exact) for e in self.expected)
            case "none_of":
                return _readable(found) and not any(same(pack(e), found, exact) for e in self.expected)
            case "true" | "false":
                empty = found in (None, False, 0, "") or (type(found) is list and len(found) == 1) or found == ["b", ""]
                return _readable(found) and empty == (self.relation == "false")
        raise ValueError(f"there is no relation '{self.relation}'")


def _prints(expected: str, found: str, tolerance: float) -> bool:
    """Spaces within and at the ends of lines, and empty lines at the end, are not compared."""
    ours, theirs = ([line.split() for line in text.rstrip().splitlines()] for text in (expected, found))
    if not tolerance or [len(line) for line in ours] != [len(line) for line in theirs]:
        return ours == theirs
    return all(_near(a, b, tolerance) for mine, its in zip(ours, theirs, strict=True) for a, b in zip(mine, its, strict=True))


def _near(expected: str, found: str, tolerance: float) -> bool:
    with suppress(ValueError):
        return expected == found or abs(float(expected) - float(found)) <= tolerance
    return False


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


def checks_of(read: Iterable[tuple[str, Any]]) -> tuple[list[Check], tuple[str, ...]]:
    """Checks of test texts as text/asserts.py reads them, in their order, and the texts that hold more than plain calls: those have one check for the whole.

    What several texts ask alike is asked once, since their checks share a Call; within a text a call that is made again is made again: it may have
    another answer then."""
    checks: list[Check] = []
    left: dict[str, Call] = {}
    calls: dict[tuple[bytes, int], Call] = {}
    for text, tests in read:
        lines, asked = [_line(found) for found in tests.checks], Counter[bytes]()
        for found, line in zip(tests.checks, lines, strict=True):
            if line:
                call = calls.setdefault((line, asked[line]), Call(found.function, found.args, found.kwargs))
                asked[line] += 1
                checks.append(Check(call, found.relation, found.expected, found.tolerance))
        if tests.left or b"" in lines:
            checks.append(Check(left.setdefault(tests.code or text, Call(f"tests {len(left)}")), "holds"))
    return checks, tuple(left)


def _line(found: Any) -> bytes:
    """What goes into the box; b"" where not all of it is plain."""
    try:
        if found.relation != "raises":
            pack(found.expected)
        return Call(found.function, found.args, found.kwargs).line()
    except ValueError:
        return b""


def judge(outcome: Outcome, checks: Sequence[Check], exact: bool = True, at: Sequence[int] | None = None) -> CodeVerdict:
    """at: the number of each check's answer, where that is not its own. Cases that have no answer have the fate of the whole: a candidate that
    ends its process has not passed what was still to come."""
    strength = "proxied" if any(c.relation == "holds" for c in checks) else "exact"
    told = outcome.answers if outcome.status != "sandbox_error" else ()
    rest = "error" if outcome.status == "ran" else outcome.status
    came = [told[i] if i < len(told) else None for i in (range(len(checks)) if at is None else at)]
    cases = tuple(rest if a is None else c.holds(a, exact) for c, a in zip(checks, came, strict=True))
    bad = next((i for i, case in enumerate(cases) if case != "passed"), None)
    if bad is None and checks and outcome.status == "ran":
        return CodeVerdict("passed", outcome.tier, cases, "", strength, outcome.stdout, outcome.stderr)
    if bad is None:
        status, detail = (rest, outcome.detail or rest) if checks else ("error", "there is no test")
    elif came[bad] is not None:
        status, detail = cases[bad], f"{_asked(checks[bad])} {_came(came[bad])[:300]}, expected {_wanted(checks[bad])}"
    else:
        status, detail = cases[bad], f"{_asked(checks[bad])}: {outcome.detail or 'no answer'}"
    return CodeVerdict(status, outcome.tier, cases, detail, strength, outcome.stdout, outcome.stderr)


def _asked(check: Check) -> str:
    return called(check.call) if check.relation != "holds" else "the tests"


def called(call: Call) -> str:
    if call.function == PROGRAM:
        return f"the program, given {_repr(call.args[0])}"[:300]
    given = [*map(_repr, call.args), *(f"{k}={_repr(v)}" for k, v in call.kwargs.items())]
    return f"{call.function}({', '.join(given)})"[:300]


def _wanted(check: Check) -> str:
    expected = _repr(check.expected)[:200]
    match check.relation:
        case "differs":
            return f"anything but {expected}"
        case "close":
            return f"{expected}, to within {check.tolerance:g}"
        case "true" | "false":
            return f"what counts as {check.relation}"
        case "one_of" | "none_of":
            return f"{'one' if check.relation == 'one_of' else 'none'} of {expected}"
        case "raises":
            return f"{' or '.join(check.expected) or 'an exception'} to be raised"
        case "holds":
            return "no exception"
        case "prints":
            return f"to be printed: {expected}"
        case "rows" | "rows in order":
            return f"{len(check.expected) - 1} {check.relation}"
    return expected


def _repr(value: Any) -> str:
    with suppress(ValueError, RecursionError):
        return repr(value)
    return "[too long to be shown]"  # Python refuses to write out an integer of more than 4300 digits


def _came(answer: Any) -> str:
    match answer:
        case ["value", found]:
            return f"gave {written(found)}"
        case ["raised", *told]:
            return f"raised {': '.join(str(t) for t in told[:2] if t)}"
        case ["missing", name]:
            return f"finds no {name} in the code"
        case ["late"]:
            return "took too long"
        case ["unplain", *why]:
            return f"gave no plain value ({', '.join(map(str, why))})"
    return f"gave what cannot be read: {answer}"


def written(packed: Any, depth: int = 0) -> str:
    """A packed value as Python writes it. Unlike `unpack` it hashes nothing, and takes garbage as it comes."""
    if type(packed) is not list or not packed or depth > MOST_DEPTH:
        return repr(packed) if type(packed) is not list else "..."
    tag, *rest = packed
    if tag == "d" and all(type(p) is list and len(p) == 2 for p in rest):
        return "{" + ", ".join(f"{written(k, depth + 1)}: {written(v, depth + 1)}" for k, v in rest) + "}"
    parts = ", ".join(written(r, depth + 1) for r in rest)
    match tag:
        case "l":
            return f"[{parts}]"
        case "t":
            return f"({parts},)" if len(rest) == 1 else f"({parts})"
        case "s" | "f" if not rest:
            return "set()" if tag == "s" else "frozenset()"
        case "s":
            return f"{{{parts}}}"
        case "f":
            return f"frozenset({{{parts}}})"
        case "b":
            return f"bytes.fromhex({parts})"
        case "v" if rest:
            return f"{rest[0]}({', '.join(written(r, depth + 1) for r in rest[1:])})"
        case "i" | "x" | "u":
            return "".join(map(str, rest))
    return "what cannot be read"
