"""near: drops rows whose meaning, as far as vectors tell it, is that of an earlier row: cosine at or above `most`.

    near: {column: text, most: 0.9}                                    TF-IDF reduced by SVD: overlap of words, weighted; not meaning
    near: {column: question, most: 0.92, embedder: default}            with embedders: {default: openai:MODEL} it is nearer to meaning

Final: judges the whole table once, in plan order; of near rows the first stays. `dedup` finds copies and near copies at a hundredth of the cost:
put it first. Exact, by blocks of a flat matrix: n^2 / 2 products of vectors, 4 bytes a dimension and row (128 dimensions: 512 bytes).
Drops: near_meaning (detail: the twin's id and the cosine).
Source: cosine thresholds over embeddings as in Persona Hub (2406.20094); the flat search is exact, so no index library is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Scan, Scene, Scope, Settled
from ..core.rows import Drop, Verdict
from ..stats.selection import unit

BLOCK = 1_024


@dataclass(frozen=True)
class Near(Op):
    """column: the text. most: cosine (0..1) at or above which two rows are one. embedder: role."""

    column: str
    most: float = 0.9
    embedder: str = "default"
    name: ClassVar[str] = "near"
    scope: ClassVar[Scope] = Scope.TABLE
    final: ClassVar[bool] = True
    bytes_per_row: ClassVar[int] = 700
    cites: ClassVar[tuple[str, ...]] = ("Ge et al. 2024, Persona Hub (2406.20094)",)
    drops: ClassVar[Mapping[str, str]] = {"near_meaning": "cosine with an earlier row at or above `most`"}

    def __post_init__(self) -> None:
        if not 0 < self.most <= 1:
            raise ValueError("most must be more than 0 and at most 1")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def embeds(self) -> tuple[str, ...]:
        return (self.embedder,)

    async def settle(self, scan: Scan, ctx: Context) -> Settled:
        import numpy as np

        keys: list[tuple[int, int]] = []
        ids: list[str] = []
        texts: list[str] = []
        for batch in scan((self.column,)):
            keys += batch.keys
            ids += batch.ids
            texts += ["" if t is None else str(t) for t in batch.columns[self.column]]
        if not texts:
            return []
        embedder = ctx.embedder(self.embedder).fit(texts)
        vectors = np.concatenate([unit(await embedder.embed(texts[at : at + BLOCK])) for at in range(0, len(texts), BLOCK)])
        kept = np.empty_like(vectors)
        numbers: list[int] = []
        out: list[tuple[tuple[int, int], Verdict]] = []
        for low in range(0, len(texts), BLOCK):
            block = vectors[low : low + BLOCK]
            before = len(numbers)
            twins, scores = _best(block, kept[:before])
            inside: Any = (block @ block.T).round(6)
            for i in range(len(block)):
                score, twin = (scores[i], twins[i]) if before else (-1.0, -1)
                for j in range(before, len(numbers)):  # kept earlier in this block
                    if inside[i, numbers[j] - low] > score:
                        score, twin = inside[i, numbers[j] - low], j
                if score >= self.most - 1e-6 and texts[low + i].strip():
                    out.append((keys[low + i], Verdict(Drop("near_meaning", f"like {ids[numbers[twin]]}, cosine {score:.3f}"))))
                else:
                    kept[len(numbers)] = block[i]
                    numbers.append(low + i)
        return out


def _best(block: Any, kept: Any) -> tuple[Any, Any]:
    """(number of the most similar kept row, its cosine) for each row of the block, in slices so that memory stays bounded."""
    import numpy as np

    n = len(block)
    twins, scores = np.full(n, -1), np.full(n, -1.0)
    for low in range(0, len(kept), 65_536):
        found = (block @ kept[low : low + 65_536].T).round(6)  # rounded: the last bit differs between machines
        at = found.argmax(axis=1)
        value = found[np.arange(n), at]
        better = value > scores
        twins[better], scores[better] = at[better] + low, value[better]
    return twins, scores
