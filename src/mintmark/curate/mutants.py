"""mutants: keeps the tests that a right program passes and a slightly wrong one does not; the others prove nothing.

    mutants: {code: reference, tests: tests, least: 0.5}

One row: tests="assert lower(2, 2) is False", mutation_score=0.8, mutants=5, killed=4, survived=['line 2: a < b -> a <= b'], tests_kept=1, tests_wrong=1,
tests_vacuous=2, tests_left_out=0. Small faults are put into the reference solution (text/mutate.py); each test, taken alone (text/single_tests.py), runs
against the reference and against every mutant, a box each, as `execute` runs tests. A test that fails on the reference, in any of `repeats` boxes, is wrong;
one to which no mutant gives a wrong answer is vacuous (assert True, assert f(x) == f(x)): that a mutant crashes or never ends there shows only that the test
calls it. Both go. A mutant is killed where a test that is kept does not pass, whether by a wrong answer, an exception, or for time or memory.

mutation_score is killed of all mutants made, at most `most` of them, drawn by the row: a sample, and with few of them a test can look vacuous that is not. Some mutants
do what the reference does (equivalent); which is unknown, so less than 1 need not be a fault of the tests. Who can write a test for what `survived` has found a gap.
It says nothing of whether the reference is right. Not covered: tests that need what an earlier test did; how many kinds of faults people make.

Drops: no_code, no_tests, reference_fails (no test passes on it), no_mutants, no_good_test, weak_tests (score below `least`). Cost: `repeats` + `most` boxes a row,
two for each where tests are more than calls. Source: DeMillo et al. 1978; Jia and Harman 2011; arXiv 2606.16062 (tests that models add, and what they miss).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.ports import Call, Trial
from ..core.rows import Drop, Result, Row
from ..core.verdict import Check, checks_of, judge
from ..text.cases import read_all, texts, unread
from ..text.code import answer_of, last_function, program
from ..text.jsontext import loads
from ..text.mutate import mutants
from ..text.single_tests import kept, singles

RERUNS = 3  # where a test ends the reference's process, those after it get another box, so often


@dataclass(frozen=True, slots=True)
class _Test:
    """One test: the `number` of its text and of its place in there. whole: its source, where it is more than calls."""

    text: int
    number: int
    calls: tuple[Check, ...]
    whole: tuple[str, ...]


@dataclass(frozen=True)
class Mutants(Op):
    """code: the column with the reference solution. tests: the column with its tests, a text or a list of them; written again, less those that prove nothing.
    entry_point: the column with the name of what is tested, where the last function that the code defines is not it. most: mutants made. least: the
    mutation score below which a row is dropped. most_tests: tests looked at; those after them are left out. cpu_s: CPU seconds for the reference, or a
    mutant, with all tests. call_cpu_s: for each call, 0 = only together. memory_mb: address space. repeats: fresh boxes in which a test must
    pass on the reference. exact: whether types count (1 is not 1.0, nor True); false compares as Python's == does."""

    code: str
    tests: str
    entry_point: str | None = None
    most: int = 20
    least: float = 0.0
    most_tests: int = 100
    cpu_s: float = 2.0
    call_cpu_s: float = 0.25
    memory_mb: int = 768
    repeats: int = 2
    exact: bool = True
    name: ClassVar[str] = "mutants"
    scope: ClassVar[Scope] = Scope.EACH
    executes: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = ("DeMillo, Lipton and Sayward 1978, Hints on test data selection", "arXiv 2606.16062")
    drops: ClassVar[dict[str, str]] = {
        "no_code": "the column is empty, or defines no function",
        "no_tests": "there are none, or they test nothing",
        "reference_fails": "no test passes on the reference",
        "no_mutants": "nothing in the reference can be changed",
        "no_good_test": "no test that the reference passes tells a mutant from it",
        "weak_tests": "the mutation score is below `least`",
    }

    def __post_init__(self) -> None:
        lowest = ("most", 1), ("least", 0), ("most_tests", 1), ("cpu_s", 0.01), ("call_cpu_s", 0), ("memory_mb", 64), ("repeats", 1)
        for name, low in lowest:
            if not getattr(self, name) >= low:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected at least {low:g}")
        if self.least > 1:
            raise ValueError(f"least is {self.least:g}, expected at most 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.code, self.tests, *filter(None, [self.entry_point]))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        counts = "tests_kept", "tests_wrong", "tests_vacuous", "tests_left_out"
        return (self.tests, "mutation_score", "mutants", "killed", "survived", *counts)

    def check(self, scene: Scene) -> None:
        if self.code == self.tests:
            raise RecipeError(f"{scene.where}: code and tests are one column, '{self.code}'")

    async def each(self, row: Row, ctx: Context) -> Result:
        with ctx.refusing(f"column '{self.code}'"):
            source, given = answer_of(row.values[self.code]), row.values[self.tests]
        entry = str(row.values[self.entry_point] or "") if self.entry_point else last_function(source)
        if not source.strip() or not entry:
            return Drop("no_code", "it is empty" if entry else "nothing says which function is tested")
        source, written = program(source, entry), texts(given)
        every = [_read(t, n, alone, entry) for t, text in enumerate(written) for n, alone in enumerate(singles(text))]
        asked = [t for t in every[: self.most_tests] if t.calls or t.whole]
        if not asked:
            return Drop("no_tests", unread(written, entry))
        right, idle = asked, 0
        for repeat in range(self.repeats):
            if right:
                right, untested = await self._passing(ctx, source, entry, right, repeat)
                idle += untested
        if not right:
            return Drop("reference_fails", f"{len(asked)} tests fail")
        made = mutants(source, entry, ctx.rng(), self.most)
        if not made:
            return Drop("no_mutants")
        ran = await asyncio.gather(*(self._run(ctx, m.source, entry, right, 0) for m in made))
        good = [i for i in range(len(right)) if any("failed" in cases[i] for cases, _ in ran)]
        if not good:
            return Drop("no_good_test", f"{len(made)} mutants, {len(right)} tests that pass on the reference")
        dead = [any(set(cases[i]) & {"failed", "error", "timeout", "limit"} for i in good) for cases, _ in ran]
        score = sum(dead) / len(made)
        if score < self.least:
            return Drop("weak_tests", f"{sum(dead)} of {len(made)} mutants killed")
        of_text: list[set[int]] = [{right[i].number for i in good if right[i].text == t} for t in range(len(written))]
        cleaned = [kept(text, numbers) for text, numbers in zip(written, of_text, strict=True) if numbers]
        if not any(isinstance(one, str) for one in given):  # cases that came as they are go as they are
            cleaned = loads(cleaned[0])
        return row.with_values(
            {
                self.tests: cleaned[0] if isinstance(given, str) else cleaned,
                "mutation_score": score,
                "mutants": len(made),
                "killed": sum(dead),
                "survived": [str(m) for m, gone in zip(made, dead, strict=True) if not gone],
                "tests_kept": len(good),
                "tests_wrong": len(asked) - len(right) - idle,
                "tests_vacuous": min(len(every), self.most_tests) - len(asked) + len(right) - len(good) + idle,
                "tests_left_out": max(len(every) - self.most_tests, 0),
            }
        )

    async def _passing(self, ctx: Context, source: str, entry: str, tests: list[_Test], repeat: int) -> tuple[list[_Test], int]:
        """Those that pass, and how many others never called the code; one that ends the process does not take those after it along."""
        passing: list[_Test] = []
        untested = 0
        for _ in range(1 + RERUNS):
            cases, unheard = await self._run(ctx, source, entry, tests, repeat)
            passing += [t for t, case in zip(tests, cases, strict=True) if set(case) == {"passed"}]
            untested += sum("untested" in case for case in cases)
            tests = [tests[i] for i in unheard]
            if not tests:
                break
        return sorted(passing, key=lambda t: (t.text, t.number)), untested

    async def _run(self, ctx: Context, source: str, entry: str, tests: Sequence[_Test], repeat: int) -> tuple[list[list[str]], list[int]]:
        """What came of each test's checks; and which tests were still to come when another one ended the process."""
        whole = tuple(text for t in tests for text in t.whole)
        checks = [c for t in tests for c in t.calls] + [Check(Call(f"tests {i}"), "holds") for i in range(len(whole))]
        owners = [i for i, t in enumerate(tests) for _ in t.calls] + [i for i, t in enumerate(tests) for _ in t.whole]
        calls, limits = tuple(c.call for c in checks if c.relation != "holds"), (self.cpu_s, self.call_cpu_s, self.memory_mb)
        outcome = await ctx.execute(Trial(source, calls, *limits, repeat=repeat, tests=whole, entry=entry))
        cases: list[list[str]] = [[] for _ in tests]
        for n, (owner, case) in enumerate(zip(owners, judge(outcome, checks, self.exact).cases, strict=True)):
            cases[owner].append("untested" if outcome.answers[n : n + 1] and outcome.answers[n][:2] == ["raised", "Untested"] else case)
        ended = len(outcome.answers) if outcome.status not in ("ran", "sandbox_error") else len(owners)
        return cases, sorted(set(owners[ended + 1 :]) - set(owners[ended : ended + 1]))


def _read(text: int, number: int, source: str, entry: str) -> _Test:
    checks, whole = checks_of(read_all((source,), entry))
    return _Test(text, number, tuple(c for c in checks if c.relation != "holds"), whole)
