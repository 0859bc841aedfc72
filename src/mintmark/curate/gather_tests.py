"""gather_tests: the tests of a problem out of many samples of a model: each distinct assert once, and how often it was written.

    gather_tests: {column: samples, entry_point: entry_point, code: prompt}          then: execute: {..., tests: tests, call_cpu_s: 0.1}

Of each sample the first `most` asserts that name the entry point and can be read (text/assert_samples.py). Asserts that pass for nobody, since they
read a name that neither the problem's `code` nor Python gives (`assert ____ == f(2)`), and those that test nothing (`assert "f(2) == 4"`), are left
out: running them costs a box and decides nothing, and `execute` has no case for the latter, so that counts and cases would not go together.
Writes: tests (a list, in the order they came), tests_times (how often each; `agree_by_execution` counts with it), tests_left_out (how many were written of those left out).
Drops: no_tests. One row: ..., tests=['assert add(1, 2) == 3', 'assert add(0, 0) == 0'], tests_times=[41, 12], tests_left_out=3
Source: CodeT, Chen et al. 2022 (2207.10397). Not covered: whether a test is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.answers import shown_texts
from ..text.assert_samples import asserts_of, functions_of, unbound
from ..text.asserts import read_tests


@dataclass(frozen=True)
class GatherTests(Op):
    """column: the column with the samples, a text or a list of texts. entry_point: the column with the name of what is tested. code: the column with the
    code that tests may use too, such as a prompt with helper functions; its functions count as given. most: asserts taken of each sample,
    1 or more. into: the column of the tests; beside it stand the same name with _times and with _left_out."""

    column: str
    entry_point: str
    code: str | None = None
    most: int = 5
    into: str = "tests"
    name: ClassVar[str] = "gather_tests"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Chen et al. 2022, CodeT: code generation with generated tests (2207.10397)",)
    drops: ClassVar[Mapping[str, str]] = {"no_tests": "no sample holds an assert that names the entry point, can be read and could pass"}

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ValueError(f"most is {self.most}, expected at least 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, self.entry_point, *filter(None, [self.code]))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return self.into, f"{self.into}_times", f"{self.into}_left_out"

    def each(self, row: Row, ctx: Context) -> Result:
        entry = str(row.values[self.entry_point] or "").strip()
        given = {entry, *(functions_of(str(row.values[self.code] or "")) if self.code else ())}
        samples = shown_texts(row.values[self.column]) if entry else []
        every = Counter(one for text in samples for one in asserts_of(text, entry, self.most))
        times = {one: n for one, n in every.items() if not unbound(one, given) and _tests(one, entry)}
        if not times:
            return Drop("no_tests", f"{len(samples)} samples for '{entry}', {len(every)} asserts that decide nothing"[:160])
        values = (list(times), list(times.values()), every.total() - sum(times.values()))
        return row.with_values(dict(zip(self.writes(Scene()), values, strict=True)))


def _tests(text: str, entry: str) -> bool:
    """Whether `execute` makes a case of it."""
    try:
        found = read_tests(text, entry)
    except ValueError:
        return False
    return bool(found.checks or found.left)
