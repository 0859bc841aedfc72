"""Mutants: known faults are made, and every one of them is plausible."""

from __future__ import annotations

import ast
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.mutate import mutants


def made(source: str, entry: str = "f", most: int = 500) -> set[str]:
    return {f"{m.kind}: {m.was} -> {m.now}" for m in mutants(source, entry, random.Random(1), most)}


def body(line: str, head: str = "def f(a, b, xs):\n    ") -> set[str]:
    return made(f"{head}{line}\n")


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("return a < b", {"comparison: a < b -> a <= b", "comparison: a < b -> a >= b", "return: a < b -> True", "return: a < b -> False"}),
        ("return a < b < 3", {"comparison: a < b < 3 -> a < b <= 3", "comparison: a < b < 3 -> a <= b < 3", "constant: 3 -> 2"}),
        ("return a in xs", {"comparison: a in xs -> a not in xs"}),
        ("return a + 1", {"arithmetic: a + 1 -> a - 1", "constant: 1 -> 2", "constant: 1 -> 0", "return: a + 1 -> 0"}),
        ("return a and b", {"logic: a and b -> a or b"}),
        ("return not a", {"logic: not a -> a"}),
        ("return 1 if a else 2", {"logic: a -> not a"}),
        ("return [x for x in xs if x]", {"logic: x -> not x", "return: [x for x in xs if x] -> []"}),
        ("return pow(a, b)", {"arguments: pow(a, b) -> pow(b, a)", "return: pow(a, b) -> None"}),
        ("return list(range(a, b))", {"bound: b -> b + 1", "bound: b -> b - 1", "arguments: range(a, b) -> range(b, a)"}),
        ("return xs[a:b]", {"bound: a -> a + 1", "bound: b -> b - 1"}),
        ("return xs[a]", {"bound: a -> a + 1", "bound: a -> a - 1"}),
        ("return 'x' + a", {"arithmetic: 'x' + a -> a + 'x'", "constant: 'x' -> ''"}),
        ("a += b; return a", {"arithmetic: a += b -> a -= b", "deletion: a += b -> pass"}),
        ("return True", {"constant: True -> False"}),
    ],
)
def test_known_faults(line: str, wanted: set[str]) -> None:
    assert wanted <= body(line)


@pytest.mark.parametrize(
    "line", ["return None", '"doc 1"', "print(a, 1)", "raise ValueError('no' + 1)", "x: 'int' = a", "return f'{a + 1}'"]
)
def test_what_no_value_can_tell_apart_is_left_alone(line: str) -> None:
    assert body(line) <= {"return: f'{a + 1}' -> None", "return: f'{a + 1}' -> ''", "deletion: raise ValueError('no' + 1) -> pass"}


def test_only_what_the_entry_point_reaches() -> None:
    source = "LIMIT = 9\ndef g(x):\n    return x < LIMIT\ndef other():\n    return 77\ndef f(x):\n    return g(x)\nprint(f(55))\n"
    lines = {m.line for m in mutants(source, "f", random.Random(0), 99)}
    assert lines == {1, 3, 7}


def test_neither_equal_to_the_reference_nor_to_each_other() -> None:
    assert "deletion: pass" not in str(body("pass; return a"))
    assert not {m for m in body("return max(a, b)") if m.startswith("arguments")}
    assert not {m for m in body("return h(a, a)", "def h(a, b): return a\ndef f(a, b, xs): ") if m.startswith("arguments: h")}
    twice = mutants("def f(x):\n    if not x:\n        return 1\n    return 2\n", "f", random.Random(0), 99)
    assert len({m.source for m in twice}) == len(twice)


def test_bytes_and_lines_are_counted_right() -> None:
    (mutant,) = [
        m for m in mutants('def f(é):\r\n    s = "ñ"; return (é,\r\n        é > 2)\r\n', "f", random.Random(0), 99) if m.now == "é >= 2"
    ]
    assert mutant.source == 'def f(é):\n    s = "ñ"; return (é,\n        (é >= 2))\n' and (mutant.line, str(mutant)) == (
        3,
        "line 3: é > 2 -> é >= 2",
    )


def test_the_same_numbers_give_the_same_mutants_of_many_kinds() -> None:
    source = "def f(xs, k):\n    out = []\n    for i in range(len(xs) - k + 1):\n        if xs[i] > k and not xs[i:k]:\n            out.append(xs[i] * 2)\n    return out\n"
    one, two, other = (mutants(source, "f", random.Random(seed), 8) for seed in (1, 1, 2))
    assert one == two != other and len(one) == 8 and len({m.kind for m in one}) >= 6


@pytest.mark.parametrize(
    "source", ["def f(", "x = 1", "", "def f():\n    pass\n", "def f():\n    return " + "(" * 500, "def f(): return '\ud800'"]
)
def test_code_that_cannot_be_read_or_changed_has_none(source: str) -> None:
    assert mutants(source, "f", random.Random(0)) == []


NAMES = st.sampled_from(["a", "b", "xs", "n"])
LEAVES = NAMES | st.integers(-3, 99).map(str) | st.sampled_from(["True", "None", "'é'", "1.5", "[]", "xs[0]"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["+", "-", "*", "//", "%", "<", "<=", "==", "!=", "in", "is not", "and", "or", "**"])
    return st.one_of(
        st.tuples(inner, operator, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"(-{e})"),
        st.tuples(inner, inner).map(lambda t: f"g({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"xs[{t[0]}:{t[1]}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"[a for a in range({t[0]}) if {t[1]}]"),
        inner.map(lambda e: f"{{'k': {e}}}"),
    )


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=8)
STATEMENTS = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: [f"{t[0]} = {t[1]}"]),
    st.tuples(NAMES, EXPRESSIONS).map(lambda t: [f"{t[0]} += {t[1]}"]),
    EXPRESSIONS.map(lambda e: [f"if {e}:", "    return n"]),
    EXPRESSIONS.map(lambda e: [f"while {e}:", "    n -= 1", "    if n: break", "    elif a:", "        continue"]),
    EXPRESSIONS.map(lambda e: ["try:", f"    xs.append({e})", "except ValueError:", "    raise"]),
    EXPRESSIONS.map(lambda e: [f"for n in {e}: a, b = b, a"]),
    EXPRESSIONS.map(lambda e: [f"return {e}"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=5), st.integers(0, 9))
def test_every_mutant_parses_and_differs(blocks: list[list[str]], seed: int) -> None:
    source = "def g(a, b):\n    return a\ndef f(a, b, xs, n=3):\n" + "".join(f"    {line}\n" for block in blocks for line in block)
    reference = ast.dump(ast.parse(source))
    found = mutants(source, "f", random.Random(seed), 30)
    trees = [ast.dump(ast.parse(m.source)) for m in found]
    assert reference not in trees and len(set(trees)) == len(trees)
    for m in found:
        compile(m.source, "m", "exec", dont_inherit=True)
        assert m.line >= 1 and m.was != m.now and m.kind
