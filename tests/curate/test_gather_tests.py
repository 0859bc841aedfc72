"""gather_tests: each assert once with how often it came, what can pass for nobody left out, and execute's cases beside them one by one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from each import each, kept, reasons
from mintmark.core.context import Context
from mintmark.core.ports import Outcome, Trial
from mintmark.core.rows import Row
from mintmark.curate.execute import Execute
from mintmark.curate.gather_tests import GatherTests
from mintmark.sandboxes.scripted import ScriptedSandbox

SAMPLES = [" f(1) == 1\nassert f(2) == 2", " f(1) == 1\nassert ____ == f(3)", {"text": " f(1) == 1"}, "", " g(f(1)) == 1", None]


def test_once_each_and_how_often() -> None:
    row = {"samples": SAMPLES, "entry": "f", "prompt": "def g(x):\n    return x\n\ndef f(x):\n"}
    (found,) = kept(each(GatherTests("samples", "entry", "prompt"), [row]))
    assert found["tests"] == ["assert f(1) == 1", "assert f(2) == 2", "assert g(f(1)) == 1"]
    assert found["tests_times"] == [3, 1, 1] and found["tests_left_out"] == 1
    (found,) = kept(each(GatherTests("samples", "entry", most=1, into="t"), [row]))
    assert (found["t"], found["t_times"], found["t_left_out"]) == (["assert f(1) == 1"], [3], 1), "g is not given without the code"


@pytest.mark.parametrize(
    "row", [{"s": [], "e": "f"}, {"s": "assert ___ == f(1)", "e": "f"}, {"s": "assert f(1)", "e": None}, {"s": None, "e": "f"}]
)
def test_none_is_told(row: dict[str, Any]) -> None:
    assert reasons(each(GatherTests("s", "e"), [row])) == ["no_tests"]


def test_refused() -> None:
    with pytest.raises(ValueError, match="most is 0"):
        GatherTests("s", "e", most=0)


def run(tests: Any, answer: Any) -> tuple[Any, list[Trial]]:
    fake = ScriptedSandbox(answer)
    op = Execute("c", "t", "e", repeats=1)
    row = asyncio.run(op.each(Row("r", {"c": "def f(x):\n    return x\n", "t": tests, "e": "f"}), Context(sandbox=fake)))  # type: ignore[arg-type]
    return row, fake.asked


def test_cases_stand_beside_their_tests_and_equal_calls_run_once() -> None:
    tests = [
        "assert f(1) == 1",
        "assert len(f([2])) == 1",
        "assert f(1) == 2",
        "assert 3 == f(3)",
        "assert len(f([2])) == 1",
        "assert f(1) != 2",
    ]

    def answer(trial: Trial) -> Outcome:
        values = [["value", c.args[0]] for c in trial.calls]
        return Outcome("ran", "scripted", answers=(*values, ["raised", "AssertionError", ""]))

    row, (trial,) = run(tests, answer)
    assert row.values["cases"] == ["passed", "failed", "failed", "passed", "failed", "passed"]
    assert [c.args for c in trial.calls] == [(1,), (3,)] and trial.tests == ("assert len(f([2])) == 1",)
    row, _ = run(tests, lambda trial: Outcome("error", "scripted", answers=(["value", 1],), detail="it ended early"))
    assert row.values["cases"] == ["passed", "error", "failed", "error", "error", "passed"], "what came counts, what did not has not passed"


def test_a_call_made_again_within_a_text_is_made_again() -> None:
    counted = "assert f(0) == 1\nassert f(0) == 2"
    numbers = iter(range(1, 9))
    row, (trial,) = run(
        [counted, "assert f(0) == 1"], lambda trial: Outcome("ran", "s", answers=tuple(["value", next(numbers)] for _ in trial.calls))
    )
    assert len(trial.calls) == 2 and row.values["cases"] == ["passed", "passed", "passed"] and row.values["verdict"] == "passed"


def test_a_test_of_values_that_are_not_plain_goes_to_the_second_box() -> None:
    row, (trial,) = run(
        f"assert f(1) == {'[' * 70}{']' * 70}\nassert f(2) == 2", lambda trial: Outcome("ran", "s", answers=(["value", 2], ["value", None]))
    )
    assert row.values["cases"] == ["passed", "passed"] and len(trial.calls) == len(trial.tests) == 1


def test_each_test_is_one_case_of_execute() -> None:
    samples = [' "f(1) == 1"\nassert f(2) == 2', " f(3) == 1 and f(4)", f" f({'1' * 99_999})"]
    (found,) = kept(each(GatherTests("samples", "entry"), [{"samples": samples, "entry": "f"}]))
    row, _ = run(found["tests"], lambda trial: Outcome("ran", "t", answers=(["value", 1],) * (len(trial.calls) + len(trial.tests))))
    assert (
        found["tests"] == ["assert f(2) == 2", "assert f(3) == 1 and f(4)"] and len(row.values["cases"]) == len(found["tests_times"]) == 2
    )
