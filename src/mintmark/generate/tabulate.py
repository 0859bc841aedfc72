"""tabulate: rows of a table from a language model: zero-shot from a schema and descriptive statistics, or few-shot from balanced examples.

    tabulate: {about: adults before an operation, describe: real, rows: 20, schema: {bmi: {derive: kg / (m * m), decimals: 1}}}
    tabulate: {schema: {sex: {levels: [f, m], shares: [0.52, 0.48]}, age: {type: whole, unit: years, low: 18, high: 95, mean: 57, sd: 15}}}
    tabulate: {examples: real, label: outcome, k: 4, sets: 2, format: csv}           EPIC: the model continues k rows of each class, by turns

A column of the schema: {type: number | whole | category | date | text, unit, low, high, levels, shares, mean, sd, quartiles, decimals, missing
(share without a value), note (what it depends on, in words), derive}. `describe` takes mean, sd, quartiles, levels, shares and rank correlations
from a table: no row, no extreme, no level of fewer than 5 rows, and no differential privacy either; `schema` goes before it. A column that the
row already has is a condition: told, not asked. A derived column is computed (text/expr), never asked. Without `describe` and `schema` the columns
are the examples'. Each row (a request) is split into what came; what does not fit is made and dropped. Rows are found in every array or wrapper of
an answer; one that is cut gives the rows before the cut. Fails: no_rows. Drops: not_a_row, missing, not_a_number, not_whole, not_a_date, not_text,
below, above, not_one_of, not_computable (a derived column), copied (one of the examples shown), not_as_given (a condition has another value).
One row: sex='f', age=63, m=1.62, kg=71.5, bmi=27.2. One drop: above, 'age is 210, at most 95'
Sources: Barr et al. 2025 (10.3389/frai.2025.1533508), both phases; EPIC, Kim, Kim and Choo 2024 (2404.12404). Not covered: conditions across rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.ports import Request
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.prompt import compiled
from ..stats.describe import correlations, describe
from ..text.jsontext import dumps
from ..text.table_answers import csv_line, rows_in_csv, rows_in_json
from ..text.table_schema import FAULTS, Unfit, columns_of, derived, row_of


@dataclass(frozen=True)
class Tabulate(Asking):
    """about: the table, in words. schema: column -> what is known of it. describe: a table whose statistics are told. columns: of the tables,
    default all. rows: a call. examples: a table whose rows are shown. label: its class column. k: rows of each class in a set. sets: of examples. format: how examples and
    rows are written, json or csv."""

    about: str = ""
    schema: Mapping[str, Any] | None = None
    describe: str | None = None
    columns: tuple[str, ...] | None = None
    rows: int = 10
    examples: str | None = None
    label: str | None = None
    k: int = 3
    sets: int = 2
    format: Literal["json", "csv"] = "json"
    prompt: str = ""
    max_tokens: int | None = field(default=4096, kw_only=True)
    name: ClassVar[str] = "tabulate"
    drops: ClassVar[Mapping[str, str]] = {
        **FAULTS,
        "copied": "equals an example that was shown",
        "not_as_given": "a column that was given has another value",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.schema is None and self.describe is None and self.examples is None:
            raise ValueError("give schema, describe or examples: without one there are no columns")
        if min(self.rows, self.k, self.sets, self.attempts) < 1:
            raise ValueError("rows, k, sets and attempts must be at least 1")
        if self.label is not None and self.examples is None:
            raise ValueError("label goes with examples: it is the column whose classes are shown by turns")
        if self.format == "csv" and self.examples is None:
            raise ValueError("format: csv goes with examples; rows from a schema are asked as JSON")
        if not self.prompt:
            object.__setattr__(self, "prompt", built_in("epic" if self.examples else "tabulate"))

    def gives(self) -> tuple[str, ...]:
        return ("about", "rows", "columns", "dependencies", "given", "header", "sets", "head", "classes", "label")

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t for t in (self.describe, self.examples) if t))

    def _schema(self, table: Callable[[str], Any]) -> dict[str, Any]:
        """Column -> what is known of it: the recipe's words go before the statistics."""
        found: dict[str, Any] = {}
        for source in self.reads_tables():
            names = [c for c in self.columns or table(source).columns if c != "id"]
            found = {**describe({c: table(source).column(c) for c in names}), **found}
        for name, told in (self.schema or {}).items():
            whole = not isinstance(told, Mapping) or {"type", "levels", "derive"} & set(told)
            found[name] = told if whole else {**found.get(name, {}), **told}
        return found

    def _names(self, scene: Scene) -> dict[str, bool]:
        """Column -> whether it is derived, without reading a table's cells."""
        tables = [c for t in self.reads_tables() for c in self.columns or scene.table(t).columns if c != "id"]
        told = self.schema or {}
        return {c: bool(isinstance(t := told.get(c), Mapping) and t.get("derive")) for c in dict.fromkeys([*tables, *told])}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        given = (c for c, computed in self._names(scene).items() if c in scene.columns and not computed)
        return tuple(dict.fromkeys((*super().reads(scene), *given)))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c, computed in self._names(scene).items() if computed or c not in scene.columns)

    def check(self, scene: Scene) -> None:
        for source in self.reads_tables():
            for column in (*(self.columns or ()), *((self.label,) if self.label and source == self.examples else ())):
                scene.table_column(f"{source}.{column}")
        try:
            columns = columns_of(self._schema(scene.table))
        except ValueError as error:
            raise RecipeError(f"{scene.where}: schema: {error}") from error
        if "id" in columns:
            raise RecipeError(f"{scene.where} writes 'id', which is reserved; choose another column name")
        if not any(not c.derive for c in columns.values()):
            raise RecipeError(f"{scene.where}: there is no column to ask for")

    def fan_out(self, scene: Scene) -> float:
        return float(self.rows)

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """A column takes about 40 tokens in the prompt; a cell about 8, with its name."""
        calls, tokens_in, _ = super().estimate(scene)[self.model]
        cells = len(self._names(scene)) * 8
        shown = cells * self.k * self.sets * 2 if self.examples else 0
        return {self.model: (calls, tokens_in + 5 * cells + shown, float(min(self.max_tokens or 10**9, cells * self.rows)))}

    async def each(self, row: Row, ctx: Context) -> Result:
        plan: _Plan = ctx.once("plan", lambda: _Plan(self, ctx))
        fixed = {n: row.values[n] for n, c in plan.columns.items() if n in row.values and not c.derive}
        shown = plan.shown(ctx)
        messages = compiled(self.prompt).messages({**row.values, **plan.told(fixed, shown)})
        for attempt in range(self.attempts):
            reply = await ctx.complete(self.model, Request(messages, plan.asked(fixed), self.temperature, self.max_tokens, attempt=attempt))
            if found := plan.read(reply.text, fixed)[: self.rows]:
                break
        else:
            raise ContentError("no_rows", f"no row could be read from the answer, which begins {reply.text[:80]!r}")
        return [plan.made(row, row.child(ctx.label, n, {}), cells, fixed, shown) for n, cells in enumerate(found)]


class _Plan:
    """The columns as the table and the recipe describe them, made ready once."""

    def __init__(self, op: Tabulate, ctx: Context) -> None:
        self.op = op
        self.columns = columns_of(op._schema(ctx.table))
        self.rules = derived(self.columns)
        self.header = [n for n, c in self.columns.items() if not c.derive]
        table = ctx.table(op.describe or op.examples) if op.describe or op.examples else None  # type: ignore[arg-type]
        pairs = correlations({n: table.column(n) for n in self.header if n in table.columns}) if table is not None else []
        self.dependencies = [
            _line(f"{a} and {b} go {'together' if r > 0 else 'against each other'}: rank correlation {r:.2f}") for a, b, r in pairs
        ]
        self.groups: dict[str, list[dict[str, Any]]] = {}
        if op.examples:
            for found in ctx.table(op.examples).rows():
                if op.label is None or found[op.label] is not None:
                    group = self.groups.setdefault("" if op.label is None else str(found[op.label]), [])
                    group.append({n: found.get(n) for n in self.header})

    def shown(self, ctx: Context) -> list[list[dict[str, Any]]]:
        """Sets of examples, in each of them k rows of every class, the classes in the table's order; no row twice while there are others."""
        rng = ctx.rng("examples")
        sets: list[list[dict[str, Any]]] = [[] for _ in range(self.op.sets if self.groups else 0)]
        for group in self.groups.values():
            k = min(self.op.k, max(1, len(group) // self.op.sets))
            drawn = rng.sample(group, min(len(group), k * self.op.sets))
            for number, rows in enumerate(sets):
                rows += drawn[number * k : (number + 1) * k]
        return [rows for rows in sets if rows]

    def told(self, fixed: Mapping[str, Any], shown: list[list[dict[str, Any]]]) -> dict[str, Any]:
        op, csv = self.op, self.op.format == "csv"
        header = self.header if op.examples else [n for n in self.header if n not in fixed]
        lines = [[csv_line([_flat(r[n]) for n in self.header]) if csv else dumps(r).decode() for r in rows] for rows in shown]
        return {
            "about": op.about, "rows": op.rows, "label": _line(op.label or ""), "classes": [*map(_line, self.groups)] if op.label else [],
            "columns": [self.columns[n].words() for n in header], "dependencies": self.dependencies,
            "given": [_line(f"{n} is {v}") for n, v in fixed.items()], "header": _line(", ".join(header)),
            "sets": lines, "head": csv_line([*map(_line, self.header)]) if csv else "",
        }  # fmt: skip

    def asked(self, fixed: Mapping[str, Any]) -> dict[str, Any] | None:
        """The JSON Schema of the answer; rows that are continued are asked as text."""
        if self.op.examples:
            return None
        cells = {n: self.columns[n].asked() for n in self.header if n not in fixed}
        item = {"type": "object", "properties": cells, "required": list(cells), "additionalProperties": False}
        rows = {"type": "array", "items": item}
        return {"type": "object", "properties": {"rows": rows}, "required": ["rows"], "additionalProperties": False}

    def read(self, text: str, fixed: Mapping[str, Any]) -> list[Any]:
        return rows_in_csv(text, self.header) if self.op.format == "csv" else rows_in_json(text, self.header)

    def made(self, row: Row, child: Row, cells: Any, fixed: Mapping[str, Any], shown: list[list[dict[str, Any]]]) -> Row | tuple[Row, Drop]:
        """The row of one answer's cells, or what is wrong with it."""
        try:
            values = row_of(self.columns, self.rules, cells, fixed)
            for name, given in fixed.items():
                if cells.get(name) not in (None, "") and not _same(self.columns[name].read(cells[name]), given):
                    raise Unfit("not_as_given", f"{name} is {cells[name]!r}, given was {given!r}")
        except Unfit as fault:
            return child, Drop(fault.reason, fault.detail)
        made = child.with_values(values)
        if any(all(_same(values[n], example[n]) for n in self.header) for rows in shown for example in rows):
            return made, Drop("copied")
        return made


def _same(a: Any, b: Any) -> bool:
    """Whether two cells say the same: 60 and 60.0, "Flu " and "flu"."""
    return bool(a == b) or " ".join(str(a).casefold().split()) == " ".join(str(b).casefold().split())


def _line(text: str) -> str:
    """A text of a table on one line of the prompt, whatever it holds."""
    return " ".join(text.split())


def _flat(cell: Any) -> Any:
    """A cell on one line: rows are read line by line."""
    return _line(cell) if isinstance(cell, str) else cell
