"""Recipes: an ordered list of steps over a table of rows, checked before any call.

A Step is a label and an op. The label is the step's `name:`, else the op's name + its count among steps of that op ('write', 'write2'):
never its number or parameters, so that editing a step does not rename the rows of the others.
Repeat is the only loop: its first step is a source (usually one that steers), its rounds go on until EXPR holds or `at_most` rounds.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from .errors import RecipeError, nearest
from .metric import Gate
from .op import Op, Scene, Scope
from .rows import RESERVED

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    op: Op


@dataclass(frozen=True)
class Repeat(Op):
    """The only loop: rounds of steps, planned by what the rounds before kept.

        repeat: {until: "kept >= 300", at_most: 8, steps: [{balance: {column: intent, from: real.intent, to: 50}}, ...]}

    steps: the first makes rows. until: an expression over planned, kept, dropped, failed and round (the first is 1); at_most: rounds.

    Writes the column `round` (1, 2, ...). Its body's last step is where `kept` is counted.
    """

    steps: tuple[Step, ...] = ()
    until: str = ""
    at_most: int = 5
    name: ClassVar[str] = "repeat"
    scope: ClassVar[Scope] = Scope.SOURCE

    def __post_init__(self) -> None:
        if self.at_most < 1:
            raise ValueError("at_most must be at least 1")
        if not self.steps or self.steps[0].op.scope is not Scope.SOURCE:
            raise ValueError("the first step inside repeat must make rows (balance, grid, read, synthesize)")
        if any(isinstance(s.op, Repeat) for s in self.steps):
            raise ValueError("a repeat inside a repeat is not supported")
        if any(s.op.final for s in self.steps):
            raise ValueError("a final step (select, shuffle, split, ...) runs once, after the last round: put it after the repeat")

    def params(self) -> dict[str, Any]:
        return {"steps": [{s.label: {s.op.name: s.op.params()}} for s in self.steps], "until": self.until, "at_most": self.at_most}

    def fingerprint(self) -> str:
        text = json.dumps([self.name, [(s.label, s.op.fingerprint()) for s in self.steps], self.until, self.at_most])
        return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def label_steps(ops: Sequence[Op | tuple[str, Op]]) -> tuple[Step, ...]:
    """Labels for a list of ops, or of (name, op) where the user named one. Steps of a Repeat keep theirs."""
    named = [item if isinstance(item, tuple) else ("", item) for item in ops]
    inner = [s for _, op in named if isinstance(op, Repeat) for s in op.steps]
    taken = {s.label for s in inner}
    counts = Counter(s.op.name for s in inner)
    steps: list[Step] = []
    for given, op in named:
        counts[op.name] += 1
        label = given or (op.name if counts[op.name] == 1 else f"{op.name}{counts[op.name]}")
        if label in taken:
            raise RecipeError(f"two steps are called '{label}'; give one of them another name:")
        taken.add(label)
        steps.append(Step(label, op))
    return tuple(steps)


@dataclass(frozen=True)
class Recipe(Op):
    """name, task and ops are what it is; want, caps, measure, gates and card say how far to go and what to check or tell, and are not hashed.

    card: what the data card says that no run can know. models, embedders, learners and tables map a role or name to a spec (text or mapping) or to a ready port (Python only).
    """

    name: str = "recipe"  # type: ignore[misc]
    ops: Sequence[Any] = ()
    task: str = ""
    want: int | None = None
    max_candidates: int | None = None
    patience: int = 3  # rounds in a row that may keep nothing of 1,000 rows or more; 0: until max_candidates
    max_cost: float | None = None
    max_tokens: int | None = None
    models: Mapping[str, Any] = field(default_factory=dict)
    embedders: Mapping[str, Any] = field(default_factory=dict)
    learners: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    allow_private: tuple[str, ...] = ()
    target: str | None = None
    measure: tuple[str | Mapping[str, Any], ...] = ()
    gates: tuple[Gate, ...] = ()
    seed: int = 0
    licence: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    base: str = "."
    scope: ClassVar[Scope] = Scope.SOURCE

    def __post_init__(self) -> None:
        if not self.ops:
            raise RecipeError("the recipe has no steps; add at least one that makes rows, such as grid, read or synthesize")
        for key in ("want", "max_candidates", "max_tokens"):
            if (most := getattr(self, key)) is not None and most < 1:
                raise RecipeError(f"{key} is {most}, expected at least 1")
        if self.patience < 0:
            raise RecipeError(f"patience is {self.patience}, expected 0 or more rounds")
        if self.max_cost is not None and not 0 <= self.max_cost < float("inf"):
            raise RecipeError(f"max_cost is {self.max_cost}, expected US dollars, 0 or more")
        ops = tuple((o.label, o.op) if isinstance(o, Step) else o for o in self.ops)
        object.__setattr__(self, "ops", tuple(label_steps(ops)))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order, a Repeat's body in place of the Repeat."""
        flat: list[Step] = []
        for s in self.ops:
            flat.extend(s.op.steps if isinstance(s.op, Repeat) else (s,))
        return tuple(flat)

    @property
    def repeat(self) -> Repeat | None:
        first = self.ops[0].op
        return first if isinstance(first, Repeat) else None

    @property
    def digital_source_type(self) -> str:
        """The machine-readable mark of generated data (AI Act, Art. 50(2)) in IPTC's vocabulary; "" where rows that exist were only filtered."""
        made = self.steps[0].op.digital_source
        if any(s.op.roles() for s in self.steps):
            made = "trainedAlgorithmicMedia" if made else "compositeWithTrainedAlgorithmicMedia"
        return IPTC + made if made else ""

    def walk(self, scene: Scene) -> list[tuple[Step, Scene]]:
        """Each step with what it can see; refuses what is wrong with the columns. Does not look into parameters."""
        steps = self.steps
        total = len(steps)
        out: list[tuple[Step, Scene]] = []
        columns: list[str] = list(scene.columns)
        for number, step in enumerate(steps, 1):
            op = step.op
            shown = step.label if step.label == op.name else f"{step.label} ({op.name})"
            here = Scene(tuple(columns), scene.tables, scene.roles, f"{shown} (step {number} of {total})", scene.base)
            if number == 1 and op.scope is not Scope.SOURCE and not columns:
                raise RecipeError(
                    f"{here.where} comes first but makes no rows; start with grid, read, synthesize or repeat (rows from elsewhere: "
                    "mintmark check RECIPE --table TABLE, then mintmark curate TABLE --with RECIPE)"
                )
            if number > 1 and op.scope is Scope.SOURCE:
                raise RecipeError(f"{here.where} makes rows, so it can only come first; '{steps[0].label}' already does")
            for role in op.roles():
                if role not in scene.roles:
                    raise RecipeError(
                        f"{here.where} asks the model role '{role}'; models: names {', '.join(sorted(scene.roles)) or 'none'}.{nearest(role, scene.roles)}"
                    )
            for column in op.reads(here):
                if column not in columns:
                    listed = ", ".join(columns) or "nothing"
                    raise RecipeError(f"{here.where} reads '{column}'; earlier steps write {listed}.{nearest(column, columns)}")
            out.append((step, here))
            for column in op.writes(here):
                if column in RESERVED and column != "weight":
                    raise RecipeError(f"{here.where} writes '{column}', which is reserved; choose another column name")
                if column not in columns:
                    columns.append(column)
            for column in op.removes(here):
                columns = [c for c in columns if c != column]
                if self.repeat is not None and column in ("round", *steps[0].op.looks_back(out[0][1])):
                    raise RecipeError(f"{here.where} removes '{column}', which {steps[0].label} reads to plan the next round; keep it")
            if number == 1 and self.repeat is not None and "round" not in columns:
                columns.append("round")
        return out

    def check_columns(self, scene: Scene) -> tuple[str, ...]:
        """All checks that need no file, key or network; returns the columns of the finished rows."""
        if any(isinstance(s.op, Repeat) for s in self.ops[1:]):
            raise RecipeError("repeat can only be the first step: its rounds make the rows that the later steps see")
        walked = self.walk(scene)
        for number, (step, here) in enumerate(walked):
            step.op.check(here)
            for column in step.op.must_be_read():
                if not any(column in later.op.reads(seen) for later, seen in walked[number + 1 :]):
                    raise RecipeError(
                        f"{here.where} writes '{column}', but no later step uses it; put it into the prompt, such as "
                        f"{{% for e in {column} %}}{{{{ e.text }}}}{{% endfor %}}"
                    )
        last, here = walked[-1]
        gone = last.op.removes(here)
        names = [c for c in dict.fromkeys([*here.columns, *last.op.writes(here)]) if c not in gone]
        if self.repeat is not None and "round" not in names:
            names.append("round")
        return tuple(names)

    def identity(self, tables: Mapping[str, str], models: Mapping[str, str]) -> str:
        """recipe_hash: steps, contents of the tables and model names. No want, caps, measure, gates, URLs or paths."""
        text = json.dumps(
            [[(s.label, s.op.fingerprint()) for s in self.ops], sorted(tables.items()), sorted(models.items())], sort_keys=True
        )
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @classmethod
    def from_params(cls, params: Any, where: str) -> Self:
        raise RecipeError(f"{where}: a recipe inside a recipe is not supported; list its steps instead")
