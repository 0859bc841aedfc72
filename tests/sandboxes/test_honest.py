"""Right solutions pass, in whatever style; what would make each of them wrong does not (the strongest tier that is here)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mintmark.core.context import Context
from mintmark.core.rows import Drop, Row
from mintmark.curate.execute import Execute
from mintmark.sandboxes.local import LocalSandbox
from sandboxes.honest import HONEST, PROGRAM, SIX, STACK, VECTOR


def run(sandbox: LocalSandbox, code: str, tests: str, entry: str = "f", **more: Any) -> Any:
    op = Execute("c", "t", "e" if entry else None, cpu_s=2.0, repeats=1, **more)
    return asyncio.run(op.each(Row("r", {"c": code, "t": tests, "e": entry}), Context(sandbox=sandbox)))


@pytest.mark.parametrize("style", HONEST)
def test_a_right_solution_passes(sandbox: LocalSandbox, style: str) -> None:
    row = run(sandbox, *HONEST[style])
    assert isinstance(row, Row) and row.values["verdict"] == "passed", row


WRONG = {
    "a generator that ends early": ("def f(n):\n    yield 0\n", HONEST["a generator"][1]),
    "adds wrongly, and is equal to all": (
        VECTOR.replace("self.x + o.x", "0").replace("return self.x == o.x", "return True"),
        HONEST["equality and order"][1],
    ),
    "no equality at all": (VECTOR.replace("__eq__", "same"), HONEST["equality and order"][1]),
    "pops the first": (STACK.replace("self.a.pop()", "self.a.pop(0)"), HONEST["a class, by its methods"][1]),
    "raises another": ("class Bad(KeyError): pass\ndef f(x):\n    raise Bad('no')\n", HONEST["an exception of its own"][1]),
    "prints something else": ("def f(x):\n    print('ho', x)\n", HONEST["what is printed"][1]),
    "changes nothing": ("def f(m):\n    return None\ndef g(d):\n    return None\n", HONEST["in place"][1]),
    "empties what it is given": ("def f(a):\n    a.clear()\n    return []\n", "a = [2, 1]\nassert f(a) == sorted(a)"),
    "a library of its own": (
        "class math:\n    isclose = staticmethod(lambda *a: True)\ndef f(x):\n    return 9\n",
        "for i in range(2): assert math.isclose(f(i), i)",
    ),
    "NaN is not near": ("def f(x):\n    return complex(float('nan'), 0)\n", "for x in [1]: assert not abs(f(x) - 2) > 1e-6"),
}


@pytest.mark.parametrize("style", WRONG)
def test_a_wrong_one_does_not(sandbox: LocalSandbox, style: str) -> None:
    code, tests = WRONG[style]
    assert run(sandbox, code, tests).values["verdict"] in ("failed", "error")


FORGED = "".join(f"    def __{n}__(s, *a): return True\n" for n in "eq ne lt le gt ge contains bool".split()) + "".join(
    f"    def __{n}__(s, *a): return s\n" for n in "sub rsub add radd abs mul neg round".split()
)
ORACLES = {
    "equal": "assert f(x) == x + 1",
    "equal, turned": "assert x + 1 == f(x)",
    "near": "assert abs(f(x) - (x + 1)) < 1e-6",
    "not far": "assert not abs(f(x) - (x + 1)) > 1e-6",
    "between": "assert x + 1 <= f(x) <= x + 1",
    "in it": "assert x + 1 in f(x)",
    "in a set": "assert {f(x)} == {x + 1}",
    "says so": "assert f(x).startswith(str(x + 1)) and f(x).equals(x + 1)",
}


@pytest.mark.parametrize("oracle", ORACLES)
def test_an_object_is_never_told_what_it_is_compared_with(sandbox: LocalSandbox, oracle: str) -> None:
    tests = f"for x in range(2):\n    {ORACLES[oracle]}\n"
    more = "    __hash__ = lambda s: hash(2)\n    def __float__(s): return 0.0\n    def __getattr__(s, n): return lambda *a: True\n"
    for name in ("A", "x", "range"):  # the last two are words of the tests
        code = f"class {name}:\n{FORGED}{more}def f(v):\n    return {name}()\n"
        assert run(sandbox, code, tests).values["verdict"] in ("failed", "error")
        assert run(sandbox, code.replace(f"return {name}()", f"return {name}"), tests).values["verdict"] in ("failed", "error")


def test_a_program_that_prints_something_else_has_failed(sandbox: LocalSandbox) -> None:
    row = run(sandbox, PROGRAM.replace("sum", "max"), SIX, "")
    assert row.values["cases"] == ["failed", "passed"] and row.values["strength"] == "exact"
    assert row.values["failure"] == "the program, given '3\\n1 2 3\\n' gave '3\\n', expected to be printed: '6\\n'"
    assert run(sandbox, "print('x' * 3_000_000)", SIX, "").values["verdict"] == "limit"
    assert run(sandbox, "import sys\nprint(6)\nsys.exit(1)", SIX, "").values["verdict"] == "error"
    assert run(sandbox, "n = 0\n" + PROGRAM, SIX, "").values["verdict"] == "passed"


def test_a_program_has_fresh_names_each_time(sandbox: LocalSandbox) -> None:
    code = "try: seen\nexcept NameError: seen = 1\nelse: seen = 2\nprint(seen)"
    assert run(sandbox, code, '[{"input": "", "output": "1"}, {"input": "", "output": "1"}]', "").values["verdict"] == "passed"


def test_programs_and_functions_are_not_mixed(sandbox: LocalSandbox) -> None:
    assert run(sandbox, "x = 1\n", "assert f(1) == 2", "") == Drop("no_code", "it defines no function")
    mixed = Row("r", {"c": "def f(x): return x\n", "t": [SIX, "assert f(1) == 1"]})
    told = asyncio.run(Execute("c", "t").each(mixed, Context(sandbox=sandbox)))
    assert isinstance(told, Drop) and told.reason == "no_tests" and "program" in told.detail
    js = run(sandbox, "function f() {}", SIX, language="javascript")
    assert isinstance(js, Drop) and js.reason == "no_tests" and "cannot be read" in js.detail
