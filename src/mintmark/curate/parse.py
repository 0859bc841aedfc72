"""parse: takes a value out of a text column: a number, a label, a JSON object's fields, a regular expression's group, or lines.

    parse: {column: reply, as: label, labels: [positive, negative], into: sentiment}
    parse: {column: reply, as: json, schema: {type: object, properties: {score: {type: number}}}}      writes the properties
    parse: {column: reply, as: regex, pattern: "Answer: (.+)", into: answer}

number: the last number in the text (thousands commas are taken out), as GSM8K answers are read. label: the only label that stands in the
text as a word. lines: one row per non-empty line, list marks removed. Drops: unparsed (the detail says what was found), ambiguous (two labels).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.extract import extract
from ..text.structured import Schema


@dataclass(frozen=True)
class Parse(Op):
    """as: json | number | label | regex | lines. into: the column written (json writes the schema's properties instead). pattern: for
    regex, whose group is taken. labels: for label. schema: for json."""

    column: str
    kind: Literal["json", "number", "label", "regex", "lines"] = field(metadata={"key": "as"})
    into: str | None = None
    pattern: str | None = None
    labels: list[str] | None = None
    schema: Mapping[str, Any] | None = None
    name: ClassVar[str] = "parse"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {"unparsed": "the text holds no such value", "ambiguous": "two labels stand in the text"}

    def __post_init__(self) -> None:
        needs = {"json": "schema", "label": "labels", "regex": "pattern"}.get(self.kind)
        if needs and not getattr(self, needs):
            raise ValueError(f"as: {self.kind} needs {needs}:")
        if self.kind != "json" and not self.into:
            raise ValueError(f"as: {self.kind} needs into:, the column to write")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple((self.schema or {}).get("properties") or ()) if self.kind == "json" else (str(self.into),)

    def check(self, scene: Scene) -> None:
        if self.schema is not None:
            try:
                Schema(self.schema)
            except ValueError as error:
                raise RecipeError(f"{scene.where}: schema {error}") from error
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise RecipeError(f"{scene.where}: '{self.pattern}' is no regular expression ({error})") from error

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        text = ("" if value is None else str(value))[:100_000]
        if self.kind == "json":
            schema: Schema = ctx.once("schema", lambda: Schema(self.schema or {}))
            try:
                read = schema.read(text)
            except ValueError as error:
                return Drop("unparsed", str(error)[:200])
            return row.with_values({c: read.get(c) for c in (self.schema or {}).get("properties") or ()})
        try:
            pattern = ctx.once("pattern", lambda: re.compile(self.pattern or ""))
            found = extract(self.kind, text, labels=self.labels or (), pattern=pattern)
        except ValueError as error:
            return Drop(getattr(error, "reason", "unparsed"), str(error)[:200])
        if self.kind == "lines":
            return [row.child(ctx.label, k, {str(self.into): line}) for k, line in enumerate(found)]
        return row.with_values({str(self.into): found})
