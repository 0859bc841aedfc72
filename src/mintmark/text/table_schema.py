"""What is known of a table's columns, told to a model in words, and what it answers read cell by cell and checked.

    columns = columns_of({"age": {"type": "whole", "unit": "years", "low": 18, "high": 95, "mean": 57.1, "sd": 15},
                          "sex": {"levels": ["f", "m"], "shares": [0.52, 0.48]}, "bmi": {"derive": "kg / (m * m)", "decimals": 1}})
    columns["age"].words()  ->  "age (whole number, years): from 18 to 95; mean 57.1, standard deviation 15"
    columns["age"].read("57 years")  ->  57;   read("old") raises Unfit("not_a_number", ...)
    derived(columns)  ->  in the order in which they can be computed; ValueError for a cycle

The reasons of Unfit are those of FAULTS. Cells that say nothing ("", NA, null, none, n/a, -) are missing. Not covered: conditions over columns (`constraint`).
"""

from __future__ import annotations

import datetime
import graphlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .expr import Expr
from .names import brief

FAULTS = {
    "not_a_row": "what came cannot be read as a row",
    "missing": "a column that must have a value has none",
    "not_a_number": "a cell of a number column is no number",
    "not_whole": "a cell of a column of whole numbers has a fraction",
    "not_a_date": "a cell of a date column is no ISO date",
    "not_text": "a cell is a list or an object",
    "below": "a number or date is less than the column's lowest",
    "above": "a number or date is more than the column's highest",
    "not_one_of": "a cell is none of the column's levels",
    "not_computable": "a derived column cannot be computed from the others",
}
TYPES = {"number": "number", "whole": "whole number", "category": "one of its levels", "date": "ISO date", "text": "text"}
KEYS = ("type", "unit", "low", "high", "levels", "shares", "mean", "sd", "quartiles", "decimals", "missing", "note", "derive")
NOTHING = {"", "na", "n/a", "nan", "null", "none", "missing", "-", "?"}
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][-+]?\d{1,3})?\Z", re.ASCII)
_COMMA = re.compile(r"[-+]?\d{1,15},(\d{1,2}|\d{4,9})\Z", re.ASCII)  # 60,5: no thousand is written so


class Unfit(ValueError):
    """A cell or row that does not fit; `reason` is one of FAULTS."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Column:
    """One column. missing: the share of rows without a value; 0 means that every row has one."""

    name: str
    type: str = "number"
    unit: str = ""
    low: Any = None
    high: Any = None
    levels: tuple[Any, ...] = ()
    shares: tuple[float, ...] = ()
    mean: float | None = None
    sd: float | None = None
    quartiles: tuple[float, ...] = ()
    decimals: int | None = None
    missing: float = 0.0
    note: str = ""
    derive: str = ""

    @classmethod
    def of(cls, name: str, told: Any) -> Column:
        """ValueError, in words, for what is no description of a column."""
        if not isinstance(told, Mapping):
            raise ValueError(
                f"{name} is {brief(told)}, expected a mapping such as {{low: 0, high: 110, unit: years}} or {{levels: [f, m]}}"
            )
        for key in told:
            if key not in KEYS:
                raise ValueError(f"{name} has no '{key}', only {', '.join(KEYS)}")
        given = {"type": "category" if "levels" in told else "number", **{k: v for k, v in told.items() if v is not None}}
        kind = given["type"]
        if kind not in TYPES:
            raise ValueError(f"{name}: type is {brief(kind)}, expected one of {', '.join(TYPES)}")
        for key in ("levels", "shares", "quartiles"):
            if key in given and not (isinstance(given[key], (list, tuple)) and given[key]):
                raise ValueError(f"{name}: {key} is {brief(given[key])}, expected a list")
            given[key] = tuple(given.get(key, ()))
        for key in ("unit", "note", "derive"):
            if not isinstance(given.get(key, ""), str):
                raise ValueError(f"{name}: {key} is {brief(given[key])}, expected text")
        numeric = [
            (k, v) for k in ("mean", "sd", "missing", *(("low", "high") if kind != "date" else ())) if (v := given.get(k)) is not None
        ]
        for key, value in [*numeric, *(("shares", v) for v in given["shares"]), *(("quartiles", v) for v in given["quartiles"])]:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise ValueError(f"{name}: {key} is {brief(value)}, expected a number")
        if not 0 <= given.get("missing", 0) < 1:
            raise ValueError(f"{name}: missing is {given['missing']}, expected a share of rows, at least 0 and less than 1")
        if kind == "category" and len({str(v) for v in given["levels"]}) < max(1, len(given["levels"])):
            raise ValueError(f"{name}: a category needs its levels, a list of different values")
        if given["shares"] and len(given["shares"]) != len(given["levels"]):
            raise ValueError(f"{name}: {len(given['shares'])} shares for {len(given['levels'])} levels, expected as many")
        decimals = given.get("decimals")
        if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= 15):
            raise ValueError(f"{name}: decimals is {brief(decimals)}, expected a whole number, 0 to 15")
        for key in ("low", "high") if kind == "date" else ():
            if key in given:
                given[key] = _date(given[key], f"{name}: {key}")
        low, high = given.get("low"), given.get("high")
        if low is not None and high is not None and not low <= high:
            raise ValueError(f"{name}: low is {low} and high {high}, expected low <= high")
        return cls(name, **given)

    def words(self) -> str:
        """The column on one line, for a prompt."""
        kind = ", ".join(part for part in (TYPES[self.type], self.unit) if part)
        parts = []
        if self.levels:
            shares = self.shares or (None,) * len(self.levels)
            parts.append(", ".join(str(v) + ("" if s is None else f" ({100 * s:.3g} %)") for v, s in zip(self.levels, shares, strict=True)))
        if self.low is not None or self.high is not None:
            parts.append(" ".join(f"{word} {_short(v)}" for word, v in (("from", self.low), ("to", self.high)) if v is not None))
        moments = (("mean", self.mean), ("standard deviation", self.sd))
        parts.append(", ".join(f"{word} {_short(v)}" for word, v in moments if v is not None))
        if self.quartiles:
            parts.append("quartiles " + ", ".join(map(_short, self.quartiles)))
        if self.decimals and self.type == "number":
            parts.append(f"{self.decimals} decimal{'s' * (self.decimals > 1)}")
        if self.missing:
            parts.append(f"null in {100 * self.missing:.3g} % of the rows")
        parts.append(self.note)
        line = f"{self.name} ({kind}): {'; '.join(p for p in parts if p)}".removesuffix(": ")
        return " ".join(line.split())  # names and levels are a table's: they get no line of their own

    def asked(self) -> dict[str, Any]:
        """The column in a JSON Schema."""
        if self.type == "category":
            return {"enum": [*self.levels, *([None] if self.missing else [])]}
        kind = {"number": "number", "whole": "integer"}.get(self.type, "string")
        return {"type": [kind, "null"] if self.missing else kind}

    def read(self, cell: Any) -> Any:
        """The cell as the column holds it, None where it is missing and may be. Raises Unfit."""
        text = cell.strip() if isinstance(cell, str) else cell
        if text is None or (isinstance(text, str) and text.casefold() in NOTHING and text not in self.levels):
            if not self.missing:
                raise Unfit("missing", f"{self.name} has no value")
            return None
        if isinstance(text, (list, dict)):
            raise Unfit("not_text", f"{self.name} is {brief(text)}")
        if self.type == "category":
            return self._level(text)
        if self.type == "text":
            return str(text)
        value = self._date(text) if self.type == "date" else self._number(text)
        if self.low is not None and value < self.low:
            raise Unfit("below", f"{self.name} is {value}, at least {_short(self.low)}")
        if self.high is not None and value > self.high:
            raise Unfit("above", f"{self.name} is {value}, at most {_short(self.high)}")
        return value

    def _level(self, cell: Any) -> Any:
        for same in (str, lambda v: " ".join(str(v).casefold().split())):
            found = [v for v in self.levels if same(v) == same(cell)]
            if len(found) == 1:
                return found[0]
        raise Unfit("not_one_of", f"{self.name} is {brief(cell)}")

    def _date(self, cell: Any) -> str:
        try:
            return _date(cell, self.name)
        except ValueError as error:
            raise Unfit("not_a_date", str(error)) from error

    def _number(self, cell: Any) -> int | float:
        if isinstance(cell, str):
            bare = cell[: -len(self.unit)].rstrip() if self.unit and cell.casefold().endswith(self.unit.casefold()) else cell
            if _COMMA.match(bare):
                bare = bare.replace(",", ".")
            value = (
                float(bare.replace(",", ""))
                if bare[:1] and len(bare) < 40 and _NUMBER.match(bare) and any(map(str.isdigit, bare))
                else None
            )
        else:
            value = cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None
        if value is None or (isinstance(value, int) and abs(value) >= 2**63) or not math.isfinite(value):
            raise Unfit("not_a_number", f"{self.name} is {brief(cell)}")
        if self.type == "whole":
            if value != int(value) or abs(value) >= 2**63:
                raise Unfit("not_whole", f"{self.name} is {brief(cell)}")
            return int(value)
        return round(value, self.decimals) if self.decimals is not None else value


def columns_of(schema: Mapping[str, Any]) -> dict[str, Column]:
    """Name -> Column. ValueError for what is no schema."""
    found = {str(name): Column.of(str(name), told) for name, told in schema.items()}
    derived(found)
    return found


def derived(columns: Mapping[str, Column]) -> list[tuple[Column, Expr]]:
    """The derived columns in the order in which they can be computed. ValueError for an expression that is refused, or a cycle."""
    rules = {}
    for column in columns.values():
        if column.derive:
            try:
                rules[column.name] = Expr(column.derive, tuple(columns))
            except ValueError as error:
                raise ValueError(f"{column.name}: {error}") from error
    try:
        order = list(graphlib.TopologicalSorter({n: [x for x in r.names if x in rules] for n, r in rules.items()}).static_order())
    except graphlib.CycleError as error:
        raise ValueError(f"derived columns need each other: {' <- '.join(error.args[1])}") from error
    return [(columns[name], rules[name]) for name in order]


def row_of(columns: Mapping[str, Column], rules: Sequence[tuple[Column, Expr]], given: Any, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """The row that an answer's cells make: each read, then derived columns computed. fixed: columns that were not asked. Raises Unfit."""
    if not isinstance(given, Mapping):
        raise Unfit("not_a_row", brief(given))
    values = dict(fixed)
    folded = {fold(k): v for k, v in reversed(list(given.items())) if isinstance(k, str)}
    for name, column in columns.items():
        if not column.derive and name not in fixed:
            values[name] = column.read(given[name] if name in given else folded.get(fold(name)))
    for column, rule in rules:
        if any(values[n] is None for n in rule.names):
            values[column.name] = None
            continue
        try:
            found = rule.evaluate(values)
            values[column.name] = round(found, column.decimals) if column.decimals is not None else found
        except (ValueError, TypeError, OverflowError) as error:
            raise Unfit("not_computable", f"{column.name}: {error}") from error
    return {name: values[name] for name in columns}


def fold(name: str) -> str:
    """A column's name as models may write it: in any case, with any white space."""
    return " ".join(name.casefold().split())


def _date(value: Any, where: str) -> str:
    """An ISO date, or date and time, as text."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    try:
        return (
            datetime.datetime.fromisoformat(str(value)).isoformat()
            if len(str(value)) > 10
            else datetime.date.fromisoformat(str(value)).isoformat()
        )
    except ValueError as error:
        raise ValueError(f"{where} is {brief(value)}, expected an ISO date such as 2024-05-31") from error


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
