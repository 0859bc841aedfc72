"""The base of ops that ask a model with prompts: what they read, whom they ask, what that costs, and how one answer is got.

A subclass is a frozen dataclass that has prompts as fields (text; their default is a built-in file), and says which names it gives to them
itself. Everything else a prompt names is a column. `say` renders, asks (re-asking on what cannot be used) and reads the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError, TemplateError
from ..core.op import Op, Scene, Scope
from ..core.params import within
from ..core.ports import Message, Reply, Request
from ..text.structured import Schema
from .prompt import Prompt, compiled

HEAT = (0, 5)  # temperatures: servers differ in where they end, none takes more
COUNTS = ("max_tokens", "attempts", "n", "samples", "votes")  # of asks, rows or tokens, where an op has them


@dataclass(frozen=True, kw_only=True)
class Asking(Op):
    """model: the role asked. attempts: asks in all until an answer is usable. temperature, max_tokens: the model's own where not given.
    prompt: the template, or {file: NAME} or {built_in: NAME}. samples: asks a row. votes: asks a row.
    """

    model: str = "writer"
    temperature: float | None = None
    max_tokens: int | None = None
    attempts: int = 3
    scope: ClassVar[Scope] = Scope.EACH
    words_out: ClassVar[int] = 120  # what one answer is taken to hold, for the estimate of cost

    def __post_init__(self) -> None:
        """ValueError for a number that no provider takes. A subclass with checks of its own calls this first."""
        within("temperature", self.temperature, *HEAT)
        for name in COUNTS:
            within(name, getattr(self, name, None), 1)

    def prompts(self) -> tuple[str, ...]:
        """The prompt texts this op asks with."""
        found: str = getattr(self, "prompt")  # noqa: B009  a field of the subclass
        return (found,)

    def gives(self) -> tuple[str, ...]:
        """Names that the op itself hands to its prompts; all others are columns."""
        return ()

    def calls(self) -> float:
        """Calls per row."""
        return float(len(self.prompts()))

    def compiled(self) -> list[Prompt]:
        """The prompts, parsed. ValueError for one that is refused."""
        return [compiled(text) for text in self.prompts()]

    def reads(self, scene: Scene) -> tuple[str, ...]:
        try:
            names = dict.fromkeys(v for p in self.compiled() for v in p.variables)
        except ValueError as error:
            raise TemplateError(f"{scene.where}: the prompt: {error}") from error
        return tuple(n for n in names if n not in self.gives())

    def roles(self) -> tuple[str, ...]:
        return (self.model,)

    def citations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.cites, *(c for p in self.compiled() for c in p.cites))))

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """A token is about 4 characters; a column or given text about 40 words."""
        texts = self.compiled()
        size = sum(p.characters + 160 * len(p.variables) for p in texts) / 4 / max(1, len(texts))
        calls = self.calls()
        return {
            role: (calls / len(self.roles()), calls * size, calls * min(self.max_tokens or 10**9, self.words_out)) for role in self.roles()
        }

    async def say(self, ctx: Context, prompt: str, values: Mapping[str, Any], shape: Schema | None = None, **how: Any) -> tuple[Any, Reply]:
        """(value, reply). Renders the prompt and asks as `reply` does, with its options."""
        return await self.reply(ctx, compiled(prompt).messages(values), shape, **how)

    async def reply(
        self,
        ctx: Context,
        messages: tuple[Message, ...],
        shape: Schema | None = None,
        *,
        role: str | None = None,
        sample: int = 0,
        check: Callable[[Any], Any] | None = None,
        temperature: float | None = None,
        logprobs: int | None = None,
        stop: tuple[str, ...] = (),
    ) -> tuple[Any, Reply]:
        """(value, reply). value: the text, or what `shape` reads, put through `check`, which raises ValueError for what cannot be used.

        sample: tells further asks of the same messages for the same row apart (another provider seed).
        """
        request = Request(
            messages,
            shape.schema if shape is not None else None,
            self.temperature if temperature is None else temperature,
            self.max_tokens,
            None,
            stop,
            logprobs,
            attempt=100 * sample,
        )

        def read(reply: Reply) -> Any:
            try:
                value = shape.read(reply.text) if shape is not None else reply.text.strip()
                return check(value) if check is not None else value
            except ValueError as error:
                raise ContentError(getattr(error, "reason", "unusable"), str(error)) from error

        return await ctx.ask(role or self.model, request, read, self.attempts)


def shape_of(**properties: Any) -> Schema:
    """A closed object with these properties, all required. A type name, or a whole schema, each."""
    inner = {k: {"type": v} if isinstance(v, str) else v for k, v in properties.items()}
    return Schema({"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False})
