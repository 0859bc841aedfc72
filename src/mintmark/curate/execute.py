"""execute: runs the code of a row against its tests, in a box, and writes what came of each.

    execute: {code: solution, tests: tests, entry_point: function}

One row: verdict='failed', passed=0.5, cases=['passed', 'failed'], failure="add(2, 2): ['value', 5], expected equals 4",
strength='exact', tier='bwrap', stdout='', stderr=''. tests: code with asserts, unittest or doctests, or a list of such texts. They
are read here into calls and expectations (text/asserts.py); the calls alone go into the box, and what comes out of it is compared here, type for
type, so no candidate can see or fake what is expected. A text that holds more (loops, other functions) runs in a second box, where the candidate's
functions are proxies for plain values: strength is then proxied. No test ever runs in the candidate's own process. What passes is run
`repeats` times in fresh boxes. Outcomes are journaled; equal code with equal calls runs once. docs/sandbox.md says what the box holds.

Drops: no_code, no_tests (none, or nothing is tested), and with keep: [passed] every other status by its name: failed, error, timeout, limit,
flaky. Fails with endpoint where the sandbox itself failed three times. Source: Chen et al. 2021 (2107.03374), less its judging inside.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.plain import pack
from ..core.ports import Call
from ..core.rows import Drop, Result, Row
from ..core.verdict import STATUSES, Check
from ..text.asserts import functions, read_tests

KEPT = tuple(s for s in STATUSES if s != "sandbox_error")


@dataclass(frozen=True)
class Execute(Op):
    """code: the column with the candidate's source. tests: the column with its tests. entry_point: the column with the name of what is tested,
    where the last function that the code defines is not it. cpu_s: CPU seconds for a candidate, all its calls together. call_cpu_s: for
    each call, 0 = only together. memory_mb: address space. repeats: fresh boxes in which what passes must pass. exact: whether types count (1 is not
    1.0, nor True); false compares as Python's == does. keep: the statuses that stay; without it all do."""

    code: str
    tests: str
    entry_point: str | None = None
    cpu_s: float = 4.0
    call_cpu_s: float = 0.0
    memory_mb: int = 768
    repeats: int = 2
    exact: bool = True
    keep: tuple[str, ...] = ()
    name: ClassVar[str] = "execute"
    scope: ClassVar[Scope] = Scope.EACH
    executes: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = ("Chen et al. 2021, arXiv 2107.03374",)
    drops: ClassVar[dict[str, str]] = {
        "no_code": "the column is empty, or defines no function",
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
        source = str(row.values[self.code] or "")
        entry = str(row.values[self.entry_point] or "") if self.entry_point else last_function(source)
        if not source.strip() or not entry:
            return Drop("no_code")
        given = row.values[self.tests]
        found, left = _read((given,) if isinstance(given, str) else tuple(map(str, given or ())), entry)
        checks = [*found, *(Check(Call(f"tests {i}"), "holds") for i in range(len(left)))]
        if not checks:
            return Drop("no_tests")
        limits = {"cpu_s": self.cpu_s, "call_cpu_s": self.call_cpu_s, "memory_mb": self.memory_mb}
        verdict = await ctx.verdict(source, checks, repeats=self.repeats, exact=self.exact, tests=tuple(left), entry=entry, **limits)
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


def last_function(source: str) -> str:
    """The name of the last function at the top of the code; '' where there is none, or no code that can be read. Not one that hides a function
    of Python's own: tests that call `abs` mean that one."""
    return next((name for name in reversed(functions(source)) if not hasattr(builtins, name)), "")


@lru_cache(maxsize=64)  # candidates of one problem share its tests
def _read(texts: tuple[str, ...], entry: str) -> tuple[list[Check], list[str]]:
    """What can be read as calls with plain values; and the texts that hold more than that."""
    checks: list[Check] = []
    left: list[str] = []
    for text in texts:
        try:
            tests = read_tests(text, entry)
        except ValueError:
            continue  # no Python: nobody's fault but the test's
        found = [Check(Call(f.function, f.args, f.kwargs), f.relation, f.expected, f.tolerance) for f in tests.checks]
        plain = [c for c in found if _plain(c)]
        checks += plain
        if tests.left or len(plain) < len(found):
            left.append(tests.code)
    return checks, left


def _plain(check: Check) -> bool:
    try:
        check.call.line()
        return check.relation == "raises" or pack(check.expected) is not ...
    except ValueError:
        return False
