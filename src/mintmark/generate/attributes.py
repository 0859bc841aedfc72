"""attributes: conditions of a fine grain for every row, proposed by a model and checked by it, then drawn at random (AttrPrompt, whole).

    attributes: {of: intent, classes: real.intent, about: messages to a library's help desk, dimensions: auto, length: [20, 50]}
    attributes: {..., dimensions: {style: [plain, formal], location: auto, subtopics: per_class}}      given, proposed, proposed per class

Before the first row is written, and once a run: (1) the model names dimensions (`auto`), (2) proposes `values` values for each, per class where
they depend on it, (3) names the `similar` classes most easily confused with each class, (4) drops class-dependent values that are irrelevant
to the class or fit a similar one. Then every row draws one value per dimension, uniformly, and with `length` one L: words_min = L,
words_max = L + 50. `write` with {built_in: attributed} uses them all; `length: {words: [words_min, words_max]}` checks the length.
Writes: attributes, similar, words_min and words_max (None without `length`), and what the prompt needs beside them: about, class_name.
One row: id='3f0c...', intent='late_fee', attributes={'style': 'terse', 'subtopics': 'lost book'}, similar=['renewal'], words_min=20, words_max=70
Not covered: multi-label classes, whose values the paper merges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import ContentError, RecipeError
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of

LENGTH_STEP = 50
_TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
_DIMENSIONS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}, "class_dependent": {"type": "boolean"}},
        "required": ["name", "class_dependent"],
        "additionalProperties": False,
    },
}


@dataclass(frozen=True)
class Attributes(Asking):
    """of: the column with the class. classes: a list or table.column. about: what the data are. dimensions: auto, or name -> list | auto |
    per_class. values: per dimension. most: dimensions asked for. similar: classes. check: whether values are filtered. length: values
    of L. dimensions_prompt, values_prompt, similar_prompt, filter_prompt: the templates of the asks that prepare them."""

    of: str
    classes: Any
    about: str
    dimensions: Any = "auto"
    values: int = 10
    most: int = 4
    similar: int = 5
    check_values: bool = field(default=True, metadata={"key": "check"})
    length: list[int] | None = None
    dimensions_prompt: str = field(default_factory=partial(built_in, "attribute_dimensions"))
    values_prompt: str = field(default_factory=partial(built_in, "attribute_values"))
    similar_prompt: str = field(default_factory=partial(built_in, "attribute_similar"))
    filter_prompt: str = field(default_factory=partial(built_in, "attribute_filter"))
    name: ClassVar[str] = "attributes"
    cites: ClassVar[tuple[str, ...]] = (
        "Yu et al. 2023, Large language model as attributed training data generator, AttrPrompt (2306.15895)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.classes, str) and not (isinstance(self.classes, list) and self.classes):
            raise ValueError("classes must be a list, or table.column")
        if isinstance(self.dimensions, Mapping):
            for name, given in self.dimensions.items():
                if given not in ("auto", "per_class") and not (isinstance(given, list) and given):
                    raise ValueError(f"dimensions: {name} is {given!r}, expected a list of values, auto or per_class")
        elif self.dimensions != "auto":
            raise ValueError("dimensions must be auto, or a mapping of names to a list of values, auto or per_class")
        if min(self.values, self.most, self.similar) < 1:
            raise ValueError("values, most and similar must be at least 1")

    def prompts(self) -> tuple[str, ...]:
        return (self.dimensions_prompt, self.values_prompt, self.similar_prompt, self.filter_prompt)

    def gives(self) -> tuple[str, ...]:
        return ("about", "classes", "most", "n", "of", "dimension", "similar", "values")

    def calls(self) -> float:
        return 0.0  # all of them once a run

    def estimate_once(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """One call for the dimensions, one per class for its similar ones, and for values one per dimension, or two per class and dimension."""
        given = self.dimensions if isinstance(self.dimensions, Mapping) else {}
        auto = sum(g == "auto" for g in given.values()) if given else self.most / 2
        depends = sum(g == "per_class" for g in given.values()) if given else self.most / 2
        table, _, column = self.classes.partition(".") if isinstance(self.classes, str) else ("", "", "")
        n = len(set(scene.table(table).column(column))) if table else len(self.classes)
        calls = (not given) + n * (n - 1 > self.similar) + auto + n * depends * (1 + self.check_values)
        return {self.model: (float(calls), 200.0 * calls, 80.0 * calls)}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.of, *super().reads(scene))

    def reads_tables(self) -> tuple[str, ...]:
        return (self.classes.partition(".")[0],) if isinstance(self.classes, str) else ()

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("attributes", "similar", "about", "class_name", "words_min", "words_max")

    def must_be_read(self) -> tuple[str, ...]:
        return ("attributes",)

    def check(self, scene: Scene) -> None:
        if isinstance(self.classes, str):
            if "." not in self.classes:
                raise RecipeError(f"{scene.where}: classes is '{self.classes}', expected a list or table.column")
            scene.table_column(self.classes)

    def _classes(self, ctx: Context) -> list[Any]:
        return self.classes if isinstance(self.classes, list) else ctx.once("classes", lambda: ctx.levels(self.classes))

    async def each(self, row: Row, ctx: Context) -> Result:
        of = row.values[self.of]
        per_class: dict[str, bool] = await ctx.shared("dimensions", self._dimensions)
        similar: list[Any] = await ctx.shared(f"similar {of}", lambda at: self._similar(at, of))
        drawn: dict[str, Any] = {}
        for name, depends in per_class.items():
            values: Sequence[Any] = await self._values(ctx, name, of if depends else None, similar)
            drawn[name] = ctx.rng(name).choice(values)
        # told apart from the draw of a dimension that is called length
        low = ctx.rng("length", "L").choice(self.length) if self.length else None
        high = None if low is None else low + LENGTH_STEP
        told = {"about": self.about, "class_name": of, "words_min": low, "words_max": high}
        return row.with_values({"attributes": drawn, "similar": similar, **told})

    async def _dimensions(self, ctx: Context) -> dict[str, bool]:
        """name -> whether its values depend on the class."""
        if isinstance(self.dimensions, Mapping):
            return {name: given == "per_class" for name, given in self.dimensions.items()}
        given = {"about": self.about, "classes": self._classes(ctx), "most": self.most}
        told, _ = await self.say(ctx, self.dimensions_prompt, given, shape_of(dimensions=_DIMENSIONS))
        names = {d["name"].strip().lower().replace(" ", "_"): d["class_dependent"] for d in told["dimensions"]}
        return dict(list(names.items())[: self.most])

    async def _similar(self, ctx: Context, of: Any) -> list[Any]:
        others = {str(c).lower(): c for c in self._classes(ctx) if c != of}
        if len(others) <= self.similar:
            return list(others.values())

        def known(told: Any) -> list[Any]:
            found = list(dict.fromkeys(others[c.strip().lower()] for c in told["classes"] if c.strip().lower() in others))
            if not found:
                raise ValueError("none of these is one of the other classes")
            return found[: self.similar]

        given = {"about": self.about, "classes": self._classes(ctx), "of": of, "n": self.similar}
        found, _ = await self.say(ctx, self.similar_prompt, given, shape_of(classes=_TEXTS), check=known)
        return list(found)

    async def _values(self, ctx: Context, dimension: str, of: Any, similar: list[Any]) -> Sequence[Any]:
        given = self.dimensions.get(dimension) if isinstance(self.dimensions, Mapping) else "auto"
        if isinstance(given, list):
            return given
        what = f"values of {dimension}" + (f" for {of}" if of is not None else "")
        return await ctx.shared(what, lambda at: self._propose(at, dimension, of, similar))

    async def _propose(self, ctx: Context, dimension: str, of: Any, similar: list[Any]) -> list[str]:
        given = {"about": self.about, "dimension": dimension, "of": of, "n": self.values}

        def different(told: Any) -> dict[str, str]:
            found: dict[str, str] = {}
            for v in told["values"]:
                if v.strip():
                    found.setdefault(v.strip().lower(), v.strip())  # a value told twice would be drawn twice as often
            if not found:
                raise ValueError("there are no values")
            return dict(list(found.items())[: self.values])

        spelled, _ = await self.say(ctx, self.values_prompt, given, shape_of(values=_TEXTS), check=different)
        values = list(spelled.values())
        if of is None or not self.check_values or not similar:
            return values

        def chosen(told: Any) -> list[str]:
            return [spelled[v] for v in dict.fromkeys(v.strip().lower() for v in told["values"]) if v in spelled]

        asked = {"about": self.about, "dimension": dimension, "of": of, "similar": similar, "values": values}
        kept, _ = await self.say(ctx, self.filter_prompt, asked, shape_of(values={**_TEXTS, "minItems": 0}), check=chosen)
        if not kept:
            raise ContentError("attributes", f"no value of '{dimension}' tells '{of}' from {', '.join(map(str, similar))}")
        return list(kept)
