"""Rows on their way between stages, always in plan order and never all at once: records to items, what is left to do, batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ..core.ports import Record
from ..core.rows import Batch, Row, Tally
from .segment import PART_ROWS, Item, batch_of


class Counted:
    """A plan that knows how far it has been read, and counts the watched columns' values."""

    def __init__(self, plan: Iterator[Item], watched: dict[str, Any]) -> None:
        self._plan, self._watched, self.high = plan, watched, 0

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        item = next(self._plan)
        self.high = item.p + 1
        for column, (planned, _) in self._watched.items():
            planned[item.row.values.get(column)] += 1
        return item


def items_of(records: Iterator[Record]) -> Iterator[Item]:
    for r in records:
        if r.state == "kept":
            tally = Tally(r.calls, r.tokens_in, r.tokens_out, r.cost_usd)
            yield Item(r.p, r.c, Row(r.id, r.values or {}, r.parents), tally, None, r.rank)


def unrecorded(items: Iterator[Item], keys: list[tuple[int, int]]) -> Iterator[Item]:
    """Items (in order) that have no record yet; a split row has one of its own."""
    at, n = 0, len(keys)
    for item in items:
        key = (item.p, item.c)
        while at < n and keys[at] < key:
            at += 1
        if at < n and keys[at] == key:
            continue
        yield item


def up_to(items: Iterator[Item], cut: tuple[int, int] | None) -> Iterator[Item]:
    for item in items:
        if cut is not None and (item.p, item.c) > cut:
            return
        yield item


def kept_up_to(records: Iterator[Record], cut: tuple[int, int] | None) -> Iterator[Record]:
    for r in records:
        if cut is not None and (r.p, r.c) > cut:
            return
        if r.state == "kept":
            yield r


def batches(records: Iterator[Record], columns: Sequence[str]) -> Iterator[Batch]:
    items = items_of(records)
    while block := list(islice(items, PART_ROWS)):
        yield batch_of(block, columns)
