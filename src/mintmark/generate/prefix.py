"""prefix: lets an aligned model write the user's message itself: it is given the start of a conversation and nothing more (Magpie).

    prefix: {template: llama3, column: instruction, temperature: 1.0}
    prefix: {template: chatml, system: "You are a maths tutor.", column: instruction}

The request goes to the model as raw text, without a chat template around it: servers with /completions (vLLM, SGLang, llama.cpp, Ollama, TGI)
and llamacpp: in process allow that; hosted chat models do not, and their rows are failed(bad_request). The system text, where given, is part of
the prefix and steers the topic; one that holds the marks of a turn fails its row (template). Each row is one sample; a later `write` with prompt "{{ instruction }}" gives the answer.
Writes: the column. One row: id='3f0c...', instruction='How do I keep basil alive in winter?'
Source: Magpie (2406.08464), section 2; the templates are the models' own published ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, Prompt

#: name -> (start with a system text, start of the user's turn, what ends a turn); gemma and mistral have no system turn: it opens the user's
TEMPLATES: Mapping[str, tuple[str, str, str]] = {
    "chatml": ("<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n", "<|im_start|>user\n", "<|im_end|>"),
    "llama3": (
        "<|start_header_id|>system<|end_header_id|>\n\n{}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    "gemma": ("<start_of_turn>user\n{}\n\n", "<start_of_turn>user\n", "<end_of_turn>"),
    "mistral": ("[INST] {}\n\n", "[INST] ", "[/INST]"),
    "phi3": ("<|system|>\n{}<|end|>\n<|user|>\n", "<|user|>\n", "<|end|>"),
}
_MARK = re.compile(r"<\|\w+\|>|<(?:start|end)_of_turn>|\[/?INST\]")


@dataclass(frozen=True)
class Prefix(Asking):
    """template: chatml | llama3 | gemma | mistral | phi3. system: a template over the row's columns. stop: further ends of the message."""

    template: str
    column: str = "instruction"
    system: str = ""
    stop: list[str] | None = None
    max_tokens: int | None = field(default=512, kw_only=True)
    temperature: float | None = field(default=1.0, kw_only=True)
    name: ClassVar[str] = "prefix"
    cites: ClassVar[tuple[str, ...]] = (
        "Xu et al. 2024, Magpie: alignment data synthesis from scratch by prompting aligned LLMs with nothing (2406.08464)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.template not in TEMPLATES:
            raise ValueError(f"template is '{self.template}', expected one of {', '.join(TEMPLATES)}")

    def prompts(self) -> tuple[str, ...]:
        return (self.system,)

    def compiled(self) -> list[Prompt]:
        return [Prompt.of([("raw", self.system)])]

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    async def each(self, row: Row, ctx: Context) -> Result:
        first, user, end = TEMPLATES[self.template]
        (prompt,) = ctx.once("prompt", self.compiled)
        system = prompt.messages(row.values)[0]["content"]
        marks = {*_MARK.findall(first + user + end)} & {*_MARK.findall(system)}
        if marks:
            raise ContentError("template", f"the system text holds {', '.join(sorted(marks))}, which ends a turn of {self.template}")
        text = first.format(system) if system else user

        def message(found: Any) -> str:
            turn = _MARK.search(found)
            cut = min((i for s in (end, *(self.stop or ())) if (i := found.find(s)) >= 0), default=len(found))
            cut = min(cut, turn.start()) if turn else cut
            told: str = found[:cut].strip()
            if not told:
                raise ValueError("the message is empty")
            return told

        raw = ({"role": "raw", "content": text},)
        told, _ = await self.reply(ctx, raw, check=message, stop=(end, *(self.stop or ())))
        return row.with_values({self.column: told})
