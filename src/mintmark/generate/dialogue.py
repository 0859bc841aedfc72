"""dialogue: a conversation of two models, one that plays a person and one that answers, turn by turn.

    dialogue: {turns: [2, 5], user: user, model: writer, topic: topic, persona: persona, goal: goal}

Each row draws its budget of turns (a turn = the person's message and the answer). The person's side sees the conversation as text and says when
it is done; the assistant's side gets it as messages, as in use. A message that cannot be used is asked again alone. `opening: question` takes
the first message from a column instead.
Writes: messages [{role, content}], turns (int), ended ('done' | 'budget'). Drops: too_short (done before the lower bound of turns).
One row: id='3f0c...', topic='composting', messages=[{'role': 'user', ...}, {'role': 'assistant', ...}, ...], turns=3, ended='done'
Source: UltraChat (2305.14233): two LLM roles, the user simulated by prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..prompting.prompt import compiled

_NAMES = ("persona", "goal", "topic")


@dataclass(frozen=True)
class Dialogue(Asking):
    """turns: [least, most]. user: the role that plays the person. topic, persona, goal: columns for its prompt. stop: words that end the
    conversation when the person writes them. opening: a column with the first message. user_prompt, assistant_prompt: what each side is
    told."""

    turns: list[int] = field(default_factory=lambda: [2, 4])
    user: str = "user"
    topic: str | None = None
    persona: str | None = None
    goal: str | None = None
    opening: str | None = None
    stop: list[str] | None = None
    user_prompt: str = field(default_factory=partial(built_in, "dialogue_user"))
    assistant_prompt: str = field(default_factory=partial(built_in, "dialogue_assistant"))
    name: ClassVar[str] = "dialogue"
    drops: ClassVar[Mapping[str, str]] = {"too_short": "the person was done before the least number of turns"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.turns) != 2 or not 1 <= self.turns[0] <= self.turns[1] <= 50:
            raise ValueError("turns must be [least, most] with 1 <= least <= most <= 50")

    def prompts(self) -> tuple[str, ...]:
        return (self.user_prompt, self.assistant_prompt)

    def gives(self) -> tuple[str, ...]:
        return (*_NAMES, "history")

    def calls(self) -> float:
        return float(self.turns[0] + self.turns[1])

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.user, self.model)))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        named = [c for c in (self.topic, self.persona, self.goal, self.opening) if c is not None]
        return tuple(dict.fromkeys((*named, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("messages", "turns", "ended")

    async def each(self, row: Row, ctx: Context) -> Result:
        shape = ctx.once("shape", lambda: shape_of(message="string", done="boolean"))
        given = {**row.values, **{n: row.values[c] if (c := getattr(self, n)) else "" for n in _NAMES}}
        least, most = self.turns
        budget = ctx.rng("turns").randint(least, most)
        history: list[dict[str, str]] = []
        ended = "budget"
        for turn in range(budget):
            if turn == 0 and self.opening:
                message, done = str(row.values[self.opening] or "").strip(), False
            else:
                told, _ = await self.say(ctx, self.user_prompt, {**given, "history": history}, shape, role=self.user, check=said)
                message, done = told["message"].strip(), told["done"]
            stopped = done or any(s.lower() in message.lower() for s in self.stop or ())
            if (stopped and turn > 0) or not message:
                ended = "done"
                break
            history.append({"role": "user", "content": message})
            answer, _ = await self.reply(ctx, (*compiled(self.assistant_prompt).messages({**given, "history": history}), *history))
            history.append({"role": "assistant", "content": answer})
        turns = len(history) // 2
        if turns < least:
            return Drop("too_short", f"{turns} of at least {least} turns")
        return row.with_values({"messages": history, "turns": turns, "ended": ended})


def said(told: Mapping[str, Any]) -> Mapping[str, Any]:
    if not told["message"].strip() and not told["done"]:
        raise ValueError("the message is empty and done is false")
    return told
