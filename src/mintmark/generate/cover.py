"""cover: steers. Each round plans rows next to the real rows that the kept rows are farthest from (k-centre gaps in embedding space).

    repeat:
      at_most: 5
      steps:
        - cover: {from: real.text, column: text, per_round: 20, embedder: default}
        - write: {column: text, prompt: "Write one message on the same matter as this one, in other words: {{ anchor }}"}

The gap of a real row is its cosine distance (0..2) to the nearest kept row. Anchors are chosen greedily: the widest gap first, then the next
widest with the anchors chosen so far counted as covered. A real row is planned at most `patience` times; the round is empty, and the loop
ends, when every gap is at most `radius` or given up.
Writes: anchor (the real text), anchor_number (its row in the table), gap (float, before the round).
Memory: one vector per real row, and a batch of kept ones. One row: id='3f0c...', anchor='got a fine??', anchor_number=12, gap=0.83, round=2
Source: k-centre greedy, Sener and Savarese 2018 (1708.00489); coverage steering, survey 2406.15126, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, row_id
from ..stats.selection import unit


@dataclass(frozen=True)
class Cover(Op):
    """from: table.column of real texts. column: the column of the kept rows. per_round: rows planned. radius: a gap that counts as
    covered. patience: times that a real row is planned at most."""

    source: str = field(metadata={"key": "from"})
    column: str
    per_round: int = 20
    radius: float = 0.2
    patience: int = 3
    embedder: str = "default"
    name: ClassVar[str] = "cover"
    scope: ClassVar[Scope] = Scope.SOURCE
    cites: ClassVar[tuple[str, ...]] = ("Sener and Savarese 2018, Active learning for convolutional neural networks: a core-set approach",)

    def __post_init__(self) -> None:
        if self.per_round < 1 or self.patience < 1 or not 0 <= self.radius <= 2:
            raise ValueError("per_round and patience must be at least 1, radius 0 to 2")
        if "." not in self.source:
            raise ValueError(f"from is '{self.source}', expected table.column")

    @property
    def watches(self) -> tuple[str, ...]:
        return ("anchor_number",)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("anchor", "anchor_number", "gap")

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source.partition(".")[0],)

    def embeds(self) -> tuple[str, ...]:
        return (self.embedder,)

    def check(self, scene: Scene) -> None:
        scene.table_column(self.source)
        if self.column in ("anchor", "anchor_number", "gap"):
            raise RecipeError(f"{scene.where}: column is '{self.column}', which this step writes itself; name the column that is kept")

    def looks_back(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, "anchor_number")

    def holds(self, ctx: Context) -> int:
        return self.per_round

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        """Distances of every real row to the kept rows, for this round."""
        import numpy as np

        texts = ["" if t is None else str(t) for t in ctx.column(self.source)]
        made: dict[str, Any] = ctx.once("vectors", dict)
        if not made:
            embedder = ctx.embedder(self.embedder).fit(texts)
            made.update(embedder=embedder, texts=texts, real=unit(await embedder.embed(texts)))
        embedder, real = made["embedder"], made["real"]
        gaps = np.full(len(texts), 2.0)  # nothing kept: as far as can be
        if state is not None and state.round > 1:
            for batch in state.scan((self.column,)):
                kept = [str(t or "") for t in batch.columns[self.column]]
                if kept:
                    gaps = np.minimum(gaps, 1.0 - (real @ unit(await embedder.embed(kept)).T).max(axis=1))
        ctx.cache[(ctx.label, "gaps", state.round if state is not None else 1)] = gaps

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        import numpy as np

        made: dict[str, Any] = ctx.once("vectors", dict)
        real, texts = made["real"], made["texts"]
        gaps = ctx.cache[(ctx.label, "gaps", state.round if state is not None else 1)].copy()
        planned: Any = state.planned["anchor_number"] if state is not None else {}
        before = gaps.copy()
        allowed = np.array([planned.get(i, 0) < self.patience for i in range(len(texts))])
        centre = real.mean(axis=0)
        tie = 1e-9 * (real @ centre)  # of equal gaps the most typical row first
        for _ in range(min(stop - start, self.per_round, len(texts))):
            scores = np.where(allowed, gaps + tie, -1.0)
            i = int(scores.argmax())
            if scores[i] <= self.radius:
                return
            yield Row(row_id(ctx.label, i, planned.get(i, 0)), {"anchor": texts[i], "anchor_number": i, "gap": round(float(before[i]), 6)})
            allowed[i] = False
            gaps = np.minimum(gaps, 1.0 - real @ real[i])
