"""Every model at every temperature, n times; equal answers once; an unusable answer is not the row's end, a failing endpoint is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from each import each, kept, last, reasons
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError, TransportError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.core.rows import Drop, Row, Tally
from mintmark.generate.candidates import Candidates
from mintmark.models.scripted import ScriptedModel

ROWS = [{"instruction": "Name a colour."}, {"instruction": "Name a town."}]


def temperature_and_attempt(request: Request) -> str:
    return f"{last(request)} {request.temperature} {request.attempt}"


def test_every_temperature_n_times() -> None:
    found = kept(each(Candidates("{{ instruction }}", temperatures=[0.2, 1.0], n=3), ROWS, temperature_and_attempt))
    for row, values in zip(ROWS, found, strict=True):
        want = [f"{row['instruction']} {0.2 if k < 3 else 1.0} {100 * k}" for k in range(6)]
        assert [c["text"] for c in values["candidates"]] == want
        assert [(c["model"], c["temperature"]) for c in values["candidates"]] == [("writer", t) for t in (0.2, 1.0) for _ in range(3)]


async def two_models(op: Candidates, **models: Callable[[Request], Any]) -> Any:
    ctx = Context(models={role: ScriptedModel(f, role) for role, f in models.items()})
    return await op.each(Row("r", ROWS[0]), ctx.at("candidates", "r", Tally()))


def run(op: Candidates, **models: Callable[[Request], Any]) -> Any:
    import asyncio

    return asyncio.run(two_models(op, **models))


def test_each_model_is_named_beside_its_answer() -> None:
    op = Candidates("{{ instruction }}", models=["writer", "small"])
    found = run(op, writer=lambda r: "red", small=lambda r: "blue").values["candidates"]
    assert found == [{"text": "red", "model": "writer", "temperature": None}, {"text": "blue", "model": "small", "temperature": None}]
    assert op.roles() == ("writer", "small")
    assert {r: calls for r, (calls, _, _) in op.estimate(Scene()).items()} == {"writer": 1.0, "small": 1.0}


def test_one_model_in_two_roles_is_asked_twice() -> None:
    """The journal and replays go by model and attempt, not by role: every ask has an attempt of its own."""
    keys: set[bytes] = set()
    each(Candidates("{{ instruction }}", models=["writer", "small"], n=2), ROWS[:1], lambda r: keys.add(r.key("one")) or f"{r.attempt}")
    assert len(keys) == 4


def test_equal_answers_are_kept_once_and_one_is_too_few() -> None:
    op = Candidates("{{ instruction }}", models=["writer", "small"], n=2)
    few = run(op, writer=lambda r: "red", small=lambda r: " red\n")
    assert isinstance(few, Drop) and few.reason == "too_few" and "1 different" in few.detail
    both = run(op, writer=lambda r: "red", small=lambda r: "red" if r.attempt == 200 else "blue")
    assert [c["text"] for c in both.values["candidates"]] == ["red", "blue"]


def test_an_unusable_answer_is_left_out() -> None:
    """The second temperature is withheld at each of three asks: two others stay; with one other the row is dropped, and says why."""

    def withheld(request: Request) -> Any:
        return {"text": "no", "finish_reason": "content_filter"} if request.temperature == 1.0 else f"at {request.temperature}"

    assert [len(v["candidates"]) for v in kept(each(Candidates("{{ instruction }}", temperatures=[0.1, 1.0, 0.5]), ROWS, withheld))] == [
        2,
        2,
    ]
    dropped = each(Candidates("{{ instruction }}", temperatures=[0.1, 1.0]), ROWS, withheld)
    assert reasons(dropped) == ["too_few"] * 2 and "content_filter" in dropped[0].detail


def test_an_endpoint_that_fails_is_the_rows_failure() -> None:
    def down(request: Request) -> str:
        if request.temperature == 1.0:
            raise TransportError("reset")
        return "fine"

    assert reasons(each(Candidates("{{ instruction }}", temperatures=[0.1, 0.2, 1.0]), ROWS, down)) == ["failed(endpoint)"] * 2


def test_an_empty_answer_is_asked_again() -> None:
    found = kept(each(Candidates("{{ instruction }}", n=2), ROWS, lambda r: f"at {r.attempt}" if r.attempt % 100 else " "))
    assert [[c["text"] for c in v["candidates"]] for v in found] == [["at 1", "at 101"]] * 2


@pytest.mark.parametrize("params", [{}, {"temperatures": [0.5]}, {"models": ["writer"]}])
def test_one_answer_is_no_choice(params: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="at least two answers"):
        Candidates.from_params({"prompt": "{{ x }}", **params}, "candidates")
