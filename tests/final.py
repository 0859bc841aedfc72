"""One final TABLE op alone over columns, as a run would: the verdict on each row, and what it told of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mintmark.core.context import Context
from mintmark.core.metric import Measurement
from mintmark.core.op import Op
from mintmark.core.rows import Batch, Columns, Tally, Verdict
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner


def settle(
    op: Op,
    columns: Mapping[str, Sequence[Any]],
    tables: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    seed: int = 0,
    size: int = 97,
) -> tuple[list[Verdict | None], dict[str, Any]]:
    """(verdict per row; name -> words, or the Measurement told)."""
    learners = {"linear": LinearLearner(), "boosting": BoostingLearner()}
    ctx = Context(seed, learners=learners, tables={n: Columns(n, t) for n, t in (tables or {}).items()}).at(op.name, "", Tally())
    n = len(next(iter(columns.values())))

    def scan(names: Sequence[str]) -> Any:
        for i in range(0, n, size):
            part = range(i, min(n, i + size))
            yield Batch([(k, 0) for k in part], [f"r{k}" for k in part], {c: [columns[c][k] for k in part] for c in names})

    found = dict(op.settle(scan, ctx))  # type: ignore[arg-type]
    facts = ctx.facts().get(op.name, {})
    told = {name: fact if isinstance(fact, str) else Measurement(name, **fact) for name, fact in facts.items()}
    return [found.get((k, 0)) for k in range(n)], told


def values(verdicts: Sequence[Verdict | None], column: str) -> list[Any]:
    return [v.values[column] for v in verdicts if v is not None and v.values is not None]
