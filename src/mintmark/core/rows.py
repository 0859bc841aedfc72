"""Rows and what an op may answer for one: the row, several, a drop with its reason, or pending.

A row: Row(id='3f0c9a51d2e8b7764a10', values={'intent': 'late_fee', 'tone': 'worried', 'text': 'hi, I got a fine ...'})

An id never comes from time, chance, the recipe's hash or a step's parameters, so editing one step does not rename
(and re-buy) the rows of the others.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

RESERVED = ("id", "weight")


def row_id(label: str, *parts: object) -> str:
    """20 hex digits (80 bits) of the label of the step that made the row and what distinguishes it there."""
    h = blake2b(label.encode("utf-8", "surrogatepass"), digest_size=10)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else repr(part).encode()
        h.update(b"\x1f%d\x1f" % len(data))
        h.update(data)
    return h.hexdigest()


def content_hash(values: Mapping[str, Any]) -> str:
    """Hash of a row's values, independent of column order."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=True)
    return blake2b(text.encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `values` is never changed in place: `with_values` makes the next row, with the same identity."""

    id: str
    values: Mapping[str, Any]
    parents: tuple[str, ...] = ()

    def with_values(self, changed: Mapping[str, Any]) -> Row:
        return Row(self.id, {**self.values, **changed}, self.parents)

    def without(self, names: Collection[str]) -> Row:
        """The same row with some columns removed."""
        return Row(self.id, {k: v for k, v in self.values.items() if k not in names}, self.parents)

    def child(self, label: str, number: int, changed: Mapping[str, Any]) -> Row:
        """One of several rows made of this one by the step `label`."""
        return Row(row_id(label, self.id, number), {**self.values, **changed}, (self.id,))


@dataclass(frozen=True, slots=True)
class Drop:
    """The row leaves the data set. `reason` is one word that the op documents; `detail` names a twin, a score, a match."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """The row waits (a person, an endpoint that is down); the same command asks again."""

    reason: str = "waiting"


Result = Row | Sequence[Row | tuple[Row, Drop]] | Drop | Pending  # of several rows, (row, Drop) is made and dropped at once


@dataclass(slots=True)
class Tally:
    """What one row has cost so far: paid answers, tokens, US dollars."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0

    def add(self, other: Tally) -> None:
        self.calls += other.calls
        self.tokens_in += other.tokens_in
        self.tokens_out += other.tokens_out
        self.cost_usd += other.cost_usd

    def copy(self) -> Tally:
        return Tally(self.calls, self.tokens_in, self.tokens_out, self.cost_usd)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some columns of consecutive rows, in plan order. `keys[k]` is the runner's handle of row k, `ids[k]` its id."""

    keys: Sequence[tuple[int, int]]
    ids: Sequence[str]
    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self) -> list[dict[str, Any]]:
        names = list(self.columns)
        if not names:
            return [{} for _ in self.ids]
        return [dict(zip(names, cells, strict=True)) for cells in zip(*self.columns.values(), strict=True)]


def joined(batches: Iterable[Batch], names: Sequence[str]) -> Batch:
    """All batches as one, with these columns; a column that is missing is None throughout."""
    keys: list[tuple[int, int]] = []
    ids: list[str] = []
    columns: dict[str, list[Any]] = {n: [] for n in names}
    for batch in batches:
        keys += batch.keys
        ids += batch.ids
        for name, cells in columns.items():
            cells += batch.columns.get(name) or [None] * len(batch)
    return Batch(keys, ids, columns)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a TABLE op says of one row: dropped, or some columns written, or moved to `rank` in the export order."""

    drop: Drop | None = None
    values: Mapping[str, Any] | None = None
    rank: int | None = None


@dataclass(frozen=True)
class Columns:
    """A table in memory: the `Table` port's own fake, and what small tests use."""

    name: str
    data: Mapping[str, Sequence[Any]]
    private: bool = False
    allowance: Any = None  # ports.Allowance, where something of it may be released with noise
    _n: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        lengths = {len(v) for v in self.data.values()}
        if len(lengths) > 1:
            raise ValueError(f"table '{self.name}': columns of different lengths {sorted(lengths)}")
        object.__setattr__(self, "_n", lengths.pop() if lengths else 0)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.data)

    @property
    def digest(self) -> str:
        return content_hash({k: list(v) for k, v in self.data.items()})

    def __len__(self) -> int:
        return self._n

    def column(self, name: str) -> list[Any]:
        return list(self.data[name])

    def rows(self, start: int = 0, stop: int | None = None) -> list[dict[str, Any]]:
        stop = self._n if stop is None else min(stop, self._n)
        return [{k: v[i] for k, v in self.data.items()} for i in range(start, stop)]
