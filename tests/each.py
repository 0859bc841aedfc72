"""Runs one EACH op over rows as a run would, all at once, and gives back what became of each: the way tests of single ops go."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mintmark.core.context import Context
from mintmark.core.errors import CallError
from mintmark.core.op import Op
from mintmark.core.ports import Request
from mintmark.core.rows import Columns, Drop, Row, Tally, row_id
from mintmark.models.scripted import ScriptedModel

ROLES = ("writer", "judge", "user", "small")


def each(
    op: Op,
    rows: Sequence[Mapping[str, Any]],
    answer: Callable[[Request], Any] | None = None,
    *,
    tables: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    embedder: Any = None,
    seed: int = 0,
    order: Sequence[int] | None = None,
) -> list[Any]:
    """Per row: the Row, the rows it was split into, the Drop, or 'failed(reason)'. All roles are played by `answer`."""
    models = dict.fromkeys(ROLES, ScriptedModel(answer, "test")) if answer else {}
    found = {n: Columns(n, data) for n, data in (tables or {}).items()}
    ctx = Context(seed, models, tables=found, embedders={"default": embedder} if embedder else {})

    async def one(number: int) -> tuple[int, Any]:
        row = Row(row_id("test", number), dict(rows[number]))
        try:
            result = op.each(row, ctx.at(op.name, row.id, Tally()))
            return number, (await result if inspect.isawaitable(result) else result)
        except CallError as error:
            return number, f"failed({error.reason})"

    async def go() -> list[Any]:
        done = dict(await asyncio.gather(*(one(i) for i in order or range(len(rows)))))
        return [done[i] for i in sorted(done)]

    return asyncio.run(go())


def kept(results: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(r.values) for r in results if isinstance(r, Row)]


def reasons(results: Sequence[Any]) -> list[str]:
    """'kept', the drop's reason, or 'failed(reason)', one a row."""
    return [r.reason if isinstance(r, Drop) else r if isinstance(r, str) else "kept" for r in results]


def asked(request: Request) -> str:
    """The last thing said to the model."""
    return str(request.messages[-1]["content"])


def say(**values: Any) -> str:
    return json.dumps(values)
