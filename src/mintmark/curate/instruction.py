"""instruction: drops instructions that a language model cannot follow or that are badly formed, by the published heuristics.

    instruction: {column: instruction, rules: alpaca, input: input, output: output}

rules: self_instruct (length in words, words such as image, graph, file, draw, 'go to'; begins with 'Write a program'; first character is
punctuation or not ASCII), alpaca (the same, and video, audio, music, flowchart, diagram), code (length and first character alone: programs are
wanted). With input and output also: empty_output, input_is_output.
Drops: too_short, too_long (in words), black_word, write_a_program, punctuation, non_ascii (text/instructions.py), empty_output, input_is_output.
Source: Self-Instruct (2212.10560), section 2.2 and its published code; Stanford Alpaca.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.instructions import ALPACA_WORDS, FAULTS, SELF_INSTRUCT_WORDS, instruction_fault


@dataclass(frozen=True)
class Instruction(Op):
    """column: the instruction. input, output: columns that belong to it. words: least and most words. rules: self_instruct | alpaca |
    code."""

    column: str = "instruction"
    rules: Literal["self_instruct", "alpaca", "code"] = "self_instruct"
    input: str | None = None
    output: str | None = None
    words: list[int] | None = None
    name: ClassVar[str] = "instruction"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Wang et al. 2022, Self-Instruct (2212.10560)",)
    drops: ClassVar[Mapping[str, str]] = {
        **FAULTS,
        "empty_output": "the output is empty",
        "input_is_output": "input and output are the same",
    }

    def __post_init__(self) -> None:
        if self.words is not None and (len(self.words) != 2 or not 0 <= self.words[0] <= self.words[1]):
            raise ValueError("words must be [least, most]")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c in (self.column, self.input, self.output) if c is not None)

    def each(self, row: Row, ctx: Context) -> Result:
        text = str(row.values[self.column] or "")
        low, high = self.words or (4, 150)
        black = {"self_instruct": SELF_INSTRUCT_WORDS, "alpaca": ALPACA_WORDS, "code": frozenset[str]()}[self.rules]
        fault = instruction_fault(text, black, (low, high))
        if fault is not None and not (self.rules == "code" and fault == "write_a_program"):
            return Drop(fault, text[:120])
        given, made = (str(row.values[c] or "").strip() if c else "" for c in (self.input, self.output))
        if self.output and not made:
            return Drop("empty_output")
        if self.input and given and given == made:
            return Drop("input_is_output", made[:120])
        return row
