"""novelty: drops rows whose text says nearly what an earlier kept row says, or a row of a table: Self-Instruct's rule on new instructions.

    novelty: {column: instruction, most: 0.7, against: seeds.instruction}

A row stays if its ROUGE-L F1 with every earlier kept row, and with every row of the table's column, is at most `most`. Streaming: the first
row in plan order stays, a verdict is final; rows of the table are not judged among themselves.
Source: Self-Instruct (Wang et al., ACL 2023, arXiv 2212.10560, section 2.2; its code keeps 0.7 itself, the text says below 0.7).
Not covered: meaning. Two texts that share no word in order are novel to each other; so is a text without a single token (see `script`).
One drop: not_novel, 'like 77ab0c..., ROUGE-L 0.8333' or 'like seeds.instruction row 12, ROUGE-L 0.75' (rows count from 0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..core.context import Context
from ..core.op import Judge, Op, Scene, Scope
from ..core.rows import Batch, Drop, Verdict
from ..text.rouge import Novelty as Pool


@dataclass(frozen=True)
class Novelty(Op):
    """most: the highest ROUGE-L that stays, in (0, 1]. against: 'table.column'. script: latin (the published tokens, [a-z0-9]) or any."""

    column: str
    most: float = 0.7
    against: str | None = None
    script: Literal["latin", "any"] = "latin"
    name: ClassVar[str] = "novelty"
    scope: ClassVar[Scope] = Scope.TABLE
    bytes_per_row: ClassVar[int] = 450
    cites: ClassVar[tuple[str, ...]] = (
        "Wang et al. 2023, Self-Instruct: Aligning Language Models with Self-Generated Instructions (arXiv 2212.10560)",
        "Lin 2004, ROUGE: A Package for Automatic Evaluation of Summaries",
    )
    drops: ClassVar[Mapping[str, str]] = {"not_novel": "ROUGE-L with an earlier kept row, or with a row of the table, above `most`"}

    def __post_init__(self) -> None:
        if not 0 < self.most <= 1:
            raise ValueError(f"most is {self.most}, expected more than 0 and at most 1")
        if self.against is not None and not all(self.against.partition(".")):
            raise ValueError(f"against is '{self.against}', expected table.column, such as seeds.instruction")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.against.partition(".")[0],) if self.against else ()

    def check(self, scene: Scene) -> None:
        if self.against:
            scene.table_column(self.against)

    def judge(self, ctx: Context) -> Judge:
        return _Kept(self, ctx)


class _Kept:
    def __init__(self, op: Novelty, ctx: Context) -> None:
        self._op = op
        self._pool = Pool(op.most, op.script)
        if op.against:
            for value in ctx.column(op.against):
                self._pool.add(_text(value))
        self._known = len(self._pool)
        self._ids: list[str] = []

    def remember(self, batch: Batch) -> None:
        for row, value in zip(batch.ids, batch.columns[self._op.column], strict=True):
            self._pool.add(_text(value))
            self._ids.append(row)

    def judge(self, batch: Batch) -> Sequence[Verdict | None]:
        verdicts = self._pool.admit([_text(v) for v in batch.columns[self._op.column]])
        self._ids += [row for row, found in zip(batch.ids, verdicts, strict=True) if found is None]
        return [found and Verdict(Drop("not_novel", f"like {self._twin(found[0])}, ROUGE-L {found[1]:.4g}")) for found in verdicts]

    def _twin(self, number: int) -> str:
        return f"{self._op.against} row {number}" if number < self._known else self._ids[number - self._known]


def _text(value: object) -> str:
    return "" if value is None else str(value)
