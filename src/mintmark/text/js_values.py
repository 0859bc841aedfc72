"""JavaScript as tokens, and the values of its literals, without running any of it.

    Values("[1, {a: 'b'}]", other=Other).value()  ->  [1, {"a": "b"}]

Numbers, strings, arrays, objects, new Set([...]), undefined, NaN, bigints, and names that were given such a value. A whole number is an int, any other a
float; what Python has none for is made by the caller's `other`, and has its `name`. Not covered: regular expressions, templates with ${}, spread, arithmetic. Texts are untrusted:
every pattern takes time in proportion to the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .asserts import MOST_CHARACTERS

MOST_SAFE, MOST_DEPTH = 2**53 - 1, 60
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


class Unread(Exception):
    """This is nothing that can be read; its statement is left."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int
    first: bool  # on its line


def number(value: float) -> int | float:
    """A JavaScript number in the one form that it is compared in: a whole one that is exact as an int; one that is too large for any, infinite."""
    try:
        return int(value) if abs(value) <= MOST_SAFE and value == int(value) else float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def numbers(value: Any) -> Any:
    """A value of JSON as JavaScript has it."""
    if type(value) in (int, float):
        return number(value)
    if isinstance(value, list | tuple):
        return type(value)(map(numbers, value))
    return {k: numbers(v) for k, v in value.items()} if isinstance(value, dict) else value


def tokens_of(text: str) -> list[Token]:
    out: list[Token] = []
    first = True
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "skip":
            first = first or "\n" in match.group()
            continue
        out.append(Token(kind, match.group(), match.start(), first))
        first = False
    return out


def last_function(source: str) -> str:
    """The name of the last function at the top of the code; '' where there is none."""
    depth, found, tokens = 0, "", tokens_of(source[:MOST_CHARACTERS])
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


def _arrow(tokens: list[Token], at: int) -> bool:
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
class Values:
    """A place in a text, from which values are read. Raises Unread for what is none."""

    text: str
    other: Callable[[str], Any]
    names: dict[str, Any] = field(default_factory=dict)
    at: int = 0
    tokens: list[Token] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = tokens_of(self.text)

    def peek(self, *texts: str) -> bool:
        here = self.tokens[self.at : self.at + len(texts)]
        return [t.text for t in here] == list(texts) and all(t.kind != "string" for t in here)

    def take(self, *texts: str) -> bool:
        found = self.peek(*texts)
        self.at += len(texts) * found
        return found

    def need(self, *texts: str) -> None:
        if not self.take(*texts):
            raise Unread

    def next(self, kind: str = "") -> Token:
        if self.at >= len(self.tokens) or (kind and self.tokens[self.at].kind != kind):
            raise Unread
        self.at += 1
        return self.tokens[self.at - 1]

    def values(self, end: str) -> list[Any]:
        out = []
        while not self.take(end):
            out.append(self.value())
            if not self.peek(end):
                self.need(",")
        return out

    def value(self, depth: int = 0) -> Any:
        if depth > MOST_DEPTH:
            raise Unread
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
            if text == "-" and (whole := getattr(found, "name", "")).endswith("n"):
                return self.other(f"{-_whole(whole[:-1])}n")
            raise Unread
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
                raise Unread
            return _hashed(given[0] if given else [])
        if token.kind == "name":
            known = {"true": True, "false": False, "null": None, "Infinity": float("inf")}
            if text in known:
                return known[text]
            if text in ("undefined", "NaN"):
                return self.other(text)
            if text in self.names:
                return self.names[text]
        raise Unread

    def members(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while not self.take("}"):
            key = self.next()
            if key.kind == "mark":
                raise Unread
            name = _unquoted(key.text) if key.kind == "string" else key.text if key.kind == "name" else str(number(_parsed(key.text)))
            if name == "__proto__":
                raise Unread
            if key.kind == "name" and (self.peek(",") or self.peek("}")):
                self.at -= 1
            else:
                self.need(":")
            out[name] = self.value()
            if not self.peek("}"):
                self.need(",")
        return out


def _parsed(text: str) -> float:
    plain = text.replace("_", "")
    try:
        return float(int(plain, 0)) if plain[:2].lower() in ("0x", "0b", "0o") else float(plain)
    except (ValueError, OverflowError) as error:
        raise Unread from error


def _whole(text: str) -> int:
    try:
        return int(text.replace("_", ""), 0)
    except ValueError as error:
        raise Unread from error


def _hashed(values: Iterable[Any]) -> set[Any]:
    try:
        return set(values)
    except TypeError as error:
        raise Unread from error


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[-1] != text[0] or (text[0] == "`" and "${" in text):  # it may have no end
        raise Unread

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None:
            return _ESCAPED.get(match[4], match[4])
        if int(code, 16) > 0x10FFFF:
            raise Unread
        return chr(int(code, 16))

    made = _ESCAPE.sub(plain, text[1:-1])
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")  # two escapes may be one character
