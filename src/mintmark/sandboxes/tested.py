"""Runs a whole test inside the second box, as its source; there what the candidate defines is a proxy. Written to be read there: it imports nothing above.

What tests is run whatever its shape: statements, functions named test* or check(candidate), coroutines and generators of that name, unittest's
classes, and plain classes named Test*, with what tests use most of pytest: raises, approx, fail, mark.parametrize, fixtures of a file's own and capsys. A name
that a test does not define itself and no proxy has is Python's own; `from module import` of proxies alone is left out.

The candidate's functions, iterators and coroutines are functions, generators and coroutines here; its exceptions are exceptions; an object of a class that the
test names has its attributes, its methods and most operators. What decides is never its own: two objects are equal where their class defines equality and
their attributes, of which there are some, are equal; to anything else no object is equal, and none is told what it is compared with, subtracted from or searched for. A list, dict or set
that a call changed, giving None, is changed here. What it prints is printed here as well. Functions and
iterators of the test's that it is given it calls from there. Not covered: attributes of exceptions, input that the tests would type.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import re
import sys
from collections import namedtuple
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the launcher's
    _converse: Any = None
    _pack: Any = None
    _unpack: Any = None
    _loads: Any = None

_made: dict[int, Any] = {}  # what stands for what, by its number there
_numbers: dict[int, int] = {}  # and back, by what it is here
_lent: list[Any] = []  # functions and iterators of the test's that the candidate was given
_named: set[str] = set()  # words of the test
_BETWEEN = "add sub mul matmul truediv floordiv mod pow and or xor lshift rshift iadd isub imul ior iand lt le gt ge".split()
_ALONE = "len iter reversed neg pos abs invert bool int float index round str repr getitem setitem delitem call enter".split()
_AGREES = {n for kind in (str, set, float) for n in dir(kind) if n.startswith(("is", "starts", "ends"))} | {"equals", "allclose"}


class _OfClass(type):
    def __getattr__(cls, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return _call("#.getattr", cls, name)


class Far(metaclass=_OfClass):
    """An object in the candidate's box."""

    _number = -1
    _equal = False

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" or name in _AGREES:  # those it would be told what to agree with
            raise AttributeError(name)
        return _call("#.getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _call("#.setattr", self, name, value)

    def __eq__(self, other: object) -> Any:
        if other is self or not isinstance(other, Far) or not self._equal:
            return NotImplemented
        ours, theirs = (_call(f"#{one._number}.__dict__.copy") for one in (self, other))
        return type(other) is type(self) and bool(ours) and ours == theirs

    __hash__ = object.__hash__


def _between(name: str) -> Any:
    return lambda self, *others: _method(name)(self, *others) if all(isinstance(o, Far) for o in others) else NotImplemented


def _method(name: str) -> Any:
    return lambda self, *args, **kwargs: _call(f"#{self._number}.{name}", *args, **kwargs)


def _left(self: Any, *error: Any) -> bool:
    return bool(_call(f"#{self._number}.__exit__", None, None, None) and False)  # an exception of the test's is its own


def _kind(number: int, name: str, has: list[str], *bases: Any) -> type:
    """The class that stands for one of the candidate's: an exception where it is one."""
    known = [b for base in bases if isinstance(b := _back(*base[1:]) if type(base) is list else getattr(builtins, base, None), type)]
    errors = tuple(b for b in known if _raisable(b))
    if errors:
        return type(name, errors[:1], {})
    own: dict[str, Any] = {"_equal": "__eq__" in has}
    own |= {d: make(d) for names, make in ((_BETWEEN, _between), (_ALONE, _method)) for n in names if (d := f"__{n}__") in has}
    own |= {"__next__": lambda self: next(_items(self._number))} if "__next__" in has else {}
    own |= {"__exit__": _left} if "__exit__" in has else {}
    own |= {"__new__": lambda cls, *args, **kwargs: _call(f"#{number}", *args, **kwargs), "__init__": lambda self, *args, **kwargs: None}
    return _OfClass(name, tuple(b for b in known if issubclass(b, Far))[:1] or (Far,), own)


def _raisable(kind: Any) -> bool:
    """Not those that would end a test's own loop without a word."""
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, (StopIteration, StopAsyncIteration))


def _items(number: int) -> Any:
    while (came := _ask(f"#{number}.__next__", ["t"], ["d"]))[:2] != ["raised", "StopIteration"]:
        yield _value(came, ())


async def _awaited(number: int) -> Any:
    return _value(_ask("#await", ["t", ["o", number]], ["d"]), ())


def _back(number: int, what: str, *more: Any) -> Any:
    if what == "yours":
        return _lent[number]
    if number not in _made:
        if what == "class":
            made: Any = _kind(number, *more)
        elif what == "function":
            made = lambda *args, **kwargs: _call(f"#{number}", *args, **kwargs)  # noqa: E731
        elif what == "tuple":
            made = namedtuple(more[0], _unpack(more[1]))(*_unpack(more[2], _back))
        elif what in ("iterator", "coroutine"):
            made = (_items if what == "iterator" else _awaited)(number)
        else:
            kind = _back(*more[0][1:])
            if not any(c.__name__ in _named for c in kind.__mro__ if issubclass(c, Far) and c is not Far):
                raise RuntimeError(f"{kind.__name__} is no plain value")
            made = object.__new__(kind)
            made.__dict__["_number"] = number
        _made[number] = made
        _numbers[id(made)] = number
    return _made[number]


def _number(value: Any) -> list[Any]:
    if id(value) in _numbers:
        return ["o", _numbers[id(value)]]
    name = getattr(value, "__name__", "")
    if callable(value) and getattr(builtins, name, None) is value:
        return ["o", name, "python"]
    walk = hasattr(type(value), "__next__")
    if not walk and (not callable(value) or isinstance(value, type)):
        raise ValueError(f"{type(value).__name__} is no plain value")
    _lent.append(value.__next__ if walk else value)
    return ["o", len(_lent) - 1, "walk" if walk else "theirs"]


def _ask(path: str, args: list[Any], kwargs: list[Any]) -> list[Any]:
    """What the candidate says in the end; on the way it may call what it was lent, and nothing else."""
    came: list[Any] = _converse("ask", path, args, kwargs)
    while came[0] == "ask":
        try:
            _, number, args, kwargs = came
            said = ["given", _pack(_lent[number](*_unpack(args, _back), **_unpack(kwargs, _back)), 0, _number)]
        except Exception as error:
            said = ["threw", type(error).__name__, str(error)[:500]]
        came = _converse(*said)
    return came


def _call(path: str, *args: Any, **kwargs: Any) -> Any:
    return _value(_ask(path, _pack(args, 0, _number), _pack(kwargs, 0, _number)), args)


def _value(came: list[Any], args: tuple[Any, ...]) -> Any:
    if type(came[-1]) is list and came[-1][:1] == ["printed"]:
        print(came.pop()[1], end="")
    kind, *told = came
    if kind == "raised":
        raise _error(*told)
    if kind != "value":
        raise RuntimeError(*told[-1:])
    for mine, theirs in zip(args, _unpack(told[1], _back)) if told[1:] else ():
        if type(mine) is list and type(theirs) is list and mine != theirs:
            mine[:] = theirs
        elif type(mine) in (dict, set) and type(theirs) is type(mine) and mine != theirs:
            mine.clear()
            mine.update(theirs)
    return _unpack(told[0], _back)


def _error(name: str, message: str = "", *bases: str) -> Exception:
    """What the candidate raised, as the nearest that is known here."""
    own = {c.__name__: c for c in _made.values() if _raisable(c)}
    kinds: list[Any] = [own.get(n) or getattr(builtins, n, None) for n in (name, *bases)]
    for kind in kinds:
        if _raisable(kind):
            for make in (kind, lambda text, kind=kind: kind.__new__(kind, text)):  # the second: what wants more to be made
                with contextlib.suppress(TypeError):
                    error: Exception = make(message)
                    return error
    return RuntimeError(message)


class _Near:
    def __init__(self, expected: Any, rel: float | None = None, abs: float | None = None, nan_ok: bool = False) -> None:
        self.expected, self.rel, self.abs = expected, rel, abs

    def __eq__(self, found: object) -> bool:
        return self._near(self.expected, found)

    def _near(self, expected: Any, found: Any) -> bool:
        if isinstance(expected, dict):
            return isinstance(found, dict) and expected.keys() == found.keys() and all(self._near(v, found[k]) for k, v in expected.items())
        if isinstance(expected, (list, tuple)):
            same = isinstance(found, (list, tuple)) and len(found) == len(expected)
            return same and all(map(self._near, expected, found))
        if isinstance(expected, bool) or not isinstance(expected, (int, float, complex)) or not isinstance(found, (int, float, complex)):
            return bool(type(found) is type(expected) and expected == found)
        relative = abs(expected) * (1e-6 if self.rel is None else self.rel) if self.rel is not None or self.abs is None else 0.0
        return bool(expected == found or abs(expected - found) <= max(relative, 1e-12 if self.abs is None else self.abs))


class _Raises:
    def __init__(self, expected: Any, match: str | None = None) -> None:
        self.expected, self.match = expected, match

    def __enter__(self) -> _Raises:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> bool:
        if kind is None:
            raise AssertionError(f"{self.expected} was not raised")
        self.type, self.value = kind, value
        if issubclass(kind, self.expected) and self.match is not None and not re.search(self.match, str(value)):
            raise AssertionError(f"{str(value)!r} does not match {self.match!r}")
        return issubclass(kind, self.expected)


def _raises(expected: Any, *args: Any, match: str | None = None, **kwargs: Any) -> Any:
    if not args:
        return _Raises(expected, match)
    with (raised := _Raises(expected)):
        args[0](*args[1:], **kwargs)
    return raised


class _Captured:
    """capsys."""

    def __init__(self) -> None:
        sys.stdout = self.out = io.StringIO()

    def readouterr(self) -> Any:
        text = self.out.getvalue()
        self.out.seek(0)
        self.out.truncate()
        CaptureResult: Any = namedtuple("CaptureResult", "out err")
        return CaptureResult(text, "")


class _Marks:
    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: args[0] if len(args) == 1 and callable(args[0]) else lambda test: test

    def parametrize(self, names: Any, values: Any, **more: Any) -> Any:
        each = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)

        def marked(test: Any) -> Any:
            cases = [dict(zip(each, v if len(each) > 1 else (v,))) for v in (getattr(v, "values", v) for v in values)]
            test._cases = [{**a, **b} for a in getattr(test, "_cases", [{}]) for b in cases]
            return test

        return marked

    def skip(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a test that is skipped tests nothing")

    skipif = xfail = skip


def _fixture(made: Any = None, **more: Any) -> Any:
    if made is None:
        return _fixture
    made._fixture = True
    return made


def _fail(reason: str = "") -> None:
    raise AssertionError(reason)


def _pytest() -> Any:
    """What tests use most of it."""
    made = type(sys)("pytest")
    made.__dict__.update(raises=_raises, approx=_Near, fail=_fail, fixture=_fixture, mark=_Marks())
    made.__dict__["param"] = lambda *values, **more: type("param", (), {"values": values if len(values) > 1 else values[0]})
    return made


def _finish(came: Any) -> None:
    if hasattr(came, "cr_frame"):
        import asyncio

        asyncio.run(came)
    elif hasattr(came, "gi_frame") and hasattr(came, "__iter__"):
        list(came)


def _run(test: Any, names: dict[str, Any]) -> None:
    """A test in all its cases, with the fixtures that it names."""

    def filled(function: Any, given: dict[str, Any]) -> dict[str, Any]:
        wanted = {p.name: p for p in signature(function).parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
        for name in wanted:
            if name not in given and name == "capsys":
                given[name] = _Captured()
            elif name not in given and hasattr(names.get(name), "_fixture"):
                made = names[name](**filled(names[name], given))
                given[name] = next(made) if hasattr(made, "gi_frame") else made
        return {name: given[name] for name in wanted if name in given}

    for case in getattr(test, "_cases", [{}]):
        printed = sys.stdout
        try:
            _finish(test(**filled(test, dict(case))))
        finally:
            sys.stdout = printed


def _run_tests(text: str, entry: str, wanted: list[str], told: str) -> None:
    try:
        _run_all(text, entry, wanted, told)
    except AssertionError as error:
        at, line = error.__traceback__, 0
        while at:
            line = at.tb_lineno if at.tb_frame.f_code.co_filename == "tests.py" else line
            at = at.tb_next
        if error.args or not line:
            raise
        raise AssertionError(text.splitlines()[line - 1].strip()[:200]) from None


def _run_all(text: str, entry: str, wanted: list[str], told: str) -> None:
    _named.update(re.findall(r"\w+", text))
    given: dict[str, Any] = {}
    for name, value in _loads(told)[1][1:]:
        if name in wanted:
            with contextlib.suppress(RuntimeError):  # an object of no class that is named: its name is not known either
                given[name] = _unpack(value, _back)
    given.setdefault(entry, lambda *args, **kwargs: _call(entry, *args, **kwargs))
    if "pytest" in _named:
        sys.modules["pytest"] = _pytest()
    tree = ast.parse(text)
    for block in ast.walk(tree):
        for field, nodes in ast.iter_fields(block):
            if isinstance(nodes, list):
                setattr(block, field, [ast.copy_location(ast.Pass(), n) if _given(n, given) else n for n in nodes])
    names: dict[str, Any] = {"__name__": "candidate", **given}
    exec(compile(tree, "tests.py", "exec", dont_inherit=True), names)
    unittest = sys.modules.get("unittest")
    for name, test in list(names.items()):
        if test is given.get(name) or not callable(test):
            continue
        if isinstance(test, type):
            if unittest and issubclass(test, unittest.TestCase):
                result = unittest.defaultTestLoader.loadTestsFromTestCase(test).run(unittest.TestResult())
                for _, told in result.failures:
                    raise AssertionError(told[-400:])
                if not result.wasSuccessful():
                    raise RuntimeError([told[-400:] for _, told in result.errors])
            elif name.startswith("Test"):
                for part in dir(test):
                    if part.startswith("test"):
                        one = test()
                        getattr(one, "setup_method", lambda *_: None)(*[None][: _takes(one)])
                        _run(getattr(one, part), names)
        elif name == "check":
            _finish(test(given[entry]))
        elif name.startswith("test"):
            _run(test, names)


def _takes(test: Any) -> int:
    return len(signature(getattr(test, "setup_method", lambda: None)).parameters)


def _given(node: Any, given: dict[str, Any]) -> bool:
    return isinstance(node, ast.ImportFrom) and all(a.name in given for a in node.names)
