"""What must hold between the columns of one row: derived columns, inequalities, any condition.

    derived   bmi = weight_kg / (height_cm / 100) ** 2       computed on every row, rounded as the real column is, never learned
    equality  a + b + c == total                             total is derived
    order     discharge >= admission                         the gap between the two is learned in place of `discharge`, and is never negative
    else      dose * weight < 400                            rows that break it are drawn again

Expressions are objects with `names`, `sides` and `evaluate` (text/expr.py). A row with a missing cell in a condition is not judged by it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from .parts import Mixed, Moments, part_of, step_of

Cells = dict[str, list[Any]]
ORDER = {">=": 1, ">": 1, "<=": -1, "<": -1}


class Expression(Protocol):
    text: str
    names: tuple[str, ...]

    @property
    def name(self) -> str: ...
    @property
    def sides(self) -> tuple[Expression, str, Expression] | None: ...
    def evaluate(self, values: Mapping[str, Any]) -> Any: ...


class Relations:
    """learn(columns) -> the columns to model; restore(columns) -> all of them; broken(columns) -> per row whether a condition fails."""

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        derived: Mapping[str, Expression],
        must: Sequence[Expression],
        notes: list[str],
        first: Collection[str] = (),
    ) -> None:
        self.must = list(must)
        self._forms = _forms({n for rule in (*must, *derived.values()) for n in rule.names} | set(derived), columns)
        self._times = any(part.unit for part in self._forms.values() if isinstance(part, Moments))
        columns = self.read(columns)
        self._gaps: dict[str, tuple[str, float, Any]] = {}  # later column -> (earlier, least gap, what stands for a missing earlier one)
        self._steps: dict[
            str, tuple[float, str]
        ] = {}  # of a gap in seconds: what all are multiples of, and how finely the later one is written
        self._limits: dict[str, tuple[Any, Any]] = {}  # of a column rebuilt from a gap: as far as its 5th extremes
        rules = dict(derived)
        for condition in must:
            self._add(condition, columns, rules, first)
        self._derived = {name: rules[name] for name in in_order(rules)}
        self._decimals = {name: _decimals(columns[name]) for name in rules}
        self._absent: set[str] = set()  # rules that some real rows cannot be computed by: h = 0 in w / h
        for name, rule in self._derived.items():
            told = self._compute(rule, columns, name)
            judged = [(a, b) for a, b in zip(told, columns[name], strict=True) if a is not None and b is not None]
            differ = sum(not _equal(a, b) for a, b in judged)
            if lost := sum(self._senseless(rule, told, columns)):
                self._absent.add(name)
                notes.append(
                    f"'{name}' cannot be computed in {lost / len(told):.1%} of the real rows; it is missing in rows made like them"
                )
            if differ:
                notes.append(f"'{name}' is computed as {rule.text}; {differ / len(judged):.1%} of the real rows hold another value")
        for condition in must:
            if share := sum(self._fails(condition, columns)) / max(1, _length(columns)):
                if share == 1:
                    raise ValueError(f"no real row holds {condition.text}{_why(condition, columns)}")
                notes.append(f"{share:.1%} of the real rows break {condition.text}; no row made does")

    @property
    def derived(self) -> tuple[str, ...]:
        return tuple(self._derived)

    def _add(
        self, condition: Expression, columns: Mapping[str, Sequence[Any]], rules: dict[str, Expression], first: Collection[str]
    ) -> None:
        """An equality with a lone column becomes a rule, an order of two columns a gap; what is neither is only checked."""
        if condition.sides is None:
            return
        left, op, right = condition.sides
        if op == "==":
            for name, rule in ((right.name, left), (left.name, right)):
                if (
                    name in columns
                    and name not in first
                    and rule.names
                    and name not in rule.names
                    and name not in rules
                    and _acyclic({**rules, name: rule})
                ):
                    rules[name] = rule
                    return
        elif op in ORDER and left.name in columns and right.name in columns and not {left.name, right.name} & set(rules):
            late, early = (left.name, right.name) if ORDER[op] > 0 else (right.name, left.name)
            if late in self._gaps or late in first or self._leads(early, late):
                return
            gaps = [_minus(a, b) for a, b in zip(columns[late], columns[early], strict=True)]
            found = [g for g in gaps if g is not None and g > 0]
            known = sorted(v for v in columns[early] if v is not None)
            if not found or _minus(known[0], known[0]) is None:
                return
            if isinstance(moments := part_of(late, columns[late]), Moments) and not _is_day(known[0]):
                unit = step_of([g for g in gaps if g is not None]) or 1.0
                self._steps[late] = unit, moments.spec
                found = [round(g / unit) for g in found]
            self._gaps[late] = (early, min(found) if op in (">", "<") else 0, known[len(known) // 2])
            own = sorted(v for v in columns[late] if v is not None)
            edge = min(4, len(own) - 1)
            self._limits[late] = (own[edge], own[-1 - edge])

    def _leads(self, start: str, goal: str) -> bool:
        while start in self._gaps:
            start = self._gaps[start][0]
            if start == goal:
                return True
        return False

    def read(self, columns: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
        """Dates that conditions name as objects where they are written otherwise than 2024-05-17, which alone compares as text; 12,50 as 12.5."""
        return {n: self._forms[n].objects(cells, self._times) if n in self._forms else cells for n, cells in columns.items()}

    def written(self, columns: Cells) -> Cells:
        """As the real table writes them."""
        return {n: self._forms[n].written(cells) if n in self._forms else cells for n, cells in columns.items()}

    def learn(self, columns: Mapping[str, Sequence[Any]]) -> Cells:
        columns = self.read(columns)
        out = {name: list(cells) for name, cells in columns.items() if name not in self._derived}
        for late, (early, _, middle) in self._gaps.items():
            out[late] = [_minus(a, middle if b is None else b) for a, b in zip(columns[late], columns[early], strict=True)]
            if late in self._steps:
                out[late] = [None if g is None else round(g / self._steps[late][0]) for g in out[late]]
        return out

    def restore(self, columns: Mapping[str, Sequence[Any]]) -> Cells:
        out = {name: list(cells) for name, cells in columns.items()}
        for late in sorted(self._gaps, key=self._depth):
            early, least, middle = self._gaps[late]
            unit, spec = self._steps.get(late, (1, ""))
            out[late] = [
                None if g is None else _plus(middle, g * unit, spec) if b is None else _plus(b, max(g, least) * unit, spec)
                for g, b in zip(out[late], out[early], strict=True)
            ]
        for name, rule in self._derived.items():
            out[name] = self._compute(rule, out, name)
        return out

    def _depth(self, name: str) -> int:
        return 1 + self._depth(self._gaps[name][0]) if name in self._gaps else 0

    def broken(self, columns: Mapping[str, Sequence[Any]]) -> list[bool]:
        """Per row whether a condition fails, a rule has no value that always has one in real rows, or a rebuilt value lies beyond what many rows hold."""
        out = [False] * _length(columns)
        checks = [self._fails(c, columns) for c in self.must]
        for name, (low, high) in self._limits.items():
            checks.append([v is not None and not low <= v <= high for v in columns[name]])
        checks += [self._senseless(rule, columns[name], columns) for name, rule in self._derived.items() if name not in self._absent]
        for check in checks:
            out = [a or b for a, b in zip(out, check, strict=True)]
        return out

    def _senseless(self, rule: Expression, made: Sequence[Any], columns: Mapping[str, Sequence[Any]]) -> list[bool]:
        return [v is None and all(columns[n][i] is not None for n in rule.names) for i, v in enumerate(made)]

    def _fails(self, condition: Expression, columns: Mapping[str, Sequence[Any]]) -> list[bool]:
        left, op, right = condition.sides or (condition, "", condition)
        for name, rule in ((right.name, left), (left.name, right)):
            if op == "==" and name in self._derived:  # as the column is rounded
                told = zip(self._compute(rule, columns, name), columns[name], strict=True)
                return [a is not None and b is not None and not _equal(a, b) for a, b in told]
        return [v is not None and not v for v in _evaluate(condition, columns, False)]

    def _compute(self, rule: Expression, columns: Mapping[str, Sequence[Any]], name: str) -> list[Any]:
        decimals = self._decimals[name]
        return [
            round(v, decimals) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for v in _evaluate(rule, columns, None)
        ]


def _forms(names: Collection[str], columns: Mapping[str, Sequence[Any]]) -> dict[str, Moments | Mixed]:
    """How each of the columns writes its numbers; and its days, where one of them does otherwise than ISO 8601."""
    parts = {n: part_of(n, columns[n]) for n in sorted(names)}
    days = {n: part for n, part in parts.items() if isinstance(part, Moments) and part.days}
    numbers = {n: part for n, part in parts.items() if isinstance(part, Mixed) and part.form is not None}
    return {**numbers, **(days if any("%" in part.form for part in days.values()) else {})}


def _evaluate(rule: Expression, columns: Mapping[str, Sequence[Any]], otherwise: Any) -> list[Any]:
    """The rule on every row; None where a cell it names is missing, `otherwise` where it cannot be computed."""
    out = []
    for cells in zip(*(columns[n] for n in rule.names), strict=True):
        try:
            value = None if None in cells else rule.evaluate(dict(zip(rule.names, cells, strict=True)))
            out.append(otherwise if isinstance(value, float) and not math.isfinite(value) else value)
        except ValueError:
            out.append(otherwise)
    return out


def _why(rule: Expression, columns: Mapping[str, Sequence[Any]]) -> str:
    """What hinders the rule on the first row that has all it names."""
    for cells in zip(*(columns[n] for n in rule.names), strict=True):
        if None not in cells:
            try:
                rule.evaluate(dict(zip(rule.names, cells, strict=True)))
            except ValueError as error:
                return f": {error}"
            break
    return ""


def _acyclic(rules: Mapping[str, Expression]) -> bool:
    try:
        in_order(rules)
    except ValueError:
        return False
    return True


def in_order(rules: Mapping[str, Expression]) -> list[str]:
    """Each after those it is computed from; ValueError where they go round in a circle."""
    out: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"derived: {' from '.join((*path[path.index(name) :], name))}: a circle, which no row can be computed from")
        if name in rules and name not in out:
            for other in rules[name].names:
                visit(other, (*path, name))
            out.append(name)

    for name in rules:
        visit(name, ())
    return out


def _length(columns: Mapping[str, Sequence[Any]]) -> int:
    return len(next(iter(columns.values()), ()))


def _decimals(cells: Sequence[Any]) -> int | None:
    """Decimals that the real column is written with: None = whole numbers."""
    texts = [repr(c) for c in cells if isinstance(c, float)]
    return max((len(t.partition(".")[2]) for t in texts if "e" not in t), default=None)


def _equal(a: Any, b: Any) -> bool:
    return a == b or (isinstance(a, float) and isinstance(b, (int, float)) and abs(a - b) <= 1e-9 * max(abs(a), abs(b)))


def _minus(a: Any, b: Any) -> Any:
    """The gap between two numbers, or in seconds (days for dates) between two moments of one kind; None where there is none."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a - b if isinstance(a, int) and isinstance(b, int) else round(a - b, 9)
    try:
        x, y = _moment(a), _moment(b)
        gap = None if x is None or y is None else x - y
    except (TypeError, ValueError):
        return None
    if gap is None:
        return None
    return gap.days if _is_day(a) and _is_day(b) else gap.total_seconds()


def _plus(b: Any, gap: Any, spec: str) -> Any:
    if isinstance(b, (int, float)):
        return b + gap if isinstance(gap, int) else round(b + gap, 9)
    moment = _moment(b)
    assert moment is not None
    later = moment + (datetime.timedelta(days=gap) if _is_day(b) else datetime.timedelta(seconds=gap))
    if not isinstance(b, str):
        return later
    return (
        later.isoformat()
        if _is_day(b)
        else later.isoformat(b[10], spec or "seconds").replace("+00:00", "Z" if b.endswith("Z") else "+00:00")
    )


def _moment(value: Any) -> Any:
    if isinstance(value, str) and len(value) >= 10:
        return datetime.date.fromisoformat(value) if len(value) == 10 else datetime.datetime.fromisoformat(value)
    return value if isinstance(value, datetime.date) else None


def _is_day(value: Any) -> bool:
    return len(value) == 10 if isinstance(value, str) else not isinstance(value, datetime.datetime)
