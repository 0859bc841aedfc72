"""One prompt, many tasks: the golden answer, cut lists, <noinput>, and seeds that come from the table alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from each import each, kept, last, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.core.rows import Columns, Row
from mintmark.generate.instruct import Instruct

SEEDS = {
    "instruction": [f"Seed task number {i}." for i in range(12)],
    "input": ["" if i % 2 else f"given {i}" for i in range(12)],
    "output": [f"done {i}" for i in range(12)],
}
GOLDEN = """ Turn the sentence into the past tense.
4. Input:
She walks to work.
4. Output:
She walked to work.
###
5. Instruction: What is the capital of Peru?
5. Input:
<noinput>
5. Output:
Lima. In the year 21. it was elsewhere.
###
6. Instruction: A task that lacks its output.
6. Input:
<NoInput>
###
7. Instruction: Write two lines with a heading.
7. Input: <NOINPUT>
7. Output:
### Heading
text
###
8. Instruction: Cut in the mid"""
WANT = [
    ("Turn the sentence into the past tense.", "She walks to work.", "She walked to work."),
    ("What is the capital of Peru?", "", "Lima. In the year 21. it was elsewhere."),
    ("Write two lines with a heading.", "", "### Heading\ntext"),
]


def tasks(result: Any) -> list[tuple[str, str, str]]:
    return [(r.values["instruction"], r.values["input"], r.values["output"]) for r in result]


def run(answer: Any, rows: int = 1, **more: Any) -> list[Any]:
    return each(Instruct("seeds", **more), [{"batch": i} for i in range(rows)], answer, tables={"seeds": SEEDS})


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_golden(finish: str) -> None:
    """The cut last task and the one without output are left out; the others are rows of their own, children of the request's row."""
    result = run(lambda r: {"text": GOLDEN, "finish_reason": finish})[0]
    assert tasks(result) == WANT
    assert len({r.id for r in result}) == 3 and all(r.parents and r.values["batch"] == 0 for r in result)


def test_a_cut_list_loses_its_last_task_even_where_it_looks_whole() -> None:
    whole = GOLDEN.rsplit("###", 1)[0].rstrip()
    assert tasks(run(lambda r: {"text": whole, "finish_reason": "length"})[0]) == WANT[:2]
    assert tasks(run(lambda r: whole)[0]) == WANT


def test_no_task_is_asked_again_and_then_fails() -> None:
    attempts = []

    def answer(request: Request) -> str:
        attempts.append(request.attempt)
        return GOLDEN if request.attempt == 2 else "I would rather not."

    assert tasks(run(answer)[0]) == WANT and attempts == [0, 1, 2]
    assert reasons(run(lambda r: "I would rather not.")) == ["failed(no_tasks)"]
    one = {"text": " A single task that is cut.\n4. Input:\n<noinput>\n4. Output:\nso", "finish_reason": "length"}
    assert reasons(run(lambda r: one)) == ["failed(no_tasks)"]


def test_the_prompt_holds_k_seeds_in_the_published_form() -> None:
    prompts: list[str] = []
    run(lambda r: prompts.append(last(r)) or GOLDEN, rows=40, k=3, tasks=20)
    drawn = []
    for prompt in prompts:
        assert prompt.rstrip().endswith("###\n4. Instruction:") and "List of 20 tasks:" in prompt
        found = re.findall(r"^(\d)\. Instruction: (.*)\n\1\. Input:\n(.*)\n\1\. Output:\n(.*)$", prompt, re.MULTILINE)
        assert [f[0] for f in found] == ["1", "2", "3"] and len({f[1] for f in found}) == 3
        for _, instruction, given, output in found:
            i = SEEDS["instruction"].index(instruction)
            assert given == (SEEDS["input"][i] or "<noinput>") and output == SEEDS["output"][i]
        drawn.append(tuple(f[1] for f in found))
    assert len(set(drawn)) > 30 and {s for d in drawn for s in d} == set(SEEDS["instruction"]), (
        "every request draws anew, every seed is used"
    )


def test_seeds_never_come_from_made_rows() -> None:
    """A row that holds a task of its own (made earlier) does not get it into the prompt."""
    prompts: list[str] = []
    rows = [{"instruction": "MADE EARLIER", "input": "MADE", "output": "MADE"}] * 5
    each(Instruct("seeds"), rows, lambda r: prompts.append(last(r)) or GOLDEN, tables={"seeds": SEEDS})
    assert prompts and not any("MADE" in p for p in prompts)


def test_no_more_tasks_than_asked_and_how_it_is_asked() -> None:
    requests: list[Request] = []
    many = "".join(f"{i}. Instruction: Do thing {i}.\n{i}. Input:\n<noinput>\n{i}. Output:\nok\n###\n" for i in range(3, 30))
    result = run(lambda r: requests.append(r) or many, k=2, tasks=10)[0]
    assert [r.values["instruction"] for r in result] == [f"Do thing {i}." for i in range(3, 11)]
    assert requests[0].stop == ("\n11.",) and requests[0].temperature == 1.0 and requests[0].max_tokens == 3072


def test_code_and_a_table_without_inputs() -> None:
    prompts: list[str] = []
    table = {k: v for k, v in SEEDS.items() if k != "input"}
    rows = each(Instruct("seeds", style="code_alpaca"), [{"b": 1}], lambda r: prompts.append(last(r)) or GOLDEN, tables={"seeds": table})
    assert "programming" in prompts[0] and prompts[0].count("<noinput>") == 4 and all(isinstance(r, Row) for r in rows[0])
    assert any("Code Alpaca" in c for c in Instruct("seeds", style="code_alpaca").citations())
    assert kept(rows[0])[0]["input"] == "She walks to work."


def test_refused() -> None:
    with pytest.raises(RecipeError, match="less than tasks"):
        Instruct.from_params({"from": "seeds", "tasks": 3, "k": 3}, "instruct")
    for table, words in (
        ({"instruction": ["x"] * 5, "outptu": ["y"] * 5}, "needs the columns"),
        ({k: v[:2] for k, v in SEEDS.items()}, "has 2 seeds"),
    ):
        with pytest.raises(RecipeError, match=words):
            Instruct("seeds").check(Scene((), {"seeds": Columns("seeds", table)}))
