"""write: asks a model for each row, and writes what it answers into one text column or into the columns of a JSON Schema.

    write: {column: text, prompt: "Write one message by a {{ persona }} about {{ intent }}."}
    write: {schema: {type: object, properties: {question: {type: string}, answer: {type: string}}, required: [question, answer]}, prompt: ...}

Prompt, system and messages are templates over the row's columns. An answer that is cut, empty, withheld, no JSON or against the schema is
asked again with what was wrong, `attempts` times in all; then the row is failed(length | empty | refusal | content_filter | json | schema).
n > 1 asks for several rows in one call: the row is split into as many as came (at most n).
One row: id='3f0c...', intent='late_fee', tone='worried', text='hi, I got a fine for a book I returned on Friday ...'
Source: zero- and few-shot prompting as in the survey 2406.15126, section 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.ports import Reply, Request
from ..core.rows import RESERVED, Result, Row
from ..prompting import Asking, Prompt
from ..prompting.prompt import split_roles
from ..text.structured import BrokenSchema, NotJSON, Schema


@dataclass(frozen=True)
class Write(Asking):
    """prompt: a template, or {file: NAME}; or messages: a list of {role, content}, templates too. system: a template. brief: {role,
    audience, format, constraints: [...]}, written out as the system message. column: where the text goes; or schema: a JSON Schema
    object, whose properties become columns. n: rows per call. logprobs: writes `<column>_logprob`, the mean log-probability of the
    answer's tokens. stop: texts at which the answer ends. reasoning: a column for <think> text. params: further body fields, such as
    {top_p: 0.9}."""

    prompt: str | None = None
    messages: list[Any] | None = None
    system: str | None = None
    brief: Mapping[str, Any] | None = None
    column: str | None = None
    schema: Mapping[str, Any] | None = None
    n: int = 1
    stop: list[str] | None = None
    logprobs: bool = False
    reasoning: str | None = None
    more: Mapping[str, Any] | None = field(default=None, metadata={"key": "params"})
    name: ClassVar[str] = "write"

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give either prompt or messages")
        if self.prompt is not None and not self.prompt.strip():
            raise ValueError("the prompt is empty")
        if (self.column is None) == (self.schema is None):
            raise ValueError("give either column (one text) or schema (several columns)")
        if self.system and self.brief:
            raise ValueError("give either system or brief")
        for key, value in (self.brief or {}).items():
            if key not in _BRIEF:
                raise ValueError(f"brief has no '{key}', only {', '.join(_BRIEF)}")
            if not isinstance(value, list if key == "constraints" else str):
                raise ValueError(f"brief: {key} must be {'a list of texts' if key == 'constraints' else 'text'}")
        for number, m in enumerate(self.messages or (), 1):
            if not isinstance(m, Mapping) or set(m) != {"role", "content"} or m["role"] not in ("system", "user", "assistant"):
                raise ValueError(f"message {number} must be {{role: system | user | assistant, content: ...}}")
            if not isinstance(m["content"], str):
                raise ValueError(f"message {number}: content must be text")

    def compiled(self) -> list[Prompt]:
        system = self.system or (_brief(self.brief) if self.brief else None)
        parts = [("system", system)] if system else []
        if self.prompt is None:
            return [Prompt.of([*parts, *((m["role"], m["content"]) for m in self.messages or ())])]
        given = Prompt(self.prompt)
        return [Prompt.of([*parts, *split_roles(self.prompt)[1]], given.cites)]

    def _columns(self) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple((self.schema or {}).get("properties") or ())

    def writes(self, scene: Scene) -> tuple[str, ...]:
        out = list(self._columns())
        if self.logprobs:
            out.append(f"{out[0]}_logprob")
        if self.reasoning:
            out.append(self.reasoning)
        return tuple(out)

    def check(self, scene: Scene) -> None:
        if self.schema is not None:
            try:
                Schema(self.schema)
            except ValueError as error:
                raise RecipeError(f"{scene.where}: schema {error}") from error
            if self.schema.get("type", "object") != "object" or not self.schema.get("properties"):
                raise RecipeError(f"{scene.where}: schema must be an object with properties; each becomes a column")
        for column in self._columns():
            if column in RESERVED:
                raise RecipeError(f"{scene.where} writes '{column}', which is reserved; choose another column name")

    def fan_out(self, scene: Scene) -> float:
        return float(self.n)

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """One call a row, however many rows come of it; an answer holds about 60 tokens a column and row."""
        calls, tokens_in, _ = super().estimate(scene)[self.model]
        return {self.model: (calls, tokens_in, float(min(self.max_tokens or 10**9, 60 * len(self._columns()) * self.n)))}

    def _compile(self) -> tuple[Prompt, Schema | None, dict[str, Any] | None]:
        (prompt,) = self.compiled()
        if self.n > 1:
            item = self.schema or {"type": "object", "properties": {self.column: {"type": "string"}}, "required": [self.column]}
            rows = {"type": "array", "items": item, "minItems": 1, "maxItems": max(self.n, 1)}
            asked: dict[str, Any] | None = {
                "type": "object",
                "properties": {"rows": rows},
                "required": ["rows"],
                "additionalProperties": False,
            }
            read = {**(asked or {}), "properties": {"rows": {k: v for k, v in rows.items() if k != "maxItems"}}}
            return prompt, Schema(read), asked
        return prompt, Schema(self.schema) if self.schema is not None else None, dict(self.schema) if self.schema is not None else None

    async def each(self, row: Row, ctx: Context) -> Result:
        prompt, schema, asked = ctx.once("compiled", self._compile)
        request = Request(
            prompt.messages(row.values),
            asked,
            self.temperature,
            self.max_tokens,
            None,
            tuple(self.stop or ()),
            0 if self.logprobs else None,
            self.more or {},
        )

        def read(reply: Reply) -> Any:
            if schema is None:
                return reply.text.strip()
            try:
                return schema.read(reply.text)
            except (NotJSON, BrokenSchema) as error:
                raise ContentError(error.reason, str(error)) from error

        value, reply = await ctx.ask(self.model, request, read, self.attempts)
        more = self._more(reply)
        if self.n > 1:
            return [row.child(ctx.label, k, {**self._picked(item), **more}) for k, item in enumerate(value["rows"][: self.n])]
        if schema is None:
            return row.with_values({self.column: value, **more})  # type: ignore[dict-item]
        return row.with_values({**self._picked(value), **more})

    def _picked(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {c: value.get(c) for c in self._columns()}

    def _more(self, reply: Reply) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if self.logprobs:
            found = [t["logprob"] for t in reply.logprobs or () if math.isfinite(t["logprob"])]
            out[f"{self._columns()[0]}_logprob"] = sum(found) / len(found) if found else None
        if self.reasoning:
            out[self.reasoning] = reply.reasoning
        return out


_BRIEF = {"role": "You are {}.", "audience": "You write for {}.", "format": "Format: {}", "constraints": "Keep to every one of these:\n{}"}


def _brief(brief: Mapping[str, Any]) -> str:
    """The task specification as one system message, in a fixed order; its texts may name columns."""
    lines = {k: "\n".join(f"{i}. {c}" for i, c in enumerate(v, 1)) if isinstance(v, list) else v.rstrip(".") for k, v in brief.items()}
    return "\n".join(words.format(lines[key]) for key, words in _BRIEF.items() if key in lines)
