"""evolve: each elimination rule is a pure predicate with hits and near misses; no leak marker survives; operations are drawn uniformly."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

import mintmark as mm
from each import last, run_op
from mintmark.core.errors import ContentError, RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Drop, Row
from mintmark.generate.evolve import DEPTH, OPERATIONS, empty_answer, leaks, refused_answer


# -- the predicates --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["Rewrite the given prompt.", "#Given Prompt#: x", "# Rewritten Prompt #", "Here is the REWRITTEN   PROMPT", "the created\nprompt", "#Created Prompt#", "given_prompt", "new task:",
     "two given prompts", "the given\u200b prompt", "\uff27iven prompt", "evolved instruction", "**Rewritten-Prompt**", "##x #The Given Prompt#"],
)  # fmt: skip
def test_leaks(text: str) -> None:
    assert leaks(text)


@pytest.mark.parametrize(
    "text",
    ["Prompt the user for a number.", "You are given a list.", "Compare C# and F# for games.", "Fix issue #12 and #13.", "# Heading\ntext", "promptly given", "A task that is new.",      "Use the hashtags #cats and #dogs", "renewed tasks", "a newtask", "Given: prompt payment", "## Part one\n## Part two", "He was given. Prompt replies follow."],
)  # fmt: skip
def test_near_leaks(text: str) -> None:
    assert not leaks(text)


def test_refused_answer() -> None:
    long = " ".join(["word"] * 79)
    assert refused_answer("Sorry, I cannot.") and refused_answer(f"{long[:-5]} SORRY") and not refused_answer(f"sorry {long}")
    assert not refused_answer("I cannot do that.") and refused_answer("sorry " + " ".join(["w"] * 78)) and not refused_answer("")


def test_empty_answer() -> None:
    assert all(map(empty_answer, ["", "...", " , ! ", "the and of.", "It is what it is.", "«»", "A"]))
    assert not any(map(empty_answer, ["42", "Yes", "the cat", "答案", "+ water", "of course"]))


# -- properties ------------------------------------------------------------------------------------------------------------
pieces = st.sampled_from(
    ["given", "rewritten", "created", "Prompt", "PROMPT", "prompts", "#", "##", " ", "\n", "_", "-", "cat", "C#", "task", "new", ":", "\u200b", "The", "ｇiven"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, min_size=1, max_size=8).map("".join))
def test_no_leak_marker_survives(told: str) -> None:
    (made,), _ = run_op(mm.generate.Evolve(attempts=1), [{"instruction": "Say hello."}], lambda r: told)
    if isinstance(made, Row):
        plain = " ".join(re.sub("[_*-]", " ", made.values["instruction"].replace("\u200b", "").replace("ｇ", "g")).lower().split())
        for marker in ("given prompt", "rewritten prompt", "created prompt", "#given prompt#"):
            assert marker not in plain
    else:
        assert isinstance(made, (Drop, ContentError))


def test_operations_are_drawn_uniformly_and_kept_on_the_row() -> None:
    op = mm.generate.Evolve()
    rows, asked = run_op(op, [{"instruction": f"Task number {i}."} for i in range(1_200)], lambda r: f"{len(last(r))} and more")
    drawn = Counter(r.values["operation"] for r in rows)
    assert set(drawn) == set(OPERATIONS) == {*DEPTH, "breadth"} and chisquare(list(drawn.values())).pvalue > 0.01
    words = {
        "constraint": "one more constraint",
        "breadth": "same domain",
        "reasoning": "several steps",
        "complicate": "XML",
        "concretise": "more specific",
        "deepen": "in more depth",
    }
    assert all(words[row.values["operation"]] in last(request) for row, request in zip(rows, asked, strict=True))
    assert rows[3].values["evolved_from"] == "Task number 3."


def test_each_elimination() -> None:
    def come_of(after: str, answer: str = "An answer.", equal: bool = False, **more: Any) -> Any:
        def reply(request: Any) -> Any:
            if request.schema is not None:
                assert json.dumps(after)[1:-1] in last(request) and "Say hello" in last(request)
                return {"equal": equal}
            return answer if last(request) == after else after

        op = mm.generate.Evolve(judged_by="judge", answer="reply", operations=["deepen"], **more)
        (made,), asked = run_op(op, [{"instruction": "Say hello."}], reply)
        return made, len(asked)

    assert come_of(" say HELLO ") == (Drop("unchanged", "deepen"), 1)
    assert come_of("As the given prompt says: hello")[0].reason == "leaks_prompt"
    assert come_of("Say hello twice.", equal=True) == (Drop("no_gain", "deepen"), 2)
    assert come_of("Say hello twice.", "Sorry, no.") == (Drop("refused_answer", "Sorry, no."), 3)
    assert come_of("Say hello twice.", "It is.")[0] == Drop("empty_answer", "It is.")
    made, calls = come_of("Say hello twice.", "Hello, hello!")
    assert calls == 3 and made.values == {
        "instruction": "Say hello twice.",
        "operation": "deepen",
        "evolved_from": "Say hello.",
        "reply": "Hello, hello!",
    }


def test_the_input_goes_with_the_task_in_depth_and_not_in_breadth() -> None:
    for operation, belongs in (("constraint", "1;2"), ("breadth", "")):
        op = mm.generate.Evolve(input="given", operations=[operation], answer="reply")
        (row,), asked = run_op(
            op, [{"instruction": "Sum it.", "given": "1;2"}], lambda r: "Add it up twice." if "-----" in last(r) else "Three."
        )
        assert ("Its input:\n-----\n1;2" in last(asked[0])) == bool(belongs)
        assert last(asked[1]) == ("Add it up twice.\n\n1;2" if belongs else "Add it up twice.") and row.values["given"] == belongs
        assert set(row.values) == {"instruction", "given", *op.writes(Scene())}


def test_calls_roles_and_own_prompts() -> None:
    op = mm.generate.Evolve.from_params(
        {"operations": ["deepen"], "prompts": {"deepen": "Deeper: {{ instruction }} {{ tone }}"}, "judge": "judge", "answer": "a"}, "evolve"
    )
    assert op.calls() == 3 and op.roles() == ("writer", "judge") and "tone" in op.reads(Scene()) and "evolved" not in op.reads(Scene())
    (row,), asked = run_op(op, [{"instruction": "Hi.", "tone": "dry"}], lambda r: {"equal": False} if r.schema else "x y")
    assert last(asked[0]) == "Deeper: Hi. dry" and op.from_params(op.params(), "evolve") == op
    for bad in ({"operations": ["harder"]}, {"prompts": {"harder": "x"}}):
        with pytest.raises(RecipeError, match="there is no operation 'harder'"):
            mm.generate.Evolve.from_params(bad, "evolve")
