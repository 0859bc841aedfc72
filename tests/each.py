"""One EACH op alone over some rows, all at once, as a run would: what became of each row, and what was asked. The way tests of single ops go."""

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
from mintmark.core.rows import Columns, Drop, Row, Tally
from mintmark.models.scripted import ScriptedModel

ROLES = ("writer", "judge", "user", "small")


def run_op(
    op: Op,
    rows: Sequence[Mapping[str, Any]],
    answer: Callable[[Request], Any] | None = None,
    *,
    tables: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    embedder: Any = None,
    seed: int = 3,
    order: Sequence[int] | None = None,
) -> tuple[list[Any], list[Request]]:
    """(per row the Row, list of Rows, Drop or CallError; the requests in the order asked). All roles are played by `answer`, which may give text,
    a reply as ScriptedModel takes it ({"text": ...}), or any JSON value."""
    requests: list[Request] = []

    def told(request: Request) -> Any:
        requests.append(request)
        made = answer(request) if answer is not None else None
        return made if isinstance(made, str) or (isinstance(made, dict) and "text" in made) else json.dumps(made)

    found = {n: Columns(n, data) for n, data in (tables or {}).items()}
    models = dict.fromkeys(ROLES, ScriptedModel(told, "test")) if answer is not None else {}
    ctx = Context(seed, models, tables=found, embedders={"default": embedder} if embedder else {})

    async def one(number: int) -> tuple[int, Any]:
        row = Row(f"row{number}", dict(rows[number]))
        try:
            made = op.each(row, ctx.at(op.name, row.id, Tally()))
            return number, (await made if inspect.isawaitable(made) else made)
        except CallError as error:
            return number, error

    async def go() -> dict[int, Any]:
        return dict(await asyncio.gather(*(one(i) for i in order or range(len(rows)))))

    return [result for _, result in sorted(asyncio.run(go()).items())], requests


def each(op: Op, rows: Sequence[Mapping[str, Any]], answer: Callable[[Request], Any] | None = None, **more: Any) -> list[Any]:
    """Per row: the Row, the rows it was split into, the Drop, or 'failed(reason)'."""
    found, _ = run_op(op, rows, answer, **{"seed": 0, **more})
    return [f"failed({r.reason})" if isinstance(r, CallError) else r for r in found]


def kept(results: Sequence[Any]) -> list[dict[str, Any]]:
    return [dict(r.values) for r in results if isinstance(r, Row)]


def reasons(results: Sequence[Any]) -> list[str]:
    """'kept', the drop's reason, or 'failed(reason)', one a row."""
    return [r.reason if isinstance(r, Drop) else r if isinstance(r, str) else "kept" for r in results]


def last(request: Request) -> str:
    """The last thing said to the model."""
    return str(request.messages[-1]["content"])


def say(**values: Any) -> str:
    return json.dumps(values)
