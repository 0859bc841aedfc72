"""A person, an assistant and tools: the wanted tool is shown, arguments fit its schema or are asked again alone, messages have OpenAI's form."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from each import each, kept, last, reasons, say
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.generate.tool_dialogue import ToolDialogue
from mintmark.text.structured import Schema


def tool(name: str, **properties: str) -> dict[str, Any]:
    kinds = {k: {"type": v} for k, v in properties.items()}
    schema = {"type": "object", "properties": kinds, "required": [*kinds], "additionalProperties": False}
    return {"name": name, "description": f"Does {name}.", "parameters": schema}


TOOLS = [
    {
        **tool("weather", city="string"),
        "returns": {"type": "object", "properties": {"degrees": {"type": "number"}}, "required": ["degrees"]},
    },
    tool("room", day="string", people="integer"),
    tool("fee", card="string"),
    tool("hours"),
    tool("renew", book="string"),
    tool("map", floor="integer"),
]
GOOD: dict[str, dict[str, Any]] = {
    "weather": {"city": "Bonn"}, "room": {"day": "Monday", "people": 4}, "fee": {"card": "77"}, "hours": {}, "renew": {"book": "Emma"}, "map": {"floor": 2},
}  # fmt: skip
ROWS = [{"topic": f"topic {i}"} for i in range(40)]


class Cast:
    """Plays all roles well, unless `call` or `result` says otherwise. Keeps what it was asked, by row."""

    def __init__(self, call: Any = None, result: Any = None) -> None:
        self.own_call, self.own_result = call, result
        self.requests: list[tuple[str, Request]] = []

    def __call__(self, request: Request) -> str:
        system = request.messages[0]["content"]
        part = next(p for p in ("play a person", "with tools", "play the server", "are an assistant") if p in system)
        self.requests.append((part, request))
        if part == "play a person":
            wanted = re.search(r'using "(\w+)"', last(request))
            return say(message=f"Please do {wanted[1]}" if wanted else "Tell me a joke")
        if part == "with tools":
            history = self.history(request)
            made = sum(m["role"] == "tool" for m in history)
            if self.own_call is not None:
                return str(self.own_call(request, history, made))
            wanted = re.search(r"do (\w+)", history[0]["content"])
            return say(tool=wanted[1], arguments=GOOD[wanted[1]]) if wanted and not made else say(tool=None, arguments={})
        if part == "play the server":
            return str(self.own_result(request)) if self.own_result else say(degrees=7.5)
        return "Here you are."

    @staticmethod
    def history(request: Request) -> list[dict[str, Any]]:
        lines = request.messages[1]["content"].splitlines()
        found: list[dict[str, Any]] = json.loads(lines[lines.index("The conversation so far:") + 1])
        return found

    def count(self, part: str) -> int:
        return sum(p == part for p, _ in self.requests)


def check_messages(values: Mapping[str, Any]) -> None:
    """What OpenAI's chat API accepts: roles in order, every call answered by its id, arguments as JSON text that fits the tool shown."""
    by_name = {t["name"]: Schema(t["parameters"]) for t in values["tools"]}
    messages = values["messages"]
    assert messages[0]["role"] == "user" and messages[-1]["role"] == "assistant" and messages[-1]["content"]
    ids: list[str] = []
    for before, m in zip([None, *messages], messages, strict=False):
        if m["role"] == "assistant" and "tool_calls" in m:
            (call,) = m["tool_calls"]
            assert m["content"] is None and call["type"] == "function" and set(call) == {"id", "type", "function"}
            assert by_name[call["function"]["name"]].valid(json.loads(call["function"]["arguments"]))
            ids.append(call["id"])
        elif m["role"] == "tool":
            assert before is not None and before["tool_calls"][0]["id"] == m["tool_call_id"] and isinstance(json.loads(m["content"]), dict)
        else:
            assert set(m) == {"role", "content"} and isinstance(m["content"], str) and m["content"]
    assert len(set(ids)) == len(ids) == len(values["calls"])


def test_the_wanted_tool_is_shown_and_called() -> None:
    cast = Cast()
    found = kept(each(ToolDialogue(TOOLS, shown=3, scenario="topic"), ROWS, cast))
    assert len(found) == 40
    for values in found:
        names = [t["name"] for t in values["tools"]]
        assert values["wanted"] in names and len(set(names)) == 3
        assert values["calls"] == [{"name": values["wanted"], "arguments": GOOD[values["wanted"]], "result": {"degrees": 7.5}}]
        assert [m["role"] for m in values["messages"]] == ["user", "assistant", "tool", "assistant"]
        assert all(set(t) == {"name", "description", "parameters"} for t in values["tools"])
        check_messages(values)
    places = Counter([t["name"] for t in v["tools"]].index(v["wanted"]) for v in found)
    assert set(places) == {0, 1, 2}, "the wanted tool has no place of its own"
    assert {v["wanted"] for v in found} == set(GOOD)
    assert all(r["topic"] in last(q) for r, (_, q) in zip(ROWS, [x for x in cast.requests if x[0] == "play a person"], strict=True))


@pytest.mark.parametrize(("shown", "want"), [(1, 1), (6, 6), (99, 6)])
def test_shown(shown: int, want: int) -> None:
    assert {len(v["tools"]) for v in kept(each(ToolDialogue(TOOLS, shown=shown), ROWS, Cast()))} == {want}


def test_a_share_without_a_tool() -> None:
    found = kept(each(ToolDialogue(TOOLS, without=0.3), ROWS * 5, Cast()))
    none = [v for v in found if v["wanted"] is None]
    assert len(found) == 200 and 35 < len(none) < 85, "binomial(200, 0.3) within 4 standard deviations"
    for values in none:
        assert values["calls"] == [] and [m["role"] for m in values["messages"]] == ["user", "assistant"] and len(values["tools"]) == 5
        check_messages(values)


@pytest.mark.parametrize("fault", [{"people": "four"}, {"people": 4}, {"day": "Monday", "people": 4, "extra": 1}])
def test_bad_arguments_are_asked_again_alone(fault: dict[str, Any]) -> None:
    """Only the call is asked again, with what was wrong; once right, the dialogue goes on; never right: failed(arguments)."""

    def mended(request: Request, history: Sequence[Any], made: int) -> str:
        return say(tool=None, arguments={}) if made else say(tool="room", arguments=GOOD["room"] if request.attempt == 1 else fault)

    cast = Cast(mended)
    found = kept(each(ToolDialogue([TOOLS[1]]), ROWS[:1], cast))[0]
    assert found["calls"][0]["arguments"] == GOOD["room"]
    assert [p for p, _ in cast.requests] == ["play a person", "with tools", "with tools", "play the server", "are an assistant"]
    assert "the arguments of room do not fit" in last(cast.requests[2][1])
    check_messages(found)
    cast = Cast(lambda *_: say(tool="room", arguments=fault))
    assert reasons(each(ToolDialogue([TOOLS[1]], attempts=4), ROWS[:1], cast)) == ["failed(arguments)"]
    assert [p for p, _ in cast.requests] == ["play a person"] + ["with tools"] * 4


def test_an_unknown_tool_and_one_that_is_not_shown() -> None:
    assert reasons(each(ToolDialogue(TOOLS), ROWS[:3], Cast(lambda *_: say(tool="fly", arguments={})))) == ["failed(unknown_tool)"] * 3

    def hidden(request: Request, history: Sequence[Any], made: int) -> str:
        shown = {json.loads(line)["name"] for line in request.messages[1]["content"].splitlines() if line.startswith('{"')}
        other = next(n for n in GOOD if n not in shown)
        return say(tool=other, arguments=GOOD[other])

    assert reasons(each(ToolDialogue(TOOLS, shown=2), ROWS[:3], Cast(hidden))) == ["failed(unknown_tool)"] * 3


def test_the_wrong_tool_is_dropped() -> None:
    """Another one first, none where one was wanted, one where none serves."""

    def other(request: Request, history: Sequence[Any], made: int) -> str:
        name = "fee" if "do hours" in history[0]["content"] else "hours"
        return say(tool=name, arguments=GOOD[name])

    two = [TOOLS[2], TOOLS[3]]
    assert set(reasons(each(ToolDialogue([*two]), [{"topic": "x"}] * 20, Cast(other)))) == {"wrong_tool"}
    none = each(ToolDialogue(TOOLS), ROWS, Cast(lambda *_: say(tool=None, arguments={})))
    assert set(reasons(none)) == {"wrong_tool"} and "called None" in none[0].detail
    some = each(ToolDialogue(two, without=1.0), ROWS, Cast(lambda *_: say(tool="hours", arguments={})))
    assert set(reasons(some)) == {"wrong_tool"} and some[0].detail == "wanted None, called hours"


def test_several_calls() -> None:
    """Two calls and then none; the same call again ends it; `calls` bounds it."""

    def steps(request: Request, history: Sequence[Any], made: int) -> str:
        plan = ["weather", "hours"]
        return say(tool=plan[made], arguments=GOOD[plan[made]]) if made < 2 else say(tool=None, arguments={})

    rows = [{"topic": "x"}] * 60
    op = ToolDialogue([TOOLS[0], TOOLS[3]], most_calls=4)
    found = kept(each(op, rows, Cast(steps)))
    assert found and {v["wanted"] for v in found} == {"weather"}, "where hours was wanted, weather first is wrong"
    assert [c["name"] for c in found[0]["calls"]] == ["weather", "hours"]
    assert [m["role"] for m in found[0]["messages"]] == ["user", "assistant", "tool", "assistant", "tool", "assistant"]
    check_messages(found[0])
    same = kept(each(ToolDialogue([TOOLS[3]], most_calls=4), ROWS[:1], Cast(lambda *_: say(tool="hours", arguments={}))))[0]
    assert len(same["calls"]) == 1
    ever = Cast(lambda r, h, made: say(tool="map", arguments={"floor": made}))
    assert [c["arguments"]["floor"] for c in kept(each(ToolDialogue([TOOLS[5]], most_calls=3), ROWS[:1], ever))[0]["calls"]] == [0, 1, 2]
    assert op.calls() == 11.0


def test_results_fit_what_the_tool_returns() -> None:
    cast = Cast(result=lambda r: say(degrees="warm") if r.attempt == 0 else say(degrees=3))
    found = kept(each(ToolDialogue([TOOLS[0]]), ROWS[:1], cast))[0]
    assert found["calls"][0]["result"] == {"degrees": 3} and cast.count("play the server") == 2
    assert reasons(each(ToolDialogue([TOOLS[0]]), ROWS[:1], Cast(result=lambda r: "[1]"))) == ["failed(schema)"]


def test_tools_as_json_text_and_in_openais_form() -> None:
    wrapped = [{"type": "function", "function": t} for t in TOOLS]
    plain = ToolDialogue.from_params({"tools": TOOLS, "calls": 2}, "tool_dialogue")
    for given in (json.dumps(TOOLS), wrapped, json.dumps(wrapped)):
        assert ToolDialogue.from_params({"tools": given, "calls": 2}, "tool_dialogue") == plain
    assert plain.most_calls == 2 and ToolDialogue.from_params(plain.params(), "x") == plain
    assert any("2307.16789" in c for c in plain.citations())


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ("[{", "no JSON"),
        ([], "a list of"),
        ({"name": "x"}, "a list of"),
        ([{"name": "x"}], "number 1 needs name"),
        ([TOOLS[0], TOOLS[0]], "same name"),
        ([5], "number 1 needs name"),
    ],
)
def test_refused(tools: Any, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        ToolDialogue.from_params({"tools": tools}, "tool_dialogue")


def test_a_broken_schema_is_found_before_any_call() -> None:
    bad = {"name": "x", "description": "d", "parameters": {"type": "objetc"}}
    with pytest.raises(RecipeError, match="tool 'x': parameters is no JSON Schema"):
        ToolDialogue([bad]).check(Scene())
