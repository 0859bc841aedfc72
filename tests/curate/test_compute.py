"""compute: programs that a model wrote are computed, written and compared; hostile ones are dropped, never run."""

from __future__ import annotations

from typing import Any

import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.rows import Drop, Row


def one(program: Any, answer: Any = None, equals: str | None = None) -> Any:
    return mm.curate.Compute("program", equals=equals).each(Row("r", {"program": program, "answer": answer}), Context())


@pytest.mark.parametrize(
    ("program", "result"),
    [
        ("left = 16 - 3 - 4\nleft * 2", 18),
        ("```\n1/4\n```", 0.25),
        ("2^62", 2**62),
        ("2^63", float(2**63)),
        ("0.1+0.2", 0.3),
        ("-7/2*2", -7),
        (12, 12),
    ],
)
def test_the_result_is_written(program: Any, result: Any) -> None:
    made = one(program).values["result"]
    assert made == result and type(made) is type(result)


@pytest.mark.parametrize("answer", ["18", "$18", "18.0", "18.", 18, 18.0, "36/2"])
def test_right_answers_stay(answer: Any) -> None:
    assert one("9 * 2", answer, "answer").values == {"program": "9 * 2", "answer": answer, "result": 18}


@pytest.mark.parametrize("answer", ["26", "", None, True, "eighteen", "18 eggs", float("nan"), float("inf"), "1/0"])
def test_wrong_answers_are_dropped(answer: Any) -> None:
    assert one("9 * 2", answer, "answer").reason == "wrong_answer"
    assert one("10 / 3", "3.33", "answer").values["result"] == 10 / 3
    assert one("9 * 2", "26", "answer") == Drop("wrong_answer", "the program gives 18, the answer says 26")


@pytest.mark.parametrize(
    "program",
    ["", None, "x * 2", "1/0", "__import__('os').system('true')", "import os", "a = 9\n" + "a = a * a\n" * 50, "9^9^9", "2^4000", "(" * 10**6, "1+" * 10**6, "1\n" * 10**6],
)  # fmt: skip
def test_what_cannot_be_computed_is_dropped(program: Any) -> None:
    assert one(program).reason == "not_computable"
