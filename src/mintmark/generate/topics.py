"""topics: steers. Grows a tree of topics breadth first: each round plans the topics that were kept and not expanded yet.

    repeat:
      at_most: 3                                                    # as deep as the tree
      steps:
        - topics: {roots: [library services, reading], branch: 5, depth: 3}
        - write: {n: 5, schema: {properties: {subtopic: {type: string}}, ...}, prompt: {built_in: subtopics}}
        - dedup: {column: subtopic, near: 0.8}                      # a topic that exists already is merged: the tree becomes a graph

Round r expands the topics of depth r - 1. A topic none of whose subtopics was kept is asked once more, then left as a leaf. A row of the data
set is a subtopic; the steps after repeat write data for it.
Writes: topic (to expand), path (list, root first), depth (of the topic's children), branch, known (on a second ask: what the tree holds).
One row: id='3f0c...', topic='reading', path=['reading'], depth=1, subtopic='graphic novels', round=1
Source: UltraChat (2305.14233), meta-topics and subtopics; breadth-first expansion with de-duplication at each node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Row, row_id
from ..text.shingles import fold

MOST_KNOWN = 100  # topics named in a second ask


@dataclass(frozen=True)
class Topics(Op):
    """roots: topics of depth 0. branch: subtopics asked per topic. depth: levels below the roots. child: the column that holds a subtopic."""

    roots: list[str]
    branch: int = 5
    depth: int = 2
    child: str = "subtopic"
    name: ClassVar[str] = "topics"
    scope: ClassVar[Scope] = Scope.SOURCE
    cites: ClassVar[tuple[str, ...]] = (
        "Ding et al. 2023, Enhancing chat language models by scaling high-quality instructional conversations, UltraChat (2305.14233)",
    )

    def __post_init__(self) -> None:
        if not self.roots or len({fold(r) for r in self.roots}) != len(self.roots):
            raise ValueError("roots must be different topics, at least one")
        if self.branch < 1 or self.depth < 1:
            raise ValueError("branch and depth must be at least 1")

    @property
    def watches(self) -> tuple[str, ...]:
        return ("topic",)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("topic", "path", "depth", "branch", "known")

    def looks_back(self, scene: Scene) -> tuple[str, ...]:
        return (self.child, "topic", "path")

    def holds(self, ctx: Context) -> int:
        return len(self.roots)

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        nodes: dict[str, tuple[str, list[str], str]] = {fold(r): (r, [r], "") for r in self.roots}
        expanded: set[str] = set()
        if state is not None and state.round > 1:
            for batch in state.scan((self.child, "topic", "path")):
                for kept, values in zip(batch.ids, batch.rows(), strict=True):
                    child, path = str(values[self.child] or "").strip(), list(values["path"])
                    expanded.add(fold(values["topic"]))
                    if child:
                        nodes.setdefault(fold(child), (child, [*path, child], kept))
        asked: Any = state.planned["topic"] if state is not None else {}
        room = stop - start
        for key, (topic, path, parent) in sorted(nodes.items(), key=lambda n: len(n[1][1])):  # breadth first; ties as they were made
            done = asked.get(topic, 0)
            if room <= 0:
                return
            if len(path) > self.depth or done > 1 or (done and key in expanded):
                continue
            near = sorted(nodes.values(), key=lambda n: len(n[1]) != len(path) + 1) if done else []  # its children's level first
            known = [t for t, _, _ in near if t not in path][:MOST_KNOWN]
            values = {"topic": topic, "path": path, "depth": len(path), "branch": self.branch, "known": known}
            yield Row(row_id(ctx.label, *path, done), values, (parent,) if parent else ())
            room -= 1
