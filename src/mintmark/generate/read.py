"""read: the rows of a named table, one each.

One row: id='9c1f...', intent='late_fee', text='got a 3 euro fine but i brought it back in time??'
Writes the table's columns; an input column `id` becomes `source_id`, since `id` is the row's own. Ends when the table ends.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, content_hash, row_id


def column_name(name: str) -> str:
    return "source_id" if name == "id" else name


@dataclass(frozen=True)
class Read(Op):
    """from: the table's name."""

    source: str = field(metadata={"key": "from"})
    name: ClassVar[str] = "read"
    scope: ClassVar[Scope] = Scope.SOURCE
    digital_source: ClassVar[str] = ""

    @property
    def goes_on(self) -> bool:
        return False

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(column_name(c) for c in scene.table(self.source).columns)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        scene.table(self.source)

    def holds(self, ctx: Context) -> int:
        return len(ctx.table(self.source))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        table = ctx.table(self.source)
        occurrence: array[int] = ctx.once("occurrences", lambda: _occurrences(iter(table.rows())))
        for k, values in enumerate(table.rows(start, min(stop, len(table))), start):
            if "id" in values:
                values = {column_name(n): v for n, v in values.items()}
            yield Row(row_id(ctx.label, content_hash(values), occurrence[k]), values)


def _occurrences(rows: Iterator[dict[str, Any]]) -> array[int]:
    """For each row how many equal ones came before it, in 4 bytes a row."""
    seen: dict[int, int] = {}
    out = array("I")
    for values in rows:
        key = int(content_hash({column_name(n): v for n, v in values.items()})[:16], 16)
        count = seen.get(key, 0)
        seen[key] = count + 1
        out.append(count)
    return out
