"""constraint: drops rows for which a condition over their columns does not hold.

    constraint: "start < end"
    constraint: {must: ["debit == 0 or credit == 0", "total == price * count"], missing: keep}

must: one expression or several, all of which must be true, in the language of text/expr.py: column names, numbers, text in quotes, + - * / // % **,
comparisons, and, or, not. Reads the columns that they name. Drops: violated (detail: the expression and the values), not_evaluable (text with a
number, division by zero), missing (a named column is null; kept, unjudged, where `missing: keep`).
Source: none; integrity constraints of tables. A name with blanks or signs stands
between backticks: "`Age (years)` >= 18". Not covered: conditions across rows.
One drop: violated, 'start < end: start = 9, end = 3'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.expr import Expr
from ..text.names import brief


@dataclass(frozen=True)
class Constraint(Op):
    """must: the expression or expressions. missing: what becomes of a row that has no value in a column they name: drop | keep."""

    must: str | tuple[str, ...]
    missing: Literal["drop", "keep"] = "drop"
    name: ClassVar[str] = "constraint"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {
        "violated": "an expression is false",
        "not_evaluable": "the values do not fit the expression",
        "missing": "a column that an expression names has no value",
    }

    def _texts(self) -> tuple[str, ...]:
        return (self.must,) if isinstance(self.must, str) else tuple(self.must)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        try:
            return tuple(dict.fromkeys(n for text in self._texts() for n in Expr(text, scene.columns).names))
        except ValueError as error:
            raise RecipeError(f"{scene.where}: {error}") from error

    def check(self, scene: Scene) -> None:
        if not self._texts() or not self.reads(scene):
            raise RecipeError(f"{scene.where}: must names no column; expected something like 'start < end'")

    def each(self, row: Row, ctx: Context) -> Result:
        for expression in ctx.once("must", lambda: [Expr(text, tuple(row.values)) for text in self._texts()]):
            if any(row.values.get(n) is None for n in expression.names):
                if self.missing == "keep":
                    continue
                return Drop("missing", ", ".join(n for n in expression.names if row.values.get(n) is None))
            try:
                if expression.evaluate(row.values):
                    continue
            except ValueError as error:
                return Drop("not_evaluable", str(error)[:200])
            told = ", ".join(f"{n} = {brief(row.values[n])}" for n in expression.names)
            return Drop("violated", f"{expression.text}: {told}")
        return row
