"""Whole tests in the second box: whatever their shape they test, and a candidate can answer them wrongly, which is all it can do."""

from __future__ import annotations

import asyncio

import pytest

from mintmark.core.context import Context
from mintmark.core.ports import Trial
from mintmark.core.rows import Row
from mintmark.curate.execute import Execute
from mintmark.sandboxes import proxied
from mintmark.sandboxes.local import LocalSandbox

RIGHT, WRONG = "def f(x):\n    return x + 1\n", "def f(x):\n    return 99\n"
LOOP = "for x in range(3):\n    assert f(x) == x + 1\n"
SHAPES = {
    "statements": LOOP,
    "a function": "def test_f():\n    for x in range(3):\n        assert f(x) == x + 1\n",
    "check": "def check(candidate):\n    for x in range(3):\n        assert candidate(x) == x + 1\n",
    "unittest": "import unittest\nclass OfF(unittest.TestCase):\n    def setUp(self):\n        self.n = 3\n    def test_a(self):\n        for x in range(self.n):\n"
    "            self.assertEqual(f(x), x + 1)\nif __name__ == '__main__':\n    unittest.main()\n",
    "unittest, subtests": "from unittest import TestCase\nclass OfF(TestCase):\n    def test_a(self):\n        for x in range(3):\n"
    "            with self.subTest(x=x):\n                self.assertEqual(f(x), x + 1)\n",
    "a class": "class TestF:\n    def test_a(self):\n        for x in range(3):\n            assert f(x) == x + 1\n",
    "a guard": "from solution import *\nimport unittest\ndef run():\n    for x in range(3):\n        assert f(x) == x + 1\nif __name__ == '__main__':\n    run()\n"
    "    unittest.main()\n",
    "a module": "import solution as s, sys\nfor x in range(3):\n    assert s.f(x) == x + 1\n",
    "a message": "import unittest\nclass OfF(unittest.TestCase):\n    def test_a(self):\n        with self.assertRaisesRegex(TypeError, 'concat|unsupported'):\n"
    "            f('a')\n",
    "a coroutine": "async def test_f():\n    for x in range(3):\n        assert f(x) == x + 1\n",
    "a generator": "def test_f():\n    for x in range(3):\n        assert f(x) == x + 1\n        yield\n",
    "doctests": "Adds one.\n\n    >>> for x in range(3):\n    ...     assert f(x) == x + 1\n    >>> f(1) + f(2)\n    5\n    >>> str(f(1))\n    '2'\n",
}
FORGE = "import os, time\ndef f(x):\n    for n in range(3, 64):\n        try: os.write(n, {line!r})\n        except OSError: pass\n    time.sleep(9)\n"
CHEATS = {  # (candidate, tests): each passed once, or would by a slip
    "stands in for abs": ("def abs(x):\n    return 0\n" + WRONG, "for x in range(3):\n    assert abs(f(x) - x - 1) < 1e-6\n"),
    "stands in for all": ("def all(x):\n    return True\n" + WRONG, "assert all([f(x) == x + 1 for x in range(3)])\n"),
    "ends the loop of the test": ("def f(x):\n    raise StopIteration\n", "assert all(map(lambda x: f(x) == x + 1, range(3)))\n"),
    "by an exception of another name": (
        "class StopIteration(Exception): pass\ndef f(x):\n    raise StopIteration\n",
        "assert list(map(f, [1, 2])) in ([2, 3], [])\n",
    ),
    "skips": ("import unittest\ndef f(x):\n    raise unittest.SkipTest\n", SHAPES["unittest"]),
    "is no number": (FORGE.format(line=b'["value",NaN]\n'), "for x in [1]:\n    assert not abs(f(x) - 2) > 1e-6\n"),
    "is no number, tagged": (FORGE.format(line=b'["value",["x","nan"]]\n'), "for x in [1]:\n    assert not abs(f(x) - 2) > 1e-6\n"),
    "a number that stands for nothing": (
        FORGE.format(line=b'["value",["o",99,"object",["o",98,"class","x",["__eq__","__sub__","__float__"]]]]\n'),
        LOOP,
    ),
    "an exception that is none": (FORGE.format(line=b'["raised","SkipTest","",["AssertionError"],"StopIteration"]\n'), SHAPES["unittest"]),
    "names of its own for what the tests use": (FORGE.format(line=b'["value",["d",["range",["o",0,"function"]]]]\n') + "f(0)\n", LOOP),
    "prints into the tests": ("def f(x):\n    print('ok')\n    return ['printed', 'x']\n", LOOP),
    "asks": (FORGE.format(line=b'["ask","f",["t",1],["d"]]\n'), LOOP),
    "has tests of its own": (WRONG + "def test_f():\n    return None\ndef check(f):\n    return None\n", LOOP),
    "another's name for the runner": ("def _run_tests(*a):\n    return None\n" + WRONG, LOOP),
    "a parameter that is code": (WRONG, "def check(candidate):\n    for x in range(2):\n        assert candidate(x) == x + 1\n"),
}
NOTHING_TESTED = {
    "is never called": "def go():\n    for x in range(3):\n        assert f(x) == x + 1\n",
    "has the answer itself": RIGHT + LOOP,
    "has no cases": "for x in []:\n    assert f(x) == x + 1\n",
    "skips itself": "import unittest\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.skipTest('no')\n        for x in []: self.assertEqual(f(x), 1)\n",
}


def verdict(sandbox: LocalSandbox, code: str, tests: str, entry: str | None = "f") -> tuple[str, str]:
    op = Execute("c", "t", "e" if entry else None, cpu_s=0.5, repeats=1)
    row = asyncio.run(op.each(Row("r", {"c": code, "t": tests, "e": entry}), Context(sandbox=sandbox)))
    assert isinstance(row, Row) and row.values["strength"] == "proxied"
    return str(row.values["verdict"]), str(row.values["failure"])


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_tests(sandbox: LocalSandbox, shape: str) -> None:
    assert verdict(sandbox, RIGHT, SHAPES[shape]) == ("passed", "")
    assert verdict(sandbox, WRONG, SHAPES[shape])[0] == "failed"


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_not_passed(sandbox: LocalSandbox, cheat: str) -> None:
    code, tests = CHEATS[cheat]
    entry = "f) or (lambda: None)(" if cheat == "a parameter that is code" else "f"
    assert verdict(sandbox, code, tests, entry)[0] in (
        "failed",
        "error",
        "timeout",
    )  # on a busy machine the wall ends what asks back and forth


@pytest.mark.parametrize("tests", NOTHING_TESTED)
def test_what_tested_nothing_has_not_passed(sandbox: LocalSandbox, tests: str) -> None:
    status, why = verdict(sandbox, RIGHT, NOTHING_TESTED[tests])
    assert status == "error" and "never called the code" in why


def test_a_candidate_that_names_what_is_tested_cannot_name_pythons_own(sandbox: LocalSandbox) -> None:
    code = WRONG + "def abs(x):\n    return 0\n"
    assert verdict(sandbox, code, "for x in range(3):\n    assert abs(f(x) - x - 1) < 1e-6\n", None)[0] == "failed"


def test_a_function_named_as_one_of_pythons_is_still_tested(sandbox: LocalSandbox) -> None:
    tests = "for x in range(3):\n    assert round(x) == x + 1\n"
    assert verdict(sandbox, RIGHT.replace("f(", "round("), tests, "round") == ("passed", "")
    assert verdict(sandbox, WRONG.replace("f(", "round("), tests, "round")[0] == "failed"


def test_a_test_that_uses_up_its_time_has_used_it(sandbox: LocalSandbox) -> None:
    outcome = proxied.run(Trial(RIGHT, (), cpu_s=0.3, tests=("f(1)\nwhile True: pass\n",), entry="f"), sandbox._box)
    assert outcome.status == "timeout" and (outcome.cpu_s >= 0.3 or "nothing after" in outcome.detail), outcome
