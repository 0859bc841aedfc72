"""execute_sql: runs the SQL query of a row in a box and compares its result with the right one.

    execute_sql: {query: sql, setup: schema, reference: gold}

One row: verdict='failed', passed=0.0, cases=['failed'], failure='gave [[1, 3]], expected 2 rows', strength='exact', tier='bwrap', stdout='', stderr=''.
Of a model's answer with fenced blocks the last that selects is asked. A database in memory (SQLite, or DuckDB with the extra `sql`) is made from `setup`, statements of SQL, or `tables`, {name: [rows]}, and asked one query. What is right says
`expected`, rows; or the result of a `reference` query, which runs in a box of its own. A `setup` that is a list makes a database of each text, on all of which
the results must agree: a query that is right on one by luck is often wrong on the next (test suites). Results are compared here, never in the box: by
position, NULL as NULL, type for type, floats to within `tolerance` of their size, duplicates counted; in order only where the reference has an ORDER BY
that is not in parentheses. `failure` says what the query gave or raised and how many rows were expected, never which: it can be fed back.
strength is empty where every right result has no rows: then any query that finds nothing passes.

Drops: no_query, bad_setup (the database cannot be made), bad_reference (the reference fails, or is not the same twice), and with keep: [passed] every other
status by its name: failed, error, timeout, limit, flaky. Not covered: rows that ORDER BY leaves tied, columns in another order, queries that change data (they are `error`). docs/sandbox.md says what the box holds.
Source: Zhong et al. 2020 (2010.02840), execution accuracy over test suites; Yu et al. 2018 (1809.08887).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from inspect import getsource
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import MissingExtra, RecipeError
from ..core.op import Op, Scene, Scope
from ..core.plain import pack
from ..core.ports import Call, Trial
from ..core.result_sets import same_rows
from ..core.rows import Drop, Result, Row
from ..core.verdict import STATUSES, Check, CodeVerdict, called, judge
from ..text import boxed_sql
from ..text.code import answer_of
from ..text.sql import has_order, query_of

KEPT = tuple(s for s in STATUSES if s != "sandbox_error")
_SOURCE = getsource(boxed_sql)


class _Bad(Exception):
    """A drop: its reason, and what happened."""


@dataclass(frozen=True)
class ExecuteSql(Op):
    """query: the column with the candidate's SQL. setup: the column with the SQL that makes the database, or a list of such texts, a database each. tables: the
    column with rows of the database, {table: [{column: value}]}, put into every one. reference: the column with a query that is right. expected: the
    column with the right rows instead, lists or mappings, or JSON of them; a list of such results where `setup` is a list. engine: sqlite or duckdb.
    ordered: whether the order of rows counts; without it, where the reference says ORDER BY. tolerance: the share of its size by which a float may
    differ. exact: whether types count (1 is not 1.0, nor true). most_rows: rows of a result, more is `limit`. cpu_s: CPU seconds for a candidate, on all
    databases together. memory_mb: address space. repeats: fresh boxes in which what passes must pass. keep: the statuses that stay; without it all do."""

    query: str
    setup: str | None = None
    tables: str | None = None
    reference: str | None = None
    expected: str | None = None
    engine: str = "sqlite"
    ordered: bool | None = None
    tolerance: float = 1e-9
    exact: bool = True
    most_rows: int = 10_000
    cpu_s: float = 4.0
    memory_mb: int = 1024
    repeats: int = 2
    keep: tuple[str, ...] = ()
    name: ClassVar[str] = "execute_sql"
    scope: ClassVar[Scope] = Scope.EACH
    executes: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = ("Zhong et al. 2020, arXiv 2010.02840", "Yu et al. 2018, arXiv 1809.08887")
    drops: ClassVar[dict[str, str]] = {
        "no_query": "the column is empty",
        "bad_setup": "the database cannot be made",
        "bad_reference": "the reference fails or is not the same twice, or the expected rows are none",
        "failed": "another result",
        "error": "the query raised, or is none",
        "timeout": "it took too long",
        "limit": "it took too much memory, or gave too much",
        "flaky": "it passed once and not again",
    }

    def __post_init__(self) -> None:
        lowest = ("tolerance", 0.0), ("most_rows", 1), ("cpu_s", 0.01), ("memory_mb", 64), ("repeats", 1)
        for name, low in lowest:
            if not getattr(self, name) >= low:
                raise ValueError(f"{name} is {getattr(self, name):g}, expected at least {low:g}")
        if unknown := set(self.keep) - set(KEPT):
            raise ValueError(f"keep: there is no status '{min(unknown)}', expected some of {', '.join(KEPT)}")
        if self.engine not in ("sqlite", "duckdb"):
            raise ValueError(f"engine is '{self.engine}', expected sqlite or duckdb")
        if (self.reference is None) == (self.expected is None):
            raise ValueError(
                "what the result should be is expected once: reference, a column with a query, or expected, a column with rows"
            )

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.query, *filter(None, [self.setup, self.tables, self.reference, self.expected]))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("verdict", "passed", "cases", "failure", "strength", "tier", "stdout", "stderr")

    def check(self, scene: Scene) -> None:
        if self.engine == "duckdb" and find_spec("_duckdb") is None:
            raise MissingExtra("DuckDB", "sql", scene.where)

    async def each(self, row: Row, ctx: Context) -> Result:
        with ctx.refusing(f"column '{self.query}'"):
            query = query_of(answer_of(row.values[self.query]))
        if not query.strip():
            return Drop("no_query")
        given = row.values[self.setup] if self.setup else ""
        setups = [str(given or "")] if isinstance(given, str) or not given else [*map(str, given)]
        try:
            tables = _tables(row.values[self.tables] if self.tables else None)
            right = await self._right(row, ctx, setups, tables, isinstance(given, str) or not given)
        except _Bad as why:
            return Drop(*why.args)
        ordered = has_order(query_of(str(row.values[self.reference]))) if self.ordered is None and self.reference else bool(self.ordered)
        load, *calls = self._calls(query, setups, tables)
        checks = [Check(load)]
        for made, asked, rows in zip(calls[::2], calls[1::2], right, strict=True):
            checks += Check(made), Check(asked, "rows in order" if ordered else "rows", rows, self.tolerance)
        limits = {"cpu_s": self.cpu_s, "memory_mb": self.memory_mb}
        verdict = await ctx.verdict(_SOURCE, checks, repeats=self.repeats, exact=self.exact, **limits)
        told = verdict.detail
        for check in checks:
            told = told.removeprefix(called(check.call)).lstrip(": ")
        self._loaded(verdict)
        bad = next((i for i, case in enumerate(verdict.cases) if case != "passed"), 0)
        if bad % 2 or verdict.cases[0] == "failed":
            return Drop("bad_setup", told)
        if self.keep and verdict.status not in self.keep:
            return Drop(verdict.status, told)
        cases = list(verdict.cases[2::2])
        values = {
            "verdict": verdict.status,
            "passed": sum(c == "passed" for c in cases) / len(cases),
            "cases": cases,
            "failure": told,
            "strength": verdict.strength if any(len(rows) > 1 for rows in right) else "empty",
            "tier": verdict.tier,
            "stdout": verdict.stdout,
            "stderr": verdict.stderr,
        }
        return row.with_values(values)

    def _calls(self, query: str, setups: Sequence[str], tables: Mapping[str, Any]) -> list[Call]:
        pairs = ((Call("prepare", (s, dict(tables))), Call("ask", (query, self.most_rows))) for s in setups)
        return [Call("load", (self.engine,)), *(call for pair in pairs for call in pair)]

    def _loaded(self, verdict: CodeVerdict) -> None:
        """Nothing of the row's has run by then: where this fails it is nobody's fault in there."""
        if verdict.cases[0] in ("error", "limit"):
            raise RecipeError(
                f"{self.engine} cannot be loaded in a box: {verdict.detail}. DuckDB needs the tier bwrap, and must lie where anybody may "
                "read it and fit the interpreter that runs there"
            )

    async def _right(self, row: Row, ctx: Context, setups: Sequence[str], tables: Mapping[str, Any], single: bool) -> list[Any]:
        """The right result on each database, packed."""
        if self.expected is not None:
            given = row.values[self.expected]
            return _expected(given, len(setups), single)
        query = query_of(str(row.values[self.reference or ""] or ""))
        if not query.strip():
            raise _Bad("bad_reference", "there is none")
        trial = Trial(_SOURCE, tuple(self._calls(query, setups, tables)), self.cpu_s, memory_mb=self.memory_mb)
        first: list[Any] = []
        for repeat in range(self.repeats):
            outcome = await ctx.execute(replace(trial, repeat=repeat))
            self._loaded(judge(outcome, [Check(trial.calls[0])]))
            answers = [*outcome.answers, *[["none", outcome.detail]] * len(trial.calls)]
            results: list[Any] = []
            for made, asked in zip(answers[1::2], answers[2 : len(trial.calls) : 2], strict=False):
                match made, asked:
                    case ["value", None], ["value", rows]:
                        results.append(rows)
                    case ["value", None], [_, *told]:
                        raise _Bad("bad_reference", ": ".join(map(str, told))[:300])
                    case [_, *told], _:
                        raise _Bad("bad_setup", ": ".join(map(str, told))[:300])
            first = first or results
            if not all(same_rows(a, b, False, True, self.tolerance) for a, b in zip(first, results, strict=True)):
                raise _Bad("bad_reference", "it does not give the same rows twice")
        return first


def _json(value: Any) -> Any:
    """What stands in a cell, or in the JSON that stands there."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{error} in {value[:60]!r}") from error


def _tables(given: Any) -> dict[str, list[dict[str, Any]]]:
    try:
        found = _json(given or None) or {}
        made = {str(t): [{str(c): v for c, v in row.items()} for row in rows] for t, rows in found.items()}
        pack(made)
        return made
    except (ValueError, AttributeError, TypeError) as error:
        raise _Bad("bad_setup", f"tables are {{name: [rows]}}, these are not: {error}"[:300]) from error


def _expected(given: Any, databases: int, single: bool) -> list[Any]:
    try:
        found = _json(given)
        results = [found] if single else [_json(result) for result in found]
        if len(results) != databases:
            raise ValueError(f"{len(results)} results for {databases} databases")
        rows = [[list(row.values() if isinstance(row, Mapping) else _cells(row)) for row in result] for result in results]
        pack(rows)
        return [pack(boxed_sql.plain(result)) for result in rows]  # a date as the text that it leaves the box as
    except (ValueError, TypeError) as error:
        raise _Bad("bad_reference", f"expected are rows, these are not: {error}"[:300]) from error


def _cells(row: Any) -> Any:
    if isinstance(row, str):
        raise ValueError(f"{row[:60]!r} is a text")
    return row
