"""execute: runs the code of a row against its tests, in a box, and writes what came of each.

    execute: {code: solution, tests: tests, entry_point: function}
    execute: {code: solution, tests: tests, language: javascript}

One row: verdict='failed', passed=0.5, cases=['passed', 'failed'], failure="add(2, 2) gave 5, expected 4",
strength='exact', tier='bwrap', stdout='', stderr=''. tests: code with asserts, unittest or doctests, a JSON list of
{args, expected} or, for programs, {input, output} (text/cases.py), or a list of such texts, of which those that cannot be read count for nothing.
Of a model's answer with fenced blocks the last that defines the entry point is run. Tests are read here into calls and expectations (text/asserts.py,
js_asserts.py); the calls alone go into the box, and what comes out of it is compared here, type for
type, so no candidate can see or fake what is expected. A text that holds more (loops, other functions) runs in a second box, where the candidate's
functions and classes are proxies: strength is then proxied (in Python alone: other tests that cannot be read are no_tests). No test ever runs in
the candidate's own process. What passes is run `repeats` times in fresh boxes. Outcomes are journaled; equal code with equal calls runs once, and what
several texts ask alike is asked once. cases: one a check, in the order of the tests. docs/sandbox.md says what the box holds.

Drops: no_code, no_tests (none, or nothing is tested), and with keep: [passed] every other status by its name: failed, error, timeout, limit,
flaky. Fails with endpoint where the sandbox itself failed three times. Source: Chen et al. 2021 (2107.03374), less its judging inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.plain import Other
from ..core.ports import PROGRAM
from ..core.rows import Drop, Result, Row
from ..core.verdict import STATUSES, Check, checks_of
from ..text import js_asserts, js_values
from ..text.asserts import Tests
from ..text.cases import read_all, read_any, read_cases, texts, unread
from ..text.code import answer_of, fenced, last_function, program

KEPT = tuple(s for s in STATUSES if s != "sandbox_error")


@dataclass(frozen=True)
class Execute(Op):
    """code: the column with the candidate's source. tests: the column with its tests. entry_point: the column with the name of what is tested,
    where the last function that the code defines is not it. cpu_s: CPU seconds for a candidate, all its calls together. call_cpu_s: for
    each call, 0 = only together (in Python alone). memory_mb: address space; of JavaScript, on top of what node takes. repeats: fresh boxes in which what passes must pass. exact: whether types count (1 is not
    1.0, nor True); false compares as Python's == does. language: of code and tests. keep: the statuses that stay; without it all do."""

    code: str
    tests: str
    entry_point: str | None = None
    cpu_s: float = 4.0
    call_cpu_s: float = 0.0
    memory_mb: int = 768
    repeats: int = 2
    exact: bool = True
    language: Literal["python", "javascript"] = "python"
    keep: tuple[str, ...] = ()
    name: ClassVar[str] = "execute"
    scope: ClassVar[Scope] = Scope.EACH
    executes: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = ("Chen et al. 2021, arXiv 2107.03374",)
    drops: ClassVar[dict[str, str]] = {
        "no_code": "no function and no class is defined, or the column is empty (an error where entry_point is given and nothing is dropped by keep)",
        "no_tests": "there are none, or they test nothing",
        "failed": "a call gave something else",
        "error": "a call raised, or the code cannot be loaded",
        "timeout": "it took too long",
        "limit": "it took too much memory, or wrote too much",
        "flaky": "it passed once and not again",
    }

    def __post_init__(self) -> None:
        for name, low in (("cpu_s", 0.01), ("call_cpu_s", 0.0), ("memory_mb", 64), ("repeats", 1)):
            if not getattr(self, name) >= low:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected at least {low:g}")
        if self.language not in READERS:
            raise ValueError(f"language is '{self.language}', expected one of {', '.join(READERS)}")
        if self.call_cpu_s and self.language != "python":
            raise ValueError(f"call_cpu_s: {self.language} has no limit for each call; leave it out, cpu_s holds for all together")
        if unknown := set(self.keep) - set(KEPT):
            raise ValueError(f"keep: there is no status '{min(unknown)}', expected some of {', '.join(KEPT)}")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.code, self.tests, *filter(None, [self.entry_point]))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("verdict", "passed", "cases", "failure", "strength", "tier", "stdout", "stderr")

    def check(self, scene: Scene) -> None:
        if self.code == self.tests:
            raise RecipeError(f"{scene.where}: code and tests are one column, '{self.code}'")

    async def each(self, row: Row, ctx: Context) -> Result:
        with ctx.refusing(f"column '{self.code}'"):
            source = answer_of(row.values[self.code])
        read, last = READERS[self.language]
        entry = str(row.values[self.entry_point] or "").strip() if self.entry_point else last(source)
        given = texts(row.values[self.tests])
        checks, left = _read(given, entry, self.language)
        programs = sum(c.call.function == PROGRAM for c in checks)
        if not entry and not programs:
            return Drop("no_code", f"{self.entry_point} is empty" if self.entry_point else "it defines no function")
        if not source.strip() and (self.keep or not self.entry_point):
            return Drop("no_code", "it is empty")
        if left and self.language != "python":
            return Drop("no_tests", f"cannot be read: {left[0]}"[:300])
        if programs not in (0, len(checks)):
            return Drop("no_tests", "some are of a program that reads and prints, some of functions")
        if not checks:
            return Drop("no_tests", unread(given, entry, read))
        source = program(source, entry)
        limits = {"cpu_s": self.cpu_s, "call_cpu_s": self.call_cpu_s, "memory_mb": self.memory_mb, "language": self.language}
        verdict = await ctx.verdict(source, checks, repeats=self.repeats, exact=self.exact, tests=left, entry=entry, **limits)
        if self.keep and verdict.status not in self.keep:
            return Drop(verdict.status, verdict.detail)
        values = {
            "verdict": verdict.status,
            "passed": sum(c == "passed" for c in verdict.cases) / len(verdict.cases),
            "cases": list(verdict.cases),
            "failure": verdict.detail,
            "strength": verdict.strength,
            "tier": verdict.tier,
            "stdout": verdict.stdout,
            "stderr": verdict.stderr,
        }
        return row.with_values(values)


def _javascript(text: str, entry: str) -> Tests:
    cases = read_cases(text, entry)
    if cases is None:
        found = js_asserts.read_tests(text, entry, Other)
        # `differs` is Python's !=, to which true is 1; here it is not
        checks = tuple(replace(f, relation="none_of", expected=(f.expected,)) if f.relation == "differs" else f for f in found.checks)
        return replace(found, checks=checks)
    checks = tuple(replace(f, args=js_values.numbers(f.args), expected=js_values.numbers(f.expected)) for f in cases.checks)
    unread = (f"kwargs {f.kwargs}" if f.kwargs else "input of a program" for f in cases.checks if f.kwargs or f.function == PROGRAM)
    return Tests(checks, tuple(unread))


READERS: dict[
    str, tuple[Callable[[str, str], Tests], Callable[[str], str]]
] = {  # language -> how its tests are read, its last function is found
    "python": (read_any, last_function),
    "javascript": (_javascript, lambda source: js_values.last_function("\n".join(fenced(source)) or source)),
}


@lru_cache(maxsize=64)  # candidates of one problem share its tests
def _read(texts: tuple[str, ...], entry: str, language: str) -> tuple[list[Check], tuple[str, ...]]:
    return checks_of(read_all(texts, entry, READERS[language][0]))
