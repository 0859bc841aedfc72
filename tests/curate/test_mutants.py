"""mutants, in boxes: tests that prove something stay, the vacuous and the wrong go, loops without end are killed by time, nothing is run here."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.ports import Outcome, Trial
from mintmark.core.rows import Row, Tally
from mintmark.curate.mutants import Mutants
from mintmark.sandboxes.local import LocalSandbox
from mintmark.sandboxes.scripted import ScriptedSandbox

SMALLER = "def smaller(a, b):\n    return a < b\n"
COUNT = "def count(n):\n    i = 0\n    while i < n:\n        i += 1\n    return i\n"


def one(op: Mutants, sandbox: Any, code: str, tests: Any) -> Any:
    async def go() -> Any:
        return await op.each(Row("r", {"c": code, "t": tests}), Context(sandbox=sandbox).at("mutants", "r", Tally()))

    return asyncio.run(go())


def test_a_good_test_stays_and_the_rest_goes(sandbox: LocalSandbox) -> None:
    tests = [
        "assert smaller(1, 2) is True",  # does not tell < from <=
        "assert True",
        "assert smaller(1, 2) == smaller(1, 2)",
        "assert smaller(2, 1) is True",  # wrong
        "assert smaller(2, 2) == False",  # the boundary
        "x = 3",
        "no Python",
    ]
    values = one(Mutants("c", "t"), sandbox, SMALLER, tests).values
    assert values["t"] == [tests[0], tests[4]], "in order, word for word"
    # by hand: <=, >=, True, False, None; None is neither True nor False, so either test kills it
    assert (values["mutants"], values["killed"], values["mutation_score"], values["survived"]) == (5, 5, 1.0, [])
    counts = [values[f"tests_{n}"] for n in ("kept", "wrong", "vacuous", "left_out")]
    assert counts == [2, 1, 4, 0] and sum(counts) == len(tests)


def test_what_survives_is_told_and_may_be_equivalent(sandbox: LocalSandbox) -> None:
    weak = one(Mutants("c", "t"), sandbox, SMALLER, ["assert smaller(1, 2) is True"]).values
    assert weak["survived"] == ["line 2: a < b -> a <= b", "line 2: a < b -> True"] or set(weak["survived"]) == {
        "line 2: a < b -> a <= b",
        "line 2: a < b -> True",
    }
    assert weak["mutation_score"] == 0.6
    assert one(Mutants("c", "t", least=0.7), sandbox, SMALLER, ["assert smaller(1, 2) is True"]).reason == "weak_tests"
    largest = "def largest(a, b):\n    if a < b:\n        return b\n    return a\n"
    every = [f"assert largest({a}, {b}) == {max(a, b)}" for a in range(3) for b in range(3)]
    left = one(Mutants("c", "t"), sandbox, largest, every).values["survived"]
    assert left == ["line 2: a < b -> a <= b"], "equivalent: no test can kill it"


def test_a_mutant_that_never_ends_is_killed_and_saves_no_vacuous_test(sandbox: LocalSandbox) -> None:
    op = Mutants("c", "t", cpu_s=0.6, call_cpu_s=0.1, most=40)
    values = one(op, sandbox, COUNT, ["assert count(3) == 3", "assert count(2) == count(2)"]).values
    assert values["t"] == ["assert count(3) == 3"] and values["tests_vacuous"] == 1
    endless = {"line 4: i += 1 -> i -= 1", "line 4: i += 1 -> pass", "line 4: 1 -> 0"}
    assert not endless & set(values["survived"]) and values["killed"] >= len(endless)
    assert one(op, sandbox, COUNT, ["assert count(2) == count(2)", "assert True"]).reason == "no_good_test", (
        "a timeout alone proves nothing of it"
    )


def test_a_text_is_cleaned_from_within_and_loops_run_against_proxies(sandbox: LocalSandbox) -> None:
    text = "big = [5, 7]\n\ndef check(candidate):\n    assert candidate(*big)  # first\n    assert candidate(1, 1) == candidate(1, 1)\n    for a in range(3):\n        assert not candidate(a, a)\n"
    values = one(Mutants("c", "t"), sandbox, SMALLER, text).values
    assert (
        values["t"]
        == "big = [5, 7]\n\ndef check(candidate):\n    assert candidate(*big)\n    for a in range(3):\n        assert not candidate(a, a)"
    )
    assert (values["mutation_score"], values["tests_kept"], values["tests_vacuous"]) == (1.0, 2, 1)


def test_a_whole_test_that_never_calls_the_code_is_vacuous_not_wrong(sandbox: LocalSandbox) -> None:
    text = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1 < 2)\n"
    text += "    def test_b(self):\n        self.assertEqual(smaller(2, 2), False)\n    def test_c(self):\n        self.assertEqual(smaller(2, 1), True)\n"
    values = one(Mutants("c", "t"), sandbox, SMALLER, text).values
    assert (values["tests_kept"], values["tests_wrong"], values["tests_vacuous"]) == (1, 1, 1)


def test_a_test_that_ends_the_reference_takes_no_other_along(sandbox: LocalSandbox) -> None:
    code = "import os\ndef half(n):\n    if n > 99:\n        os._exit(0)\n    return n // 2\n"
    tests = [
        "assert half(100) == 50",
        "assert half(5) == 2",
        "for n in (200, 1):\n    assert half(n) < n",
        "for n in (3, 4):\n    assert half(n) < n",
    ]
    values = one(Mutants("c", "t"), sandbox, code, tests).values
    assert (values["t"], values["tests_wrong"]) == ([tests[1], tests[3]], 2)


@pytest.mark.parametrize(
    "code, tests, reason",
    [
        ("", "assert f(1)", "no_code"),
        ("x = 1", "assert f(1)", "no_code"),
        (SMALLER, "", "no_tests"),
        (SMALLER, None, "no_tests"),
        (SMALLER, ["assert True", "no code"], "no_tests"),
        (SMALLER, "assert smaller(2, 1) is True", "reference_fails"),
        ("def f(x):\n    raise KeyError\n", "assert f(1)", "reference_fails"),
        ("1 / 0\ndef f(x):\n    return x\n", "assert f(1)", "reference_fails"),
        ("def f(x):\n    pass\n", "assert f(1) is None", "no_mutants"),
        (SMALLER, ["assert smaller(1, 2) == smaller(1, 2)"], "no_good_test"),
    ],
)
def test_every_reason(sandbox: LocalSandbox, code: str, tests: Any, reason: str) -> None:
    assert one(Mutants("c", "t"), sandbox, code, tests).reason == reason


def test_a_flaky_test_goes(sandbox: LocalSandbox) -> None:
    """Hash seeds differ between boxes: what depends on them is not the same twice."""
    code = "def f(n):\n    return hash('mintmark') % n + 1\n"
    result = one(Mutants("c", "t", repeats=8), sandbox, code, ["assert f(2) == 1", "assert f(2) == 2"])
    assert result.reason == "reference_fails"


def test_a_run_repeats_nothing_and_left_out_is_counted(tmp_path: Path, sandbox: LocalSandbox) -> None:
    rows = [{"c": SMALLER, "t": ["assert smaller(1, 2)", "assert not smaller(2, 2)", "assert smaller(0, 9)"]}]
    recipe = mm.Recipe("m", ops=[mm.generate.Read("p"), Mutants("c", "t", most_tests=2)], tables={"p": rows})
    first = mm.run(recipe, out=tmp_path / "r", sandbox=LocalSandbox(), report=False)
    (row,) = first.rows()
    assert (row["tests_kept"], row["tests_left_out"], len(row["t"]), row["mutation_score"]) == (2, 1, 2, 1.0)

    def never(trial: Trial) -> Outcome:
        raise AssertionError("what stands in the journal is not run again")

    other = mm.Recipe("m", ops=[mm.generate.Read("p"), Mutants("c", "t", most_tests=2, least=0.9)], tables={"p": rows})
    again = mm.run(other, out=tmp_path / "r", sandbox=ScriptedSandbox(never), changed=True, report=False)
    assert list(again.rows()) == [row]


def test_expectations_stay_outside_and_a_box_holds_many_tests() -> None:
    fake = ScriptedSandbox(lambda t: Outcome("ran", "scripted", answers=(["value", 4711],) * len(t.calls)))
    one(Mutants("c", "t", most=7), fake, "def f(x):\n    return x + 1 - 2 * 3\n", [f"assert f({i}) == 4711" for i in range(30)])
    assert len(fake.asked) == 2 + 7 and all(len(t.calls) == 30 and "4711" not in repr(t) for t in fake.asked)


@pytest.mark.parametrize("wrong", [{"most": 0}, {"least": 2}, {"repeats": 0}, {"cpu_s": 0}, {"most_tests": 0}])
def test_parameters_are_refused_in_words(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Mutants("c", "t", **wrong)


def test_cases_as_data_are_told_apart_and_answers_are_read(sandbox: LocalSandbox) -> None:
    """One wrong case takes no other along; cases that never were a text stay as they were."""
    cases = [{"args": [2, 2], "expected": False}, {"args": [2, 1], "expected": True}, {"args": [1, 2], "expected": True}]
    for given in (cases, json.dumps(cases)):
        values = one(Mutants("c", "t"), sandbox, f"Here:\n```python\n{SMALLER}```\n", given).values
        stayed = values["t"] if isinstance(given, list) else json.loads(values["t"])
        assert (stayed, values["tests_wrong"], values["tests_kept"]) == ([cases[0], cases[2]], 1, 2)
