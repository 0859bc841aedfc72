"""Two linked tables: how many children a parent has, and what they are like, both given the parent's columns.

Two table models (cart.py): of parents with their number of children, and of children joined to their parents, in which the parent's columns come
first. Children without a parent in the table are left out, and told. Identifiers of children are made of the parent's key and a number.
Not covered: order and relations among the children of one parent beyond what the parent's columns tell; more than two tables at once (chain them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .cart import TableModel
from .features import kind_of
from .parts import Plain, part_of

COUNT = "\0children"


class Linked:
    """Linked(parents, children, parent_key, child_key, columns=...).children_of(parent row, seed) -> rows of `columns`. A child has its parent's key."""

    def __init__(
        self,
        parents: Mapping[str, Sequence[Any]],
        children: Mapping[str, Sequence[Any]],
        parent_key: str,
        child_key: str,
        *,
        columns: Sequence[str],
        seed: int = 0,
        min_leaf: int | None = None,
    ) -> None:
        place = {key: i for i, key in enumerate(parents[parent_key]) if key is not None}
        if len(place) < len(parents[parent_key]):
            lost = len(parents[parent_key]) - len(place)
            raise ValueError(
                f"the key '{parent_key}' names {lost} of {len(parents[parent_key])} parents not at all or twice; it must tell them apart"
            )
        counts = [0] * len(place)
        found: list[tuple[int, int]] = []
        for row, key in enumerate(children[child_key]):
            if key in place:
                counts[place[key]] += 1
                found.append((row, place[key]))
        if len(found) < 2:
            raise ValueError(f"{len(found)} children have a '{child_key}' that is a '{parent_key}' of a parent; at least 2 are needed")
        self.notes: list[str] = []
        if lost := len(children[child_key]) - len(found):
            self.notes.append(f"{lost / len(children[child_key]):.1%} of the children name no parent of the table, and were left out")
        self._columns = list(columns)
        self._key = parent_key
        self._ids = [c for c in columns if _is_id(children[c])]
        self._first = [c for c in parents if c not in (parent_key, *columns) and not _unfit(parents[c])]
        own = {c: [children[c][row] for row, _ in found] for c in columns if c not in self._ids}
        joined = {c: [parents[c][p] for _, p in found] for c in self._first}
        self._counts = TableModel.fit(
            {**{c: parents[c] for c in self._first}, COUNT: counts}, first=self._first, seed=seed, min_leaf=min_leaf, text=()
        )
        self._children = TableModel.fit({**joined, **own}, first=self._first, seed=seed, min_leaf=min_leaf) if own else None
        self.notes += [
            n
            for model in (self._counts, self._children)
            if model is not None
            for n in model.notes
            if COUNT not in n and (model is self._children or " equal " not in n)
        ]

    def children_of(self, parent: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        n = self._counts.sample(1, seed, given={c: [parent.get(c)] for c in self._first})[COUNT][0] or 0
        given = {c: [parent.get(c)] * n for c in self._first}
        made = self._children.sample(n, seed + 1, given=given) if self._children is not None and n else {}
        return [{c: f"{parent[self._key]}-{k + 1}" if c in self._ids else made[c][k] for c in self._columns} for k in range(n)]


def _is_id(cells: Sequence[Any]) -> bool:
    return isinstance(part_of("x", cells), Plain) and kind_of(cells) == "id"


def _unfit(cells: Sequence[Any]) -> bool:
    """Whether nothing can be conditioned on the column."""
    return isinstance(part_of("x", cells), Plain) and kind_of(cells) in ("id", "text")
