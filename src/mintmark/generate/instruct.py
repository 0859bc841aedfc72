"""instruct: many instruction tasks out of one prompt, with a few seed tasks in it (Alpaca, Code Alpaca).

    grid: {batch: [1]}                                                            each row is one request; `want` cycles
    instruct: {from: seeds, style: alpaca, tasks: 20, k: 3}                       the row is split: one row per task that came
    instruction: {column: instruction, rules: alpaca}                             the published heuristics
    novelty: {column: instruction, most: 0.7, against: seeds.instruction}

The seeds are drawn for each request, from the table alone: never from what was made (that loop is Self-Instruct's). The answer is parsed task by
task; a task that is cut (finish reason length), or lacks a part, is left out. Writes: instruction, input ('' where none), output.
Tables: columns instruction, input, output. Fails: no_tasks.
One row: ..., instruction='List three ways ...', input='', output='...'
Source: Stanford Alpaca (one prompt, 20 tasks, 3 seeds), Code Alpaca; temperature 1, 3072 tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import ContentError, RecipeError, nearest
from ..core.op import Scene
from ..core.ports import Reply, Request
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.prompt import compiled
from ..text.instructions import alpaca_tasks

COLUMNS = ("instruction", "input", "output")


@dataclass(frozen=True)
class Instruct(Asking):
    """from: table of seeds. style: alpaca | code_alpaca. tasks: in the list, the seeds included. k: seeds a prompt. prompt: the template,
    by default the one of the style."""

    source: str = field(metadata={"key": "from"})
    style: Literal["alpaca", "code_alpaca"] = "alpaca"
    tasks: int = 20
    k: int = 3
    prompt: str = ""
    max_tokens: int | None = field(default=3072, kw_only=True)
    temperature: float | None = field(default=1.0, kw_only=True)
    name: ClassVar[str] = "instruct"
    words_out: ClassVar[int] = 1500

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.k < self.tasks:
            raise ValueError("k must be at least 1 and less than tasks")
        if not self.prompt:
            object.__setattr__(self, "prompt", built_in(self.style))

    def gives(self) -> tuple[str, ...]:
        return ("tasks", "seeds")

    def fan_out(self, scene: Scene) -> float:
        return float(self.tasks - self.k)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return COLUMNS

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        for column in ("instruction", "output"):
            if column not in table.columns:
                raise RecipeError(
                    f"{scene.where}: the table '{self.source}' needs the columns instruction, output and, where tasks have one, input; it has "
                    f"{', '.join(table.columns)}.{nearest(column, table.columns)}"
                )
        if len(table) < self.k:
            raise RecipeError(f"{scene.where}: the table '{self.source}' has {len(table)} seeds, {self.k} are drawn for each prompt")

    async def each(self, row: Row, ctx: Context) -> Result:
        seeds: list[dict[str, Any]] = ctx.once("seeds", lambda: [{c: r.get(c) for c in COLUMNS} for r in ctx.table(self.source).rows()])
        shots = ctx.rng("seeds").sample(seeds, self.k)
        messages = compiled(self.prompt).messages({**row.values, "tasks": self.tasks, "seeds": shots})
        stop = (f"\n{self.tasks + 1}.",)  # at the start of a line: a bare "21." would cut "the sum is 21." and leave no trace

        # a list that is cut at the end is usable: all tasks but the last; so `length` is not asked again here
        for attempt in range(self.attempts):
            reply: Reply = await ctx.complete(
                self.model, Request(messages, None, self.temperature, self.max_tokens, stop=stop, attempt=attempt)
            )
            found = alpaca_tasks(reply.text, self.k + 1, reply.finish_reason)
            if found:
                return [
                    row.child(ctx.label, n, {"instruction": t.instruction, "input": t.input, "output": t.output})
                    for n, t in enumerate(found[: self.tasks - self.k])
                ]
        raise ContentError("no_tasks", f"no task could be read from the answer, which begins {reply.text[:80]!r}")
