"""evolve: rewrites an instruction into a harder one or a rarer one, and eliminates what did not work (Evol-Instruct).

    repeat: {at_most: 4, steps: [{parents: {from: seeds}}, {evolve: {column: instruction, judge: judge}}]}

One operation a row, drawn uniformly: in depth `constraint`, `deepen`, `concretise`, `reasoning`, `complicate`; in `breadth`. Inside repeat with
`parents`, what was kept is evolved again and what was eliminated goes back unevolved. With `answer` the evolved instruction is answered, and
answers that are apologies are eliminated too. Writes: the column, operation (str), evolved_from (the text before), answer where asked; in breadth the
input becomes empty: it belonged to the old task.
Drops (elimination): no_gain (judge: same constraints, depth and width), refused_answer ("sorry" and under 80 words), empty_answer (only
punctuation and stop words), leaks_prompt ("given prompt", "rewritten prompt", "#...#", ...), unchanged.
One row: id='3f0c...', instruction='Explain ... in under 100 words', operation='constraint', evolved_from='Explain ...'
Source: WizardLM (2304.12244), section 3; four rounds there. The released code has one round and no elimination.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import normalise

DEPTH = ("constraint", "deepen", "concretise", "reasoning", "complicate")
OPERATIONS = (*DEPTH, "breadth")
SHORT_ANSWER = 80
_LEAKS = re.compile(
    r"(?:given|rewritten|created)[\s_*-]+prompt"
    r"|(?<![^\W_])(?:given|rewritten|created|new|original|evolved)[\s_*-]+(?:prompt|task|instruction)s?(?![^\W_])"
    r"|(?<![\w#])#\s*\w[^#\n]{0,40}#(?![\w#])",
    re.IGNORECASE,
)
_STOP = frozenset(
    (
        "a about all also an and any are as at be been but by can could did do does for from had has have he her his how i if in into is it "
        "its just me more most my no not of on one only or other our she should so some such than that the their them then there these they "
        "this those to too up us was we were what when where which who why will with would you your"
    ).split()
)


def leaks(text: str) -> bool:
    """Whether the text speaks of the prompt it came from."""
    return _LEAKS.search("".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")) is not None


def empty_answer(text: str) -> bool:
    """Only punctuation and stop words."""
    return all(word in _STOP for word in normalise(text).split())


def refused_answer(text: str) -> bool:
    """The response apologises and has fewer than 80 words."""
    return "sorry" in text.lower() and len(text.split()) < SHORT_ANSWER


@dataclass(frozen=True)
class Evolve(Asking):
    """column: the instruction, rewritten in place. input: a column that belongs to it. operations: those to draw from. judge: the role
    that says whether anything was gained (no judge: only equal texts count as no gain). answer: a column for the answer. prompts:
    operation -> template, where it is not the built-in one. gain_prompt: the template for the judge."""

    column: str = "instruction"
    input: str | None = None
    operations: list[str] | None = None
    judged_by: str | None = field(default=None, metadata={"key": "judge"})
    answer: str | None = None
    texts: Mapping[str, Any] | None = field(default=None, metadata={"key": "prompts"})
    gain_prompt: str = field(default_factory=partial(built_in, "evolve_gain"))
    name: ClassVar[str] = "evolve"
    drops: ClassVar[Mapping[str, str]] = {
        "no_gain": "the judge finds the same constraints, depth and width",
        "unchanged": "the text is the old one, after folding",
        "leaks_prompt": "it speaks of a given, rewritten or new prompt, or holds #...#",
        "refused_answer": "the answer says sorry and has under 80 words",
        "empty_answer": "the answer is punctuation and stop words only",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in (*(self.operations or ()), *(self.texts or ())):
            if name not in OPERATIONS:
                raise ValueError(f"there is no operation '{name}', only {', '.join(OPERATIONS)}")
        given = self.texts or {}  # filled up, so that the resolved recipe and the fingerprint hold what is asked
        filled = {n: given.get(n) or built_in(f"evolve_{n}") for n in self.operations or OPERATIONS}
        object.__setattr__(self, "texts", filled)

    def prompts(self) -> tuple[str, ...]:
        return (*(self.texts or {}).values(), *((self.gain_prompt,) if self.judged_by else ()))

    def gives(self) -> tuple[str, ...]:
        return ("instruction", "input", "evolved")

    def calls(self) -> float:
        return 1.0 + bool(self.judged_by) + bool(self.answer)

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.model, *((self.judged_by,) if self.judged_by else ()))))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        more = [c for c in (self.input, "round") if c and (c != "round" or c in scene.columns)]
        return tuple(dict.fromkeys((self.column, *more, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c in (self.column, self.input, "operation", "evolved_from", self.answer) if c)

    async def each(self, row: Row, ctx: Context) -> Result:
        texts: Mapping[str, str] = self.texts or {}
        before = str(row.values[self.column] or "")
        operation = ctx.rng("operation", row.values.get("round", 0)).choice(list(texts))
        given = {**row.values, "instruction": before, "input": row.values[self.input] if self.input else ""}
        after, _ = await self.say(ctx, texts[operation], given)
        if normalise(after) == normalise(before):
            return Drop("unchanged", operation)
        if leaks(after):
            return Drop("leaks_prompt", f"{operation}: {after[:120]}")
        if self.judged_by:
            shape = ctx.once("shape", lambda: shape_of(equal="boolean"))
            told, _ = await self.say(ctx, self.gain_prompt, {**given, "evolved": after}, shape, role=self.judged_by)
            if told["equal"]:
                return Drop("no_gain", operation)
        out = {self.column: after, "operation": operation, "evolved_from": before}
        belongs = "" if operation == "breadth" else given["input"]  # a new task has nothing to do with the old one's input
        if self.input:
            out[self.input] = belongs
        if self.answer:
            asked = f"{after}\n\n{belongs}" if belongs else after
            answer, _ = await self.reply(ctx, ({"role": "user", "content": asked},))
            if refused_answer(answer):
                return Drop("refused_answer", answer[:120])
            if empty_answer(answer):
                return Drop("empty_answer", answer[:120])
            out[self.answer] = answer
        return row.with_values(out)
