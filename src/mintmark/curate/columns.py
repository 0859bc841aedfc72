"""columns: keeps, removes or renames columns, so that the data set holds what it is for.

    columns: {keep: [question, answer, quote, doc_id, start, end, passage_hash]}
    columns: {drop: [text, examples]}
    columns: {rename: {question: prompt, answer: completion}}        also with keep or drop, which name the columns as they were

`id` stays in any case; a `weight`, somebody's or one that weighing wrote, stays under keep where it is named. Source: none; a convenience. One row: id='3f0c...', prompt='How long ...?', completion='two weeks'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Result, Row


@dataclass(frozen=True)
class Columns(Op):
    """keep or drop: names. rename: old name -> new name."""

    keep: list[str] | None = None
    drop: list[str] | None = None
    rename: Mapping[str, Any] | None = None
    name: ClassVar[str] = "columns"
    scope: ClassVar[Scope] = Scope.EACH

    def __post_init__(self) -> None:
        if self.keep is not None and self.drop is not None:
            raise ValueError("give either keep or drop")
        if self.keep is None and self.drop is None and not self.rename:
            raise ValueError("give keep, drop or rename")
        if not all(isinstance(v, str) and v for v in (self.rename or {}).values()):
            raise ValueError("rename must give each column a new name")

    def _gone(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Columns that are dropped, not those renamed."""
        wanted = {*(self.keep or ()), *(self.rename or ()), "id"}
        return tuple(c for c in columns if (c not in wanted if self.keep is not None else c in (self.drop or ())))

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(self.keep or self.drop or ()), *(self.rename or ()))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple((self.rename or {}).values())

    def removes(self, scene: Scene) -> tuple[str, ...]:
        new = set(self.writes(scene))
        return tuple(c for c in (*self._gone(scene.columns), *(self.rename or ())) if c not in new)

    def check(self, scene: Scene) -> None:
        new = list(self.writes(scene))
        stay = set(scene.columns) - set(self.removes(scene)) - set(self.rename or ())
        for name in new:
            if new.count(name) > 1 or name in stay:
                raise RecipeError(f"{scene.where}: rename gives the name '{name}' to a second column; choose another")

    def each(self, row: Row, ctx: Context) -> Result:
        names = self.rename or {}
        gone = {*self._gone(tuple(row.values)), *names}
        return Row(row.id, {**row.without(gone).values, **{new: row.values[old] for old, new in names.items()}}, row.parents)
