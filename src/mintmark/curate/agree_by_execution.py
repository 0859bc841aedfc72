"""agree_by_execution: solutions of a problem that pass the same tests agree; the more agree, and the more tests they pass, the likelier they are right.

    execute: {code: solution, tests: tests, entry_point: entry_point, call_cpu_s: 0.1}
    agree_by_execution: {by: problem, times: tests_times, best: 1}                       times: as `gather_tests` writes it

Solutions of one problem with the same set of passed tests are a group; its score is sqrt(solutions in it) x tests passed (as often as they were
written). Groups of equal scores are one rank. No right answer is needed: solutions check the tests and tests the solutions. Solutions that pass
nothing are in no group. Writes: execution_agreement (the score), agreement_rank (1 = the best of its problem; none for those that pass nothing),
agreement_size (solutions in the group), agreement_tests (tests passed). Drops, where `best` or `take` is given: passes_nothing, lower_group,
not_drawn. Final. A problem whose rows ran against different tests is refused. One row: ..., execution_agreement=141.4, agreement_rank=1,
agreement_size=8, agreement_tests=50
Source: CodeT, Chen et al. 2022 (2207.10397), section 2.2. Not covered: a wrong answer that is often given, which wrong tests then agree with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict

Members = list[tuple[str, tuple[int, int]]]  # (id, key) of the rows


@dataclass
class _Problem:
    """weights: how much each test counts. groups: which tests are passed, as bytes of 0 and 1 -> the rows that pass them."""

    weights: tuple[int, ...]
    groups: dict[bytes, Members] = field(default_factory=dict)

    def tests(self, passed: bytes) -> int:
        return sum(w for w, p in zip(self.weights, passed, strict=True) if p)


@dataclass(frozen=True)
class AgreeByExecution(Op):
    """by: the column of the problem. cases: the column with what came of each test. times: the column with how often each test counts; without it
    each counts once. score: both, or what is left of the method when one half is taken away. best: how many of the best ranks of a problem stay,
    0 = all. take: how many rows of a rank stay, drawn by chance, 0 = all."""

    by: str
    cases: str = "cases"
    times: str | None = None
    score: Literal["both", "tests", "solutions"] = "both"
    best: int = 0
    take: int = 0
    name: ClassVar[str] = "agree_by_execution"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 400
    cites: ClassVar[tuple[str, ...]] = ("Chen et al. 2022, CodeT: code generation with generated tests (2207.10397)",)
    drops: ClassVar[Mapping[str, str]] = {
        "passes_nothing": "it passes none of its problem's tests",
        "lower_group": "solutions that agree on other tests score higher",
        "not_drawn": "others of its rank were drawn",
    }

    def __post_init__(self) -> None:
        if self.best < 0 or self.take < 0:
            raise ValueError("best and take must not be below 0")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.by, self.cases, *filter(None, [self.times]))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("execution_agreement", "agreement_rank", "agreement_size", "agreement_tests")

    def settle(self, scan: Scan, ctx: Context) -> Settled:
        problems: dict[str, _Problem] = {}
        for batch in scan(self.reads(Scene())):
            times = batch.columns[self.times] if self.times else [None] * len(batch)
            for row, key, by, cases, each in zip(
                batch.ids, batch.keys, batch.columns[self.by], batch.columns[self.cases], times, strict=True
            ):
                name = by if isinstance(by, str) else repr(by)
                weights = self._weights(ctx, name, cases, each)
                problem = problems.setdefault(name, _Problem(weights))
                if problem.weights != weights:
                    found = f"{len(problem.weights)} and {len(weights)}" if len(problem.weights) != len(weights) else "other counts of"
                    raise RecipeError(
                        f"{ctx.label}: rows of {self.by} '{name[:80]}' ran against {found} tests; expected the same for all of them"
                    )
                problem.groups.setdefault(bytes(c == "passed" for c in cases), []).append((row, key))
        for problem in problems.values():
            yield from self._ranked(problem, ctx)

    def _weights(self, ctx: Context, name: str, cases: Any, times: Any) -> tuple[int, ...]:
        if not isinstance(cases, Sequence) or isinstance(cases, str):
            raise RecipeError(
                f"{ctx.label}: column '{self.cases}' of {self.by} '{name[:80]}' holds no list; run `execute` before, which writes it"
            )
        if self.times is None:
            return (1,) * len(cases)
        if not isinstance(times, Sequence) or len(times) != len(cases) or not all(type(t) is int and t >= 0 for t in times):
            raise RecipeError(
                f"{ctx.label}: {self.by} '{name[:80]}' has {len(cases)} cases in '{self.cases}'; '{self.times}' must hold a whole number for each"
            )
        return tuple(times)

    def _ranked(self, problem: _Problem, ctx: Context) -> Settled:
        ranks: dict[int, list[tuple[int, Members]]] = {}
        for passed, members in problem.groups.items():
            tests, size = problem.tests(passed), len(members)
            if tests:  # equal scores are equal as whole numbers, which roots are not
                exact = {"both": size * tests * tests, "tests": tests, "solutions": size}[self.score]
                ranks.setdefault(exact, []).append((tests, members))
            else:
                verdict = self._verdict(0.0, None, size, 0) if not (self.best or self.take) else Verdict(Drop("passes_nothing"))
                yield from ((key, verdict) for _, key in members)
        for rank, (exact, groups) in enumerate(sorted(ranks.items(), reverse=True), 1):
            score = math.sqrt(exact) if self.score == "both" else float(exact)
            rows = [(row, key, self._verdict(score, rank, len(members), tests)) for tests, members in groups for row, key in members]
            stay = {row for row, _, _ in rows}
            if self.take and len(rows) > self.take:
                stay = set(sorted(stay, key=lambda row: (ctx.rng(row).random(), row))[: self.take])
            for row, key, verdict in rows:
                if self.best and rank > self.best:
                    yield key, Verdict(Drop("lower_group", f"rank {rank}, score {score:.4g}"))
                else:
                    yield key, verdict if row in stay else Verdict(Drop("not_drawn", f"rank {rank}, {len(rows)} rows"))

    def _verdict(self, score: float, rank: int | None, size: int, tests: int) -> Verdict:
        values = (round(score, 6), rank, size, tests)
        return Verdict(values=dict(zip(self.writes(Scene()), values, strict=True)))
