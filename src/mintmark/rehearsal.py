"""Prompts rendered for the first planned rows, before any call: a template that fails for every row is refused by `check`, not by each row.

Rows go through the steps that need no call. What a model, an embedder or the whole table would write is not known here, so a prompt is
rendered only where all that it names is known.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .core.context import Context
from .core.errors import ContentError, TemplateError
from .core.op import Op, Scene, Scope, State
from .core.rows import Row, Tally
from .prompting import Asking
from .wiring import Prepared

ROWS = 5


async def rehearse(prepared: Prepared) -> list[str]:
    """Notes on prompts that some of the first rows cannot fill; TemplateError for one that none of them can."""
    walked = prepared.recipe.walk(prepared.scene)
    asking = [i for i, (step, _) in enumerate(walked) if isinstance(step.op, Asking)]
    if not asking or _calls(walked[0][0].op):
        return []
    ctx = prepared.context()
    rendered: Counter[str] = Counter()
    faults: dict[str, list[str]] = {}
    for row in await _first(prepared, ctx):
        for step, here in walked[1 : asking[-1] + 1]:
            if isinstance(step.op, Asking):
                try:
                    rendered[here.where] += _render(step.op, here, row.values)
                except ContentError as error:
                    faults.setdefault(here.where, []).append(str(error))
            gone = await _through(step.op, here, row, ctx.at(step.label, row.id, Tally()))
            if gone is None:
                break
            row = gone
    notes = []
    for where, found in faults.items():
        if not rendered[where]:
            raise TemplateError(f"{where}: {found[0]} (so it is for every one of the first {len(found)} planned rows)")
        notes.append(f"{where}: of the first {ROWS} planned rows {len(found)} would be failed(template): {found[0]}")
    return notes


def _calls(op: Op) -> bool:
    return bool(op.roles() or op.embeds() or op.fetches or op.executes)


async def _first(prepared: Prepared, ctx: Context) -> list[Row]:
    """The first rows that the source plans and does not itself drop."""
    recipe, source = prepared.recipe, prepared.recipe.steps[0]
    at = ctx.at(source.label, "", Tally())
    nothing: dict[str, Counter[Any]] = {c: Counter() for c in source.op.watches}
    steers = bool(source.op.watches) or recipe.repeat is not None
    state = State(1, nothing, nothing, dict.fromkeys(("planned", "kept", "dropped", "failed"), 0), _no_rows) if steers else None
    await source.op.ready(at, state)
    stop = ROWS if source.op.goes_on else min(ROWS, source.op.holds(at))
    rows = [r for r in islice(source.op.plan(at, 0, stop, state), ROWS) if isinstance(r, Row)]
    return [r.with_values({"round": 1}) for r in rows] if recipe.repeat is not None else rows


def _no_rows(columns: Any) -> Iterator[Any]:
    return iter(())


def _render(op: Asking, here: Scene, values: Any) -> bool:
    """Whether any prompt could be rendered. A name that the op gives itself, or writes between two of its prompts, is not the column's."""
    prompts = op.compiled()
    known = set(values) - set(op.gives()) - set(op.writes(here) if len(prompts) > 1 else ())
    ready = [p for p in prompts if known.issuperset(p.variables)]
    for prompt in ready:
        prompt.messages(values)
    return bool(ready)


async def _through(op: Op, here: Scene, row: Row, ctx: Context) -> Row | None:
    """The row behind this step, less the columns that cannot be known; None where it ends here."""
    if op.scope is Scope.EACH and not _calls(op) and set(op.reads(here)) <= set(row.values):
        try:
            made = op.each(row, ctx)
            made = await made if inspect.isawaitable(made) else made
        except Exception:  # its own failure, which the run tells with the row
            return None
        return made if isinstance(made, Row) else next(iter(made), None) if isinstance(made, (list, tuple)) else None
    return row.without({*op.writes(here), *op.removes(here)})
