"""Stages: what a recipe's steps become when it runs, and the parts that a stage has written.

Neighbouring EACH steps are one stage; each TABLE step is a stage of its own. Order is (p, c) everywhere: p is the row's position in the
plan, c its path through splits (0 = not split; child i of the first split = (i + 1) << 45, and so on, 15 bits a level).

A stage's parts are written in completion order and named  s<stage>-<fingerprint>-<number>-<lowest p>-<highest p>, so that a scan in
plan order reads each part once and holds only those that overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge

from ..core.op import Scope
from ..core.ports import Record, Store
from ..core.recipe import Recipe, Step

LEVEL_BITS, LEVELS = 15, 4


def child_code(c: int, depth: int, number: int) -> int:
    """Path code of child `number` of a row with code c that has been split `depth` times before."""
    if depth >= LEVELS or number + 1 >= 1 << LEVEL_BITS:
        raise ValueError(f"a row may be split {LEVELS} times into at most {(1 << LEVEL_BITS) - 2} rows each")
    return c | (number + 1) << LEVEL_BITS * (LEVELS - 1 - depth)


def depth_of(c: int) -> int:
    """How many times the row with code c has been split."""
    depth = 0
    while depth < LEVELS and c & ((1 << LEVEL_BITS) - 1) << LEVEL_BITS * (LEVELS - 1 - depth):
        depth += 1
    return depth


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    low: int
    high: int

    @staticmethod
    def parse(name: str) -> Part:
        low, high = name.rsplit("-", 2)[1:]
        return Part(name, int(low), int(high))


@dataclass
class Stage:
    """kind: 'each' | 'judge' | 'final'. steps: the EACH steps, or the one TABLE step."""

    number: int
    kind: str
    steps: tuple[Step, ...]
    fingerprint: str
    store: Store
    label: str
    parts: list[Part] = field(default_factory=list)
    next_number: int = 0

    @property
    def prefix(self) -> str:
        return f"s{self.number:02d}-{self.fingerprint[:12]}-"

    def load(self, names: Iterable[str]) -> None:
        """Take over the parts that an earlier session wrote for exactly this stage."""
        self.parts = [Part.parse(n) for n in names if n.startswith(self.prefix)]
        self.next_number = max((int(p.name[len(self.prefix) :].split("-")[0]) for p in self.parts), default=-1) + 1

    def write(self, records: Sequence[Record]) -> None:
        if not records:
            return
        low, high = min(r.p for r in records), max(r.p for r in records)
        part = Part(f"{self.prefix}{self.next_number:06d}-{low}-{high}", low, high)
        self.next_number += 1
        self.store.put_part(part.name, records)
        self.parts.append(part)

    def clear(self) -> None:
        for part in self.parts:
            self.store.drop_part(part.name)
        self.parts = []

    def scan(self, low: int = 0, high: int | None = None, columns: Sequence[str] | None = None) -> Iterator[Record]:
        """Records with low <= p < high in plan order, holding only the parts that overlap. columns: of the values; () = none."""
        todo = sorted((p for p in self.parts if p.high >= low and (high is None or p.low < high)), key=lambda p: p.low)
        held: list[Record] = []
        for k, part in enumerate(todo):
            fresh = [r for r in self.store.scan_part(part.name, columns) if r.p >= low and (high is None or r.p < high)]
            held.extend(fresh)
            held.sort(key=_order)
            limit = todo[k + 1].low if k + 1 < len(todo) else None
            if limit is None:
                yield from held
                return
            cut = next((i for i, r in enumerate(held) if r.p >= limit), len(held))
            yield from held[:cut]
            del held[:cut]

    def keys(self, low: int = 0) -> list[tuple[int, int]]:
        """(p, c) of every record from position `low` on, sorted."""
        parts = [p for p in self.parts if p.high >= low]
        return sorted((r.p, r.c) for part in parts for r in self.store.scan_part(part.name, ()) if r.p >= low)


def _order(r: Record) -> tuple[int, int]:
    return (r.p, r.c)


def build_stages(recipe: Recipe, store: Store, tables: dict[str, str], models: dict[str, str]) -> tuple[list[Stage], int]:
    """The recipe's stages, and how many of them run round by round (those from the first final step on run once, at the end).

    A stage's fingerprint chains over everything before it, the contents of the tables it reads and the names of the models it asks.
    """
    contents = {**tables, "*": repr(sorted(tables.items()))}
    stages: list[Stage] = []
    source, *rest = recipe.steps
    chain = hashlib.blake2b(repr((recipe.seed, source.label, source.op.fingerprint())).encode(), digest_size=16)
    if recipe.repeat is not None:
        chain.update(recipe.repeat.fingerprint().encode())

    def mark(step: Step) -> None:
        facts = (
            step.label,
            step.op.fingerprint(),
            [contents.get(t, "") for t in step.op.reads_tables()],
            [models.get(r, "") for r in (*step.op.roles(), *(f"embedder {e}" for e in step.op.embeds()))],
        )
        chain.update(repr(facts).encode())

    mark(source)
    if source.op.watches:  # what is planned depends on what every step of the rounds keeps
        for step in rest:
            if step.op.final:
                break
            mark(step)
    group: list[Step] = []

    def close(kind: str, steps: list[Step]) -> None:
        stages.append(Stage(len(stages), kind, tuple(steps), chain.hexdigest(), store, steps[-1].label if steps else source.label))

    first = True
    for step in rest:
        if step.op.scope is Scope.EACH:
            mark(step)
            group.append(step)
            continue
        if group or first:
            close("each", group)
        group, first = [], False
        mark(step)
        close("final" if step.op.final else "judge", [step])
    if group or first:
        close("each", group)
    streaming = next((i for i, s in enumerate(stages) if s.kind == "final"), len(stages))
    return stages, streaming


def merged(stages: Sequence[Stage], low: int, high: int | None) -> Iterator[tuple[int, Record]]:
    """(stage number, record without values) of several stages in plan order; at equal (p, c) the earlier stage first."""

    def numbered(k: int, stage: Stage) -> Iterator[tuple[int, Record]]:
        return ((k, r) for r in stage.scan(low, high, ()))

    lanes = [numbered(k, s) for k, s in enumerate(stages)]
    return merge(*lanes, key=lambda pair: (pair[1].p, pair[1].c, pair[0]))
