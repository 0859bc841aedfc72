"""What a run leaves behind: ledger, data files and manifest, made from the parts alone.

One ledger line: id='3f0c9a51d2e8b7764a10', state='dropped', reason='near_duplicate', step='dedup', parents=[], calls=1, tokens_in=212,
tokens_out=64, cost_usd=0.000181, detail='like 77ab..., Jaccard 0.86'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from typing import Any

from ..core.ports import Record, Store
from ..text.jsontext import dumps
from .stages import Stage, merged

Key = tuple[int, int]
LEDGER = ("id", "state", "reason", "step", "parents", "calls", "tokens_in", "tokens_out", "cost_usd", "detail")


@dataclass
class Outcome:
    """Settled view of a run: which rows are in the data set, and what became of every other.

    cut: the first rows in plan order that are enough for the final steps (None = all). limit: `want`. ended: the rounds are over, so
    rows beyond the limit are surplus; before that nothing is.
    """

    stages: Sequence[Stage]
    streaming: int
    planned: Callable[[], Iterator[Record]]
    cut: Key | None = None
    limit: int | None = None
    ended: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    by_step: dict[str, Counter[str]] = field(
        default_factory=dict
    )  # 'state:reason' -> rows; split, made (of them), waiting (after the step)
    examples: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # (step, 'state:reason') -> id and detail of the first
    roots: int = 0  # rows that the source planned
    spare: int = 0  # rows beyond `want` that did not go into the final steps

    def lines(self) -> Iterator[Record]:
        """One record per planned row (and one per split parent), in plan order; counts as it goes."""
        self.counts, self.by_step, self.examples, self.roots, self.spare = Counter(), {}, {}, 0, 0
        last = len(self.stages) - 1
        lanes = merge(((-1, r) for r in self.planned()), merged(self.stages, 0, None), key=lambda pair: (pair[1].p, pair[1].c, pair[0]))
        held: tuple[int, Record] | None = None
        for k, record in lanes:
            if held is not None and (held[1].p, held[1].c) != (record.p, record.c):
                yield self._settle(held[0], held[1], last)
            held = (k, record)
        if held is not None:
            yield self._settle(held[0], held[1], last)

    def _settle(self, k: int, r: Record, last: int) -> Record:
        if r.state in ("kept", "planned"):
            if k == self.streaming - 1 and k != last and self.cut is not None and (r.p, r.c) > self.cut:
                r = replace(r, state="dropped", reason="surplus", step="want")
                self.spare += 1
            elif k != last:
                r = replace(r, state="pending", reason="waiting")
            elif self.ended and self.limit is not None and self.counts["kept"] >= self.limit:
                r = replace(r, state="dropped", reason="surplus", step="want")
        self.counts[r.state] += 1
        self.roots += r.c == 0
        if r.state != "kept":
            here, what = self.by_step.setdefault(r.step, Counter()), f"{r.state}:{r.reason}"
            here[what if r.state in ("dropped", "failed") else r.state] += 1
            if r.state == "split":
                here["made"] += int(r.reason.removeprefix("into "))
            elif r.detail:
                self.examples.setdefault((r.step, what), {"id": r.id, "detail": r.detail})
        return r

    def kept(self) -> Iterator[Record]:
        """Rows of the data set with their values, in export order."""
        stage = self.stages[-1]
        n = 0
        ranked = False
        for r in stage.scan(columns=()):
            if r.state == "kept":
                ranked = r.rank is not None
                break
        keys: set[Key] | None = None
        if ranked and self.ended and self.limit is not None:
            keys = set()
            for r in stage.scan(columns=()):
                if r.state == "kept" and len(keys) < self.limit:
                    keys.add((r.p, r.c))
        if ranked:
            yield from _by_rank(stage, keys)
            return
        for r in stage.scan():
            if r.state == "kept":
                n += 1
                if self.ended and self.limit is not None and n > self.limit:
                    return
                yield r

    def write(self, store: Store, columns: Sequence[str], about: Mapping[str, str] | None = None) -> Counter[str]:
        """ledger.parquet, data.jsonl, data.parquet; about: metadata of data.parquet; returns the counts of the ledger."""

        def ledger() -> Iterator[dict[str, Any]]:
            for r in self.lines():
                line = {name: getattr(r, name) for name in LEDGER}
                line["parents"] = list(r.parents)
                yield line

        def rows() -> Iterator[dict[str, Any]]:
            for r in self.kept():
                values = r.values or {}
                yield {"id": r.id, **{name: values.get(name) for name in columns}}

        def jsonl() -> Iterator[bytes]:
            for row in rows():
                yield dumps(row) + b"\n"

        store.put_table("ledger.parquet", ledger)
        store.put_file("data.jsonl", jsonl())
        store.put_table("data.parquet", rows, about)
        return self.counts


def _by_rank(stage: Stage, keys: set[Key] | None, block: int = 200_000) -> Iterator[Record]:
    """Rows in the order a final step gave them: one scan per 200,000 ranks, so that memory stays bounded."""
    low = 0
    while True:
        held, more = [], False
        for r in stage.scan():
            if r.state == "kept" and (keys is None or (r.p, r.c) in keys):
                rank = r.rank if r.rank is not None else r.p
                if low <= rank < low + block:
                    held.append((rank, r.p, r.c, r))
                more = more or rank >= low + block
        held.sort(key=lambda t: t[:3])
        yield from (t[3] for t in held)
        if not more:
            return
        low += block
