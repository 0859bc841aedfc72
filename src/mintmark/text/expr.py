"""A small arithmetic language for recipes: names, numbers, text, + - * / // % **, comparisons, and / or / not. No calls, attributes.

Used by `repeat: until`, `chain`, `constraint` and `synthesize`. `names`: those that it uses, in the order of the tree. The tree is checked before it is
evaluated, so that no expression can take long or reach anything. A power is a floating-point number; two numbers are equal that differ by rounding (1e-9).
A name with blanks or signs in it stands between backticks, as in SQL: "`Age (years)` >= 18".

    Expr("kept >= 200 or round == 5", ("kept", "round")).evaluate({"kept": 180, "round": 5})  ->  True
"""

from __future__ import annotations

import ast
import copy
import difflib
import math
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from keyword import iskeyword
from typing import Any


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except ValueError as error:
        raise ZeroDivisionError(f"{a} ** {b} is no real number") from error


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or (float in (type(a), type(b)) and math.isclose(a, b, rel_tol=1e-9))
    return bool(a == b)


_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}\b")


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def look(a: Any, b: Any) -> Any:
        if isinstance(a, str) and isinstance(b, str) and _DAY.match(a) and _DAY.match(b):
            raise TypeError(f"days written as {a[:10]} have no order as text, as 2022-09-05 has")
        return compare(a, b)

    return look


_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.Eq: _equal,
    ast.NotEq: lambda a, b: not _equal(a, b),
}
_SIGNS: dict[type[ast.AST], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
MOST_CHARACTERS, MOST_DEPTH = 500, 30
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`([^`]+)`""")


def _quoted(name: str) -> str:
    return name if name.isidentifier() and not iskeyword(name) else f"`{name}`"


def _hint(text: str, names: Collection[str] | None) -> str:
    """Of the known names that must be quoted, those that stand bare in the text, or else the first one."""
    odd = [n for n in names or () if _quoted(n) != n]
    shown = [n for n in odd if n in text] or odd[:1]
    return f". A name with blanks or signs stands between backticks, such as {', '.join(map(_quoted, shown[:3]))}" if shown else ""


class Expr:
    """Raises ValueError, in words, for anything outside the language or a name that is not in `names`, where they are given."""

    def __init__(self, text: str, names: Sequence[str] | None = None) -> None:
        self.text = text
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"the expression has {len(text)} characters, at most {MOST_CHARACTERS} are allowed")
        quoted: dict[str, str] = {}

        def mark(found: re.Match[str]) -> str:
            if found[1] is None:
                return found[0]
            quoted[f"_backtick_{len(quoted)}_"] = found[1]
            return f" {[*quoted][-1]} "

        plain = _QUOTED.sub(mark, text)
        try:
            self._tree = ast.parse(plain.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"'{text}' is no expression; expected something like 'kept >= 200'{_hint(text, names)}") from error
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name):
                node.id = quoted.get(node.id, node.id)
        self._check(self._tree, None if names is None else set(names), 0)
        self.names = tuple(dict.fromkeys(n.id for n in ast.walk(self._tree) if isinstance(n, ast.Name)))

    def _check(self, node: ast.AST, names: set[str] | None, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise ValueError(f"'{self.text}' is nested too deeply")
        match node:
            case ast.Name(id=name):
                if names is not None and name not in names:
                    close = difflib.get_close_matches(name, names, n=1)
                    odd = _hint(self.text, [n for n in names if n in self.text])
                    hint = odd or (f". Did you mean '{close[0]}'?" if close else "")
                    raise ValueError(f"'{self.text}' uses '{name}', known are {', '.join(sorted(names))}{hint}")
            case ast.Constant(value=value):
                if not isinstance(value, (int, float, str, bool)) or (isinstance(value, int) and abs(value) > 10**15):
                    raise ValueError(f"'{self.text}' holds {value!r}, which is no usable number or text")
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                if any(isinstance(x, ast.Constant) and isinstance(x.value, str) for x in (left, right)):
                    raise ValueError(f"'{self.text}' computes with text; only comparisons of text are allowed")
                self._check(left, names, depth + 1)
                self._check(right, names, depth + 1)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
                self._check(operand, names, depth + 1)
            case ast.BoolOp(values=values):
                for part in values:
                    self._check(part, names, depth + 1)
            case ast.Compare(left=left, ops=ops, comparators=right) if all(type(o) in _COMPARE for o in ops):
                for side in (left, *right):
                    self._check(side, names, depth + 1)
            case _:
                what = type(node).__name__ if not isinstance(node, ast.BinOp) else type(node.op).__name__
                raise ValueError(
                    f"'{self.text}' uses {what}, which is not allowed; use names, numbers, + - * / // % **, comparisons, and, or, not"
                    + _hint(self.text, names)
                )

    @property
    def sides(self) -> tuple[Expr, str, Expr] | None:
        """('discharge', '>=', 'admission') of one comparison; None of anything else."""
        match self._tree:
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _part(left), _SIGNS[type(op)], _part(right)
        return None

    @property
    def name(self) -> str:
        """The name that it is, where it is nothing but one; else ''."""
        return self._tree.id if isinstance(self._tree, ast.Name) else ""

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The expression's value; ValueError where the values do not fit (text with a number, division by zero)."""
        try:
            return self._value(self._tree, values)
        except (TypeError, ZeroDivisionError, KeyError, OverflowError) as error:
            raise ValueError(f"'{self.text}' cannot be evaluated: {error}") from error

    def _value(self, node: ast.AST, values: Mapping[str, Any]) -> Any:
        match node:
            case ast.Name(id=name):
                return values[name]
            case ast.Constant(value=value):
                return value
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._value(left, values), self._value(right, values)
                if not (isinstance(a, (int, float)) and isinstance(b, (int, float))):  # a list times a number would fill the memory
                    raise TypeError("arithmetic with something else than numbers")
                return _BINARY[type(op)](a, b)
            case ast.UnaryOp(op=op, operand=operand):
                value = self._value(operand, values)
                return (not value) if isinstance(op, ast.Not) else -value if isinstance(op, ast.USub) else +value
            case ast.BoolOp(op=op, values=parts):
                found: Any = None
                for part in parts:
                    found = self._value(part, values)
                    if bool(found) == isinstance(op, ast.Or):
                        return found
                return found
            case ast.Compare(left=left, ops=ops, comparators=right):
                a = self._value(left, values)
                for compare, other in zip(ops, right, strict=True):
                    b = self._value(other, values)
                    if not _COMPARE[type(compare)](a, b):
                        return False
                    a = b
                return True
        raise ValueError(f"'{self.text}' cannot be evaluated")


def _part(node: ast.expr) -> Expr:
    shown = copy.deepcopy(node)
    for part in ast.walk(shown):
        if isinstance(part, ast.Name):
            part.id = _quoted(part.id)
    return Expr(ast.unparse(shown))
