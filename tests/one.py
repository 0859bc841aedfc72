"""One EACH op alone, over some rows, with a scripted model: what came of each row, and what was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mintmark.core.context import Context
from mintmark.core.errors import CallError
from mintmark.core.ports import Request
from mintmark.core.rows import Columns, Row, Tally
from mintmark.models.scripted import ScriptedModel

Answer = Callable[[Request], Any]


def run_op(
    op: Any,
    rows: Sequence[Mapping[str, Any]],
    answer: Answer | None = None,
    *,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 3,
) -> tuple[list[Any], list[Request]]:
    """(per row a Row, list of Rows, Drop or CallError; the requests in the order asked). The answer may be text, or any JSON value."""
    asked: list[Request] = []

    def told(request: Request) -> Any:
        asked.append(request)
        made = answer(request) if answer is not None else ""
        return made if isinstance(made, str) or (isinstance(made, dict) and "text" in made) else json.dumps(made)

    model = ScriptedModel(told, "one")
    ctx = Context(seed, dict.fromkeys(("writer", "judge", "user"), model), tables={n: Columns(n, d) for n, d in (tables or {}).items()})

    async def go() -> list[Any]:
        async def one(number: int, values: Mapping[str, Any]) -> Any:
            row = Row(f"row{number}", values)
            try:
                made = op.each(row, ctx.at(op.name, row.id, Tally()))
                return await made if hasattr(made, "__await__") else made
            except CallError as error:
                return error

        return [await one(i, v) for i, v in enumerate(rows)]

    return asyncio.run(go()), asked


def last(request: Request) -> str:
    return request.messages[-1]["content"]
