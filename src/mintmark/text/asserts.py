"""Tests written as code, turned into calls and what should come of them, without running any of it.

    read_tests("assert add(1, 2) == 3, 'sum'", "add")  ->  Tests(checks=(Found("add", (1, 2), {}, "equals", 3, 0.0),), left=())

Read: `assert f(..) == value` and its kin (!=, is, in a short list, not, a bare call, abs(f(..) - y) < e, math.isclose, pytest.approx), at the top or in
functions named test* or check(candidate) (whose parameter is the entry point), with pytest's parametrize; unittest's assertEqual, assertTrue, assertAlmostEqual,
assertRaises and the like; `with pytest.raises`; doctests. Arguments and values are literals, arithmetic on literals within bounds, and names given
such a value before. `left`: statements that test but are nothing of the kind (loops, calls of calls, several functions): they are left to who can
run them. Every string in here is untrusted: 100,000 characters are read at most, and values as large as text/literals.py lets them be; what is over is left.
Not covered: the pattern of pytest's raises(match=), which is not compared; what a doctest has printed. Source: security page, verdict protocol.
"""

from __future__ import annotations

import ast
import doctest
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .literals import Room, Unread, literal

MOST_CHARACTERS, MOST_CHECKS, MOST_NAMES = 100_000, 2_000, 500
_CHANGING = (list, dict, set, tuple)  # a tuple may hold one of the others


@dataclass(frozen=True, slots=True)
class Found:
    """One call and its expectation; relation as in core/verdict.py."""

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    relation: str
    expected: Any = None
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Tests:
    """checks: what was read. left: source of the statements that test something and could not be. code: all of it as Python, to be run where
    something is left."""

    checks: tuple[Found, ...] = ()
    left: tuple[str, ...] = ()
    code: str = ""


@dataclass
class _Reader:
    """Walks statements in order. entry: what is tested; aliases: parameters that stand for it; names: what has a value by now."""

    entry: str
    aliases: frozenset[str] = frozenset()
    names: dict[str, Any] = field(default_factory=dict)
    checks: list[Found] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    room: Room = field(default_factory=Room)

    def block(self, body: list[ast.stmt]) -> None:
        for node in body:
            try:
                self.statement(node)
            except (Unread, RecursionError):
                if asserts(node):
                    self.left.append(_text(node))
                # What a statement unread may have changed has no known value any more: what it names, and what may be a part of that
                named = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in self.names]
                if any(type(self.names[n]) in _CHANGING for n in named):
                    named += [n for n, value in self.names.items() if type(value) in _CHANGING]
                for name in named:
                    self.names.pop(name, None)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assert(test=ast.Constant(value=value)) if value:  # says nothing of anybody
                pass
            case ast.Assert(test=test):
                self.add(self.expectation(test))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.names.pop(name, None)
                if isinstance(value, ast.Name) and value.id in (self.entry, *self.aliases):
                    self.aliases |= {name}
                elif len(self.names) < MOST_NAMES:
                    self.names[name] = self.value(value)
            case ast.FunctionDef(name=name, args=ast.arguments(args=parameters), decorator_list=[]) if name == "check" or name.startswith(
                "test"
            ):
                self.inside(node.body, frozenset(p.arg for p in parameters if p.arg != "self"))
            case ast.FunctionDef(name=name, decorator_list=[ast.Call(func=func, args=[named, rows])]) if (
                name.startswith("test") and _last(func) == "parametrize"
            ):
                for given in self.parametrized(named, rows):
                    self.inside(node.body, given=given)
            case ast.ClassDef(body=body):
                self.inside(body)
            case ast.Expr(value=ast.Call() as call):
                found = self.unittest(call)
                if found is not None:
                    self.add(found)
            case ast.With(
                items=[ast.withitem(context_expr=ast.Call(func=func, args=[expected, *_]))], body=[ast.Expr(value=ast.Call() as call)]
            ):
                if _last(func) not in ("raises", "assertRaises"):
                    raise Unread
                self.add((*self.call(call), "raises", _exceptions(expected), 0.0))
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Return(value=None):
                pass
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise Unread

    def inside(self, body: list[ast.stmt], aliases: frozenset[str] = frozenset(), given: Mapping[str, Any] | None = None) -> None:
        """aliases: parameters that stand for the entry point; given: those that have a value. Both hide names of the same kind."""
        hidden = aliases | frozenset(given or ())
        names = {name: value for name, value in self.names.items() if name not in hidden} | dict(given or {})
        reader = _Reader(self.entry, self.aliases - hidden | aliases, names, self.checks, self.left, self.room)
        reader.block(body)
        self.names = {name: value for name, value in self.names.items() if name in hidden or name in reader.names}

    def parametrized(self, named: ast.AST, rows: ast.AST) -> list[dict[str, Any]]:
        """The values of a test's parameters, run by run, as pytest.mark.parametrize("a, b", [(1, 2)]) gives them."""
        listed = [_bare(row) for row in rows.elts] if isinstance(rows, (ast.List, ast.Tuple)) else None
        names, values = self.value(named), self.value(rows if listed is None else ast.List(listed, ast.Load()))
        names = [n.strip() for n in names.split(",") if n.strip()] if isinstance(names, str) else names
        if not (isinstance(names, (list, tuple)) and isinstance(values, (list, tuple)) and all(isinstance(n, str) for n in names)):
            raise Unread
        runs = [row if len(names) > 1 else (row,) for row in values]
        if not all(isinstance(row, (list, tuple)) and len(row) == len(names) for row in runs):
            raise Unread
        return [dict(zip(names, row)) for row in runs]

    def value(self, node: ast.AST) -> Any:
        return literal(node, self.names, self.room)

    def add(self, found: tuple[Any, ...]) -> None:
        if len(self.checks) >= MOST_CHECKS:
            raise Unread
        self.checks.append(Found(*found))

    def call(self, node: ast.AST) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        match node:
            case ast.Call(func=func, args=args, keywords=keywords) if self.tested(func) and all(k.arg for k in keywords):
                given = {str(k.arg): self.value(k.value) for k in keywords}
                return self.entry, tuple(self.value(a) for a in args), given
        raise Unread

    def tested(self, func: ast.AST) -> bool:
        if isinstance(func, ast.Name):
            return func.id in (self.entry, *self.aliases)
        return isinstance(func, ast.Attribute) and ast.unparse(func) == self.entry

    def expectation(self, test: ast.AST) -> tuple[Any, ...]:
        """(function, args, kwargs, relation, expected, tolerance) of what an assert says."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return (*self.call(operand), "false", None, 0.0)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return self.expectation(inner)
            case ast.Call(func=func, args=[left, right], keywords=keywords) if _last(func) in ("isclose", "allclose"):
                return self.close(left, right, keywords, 1e-9)
            case ast.Call():
                return (*self.call(test), "true", None, 0.0)
            case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[bound]):
                match left:
                    case ast.Call(func=func, args=[ast.BinOp(left=a, op=ast.Sub(), right=b)]) if _last(func) in ("abs", "fabs"):
                        return self.sides(a, b, "close", _number(self.value(bound)))
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                for one, other in ((left, right), (right, left)):
                    if isinstance(other, ast.Call) and _last(other.func) == "approx" and other.args:
                        return self.close(one, other.args[0], other.keywords, 1e-6)
                return self.sides(left, right, "equals")
            case ast.Compare(left=left, ops=[ast.NotEq() | ast.IsNot()], comparators=[right]):
                return self.sides(left, right, "differs")
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.List() | ast.Tuple() | ast.Set() as options]):
                if len(options.elts) == 1:
                    return self.sides(left, options.elts[0], "equals")
        raise Unread

    def sides(self, left: ast.AST, right: ast.AST, relation: str, tolerance: float = 0.0) -> tuple[Any, ...]:
        try:
            found = (*self.call(left), relation, self.value(right), tolerance)
        except Unread:
            found = (*self.call(right), relation, self.value(left), tolerance)
        return found if not _holds_nan(found[-2]) else _unread()  # which is not even the same as itself there

    def close(self, left: ast.AST, right: ast.AST, keywords: list[ast.keyword], share: float) -> tuple[Any, ...]:
        *call, _, expected, _ = self.sides(left, right, "close")
        given = {k.arg: _number(self.value(k.value)) for k in keywords}
        values = [abs(_number(v)) for v in (expected if isinstance(expected, (list, tuple)) else [expected])]
        size = min(filter(None, values), default=0.0)  # of a list the least: one tolerance is to be too large for none
        absolute = given.get("abs", given.get("abs_tol", given.get("atol", 1e-12 if share == 1e-6 else 0.0)))
        return (*call, "close", expected, max(absolute, size * given.get("rel", given.get("rel_tol", given.get("rtol", share)))))

    def unittest(self, node: ast.Call) -> tuple[Any, ...] | None:
        """What self.assertX(...) says; None for a call that tests nothing (check(f), unittest.main())."""
        name, args = _last(node.func), node.args
        given = {k.arg: k.value for k in node.keywords}
        if name in ("assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual", "assertIs"):
            return self.sides(args[0], args[1], "equals") if len(args) > 1 else _unread()
        if name in ("assertNotEqual", "assertIsNot"):
            return self.sides(args[0], args[1], "differs") if len(args) > 1 else _unread()
        if name in ("assertTrue", "assertFalse") and args:
            if name == "assertTrue":
                return self.expectation(args[0])
            return (*self.call(args[0]), "false", None, 0.0)
        if name == "assertIsNone" and args:
            return (*self.call(args[0]), "equals", None, 0.0)
        if name == "assertAlmostEqual" and len(args) > 1:
            if "delta" in given:
                return self.sides(args[0], args[1], "close", _number(self.value(given["delta"])))
            places = _number(self.value(args[2] if len(args) > 2 else given.get("places", ast.Constant(7))))
            return self.sides(args[0], args[1], "close", 0.5 * 10.0**-places)
        if name == "assertRaises" and len(args) > 1:
            call = ast.Call(func=args[1], args=args[2:], keywords=node.keywords)
            return (*self.call(call), "raises", _exceptions(args[0]), 0.0)
        if name in ("main", "check", "testmod") or name.startswith("test") or name == "print":
            return None
        raise Unread


def _holds_nan(value: Any) -> bool:
    if isinstance(value, dict):
        return _holds_nan([*value, *value.values()])
    return any(map(_holds_nan, value)) if isinstance(value, (list, tuple, set, frozenset)) else value != value


def _bare(row: ast.expr) -> ast.expr:
    """pytest.param(1, 2, id="x") is (1, 2)."""
    if isinstance(row, ast.Call) and _last(row.func) == "param":
        return row.args[0] if len(row.args) == 1 else ast.Tuple(row.args, ast.Load())
    return row


def _unread() -> Any:
    raise Unread


def _last(func: ast.AST) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unread
    return float(value)


def _exceptions(node: ast.AST) -> tuple[str, ...]:
    nodes = node.elts if isinstance(node, ast.Tuple) else [node]
    names = tuple(_last(n) for n in nodes)
    return names if all(names) else _unread()


def _text(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return f"# line {getattr(node, 'lineno', 0)}: nested too deeply"


def asserts(node: ast.AST) -> bool:
    """Whether a statement tests anything at all."""
    return any(isinstance(n, ast.Assert) or (isinstance(n, ast.Call) and _last(n.func).startswith("assert")) for n in ast.walk(node))


def _examples(text: str, entry: str) -> Iterator[ast.stmt]:
    """Doctests as asserts; where the result is no Python, as text against its repr, as doctest does."""
    for example in doctest.DocTestParser().get_examples(text):
        source, want = example.source.strip(), example.want.strip()
        try:
            if example.exc_msg is not None:
                kind = example.exc_msg.partition(":")[0].strip().rpartition(".")[2]
                yield from ast.parse(f"import unittest\nwith unittest.TestCase().assertRaises({kind}):\n    {source}").body
            elif want and source.startswith("print("):
                yield from ast.parse(
                    f"import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as _printed:\n    {source}"
                ).body
                yield ast.parse(f"assert _printed.getvalue().strip() == {want!r}").body[0]
            elif want:
                yield _same_as(source, want) or ast.parse(f"assert repr({source}) == {want!r}").body[0]
            else:
                yield from ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            yield ast.parse(f"assert not {source!r}").body[0]  # left, and it fails: nobody can tell what it says


def _docstrings(body: list[ast.stmt]) -> list[str]:
    """Those with doctests in them, of a module, its classes and its functions."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (n for n in ast.walk(ast.Module(body, [])) if isinstance(n, kinds))
    return [d for n in nodes if (d := ast.get_docstring(n)) and ">>>" in d]


def _same_as(source: str, want: str) -> ast.stmt | None:
    try:
        literal(ast.parse(want, mode="eval").body)  # what is printed reads as names, as does the repr of an object
        return ast.parse(f"assert ({source}) == ({want})").body[0]
    except (SyntaxError, ValueError, Unread):
        return None


def read_tests(text: str, entry: str) -> Tests:
    """The tests in a text: Python code, or prose or docstrings with doctests in it. ValueError where it is neither."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the tests have {len(text):,} characters, at most {MOST_CHARACTERS:,} are read")
    reader = _Reader(entry)
    try:
        body, text = _parsed(text, entry)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if ">>>" not in text:
            raise ValueError(f"the tests are no Python: {error}") from error
        body = []
    reader.block(body)
    if ">>>" in text and not reader.checks:
        alone = not reader.left
        try:
            examples = [e for part in _docstrings(body) or [text] for e in _examples(part, entry)]
            reader.block(examples)
        except ValueError as error:
            raise ValueError(f"the doctests cannot be read: {error}") from error
        if alone:  # the code about them tests nothing, and would define anew what is tested
            text = "\n".join(map(_text, examples))
    return Tests(tuple(reader.checks), tuple(reader.left), text)


def _parsed(text: str, entry: str) -> tuple[list[ast.stmt], str]:
    tree = ast.parse(text)
    if "import" not in text and "__name__" not in text:
        return tree.body, text
    try:
        given = _Given(entry, tree)
        body = given.visit(tree).body
        return body, ast.unparse(ast.fix_missing_locations(tree)) if given.changed else text
    except RecursionError:  # what is nested too deeply is left, statement by statement
        return ast.parse(text).body, text


class _Given(ast.NodeTransformer):
    """Tests less what is so here without saying: the module of the code is at hand, and they are what is run (__name__ == "__main__")."""

    def __init__(self, entry: str, tree: ast.Module) -> None:
        self.entry, self.changed = entry.partition(".")[0], False
        nodes = [*ast.walk(tree)]
        used = {n.value.id for n in nodes if isinstance(n, ast.Attribute) and n.attr == self.entry and isinstance(n.value, ast.Name)}
        named = {a.asname or a.name for n in nodes if isinstance(n, ast.Import) for a in n.names if a.name not in sys.stdlib_module_names}
        self.modules = used & named

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        left = [a for a in node.names if (a.asname or a.name) not in self.modules]
        self.changed |= len(left) < len(node.names)
        return ast.Import(left) if left else ast.Pass()

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name) or node.value.id not in self.modules:
            return node
        return ast.Name(node.attr, node.ctx)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        own = (node.module or "").partition(".")[0] not in sys.stdlib_module_names
        if not own or not {self.entry, "*"} & {a.name for a in node.names}:
            return node
        self.changed = True
        named = [ast.Assign([ast.Name(a.asname, ast.Store())], ast.Name(a.name, ast.Load())) for a in node.names if a.asname]
        return [*named] or ast.Pass()

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        self.generic_visit(node)
        match node.test:
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
                self.changed = True
                return [n for n in node.body if not _runs_tests(n)] or ast.Pass()
        return node


def _runs_tests(node: ast.stmt) -> bool:
    """unittest.main(), sys.exit(pytest.main()), doctest.testmod()"""
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(isinstance(f, ast.Attribute) and f.attr in ("main", "testmod", "exit", "run") for f in calls)
