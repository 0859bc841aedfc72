"""examples: picks few-shot examples for each row out of a table, and writes them as the list column `examples` for the prompt to use.

    examples: {from: real, match: intent, k: 3, pick: random}

pick: random (the default: informed picks beat it seldom and marginally, 2410.10756), similar (TF-IDF cosine to the row's `by` column, most
similar last, next to the question), diverse (farthest-first in TF-IDF space within the matching rows, a fresh start per row).
Never the row itself: a table row equal to this row's columns is not picked. Fewer than k are written where fewer match; none drops nothing.
One value: [{'text': 'got a fine??', 'intent': 'late_fee'}, ...]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Scene, Scope
from ..core.rows import Result, Row


@dataclass(frozen=True)
class Examples(Op):
    """from: table. match: a column that must be equal. by: the row's text column that `similar` compares. columns: of the table, default all."""

    source: str = field(metadata={"key": "from"})
    match: str | None = None
    k: int = 3
    pick: Literal["random", "similar", "diverse"] = "random"
    by: str | None = None
    columns: tuple[str, ...] | None = None
    into: str = "examples"
    name: ClassVar[str] = "examples"
    scope: ClassVar[Scope] = Scope.EACH

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError("k must be at least 1")
        if self.pick == "similar" and not self.by:
            raise ValueError("pick: similar needs by:, the column of the row to compare")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(c for c in (self.match, self.by) if c is not None)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def must_be_read(self) -> tuple[str, ...]:
        return (self.into,)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        for column in (*(self.columns or ()), *((self.match,) if self.match else ())):
            if column not in table.columns:
                listed = ", ".join(table.columns)
                raise RecipeError(
                    f"{scene.where}: table '{self.source}' has no column '{column}', only {listed}.{nearest(column, table.columns)}"
                )

    def each(self, row: Row, ctx: Context) -> Result:
        pool: _Pool = ctx.once("pool", lambda: _Pool(self, ctx))
        return row.with_values({self.into: pool.pick(row, ctx)})


class _Pool:
    """The table's rows by matching value, and their TF-IDF vectors where they are needed."""

    def __init__(self, op: Examples, ctx: Context) -> None:
        self.op = op
        table = ctx.table(op.source)
        names = list(op.columns or table.columns)
        self.rows = [{n: r[n] for n in {*names, *((op.match,) if op.match else ())}} for r in table.rows()]
        self.shown = names
        self.groups: dict[Any, list[int]] = {}
        for i, r in enumerate(self.rows):
            self.groups.setdefault(repr(r[op.match]) if op.match else "", []).append(i)
        self.vectors: Any = None
        self.vectoriser: Any = None
        if op.pick != "random":
            from sklearn.feature_extraction.text import TfidfVectorizer

            texts = [" ".join(str(v) for v in r.values() if isinstance(v, str)) for r in self.rows]
            self.vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
            self.vectors = self.vectoriser.fit_transform(texts)

    def pick(self, row: Row, ctx: Context) -> list[dict[str, Any]]:
        key = repr(row.values.get(self.op.match)) if self.op.match else ""
        members = [i for i in self.groups.get(key, ()) if not self._same(self.rows[i], row.values)]
        rng = ctx.rng()
        if self.op.pick == "random" or len(members) <= 1:
            chosen = rng.sample(members, min(self.op.k, len(members)))
        elif self.op.pick == "similar":
            query = self.vectoriser.transform([str(row.values.get(self.op.by or "") or "")])
            scores = (self.vectors[members] @ query.T).toarray().ravel()
            best = sorted(range(len(members)), key=lambda j: (-scores[j], members[j]))[: self.op.k]
            chosen = [members[j] for j in reversed(best)]  # the most similar stands last, next to the question
        else:
            chosen = self._far(members, rng)
        return [{n: self.rows[i][n] for n in self.shown} for i in chosen]

    def _far(self, members: list[int], rng: Any) -> list[int]:
        """Farthest-first: each next one is the row least similar to those chosen."""
        pool = members if len(members) <= 2_000 else rng.sample(members, 2_000)
        chosen = [rng.choice(pool)]
        nearest_ = (self.vectors[pool] @ self.vectors[chosen[0]].T).toarray().ravel()
        while len(chosen) < min(self.op.k, len(pool)):
            order = min(range(len(pool)), key=lambda j: (nearest_[j] if pool[j] not in chosen else float("inf"), j))
            chosen.append(pool[order])
            import numpy as np

            nearest_ = np.maximum(nearest_, (self.vectors[pool] @ self.vectors[pool[order]].T).toarray().ravel())
        return chosen

    def _same(self, candidate: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        own = [n for n in candidate if n != self.op.match and n in values]
        return bool(own) and all(candidate[n] == values[n] for n in own)
