"""giveaway: drops problems that hold the code of their own solution.

    giveaway: {problem: problem, solution: solution}

Compared line by line, less white space at both ends and empty lines. A problem gives its solution away where one of its fenced blocks is one of the solution's, or
where a block of the solution of two lines or more stands anywhere in it. A solution without fences is one block. Starter code, such as a signature, does no harm.
Drops: given_away (detail: the block's first line). Source: OSS-Instruct's cleaning (Magicoder, 2312.02120), widened to blocks that are not fenced.
Not covered: the same code with other names (`contamination` with kind: code sees that between tables), and solutions told in words.
One drop: given_away, 'def clamp(value, low, high):'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.code import blocks, parsed


@dataclass(frozen=True)
class Giveaway(Op):
    """problem: the column with the problem. solution: the column with its solution."""

    problem: str
    solution: str
    name: ClassVar[str] = "giveaway"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Wei et al. 2023, Magicoder: empowering code generation with OSS-Instruct (2312.02120)",)
    drops: ClassVar[Mapping[str, str]] = {"given_away": "a code block of the solution stands in the problem"}

    def __post_init__(self) -> None:
        if self.problem == self.solution:
            raise ValueError(f"problem and solution are one column, '{self.problem}'")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.problem, self.solution)

    def each(self, row: Row, ctx: Context) -> Result:
        problem, solution = (str(row.values[c] or "") for c in (self.problem, self.solution))
        shown, text = {_lines(b) for b in blocks(problem)}, "\n" + "\n".join(_lines(problem)) + "\n"
        parts = blocks(solution) if "```" in solution and parsed(solution) is None else []  # in a program they stand in a docstring
        for block in map(_lines, parts or [solution]):
            if block in shown or (len(block) > 1 and "\n" + "\n".join(block) + "\n" in text):
                return Drop("given_away", block[0][:200])
        return row


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
