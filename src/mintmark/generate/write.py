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
from ..core.errors import ContentError, RecipeError, TemplateError, nearest
from ..core.op import Op, Scene, Scope
from ..core.ports import Message, Reply, Request
from ..core.rows import RESERVED, Result, Row
from ..text.structured import BrokenSchema, NotJSON, Schema
from ..text.templates import Template


@dataclass(frozen=True)
class Write(Op):
    """prompt, or messages [{role, content}]: templates. system: a template, for role and format. column, or schema (an object's properties
    become columns). model: the role. n: rows per call. attempts: asks in all. logprobs: writes `<column>_logprob`, the mean log-probability
    of the answer's tokens. reasoning: a column for <think> text. params: further body fields of the request, such as {top_p: 0.9}.
    """

    prompt: str | None = None
    messages: list[Any] | None = None
    system: str | None = None
    column: str | None = None
    schema: Mapping[str, Any] | None = None
    model: str = "writer"
    temperature: float | None = None
    max_tokens: int | None = None
    n: int = 1
    attempts: int = 3
    stop: list[str] | None = None
    logprobs: bool = False
    reasoning: str | None = None
    more: Mapping[str, Any] | None = field(default=None, metadata={"key": "params"})
    name: ClassVar[str] = "write"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("give either prompt or messages")
        if (self.column is None) == (self.schema is None):
            raise ValueError("give either column (one text) or schema (several columns)")
        if self.n < 1 or self.attempts < 1:
            raise ValueError("n and attempts must be at least 1")
        for number, m in enumerate(self.messages or (), 1):
            if not isinstance(m, Mapping) or set(m) != {"role", "content"} or m["role"] not in ("system", "user", "assistant"):
                raise ValueError(f"message {number} must be {{role: system | user | assistant, content: ...}}")
            if not isinstance(m["content"], str):
                raise ValueError(f"message {number}: content must be text")

    def _parts(self) -> list[tuple[str, str]]:
        parts = [("system", self.system)] if self.system else []
        if self.prompt is not None:
            return [*parts, ("user", self.prompt)]
        return [*parts, *((m["role"], m["content"]) for m in self.messages or ())]

    def _columns(self) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple((self.schema or {}).get("properties") or ())

    def reads(self, scene: Scene) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for role, text in self._parts():
            try:
                names.update(dict.fromkeys(Template(text).variables))
            except ValueError as error:
                raise TemplateError(f"{scene.where}: {_which(role)}: {error}") from error
        return tuple(names)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        out = list(self._columns())
        if self.logprobs:
            out.append(f"{out[0]}_logprob")
        if self.reasoning:
            out.append(self.reasoning)
        return tuple(out)

    def roles(self) -> tuple[str, ...]:
        return (self.model,)

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
        for name in self.reads(scene):
            if name not in scene.columns:
                listed = ", ".join(scene.columns)
                raise TemplateError(
                    f"{scene.where}: the prompt names '{name}'; earlier steps write {listed}.{nearest(name, scene.columns)}"
                )

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """One call a row (divided by n); a token is about 4 characters; examples and fields add what their columns typically hold."""
        characters = sum(len(text) for _, text in self._parts()) + 40 * len(self.reads(scene)) + (300 if self.schema else 0)
        out = min(self.max_tokens or 10**9, 60 * len(self._columns()) * self.n)
        return {self.model: (1 / self.n, characters / 4 / self.n, out / self.n)}

    def _compile(self) -> tuple[list[tuple[str, Template]], Schema | None, dict[str, Any] | None]:
        templates = [(role, Template(text)) for role, text in self._parts()]
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
            return templates, Schema(read), asked
        return templates, Schema(self.schema) if self.schema is not None else None, dict(self.schema) if self.schema is not None else None

    async def each(self, row: Row, ctx: Context) -> Result:
        templates, schema, asked = ctx.once("compiled", self._compile)
        try:
            messages: tuple[Message, ...] = tuple({"role": role, "content": t.render(row.values)} for role, t in templates)
        except ValueError as error:
            raise ContentError("template", f"the prompt cannot be rendered: {error}") from error
        request = Request(
            messages,
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
            except NotJSON as error:
                raise ContentError("json", str(error)) from error
            except BrokenSchema as error:
                raise ContentError("schema", str(error)) from error

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


def _which(role: str) -> str:
    return "the prompt" if role == "user" else f"the {role} message"
