"""Small faults put into code that is right: what a good test should notice.

    mutants("def f(n):\n    return n < 2\n", "f", random.Random(0), most=3)[0]
    ->  Mutant(source="def f(n):\n    return (n <= 2)\n", kind="comparison", line=2, was="n < 2", now="n <= 2")

Kinds: comparison (flipped, or its boundary moved), constant (+-1, True and False, text emptied), arithmetic, logic (and with or, not taken away, a condition
negated), return (a constant instead), deletion (of a statement), arguments (two swapped), bound (of range, slice or index, +-1). Only what the
entry point can reach by name is changed; docstrings, annotations, f-strings, messages and printing are not. A mutant compiles, and neither its byte code nor
that of another mutant is the same: that much of equivalence can be seen without running anything (Trivial Compiler Equivalence). Not covered: mutants
that differ in code and not in what they do; nobody can list those. Source: Offutt et al. 1996 (operators); Papadakis et al. 2015 (equivalence).
"""

from __future__ import annotations

import ast
import random
import types
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS, SHOWN = 50_000, 60
_SKIPPED = frozenset(("annotation", "returns", "decorator_list", "type_params", "msg", "exc", "cause"))
_QUIET = frozenset(("print", "warn", "debug", "info", "warning"))
_SYMMETRIC = frozenset(("min", "max", "gcd", "lcm", "isclose", "isinstance", "issubclass", "getattr", "setattr", "hasattr"))
_RELATIONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    **{ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt)},
    **{ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,)},
}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    **{ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Add, ast.FloorDiv), ast.Div: (ast.Mult, ast.FloorDiv)},
    **{ast.FloorDiv: (ast.Mult, ast.Div), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.LShift: (ast.RShift,)},
    **{ast.RShift: (ast.LShift,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitAnd,)},
}
_Site = tuple[str, ast.AST, ast.AST]  # kind, what is replaced, by what


@dataclass(frozen=True, slots=True)
class Mutant:
    """line: of the change. was, now: the code there, cut off."""

    source: str
    kind: str
    line: int
    was: str
    now: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.was} -> {self.now}"


def mutants(source: str, entry: str, rng: random.Random, most: int = 20) -> list[Mutant]:
    """At most `most`, of as many kinds as there are; [] where the code cannot be read or nothing in it can be changed."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MOST_CHARACTERS:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            sites = [s for node in _reached(ast.parse(source).body, entry.partition(".")[0]) for s in _sites(node)]
            return _made(source, _mixed(sites, rng), most)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []


def _mixed(sites: list[_Site], rng: random.Random) -> list[_Site]:
    """In random order, the kinds in turn."""
    rng.shuffle(sites)
    seen: Counter[str] = Counter()
    turns = []
    for site in sites:
        turns.append((seen[site[0]], site))
        seen[site[0]] += 1
    return [site for _, site in sorted(turns, key=lambda t: t[0])]


def _made(source: str, sites: list[_Site], most: int) -> list[Mutant]:
    data = source.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    found, seen = list[Mutant](), {_signature(source)}
    for kind, node, new in sites[: 5 * most]:
        if len(found) == most:
            break
        at: Any = node
        begin, end, now = starts[at.lineno - 1] + at.col_offset, starts[at.end_lineno - 1] + at.end_col_offset, ast.unparse(new)
        text = (data[:begin] + (now if isinstance(node, ast.stmt) else f"({now})").encode() + data[end:]).decode()
        try:
            signature = _signature(text)
        except (SyntaxError, ValueError):
            continue
        if signature not in seen:
            seen.add(signature)
            found.append(Mutant(text, kind, at.lineno, _short(data[begin:end].decode()), _short(now)))
    return found


def _short(code: str) -> str:
    line = " ".join(code.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}..."


def _signature(source: str) -> Any:
    """What the code compiles to, wherever it stands."""

    def of(code: types.CodeType) -> Any:
        constants = tuple(of(c) if isinstance(c, types.CodeType) else (type(c), repr(c)) for c in code.co_consts)
        names = code.co_name, code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars, code.co_argcount
        return code.co_code, code.co_flags, getattr(code, "co_exceptiontable", b""), names, constants

    return of(compile(source, "mutant", "exec", dont_inherit=True))


def _reached(body: list[ast.stmt], entry: str) -> list[ast.stmt]:
    """What defines the entry point, and whatever that names, and so on."""
    named: dict[str, list[ast.stmt]] = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            named.setdefault(node.name, []).append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}:
                named.setdefault(name, []).append(node)
    found: dict[int, ast.stmt] = {}
    wanted = [entry]
    while wanted:
        for node in named.pop(wanted.pop(), ()):
            found[id(node)] = node
            wanted += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    return list(found.values())


def _sites(top: ast.stmt) -> Iterator[_Site]:
    nodes = (top, *_walk(top))
    first = {n.id: n.lineno for n in reversed(nodes) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in nodes:
        yield from _expression(node) if isinstance(node, ast.expr) else _statement(node, first)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            match child:
                case ast.JoinedStr() | ast.Expr(value=ast.Constant()):
                    continue
                case ast.Expr(value=ast.Call(func=func)) if _name(func) in _QUIET:
                    continue
            if name not in _SKIPPED and isinstance(child, ast.AST):
                yield child
                yield from _walk(child)


def _statement(node: ast.AST, first: dict[str, int]) -> Iterator[_Site]:
    match node:
        case ast.AugAssign(target=target, op=op, value=value):
            for new in _OPERATORS.get(type(op), ()):
                yield "arithmetic", node, ast.AugAssign(target, new(), value)
        case ast.Return(value=value) if value is not None:
            yield from (("return", value, constant) for constant in _instead(value))
        case ast.If(test=test) | ast.While(test=test):
            yield from _negated(test)
        case ast.comprehension(ifs=tests):
            yield from (site for test in tests for site in _negated(test))
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], lineno=line) if first[name] == line:  # without it there is only a NameError
            return
        case ast.Assign() | ast.AugAssign() | ast.Expr(value=ast.Call()) | ast.Break() | ast.Continue() | ast.Raise() | ast.If(orelse=[]):
            yield "deletion", node, ast.Pass()


def _expression(node: ast.expr) -> Iterator[_Site]:
    match node:
        case ast.Compare(left=left, ops=relations, comparators=rest):
            for i, relation in enumerate(relations):
                for other in _RELATIONS[type(relation)]:
                    yield "comparison", node, ast.Compare(left, [*relations[:i], other(), *relations[i + 1 :]], rest)
        case ast.BinOp(left=left, op=op, right=right) if not (_sequence(left) or _sequence(right)):
            yield from (("arithmetic", node, ast.BinOp(left, new(), right)) for new in _OPERATORS.get(type(op), ()))
        case ast.BinOp(left=left, op=ast.Add() as op, right=right):
            yield "arithmetic", node, ast.BinOp(right, op, left)
        case ast.BoolOp(op=both, values=values):
            yield "logic", node, ast.BoolOp(ast.Or() if isinstance(both, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "logic", node, operand
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not _constant(operand):
            yield "arithmetic", node, operand
        case ast.IfExp(test=test):
            yield from _negated(test)
        case ast.Constant(value=value):
            yield from (("constant", node, ast.Constant(beside)) for beside in _beside(value))
        case ast.Call(func=func, args=args, keywords=keywords) if not any(isinstance(a, ast.Starred) for a in args):
            if _name(func) == "range" and args:
                yield from _moved(args[-1 if len(args) < 3 else 1])
            for i in range(len(args) - 1) if _name(func) not in _SYMMETRIC else ():
                yield "arguments", node, ast.Call(func, [*args[:i], args[i + 1], args[i], *args[i + 2 :]], keywords)
        case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper)):
            yield from (site for end in (lower, upper) if end is not None for site in _moved(end))
        case ast.Subscript(slice=index) if not isinstance(index, ast.Tuple):
            yield from _moved(index)


def _moved(node: ast.expr) -> Iterator[_Site]:
    """One more and one less; of a constant that is a kind of its own."""
    if not _constant(node):
        yield from (("bound", node, ast.BinOp(node, op, ast.Constant(1))) for op in (ast.Add(), ast.Sub()))


def _negated(test: ast.expr) -> Iterator[_Site]:
    """What is a comparison or a `not` is flipped as such."""
    if not isinstance(test, (ast.Compare, ast.Constant)) and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
        yield "logic", test, ast.UnaryOp(ast.Not(), test)


def _beside(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, (int, float)):
        return value + 1, value - 1
    return ("",) if isinstance(value, str) and value else ()


def _instead(value: ast.expr) -> Iterator[ast.expr]:
    match value:
        case ast.Constant():
            return  # changed as a constant
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            yield from map(ast.Constant, (True, False))
        case ast.List() | ast.ListComp():
            yield ast.List([])
        case ast.Dict() | ast.DictComp():
            yield ast.Dict([], [])
        case ast.JoinedStr():
            yield ast.Constant("")
        case ast.BinOp():
            yield ast.Constant(0)
    yield ast.Constant(None)


def _sequence(node: ast.expr) -> bool:
    """Whether it plainly is text or a list: arithmetic on it would only raise."""
    return (
        isinstance(node, (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple))
        or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))
        or (isinstance(node, ast.Call) and _name(node.func) in ("str", "join", "list", "tuple", "sorted"))
        or (isinstance(node, ast.BinOp) and (_sequence(node.left) or _sequence(node.right)))
    )


def _constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
