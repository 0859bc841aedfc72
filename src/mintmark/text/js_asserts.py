"""Tests written in JavaScript, turned into calls and what should come of them, without running any of it: as text/asserts.py for Python.

    read_tests("assert.deepStrictEqual(add([1], 2), [1, 2]);", "add")  ->  Tests((Found("add", ([1], 2), {}, "equals", [1, 2], 0.0),), ())

Read: assert(...), assert.ok, console.assert of f(..), !f(..), f(..) === value (!==, ==, !=) and Math.abs(f(..) - y) < e; assert.strictEqual, deepStrictEqual and
their kin; assert.throws(() => f(..), Kind); expect(f(..)).toBe, toEqual, toBeCloseTo, toThrow, not and the like; at the top or in test, it, describe and
functions named test*. Values are literals: numbers, strings, arrays, objects, new Set([...]), and names given such a value, or a call's, before. They are compared
by value and type, whatever the assertion (== as ===, toBe as toEqual); -0 is 0. `left`: statements that test and are nothing of the kind. A whole number is an int,
any other a float; undefined, NaN and bigints are core.plain's Other, made by the caller's `other`. Not covered: regular expressions, loops, spread, classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .asserts import MOST_CHARACTERS, MOST_CHECKS, Found, Tests

MOST_SAFE, MOST_DEPTH, MOST_BLOCKS = 2**53 - 1, 60, 10
FALSY = ("undefined", "NaN", "0n")  # beside null, false, 0 and ''
_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<number>0[xX][\da-fA-F_]+n?|0[bB][01_]+n?|0[oO][0-7_]+n?|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)
    |(?P<string>'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?|`(?:[^`\\]|\\.)*`?)
    |(?P<name>[^\W\d][\w$]*|\$[\w$]*)
    |(?P<mark>===|!==|==|!=|=>|<=|>=|\.\.\.|\*\*|.)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_EQUAL = ("strictEqual", "deepStrictEqual", "equal", "deepEqual", "toBe", "toEqual", "toStrictEqual", "===", "==")
_DIFFERENT = ("notStrictEqual", "notDeepStrictEqual", "notEqual", "notDeepEqual", "!==", "!=")
_NEGATED = {"equals": "differs", "differs": "equals", "one_of": "none_of", "none_of": "one_of"}
_TESTING = {"assert", "expect"}
_CONTINUES = set(".)]},+-*/=&|?:<>%") | {"===", "!==", "==", "!=", "=>", "<=", ">=", "**"}


class _Unread(Exception):
    """This is nothing that can be read; its statement is left."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int
    first: bool  # on its line


def number(value: float) -> int | float:
    """A JavaScript number in the one form that it is compared in: a whole one that is exact as an int."""
    return int(value) if abs(value) <= MOST_SAFE and value == int(value) else float(value)


def _tokens(text: str) -> list[_Token]:
    out: list[_Token] = []
    first = True
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "skip":
            first = first or "\n" in match.group()
            continue
        out.append(_Token(kind, match.group(), match.start(), first))
        first = False
    return out


def last_function(source: str) -> str:
    """The name of the last function at the top of the code; '' where there is none."""
    depth, found, tokens = 0, "", _tokens(source[:MOST_CHARACTERS])
    for k, token in enumerate(tokens):
        depth += (token.text in ("{", "(", "[")) - (token.text in ("}", ")", "]")) if token.kind == "mark" else 0
        if depth or token.kind != "name":
            continue
        after = [t.text for t in tokens[k + 1 : k + 6] if t.text != "async"]
        if token.text == "function":
            found = next((t for t in after[:2] if re.match(r"[\w$]", t)), found)
        elif token.text in ("const", "let", "var") and after[1:2] == ["="] and (after[2:3] == ["function"] or _arrow(tokens, k + 3)):
            found = after[0]
    return found


def _arrow(tokens: list[_Token], at: int) -> bool:
    """Whether an arrow function begins here."""
    at += tokens[at : at + 1] != [] and tokens[at].text == "async"
    depth = 0
    for k in range(at, len(tokens)):
        text = tokens[k].text
        depth += (text in ("{", "(", "[")) - (text in ("}", ")", "]"))
        if depth <= 0:
            return (k > at or tokens[k].kind == "name") and k + 1 < len(tokens) and tokens[k + 1].text == "=>"
    return False


@dataclass
class _Reader:
    text: str
    entry: str
    other: Callable[[str], Any]
    tokens: list[_Token]
    at: int = 0
    depth: int = 0
    names: dict[str, Any] = field(default_factory=dict)
    results: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # names of what a call gave
    modules: set[str] = field(default_factory=set)
    checks: list[Found] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    # -- tokens
    def peek(self, *texts: str) -> bool:
        here = self.tokens[self.at : self.at + len(texts)]
        return [t.text for t in here] == list(texts) and all(t.kind != "string" for t in here)

    def take(self, *texts: str) -> bool:
        found = self.peek(*texts)
        self.at += len(texts) * found
        return found

    def need(self, *texts: str) -> None:
        if not self.take(*texts):
            raise _Unread

    def next(self, kind: str = "") -> _Token:
        if self.at >= len(self.tokens) or (kind and self.tokens[self.at].kind != kind):
            raise _Unread
        self.at += 1
        return self.tokens[self.at - 1]

    # -- statements
    def block(self, inside: bool = False) -> None:
        while self.at < len(self.tokens) and len(self.checks) < MOST_CHECKS and not (inside and self.peek("}")):
            start, known, depth = self.at, len(self.checks), self.depth
            try:
                if not self.take(";"):
                    self.statement()
                    self.ended()
            except (_Unread, RecursionError):
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
            raise _Unread

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
                raise _Unread
            self.sides(relation, ",")
            return self.closed()
        if self.take("assert"):
            return self.condition()
        raise _Unread

    def body(self, *end: str) -> None:
        outer = dict(self.names), dict(self.results)
        self.depth += 1
        if self.depth > MOST_BLOCKS:
            raise _Unread
        self.block(inside=True)
        self.depth -= 1
        self.need(*end)
        self.names, self.results = outer

    def closed(self) -> None:
        """The end of an assertion, a message before it or not."""
        if self.take(","):
            while not self.peek(")") and self.at < len(self.tokens):
                if self.next().kind not in ("string", "number", "name"):
                    raise _Unread
                self.take("+") or self.take(",")
        self.need(")")

    # -- what is tested
    def add(self, call: tuple[Any, ...], relation: str, expected: Any = None, tolerance: float = 0.0) -> None:
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
            except _Unread:
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
                raise _Unread
            return self.add(call, "close", _numeric(value), _numeric(self.value()))
        if self.take("Number", ".", "isNaN", "("):
            self.add(self.call(), "equals", self.other("NaN"))
            return self.need(")")
        for mark in (*_EQUAL[-2:], *_DIFFERENT[-2:]):
            start = self.at
            try:
                return self.sides("equals" if mark in _EQUAL else "differs", mark)
            except _Unread:
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
                raise _Unread
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
            raise _Unread
        self.add(call, _NEGATED[relation] if negated else relation, value)

    # -- values
    def values(self, end: str) -> list[Any]:
        out = []
        while not self.take(end):
            out.append(self.value())
            if not self.peek(end):
                self.need(",")
        return out

    def value(self, depth: int = 0) -> Any:
        if depth > MOST_DEPTH:
            raise _Unread
        token = self.next()
        text = token.text
        if token.kind == "number":
            return self.other(f"{_whole(text[:-1])}n") if text.endswith("n") else number(_parsed(text))
        if token.kind == "string":
            return _unquoted(text)
        if text in ("-", "+"):
            found = self.value(depth + 1)
            if type(found) in (int, float):
                return number(-found if text == "-" else found)
            if text == "-" and isinstance(found, tuple) and str(found[0]).endswith("n"):
                return self.other(f"-{found[0]}")
            raise _Unread
        if text == "(":
            found = self.value(depth + 1)
            self.need(")")
            return found
        if text == "[":
            return self.values("]")
        if text == "{":
            return self.members()
        if text == "new" and self.take("Set"):
            given = self.values(")") if self.take("(") else []
            if len(given) > 1 or (given and not isinstance(given[0], list)):
                raise _Unread
            return _hashed(given[0] if given else [])
        if token.kind == "name":
            known = {"true": True, "false": False, "null": None, "Infinity": float("inf")}
            if text in known:
                return known[text]
            if text in ("undefined", "NaN"):
                return self.other(text)
            if text in self.names:
                return self.names[text]
        raise _Unread

    def members(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not self.take("}"):
            key = self.next()
            if key.kind == "mark":
                raise _Unread
            name = _unquoted(key.text) if key.kind == "string" else key.text if key.kind == "name" else str(number(_parsed(key.text)))
            if name == "__proto__":
                raise _Unread
            if key.kind == "name" and (self.peek(",") or self.peek("}")):
                self.at -= 1
            else:
                self.need(":")
            out[name] = self.value()
            if not self.peek("}"):
                self.need(",")
        return out


def _binds(passed: list[_Token]) -> bool:
    """const assert = require('assert'), import assert from ...: it tests nothing yet."""
    texts = [t.text for t in passed]
    return texts[0] == "import" or (texts[0] in ("const", "let", "var") and "require" in texts)


def _parsed(text: str) -> float:
    plain = text.replace("_", "")
    try:
        return float(int(plain, 0)) if plain[:2].lower() in ("0x", "0b", "0o") else float(plain)
    except (ValueError, OverflowError) as error:
        raise _Unread from error


def _whole(text: str) -> int:
    try:
        return int(text.replace("_", ""), 0)
    except ValueError as error:
        raise _Unread from error


def _numeric(value: Any) -> float:
    if type(value) not in (int, float):
        raise _Unread
    return float(value)


def _hashed(values: Iterable[Any]) -> set[Any]:
    try:
        return set(values)
    except TypeError as error:
        raise _Unread from error


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[-1] != text[0] or (text[0] == "`" and "${" in text):  # it may have no end
        raise _Unread

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None:
            return _ESCAPED.get(match[4], match[4])
        if int(code, 16) > 0x10FFFF:
            raise _Unread
        return chr(int(code, 16))

    made = _ESCAPE.sub(plain, text[1:-1])
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # two escapes may be one character


def numbers(value: Any) -> Any:
    """A value of JSON as JavaScript has it."""
    if type(value) in (int, float):
        return number(value)
    if isinstance(value, list | tuple):
        return type(value)(map(numbers, value))
    return {k: numbers(v) for k, v in value.items()} if isinstance(value, dict) else value


def read_tests(text: str, entry: str, other: Callable[[str], Any]) -> Tests:
    """The tests in a text. ValueError where it is too long."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the tests have {len(text):,} characters, at most {MOST_CHARACTERS:,} are read")
    reader = _Reader(text, entry, other, _tokens(text))
    reader.block()
    return Tests(tuple(reader.checks), tuple(reader.left))
