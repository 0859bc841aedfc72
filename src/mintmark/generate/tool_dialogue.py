"""tool_dialogue: a person asks, an assistant calls tools, the tools answer, the assistant replies: training data for tool use.

    tool_dialogue: {tools: {file: tools.json}, shown: 4, calls: 2, without: 0.1, scenario: topic}

tools: a list of {name, description, parameters: JSON Schema, returns?: JSON Schema}. Each row draws one wanted tool and shows it among `shown`
tools in a drawn order; a share `without` of rows gets a request that none of them serves, and the right answer is to call none. Each call's
arguments are validated against the tool's own schema (and its result against `returns`); what does not fit is asked again alone, then the row is
failed(arguments | unknown_tool | schema). Writes: messages (OpenAI's form, tool_calls and tool results included), tools (those shown), calls
(a list of {name, arguments, result}), wanted (the tool's name, or null). Drops: wrong_tool (called another tool first, or one where none serves,
or none where one was wanted).
One row: ..., wanted='book_room', calls=[{'name': 'book_room', 'arguments': {...}, 'result': {...}}], messages=[...]
Source: ToolLLM (2307.16789) for simulated calls over real schemas; the share without a tool as in 'When2Call'-style refusals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.structured import Schema


class UnknownTool(ValueError):
    reason = "unknown_tool"


class BadArguments(ValueError):
    reason = "arguments"


@dataclass(frozen=True)
class ToolDialogue(Asking):
    """tools: the schemas, as a list or as JSON text. shown: tools a row sees. calls: most calls a row. user, simulator: roles for the
    person and for the tools. scenario: a column. without: share of rows that no shown tool serves. request_prompt, call_prompt,
    result_prompt, answer_prompt: the templates, in the order they are asked."""

    tools: Any
    shown: int = 5
    most_calls: int = field(default=1, metadata={"key": "calls"})
    without: float = 0.0
    scenario: str | None = None
    user: str = "user"
    simulator: str = "writer"
    request_prompt: str = field(default_factory=partial(built_in, "tool_request"))
    call_prompt: str = field(default_factory=partial(built_in, "tool_call"))
    result_prompt: str = field(default_factory=partial(built_in, "tool_result"))
    answer_prompt: str = field(default_factory=partial(built_in, "tool_answer"))
    name: ClassVar[str] = "tool_dialogue"
    drops: ClassVar[Mapping[str, str]] = {"wrong_tool": "the first call is not to the tool that the request was written for"}

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            tools = json.loads(self.tools) if isinstance(self.tools, str) else self.tools
        except ValueError as error:
            raise ValueError(f"tools: is no JSON ({error})") from error
        if not isinstance(tools, list) or not tools:
            raise ValueError("tools must be a list of {name, description, parameters}")
        tools = [t["function"] if isinstance(t, Mapping) and isinstance(t.get("function"), Mapping) else t for t in tools]
        for number, tool in enumerate(tools, 1):
            if not isinstance(tool, Mapping) or not {"name", "description", "parameters"} <= set(tool):
                raise ValueError(f"tools: number {number} needs name, description and parameters")
        if len({t["name"] for t in tools}) != len(tools):
            raise ValueError("tools: two have the same name")
        if self.shown < 1 or self.most_calls < 1 or not 0 <= self.without <= 1:
            raise ValueError("shown and calls must be at least 1, without a share from 0 to 1")
        object.__setattr__(self, "tools", [dict(t) for t in tools])

    def prompts(self) -> tuple[str, ...]:
        return (self.request_prompt, self.call_prompt, self.result_prompt, self.answer_prompt)

    def gives(self) -> tuple[str, ...]:
        return ("tools", "wanted", "scenario", "history", "tool", "arguments")

    def calls(self) -> float:
        return 3.0 + 2.0 * self.most_calls

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.user, self.model, self.simulator)))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*((self.scenario,) if self.scenario else ()), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("messages", "tools", "calls", "wanted")

    def check(self, scene: Scene) -> None:
        for tool in self.tools:
            for part in ("parameters", "returns"):
                if part in tool:
                    try:
                        Schema(tool[part])
                    except ValueError as error:
                        raise RecipeError(f"{scene.where}: tool '{tool['name']}': {part} {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        schemas = ctx.once(
            "schemas", lambda: {(t["name"], p): Schema(t[p]) for t in self.tools for p in ("parameters", "returns") if p in t}
        )
        rng = ctx.rng("tools")
        wanted: str | None = rng.choice(self.tools)["name"]
        others = [t for t in self.tools if t["name"] != wanted]
        shown = [t for t in self.tools if t["name"] == wanted] + rng.sample(others, min(self.shown - 1, len(others)))
        rng.shuffle(shown)
        if rng.random() < self.without:
            wanted = None
        public = [{k: t[k] for k in ("name", "description", "parameters")} for t in shown]
        given = {**row.values, "tools": public, "wanted": wanted, "scenario": row.values[self.scenario] if self.scenario else ""}
        told, _ = await self.say(ctx, self.request_prompt, given, shape_of(message={"type": "string", "minLength": 1}), role=self.user)
        history: list[dict[str, Any]] = [{"role": "user", "content": told["message"]}]
        made: list[dict[str, Any]] = []
        by_name = {t["name"]: t for t in shown}
        for number in range(self.most_calls):
            call = await self._call(ctx, given, history, by_name, schemas)
            if number == 0 and (call["tool"] if call else None) != wanted:
                return Drop("wrong_tool", f"wanted {wanted}, called {call['tool'] if call else None}")
            if call is None or call in [{"tool": m["name"], "arguments": m["arguments"]} for m in made]:
                break
            tool = by_name[call["tool"]]
            returns = schemas.get((tool["name"], "returns")) or Schema({"type": "object"})
            result, _ = await self.say(
                ctx, self.result_prompt, {**given, "tool": tool, "arguments": call["arguments"]}, returns, role=self.simulator
            )
            made.append({"name": tool["name"], "arguments": call["arguments"], "result": result})
            at = f"call_{number}"
            function = {"name": tool["name"], "arguments": json.dumps(call["arguments"], ensure_ascii=False)}
            history.append({"role": "assistant", "content": None, "tool_calls": [{"id": at, "type": "function", "function": function}]})
            history.append({"role": "tool", "tool_call_id": at, "content": json.dumps(result, ensure_ascii=False)})
        answer, _ = await self.say(ctx, self.answer_prompt, {**given, "history": history})
        history.append({"role": "assistant", "content": answer})
        return row.with_values({"messages": history, "tools": public, "calls": made, "wanted": wanted})

    async def _call(self, ctx: Context, given: Any, history: Any, by_name: Any, schemas: Any) -> dict[str, Any] | None:
        """The next call with arguments that fit the tool's schema; None when the assistant calls nothing."""
        shape = ctx.once("call", lambda: shape_of(tool={"type": ["string", "null"]}, arguments={"type": "object"}))

        def check(told: Mapping[str, Any]) -> dict[str, Any] | None:
            if told["tool"] is None:
                return None
            if told["tool"] not in by_name:
                raise UnknownTool(f"there is no tool '{told['tool']}', only {', '.join(by_name)}")
            schema = schemas[(told["tool"], "parameters")]
            if not schema.valid(told["arguments"]):
                raise BadArguments(f"the arguments of {told['tool']} do not fit its parameters: {schema.fault(told['arguments'])}")
            return {"tool": told["tool"], "arguments": told["arguments"]}

        call, _ = await self.say(ctx, self.call_prompt, {**given, "history": history}, shape, check=check)
        found: dict[str, Any] | None = call
        return found
