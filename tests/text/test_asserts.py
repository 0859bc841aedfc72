"""Tests read into calls, against what running them says, and nothing read that is not sure."""

from __future__ import annotations

import ast
import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.core.ports import Call
from mintmark.text.asserts import MOST_CHECKS, Found, read_tests
from mintmark.text.code import functions
from mintmark.text.literals import literal


def one(text: str) -> tuple[object, ...]:
    found = read_tests(text, "f")
    assert len(found.checks) == 1 and not found.left, found
    c = found.checks[0]
    return c.args, dict(c.kwargs), c.relation, c.expected, c.tolerance


@pytest.mark.parametrize(
    "text, expected",
    [
        ("assert f(1, b=2) == 3, 'why'", ((1,), {"b": 2}, "equals", 3, 0.0)),
        ("assert 3 == f(1)", ((1,), {}, "equals", 3, 0.0)),
        ("assert (f([1, (2, {3})]) == {'a': None})", (([1, (2, {3})],), {}, "equals", {"a": None}, 0.0)),
        ("assert f(-1) is None", ((-1,), {}, "equals", None, 0.0)),
        ("assert f() != 'x' * 3", ((), {}, "differs", "xxx", 0.0)),
        ("assert not f(2 ** 10)", ((1024,), {}, "false", None, 0.0)),
        ("assert f(1)", ((1,), {}, "true", None, 0.0)),
        ("assert abs(f(3.5) - 0.5) < 1e-6", ((3.5,), {}, "close", 0.5, 1e-6)),
        ("assert math.isclose(f(1), 2.0, abs_tol=0.1)", ((1,), {}, "close", 2.0, 0.1)),
        ("assert f(1) == pytest.approx(100, rel=0.01)", ((1,), {}, "close", 100, 1.0)),
        ("assert f(1) == pytest.approx([100, 0, 1], rel=0.01)", ((1,), {}, "close", [100, 0, 1], 0.01)),
        ("with pytest.raises(ValueError):\n    f(1)", ((1,), {}, "raises", ("ValueError",), 0.0)),
        ("class T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(1), [2])", ((1,), {}, "equals", [2], 0.0)),
        (
            "class T(TestCase):\n    def test_a(self):\n        self.assertRaises((KeyError, ValueError), f, 1)",
            ((1,), {}, "raises", ("KeyError", "ValueError"), 0.0),
        ),
        ("self.assertAlmostEqual(f(1), 2.5, places=2)", ((1,), {}, "close", 2.5, 0.005)),
        ("self.assertTrue(f(1) == 2)", ((1,), {}, "equals", 2, 0.0)),
        ("x = [1, 2]\ny = x + [3]\nassert f(x) == y", (([1, 2],), {}, "equals", [1, 2, 3], 0.0)),
        ("def check(candidate):\n    assert candidate(1) == 2\ncheck(f)", ((1,), {}, "equals", 2, 0.0)),
        ("def test_it():\n    g = f\n    assert g(1) == 2", ((1,), {}, "equals", 2, 0.0)),
        ("@pytest.mark.parametrize('a, r', [([1], 2)])\ndef test_it(a, r):\n    assert f(a) == r", (([1],), {}, "equals", 2, 0.0)),
        ("x = 5\n@pytest.mark.parametrize('x', (4,), ids=['four'])\ndef test_it(x):\n    assert f(x) == 16", ((4,), {}, "equals", 16, 0.0)),
        (
            "@pytest.mark.parametrize('a, r', [pytest.param(1, 2, id='x')])\ndef test_it(a, r):\n    assert f(a) == r",
            ((1,), {}, "equals", 2, 0.0),
        ),
        ("import solution as s\nassert s.f(1) == 2", ((1,), {}, "equals", 2, 0.0)),
        ("if __name__ == '__main__':\n    assert f(1) == 2\n    unittest.main()", ((1,), {}, "equals", 2, 0.0)),
        ("Adds.\n\n    >>> f(1)\n    2\n", ((1,), {}, "equals", 2, 0.0)),
        (
            ">>> f(0)\nTraceback (most recent call last):\n    ...\nZeroDivisionError: no\n",
            ((0,), {}, "raises", ("ZeroDivisionError",), 0.0),
        ),
    ],
)
def test_what_is_read(text: str, expected: tuple[object, ...]) -> None:
    assert one(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(3):\n    assert f(i) == i",
        "assert f(f(1)) == 1",
        "assert f(open('x').read()) == 1",
        "assert f(1) == g(1)",
        "assert f(1) in (1, 2)",
        "assert f(1) < 2",
        "assert f(10 ** 10 ** 10) == 1",
        "assert f('x' * 10 ** 9) == 1",
        "assert f(1 << 10 ** 9) == 1",
        "assert f({[]: 1}) == 1",
        "assert f(*[1]) == 1",
        "x = 1\nfor x in range(3): pass\nassert f(x) == 2",
        "assert f(1) == 2 == 3",
        "with open('x'):\n    assert f(1) == 1",
        "assert f(y) == 1",
    ],
)
def test_what_is_left(text: str) -> None:
    found = read_tests(text, "f")
    assert not found.checks and len(found.left) == 1


GROWING = {
    "names of names": "a = [1] * 10\n"
    + "".join(f"{b} = [{','.join(a * 10)}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl"))
    + "assert f(l) == 1",
    "hashed names of names": "a = (1,) * 10\n"
    + "".join(f"{b} = ({','.join(a * 10)})\n" for a, b in zip("abcdefghijk", "bcdefghijkl"))
    + "x = {l: 1}\nassert f(x) == 1",
    "repeated repetitions": "assert f(" + "[" * 8 + "1" + "] * 1000" * 8 + ") == 1",
    "a repeated tuple, hashed": "assert f({((1,) * 9999,) * 9999}) == 1",
    "twice as long each time": "a = 'x' * 99999\n" + "b = a + a\na = b + b\n" * 40 + "assert f(a) == 1",
    "one long list, often": "assert f([[]] * 100000) == 1\n" * 3000,
    "one long text, often": "x = 'a' * 99999\n" + "assert f(x) == x\n" * 5000,
    "letters of a long text, often": "x = 'a' * 99999\n" + "assert f(list(x)) == 1\n" * 4000,
}


@pytest.mark.parametrize("kind", GROWING)
def test_what_grows_beyond_its_text_is_left(kind: str) -> None:
    started = time.process_time()
    found = read_tests(GROWING[kind], "f")
    assert time.process_time() - started < 2.0 and found.left
    assert sum(len(Call(c.function, c.args, c.kwargs).line()) for c in found.checks) < 3_000_000


@pytest.mark.parametrize(
    "changed",
    ["x.append(2)", "x[0] = 2", "x += [2]", "del x[0]", "y.append(2)", "for i in x: x.remove(i)", "def test_a():\n    x.append(2)"],
)
def test_a_value_that_may_have_changed_is_not_read(changed: str) -> None:
    found = read_tests(f"x = [1]\ny = x\nn = 5\n{changed}\nassert f(x) == 1\nassert f(n) == 2", "f")
    assert [c.args for c in found.checks] == [(5,)] and found.left == ("assert f(x) == 1",)


def test_checks_beyond_the_most_are_left_not_lost() -> None:
    found = read_tests("assert f(1) == 1\n" * (MOST_CHECKS + 1), "f")
    assert len(found.checks) == MOST_CHECKS and len(found.left) == 1


def test_doctests_that_are_left_can_be_run() -> None:
    found = read_tests("Text.\n\n    >>> x = [1]\n    >>> x.append(2)\n    >>> f(x)\n    3\n    >>> f(1)\n    <an object>\n", "f")
    assert len(found.left) == 2 and ast.parse(found.code)
    names: dict[str, object] = {"f": lambda x: 3}
    with pytest.raises(AssertionError):
        exec(found.code, names)
    assert names["x"] == [1, 2]


def test_functions_of_a_source() -> None:
    assert functions("def a(): pass\nasync def b(): pass\nclass C:\n    def d(self): pass\ndef e(): pass") == ["a", "b", "e"]
    assert functions("def (") == functions("def a(): pass\n" + "#" * 100_000) == []


def test_what_tests_nothing_is_neither() -> None:
    assert read_tests("import os\nassert True\nprint(f(1))\nx = 1\nMETADATA = {}\n", "f").left == ()
    assert not read_tests("assert g(1) == 2", "f").checks and read_tests("def f(x):\n    assert x\n    return x\n", "f").checks == ()


def test_no_python_is_refused_and_size_is_bounded() -> None:
    with pytest.raises(ValueError, match="no Python"):
        read_tests("assert f(1 ==", "f")
    with pytest.raises(ValueError, match="100,000"):
        read_tests("#" * 100_001, "f")
    for deep in (
        "assert f(" + "[" * 5000 + "]" * 5000 + ") == 1",
        "assert f(" + "1+" * 30_000 + "1) == 1",
        "assert f(" + "-" * 20_000 + "1) == 1",
    ):
        try:
            assert not read_tests(deep, "f").checks
        except ValueError:
            pass


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_a_literal_is_its_value(value: object) -> None:
    found = literal(ast.parse(repr(value), mode="eval").body)
    assert found == value and repr(found) == repr(value)


def test_humaneval_is_read(data: Path) -> None:
    """156 of 164 tests in full, the other 8 told; what is read holds when Python itself evaluates it."""
    full, left = 0, []
    with gzip.open(data / "humaneval_codegen16b" / "HumanEval.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            found = read_tests(row["test"], row["entry_point"])
            assert found.checks or found.left
            full += not found.left
            left += [row["task_id"].partition("/")[2]] if found.left else []
    assert (full, left) == (156, ["32", "33", "37", "38", "44", "50", "53", "151"])


def test_checks_are_plain_data() -> None:
    assert read_tests("assert f(1) == 2", "f").checks == (Found("f", (1,), {}, "equals", 2),)


def test_examples_of_a_docstring_end_where_it_does() -> None:
    """The quotes that close it are no part of the last result; and the code about them, which defines what is tested, is not what tests it."""
    source = 'def add(a, b):\n    """Adds.\n    >>> add(1, 2)\n    3\n    >>> add(2, 2)\n    4"""\n    return 0\n'
    found = read_tests(source, "add")
    assert [(f.args, f.relation, f.expected) for f in found.checks] == [((1, 2), "equals", 3), ((2, 2), "equals", 4)] and not found.left
    assert "def" not in found.code and found.code.count("assert") == 2
