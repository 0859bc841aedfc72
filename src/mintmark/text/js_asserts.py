"""Tests written in JavaScript, turned into calls and what should come of them, without running any of it: as text/asserts.py for Python.

    read_tests("assert.deepStrictEqual(add([1], 2), [1, 2]);", "add")  ->  Tests((Found("add", ([1], 2), {}, "equals", [1, 2], 0.0),), ())

Read: assert(...), assert.ok, console.assert of f(..), !f(..), f(..) === value (!==, ==, !=) and Math.abs(f(..) - y) < e; assert.strictEqual, deepStrictEqual and
their kin; assert.throws(() => f(..), Kind); expect(f(..)).toBe, toEqual, toBeCloseTo, toThrow, not and the like; at the top or in test, it, describe and
functions named test*. Values are literals (js_values.py) and names given one, or a call, before. They are compared by value and type, whatever the assertion (== as ===, toBe as
toEqual). `left`: statements that test and are nothing of the kind. Not covered: regular expressions, loops, spread, classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .asserts import MOST_CHARACTERS, MOST_CHECKS, Found, Tests
from .js_values import Token, Unread, Values

MOST_BLOCKS = 10
FALSY = ("undefined", "NaN", "0n")  # beside null, false, 0 and ''
_EQUAL = ("strictEqual", "deepStrictEqual", "equal", "deepEqual", "toBe", "toEqual", "toStrictEqual", "===", "==")
_DIFFERENT = ("notStrictEqual", "notDeepStrictEqual", "notEqual", "notDeepEqual", "!==", "!=")
_NEGATED = {"equals": "differs", "differs": "equals", "one_of": "none_of", "none_of": "one_of"}
_TESTING = {"assert", "expect"}
_CONTINUES = set(".)]},+-*/=&|?:<>%") | {"===", "!==", "==", "!=", "=>", "<=", ">=", "**"}


@dataclass
class _Reader(Values):
    """entry: what is tested."""

    entry: str = ""
    depth: int = 0
    results: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # names of what a call gave
    modules: set[str] = field(default_factory=set)
    checks: list[Found] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def block(self, inside: bool = False) -> None:
        while self.at < len(self.tokens) and not (inside and self.peek("}")):
            start, known, depth = self.at, len(self.checks), self.depth
            try:
                if not self.take(";"):
                    self.statement()
                    self.ended()
            except (Unread, RecursionError):
                del self.checks[known:]
                self.at, self.depth = start, depth
                self.skip()
                passed = self.tokens[start : self.at]
                if any(t.kind == "name" and t.text in _TESTING for t in passed) and not _binds(passed):
                    self.left.append(self.text[passed[0].at : passed[-1].at + len(passed[-1].text)][:500])
                for t in passed:
                    self.forget(t.text)

    def forget(self, name: str) -> None:
        self.names.pop(name, None)
        self.results.pop(name, None)

    def ended(self) -> None:
        if self.at < len(self.tokens) and not self.take(";") and not self.peek("}") and not self.tokens[self.at].first:
            raise Unread

    def skip(self) -> None:
        """To the end of a statement that is not read."""
        depth = 0
        while self.at < len(self.tokens):
            text = self.next().text
            depth += (text in ("{", "(", "[")) - (text in ("}", ")", "]"))
            if depth <= 0 and (text == ";" or self.at >= len(self.tokens)):
                return
            if (
                depth <= 0
                and self.tokens[self.at].first
                and self.tokens[self.at].text not in _CONTINUES
                and text not in _CONTINUES - {")", "]", "}"}
            ):
                return
            if depth <= 0 and self.peek("}"):
                return

    def statement(self) -> None:
        for word in ("const", "let", "var"):
            if self.take(word):
                name = self.next("name").text
                self.need("=")
                if self.take("require", "("):
                    self.next("string")
                    self.need(")")
                    self.modules.add(name)
                else:
                    kind, found = self.either(lambda: (self.names, self.value()), lambda: (self.results, self.call()))
                    self.forget(name)
                    kind[name] = found
                return
        if self.peek("function") and self.tokens[self.at + 1 : self.at + 2] and self.tokens[self.at + 1].text.startswith("test"):
            self.at += 2
            self.need("(", ")", "{")
            return self.body("}")
        for word in ("test", "it", "describe"):
            if self.take(word, "("):
                self.next("string")
                self.need(",")
                self.take("async")
                if not self.take("(", ")", "=>", "{"):
                    self.need("function", "(", ")", "{")
                return self.body("}", ")")
        self.take("await")
        if self.take("expect", "("):
            return self.expected()
        if self.take("console", ".", "assert", "(") or self.take("assert", ".", "ok", "(") or self.take("assert", "("):
            self.condition()
            return self.closed()
        if self.take("assert", "."):
            how = self.next("name").text
            self.need("(")
            if how == "throws":
                return self.throws()
            relation = "equals" if how in _EQUAL else "differs" if how in _DIFFERENT else ""
            if not relation:
                raise Unread
            self.sides(relation, ",")
            return self.closed()
        if self.take("assert"):
            return self.condition()
        raise Unread

    def body(self, *end: str) -> None:
        outer = dict(self.names), dict(self.results)
        self.depth += 1
        if self.depth > MOST_BLOCKS:
            raise Unread
        self.block(inside=True)
        self.depth -= 1
        self.need(*end)
        self.names, self.results = outer

    def closed(self) -> None:
        """The end of an assertion, a message before it or not."""
        if self.take(","):
            while not self.peek(")") and self.at < len(self.tokens):
                if self.next().kind not in ("string", "number", "name"):
                    raise Unread
                self.take("+") or self.take(",")
        self.need(")")

    def add(self, call: tuple[Any, ...], relation: str, expected: Any = None, tolerance: float = 0.0) -> None:
        if len(self.checks) >= MOST_CHECKS:
            raise Unread
        self.checks.append(Found(self.entry, call, {}, relation, expected, tolerance))

    def falsy(self) -> tuple[Any, ...]:
        return (None, False, 0, "", *map(self.other, FALSY))

    def call(self) -> tuple[Any, ...]:
        """The arguments of a call of what is tested."""
        self.take("await")
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "name" and self.tokens[self.at].text in self.results:
            return self.results[self.next().text]
        if len(self.tokens) > self.at + 1 and self.tokens[self.at].text in self.modules and self.tokens[self.at + 1].text == ".":
            self.at += 2
        for k, name in enumerate(self.entry.split(".")):
            self.need(*([".", name] if k else [name]))
        self.need("(")
        return tuple(self.values(")"))

    def either(self, *ways: Callable[[], Any]) -> Any:
        start = self.at
        for way in ways[:-1]:
            try:
                return way()
            except Unread:
                self.at = start
        return ways[-1]()

    def sides(self, relation: str, *between: str) -> None:
        """A call and a value, in either order."""

        def one() -> tuple[tuple[Any, ...], Any]:
            call = self.call()
            self.need(*between)
            return call, self.value()

        def other() -> tuple[tuple[Any, ...], Any]:
            value = self.value()
            self.need(*between)
            return self.call(), value

        call, value = self.either(one, other)
        self.add(call, relation, value)

    def condition(self) -> None:
        if self.take("!"):
            return self.add(self.call(), "one_of", self.falsy())
        if self.take("Math", ".", "abs", "("):
            call, value = self.either(lambda: (self.call(), self.minus(self.value)), lambda: (self.value(), self.minus(self.call))[::-1])
            self.need(")")
            if not (self.take("<") or self.take("<=")):
                raise Unread
            return self.add(call, "close", _numeric(value), _numeric(self.value()))
        if self.take("Number", ".", "isNaN", "("):
            self.add(self.call(), "equals", self.other("NaN"))
            return self.need(")")
        for mark in (*_EQUAL[-2:], *_DIFFERENT[-2:]):
            start = self.at
            try:
                return self.sides("equals" if mark in _EQUAL else "differs", mark)
            except Unread:
                self.at = start
        self.add(self.call(), "none_of", self.falsy())

    def minus(self, what: Callable[[], Any]) -> Any:
        self.need("-")
        return what()

    def throws(self) -> None:
        self.need("(", ")", "=>")
        block = self.take("{")
        call = self.call()
        if block:
            self.take(";")
            self.need("}")
        kinds: tuple[str, ...] = ()
        if self.take(",") and self.tokens[self.at : self.at + 1] and self.tokens[self.at].kind == "name":
            kinds = self.kinds()
            self.take(",")
        if self.tokens[self.at : self.at + 1] and self.tokens[self.at].kind == "string":
            self.at += 1
        self.need(")")
        self.add(call, "raises", kinds)

    def kinds(self) -> tuple[str, ...]:
        """Of an exception; every other one is an Error too."""
        name = self.next("name").text
        return () if name == "Error" else (name,)

    def expected(self) -> None:
        """What stands behind `expect(`."""
        if self.peek("(", ")", "=>"):
            self.need("(", ")", "=>")
            call = self.call()
            self.need(")", ".")
            if not (self.take("toThrow", "(") or self.take("toThrowError", "(")):
                raise Unread
            kinds = () if self.peek(")") else self.kinds()
            self.need(")")
            return self.add(call, "raises", kinds)
        call = self.call()
        self.need(")", ".")
        negated = self.take("not", ".")
        how = self.next("name").text
        self.need("(")
        given = self.values(")")
        fixed = {"toBeNull": None, "toBeUndefined": self.other("undefined"), "toBeNaN": self.other("NaN")}
        if how in _EQUAL and len(given) == 1:
            relation, value = "equals", given[0]
        elif how in fixed and not given:
            relation, value = "equals", fixed[how]
        elif how in ("toBeTruthy", "toBeFalsy") and not given:
            relation, value = "none_of" if how == "toBeTruthy" else "one_of", self.falsy()
        elif how == "toBeDefined" and not given:
            relation, value = "differs", self.other("undefined")
        elif how == "toBeCloseTo" and given and not negated:
            return self.add(call, "close", _numeric(given[0]), 0.5 * 10.0 ** -_numeric(given[1] if len(given) > 1 else 2))
        else:
            raise Unread
        self.add(call, _NEGATED[relation] if negated else relation, value)


def _binds(passed: list[Token]) -> bool:
    """const assert = require('assert'), import assert from ...: it tests nothing yet."""
    texts = [t.text for t in passed]
    return texts[0] == "import" or (texts[0] in ("const", "let", "var") and "require" in texts)


def _numeric(value: Any) -> float:
    if type(value) not in (int, float):
        raise Unread
    return float(value)


def read_tests(text: str, entry: str, other: Callable[[str], Any]) -> Tests:
    """The tests in a text. ValueError where it is too long."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the tests have {len(text):,} characters, at most {MOST_CHARACTERS:,} are read")
    reader = _Reader(text, other, entry=entry)
    reader.block()
    return Tests(tuple(reader.checks), tuple(reader.left))
