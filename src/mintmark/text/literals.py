"""Values written in Python as literals, read without running any of it, within bounds.

    literal(ast.parse("[1, 2 * 3]", mode="eval").body)  ->  [1, 6]

Literals, arithmetic on them, empty or filled containers by name, float("nan"), and names that are given. Every text in here is untrusted: values may grow (by
names used again, by repetition) to MOST_ROOM parts in all, since a few lines can name a list of lists of lists that no machine could write down.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from typing import Any

MOST_LENGTH, MOST_BITS, MOST_ROOM = 100_000, 20_000, 300_000


class Unread(Exception):
    """This is nothing that can be read."""


_OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}
_SIGNS: dict[type[ast.AST], Any] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_, ast.Invert: operator.invert}
_EMPTY = {"set": set, "dict": dict, "list": list, "tuple": tuple, "frozenset": frozenset}


class Room:
    """What values may still grow by, beyond what the text itself holds: one for each element of a container, one for 16 characters."""

    def __init__(self) -> None:
        self.left = MOST_ROOM

    def take(self, value: Any) -> Any:
        """The value, counted as if written out in full. What is walked is paid for, so all of it takes a bounded time."""
        within = [value]
        while within and self.left >= 0:
            part = within.pop()
            inner = [*part, *part.values()] if isinstance(part, dict) else part if isinstance(part, (list, tuple, set, frozenset)) else ()
            self.left -= 1 + len(inner) + (len(part) >> 4 if isinstance(part, (str, bytes)) else 0)
            if self.left >= 0:
                within += inner
        if self.left < 0:
            raise Unread
        return value


def literal(node: ast.AST, names: Mapping[str, Any] | None = None, room: Room | None = None) -> Any:
    """The value of an expression of literals. Raises Unread for everything else, and for what would be large."""
    room = room or Room()

    def of(inner: ast.AST) -> Any:
        return literal(inner, names, room)

    match node:
        case ast.Constant(value=value) if value is not ...:
            return value
        case ast.Name(id=name) if names is not None and name in names:
            return room.take(names[name])
        case ast.List(elts=elements):
            return [of(e) for e in elements]
        case ast.Tuple(elts=elements):
            return tuple(of(e) for e in elements)
        case ast.Set(elts=elements):
            return _hashed(lambda: {of(e) for e in elements})
        case ast.Dict(keys=keys, values=values) if all(keys):
            return _hashed(lambda: {of(k): of(v) for k, v in zip(keys, values) if k is not None})
        case ast.UnaryOp(op=op, operand=operand):
            return _hashed(lambda: _SIGNS[type(op)](of(operand)))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return room.take(_computed(op, of(left), of(right)))
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))], keywords=[]):
            return _hashed(lambda: float(text))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _EMPTY and len(args) < 2:
            return room.take(_hashed(lambda: _EMPTY[name](*map(of, args))))
    raise Unread


def _hashed(make: Any) -> Any:
    try:
        return make()
    except (TypeError, ValueError, KeyError) as error:
        raise Unread from error


def _computed(op: ast.operator, left: Any, right: Any) -> Any:
    """left op right, where neither the work nor what comes of it is large."""
    kinds = {type(left), type(right)}
    if kinds <= {int, float, bool}:
        bits = [v.bit_length() if isinstance(v, int) else 64 for v in (left, right)]
        most = (
            bits[0] * min(abs(right), MOST_BITS)
            if isinstance(op, ast.Pow)
            else bits[0] + right
            if isinstance(op, ast.LShift)
            else sum(bits)
        )
        if not most <= MOST_BITS:
            raise Unread
    elif isinstance(op, ast.Mult) and kinds & {str, bytes, list, tuple} and int in kinds:
        times, what = (left, right) if type(left) is int else (right, left)
        if times * len(what) > MOST_LENGTH:
            raise Unread
    elif not (isinstance(op, ast.Add) and len(kinds) == 1 and kinds < {str, bytes, list, tuple}):
        raise Unread
    try:
        return _OPERATORS[type(op)](left, right)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Unread from error
