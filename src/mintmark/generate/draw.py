"""draw: draws values for each row's columns, uniformly or by weight: words a text must hold, features, styles, lengths.

    draw: {verb: [bake, hide, whisper], noun: {from: words.noun}, features: {some: [dialogue, plot twist, bad ending, moral], least: 0, most: 2}}

A column is a list of values, {values, weights}, {from: table.column} (distinct values), or {some: list, least, most}: a random subset, as a
list. Each draw depends on the row's id and the seed alone.
One row: id='3f0c...', verb='hide', noun='spoon', features=['dialogue']
Source: TinyStories (2305.07759): three random words and a random subset of features force variety on a model that repeats itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Scene, Scope
from ..core.rows import Result, Row


@dataclass(frozen=True)
class Draw(Op):
    """columns: name -> list | {values, weights} | {from} | {some, least, most}."""

    columns: Mapping[str, Any]
    name: ClassVar[str] = "draw"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Eldan and Li 2023, TinyStories (2305.07759)",)

    @classmethod
    def from_params(cls, params: Any, where: str) -> Self:
        if not isinstance(params, Mapping) or not params:
            raise RecipeError(f"{where}: expected columns with their values, such as {{verb: [bake, hide]}}")
        for column, given in params.items():
            if isinstance(given, Mapping):
                kinds = {"values": ("values", "weights"), "from": ("from",), "some": ("some", "least", "most")}
                known = next((v for k, v in kinds.items() if k in given), ())
                if not known:
                    raise RecipeError(f"{where}: column '{column}' is {given!r}, expected a list, or a mapping with values, from or some")
                for key in given:
                    if key not in known:
                        raise RecipeError(f"{where}: column '{column}' has no '{key}'.{nearest(str(key), known)}")
                for key in ("values", "some"):
                    if key in given and not (isinstance(given[key], list) and given[key]):
                        raise RecipeError(f"{where}: column '{column}': {key} is {given[key]!r}, expected a list of values")
                weights = given.get("weights")
                if weights is not None and not (
                    isinstance(weights, list) and len(weights) == len(given["values"]) and all(map(_weight, weights)) and sum(weights) > 0
                ):
                    raise RecipeError(f"{where}: column '{column}': weights must be as many numbers as values, not below 0 and not all 0")
                if "from" in given and "." not in str(given["from"]):
                    raise RecipeError(f"{where}: column '{column}': from is {given['from']!r}, expected table.column")
                least, most = given.get("least", 0), given.get("most", len(given.get("some") or ()))
                if "some" in given and not (type(least) is type(most) is int and 0 <= least <= most <= len(given["some"])):
                    raise RecipeError(f"{where}: column '{column}': expected 0 <= least <= most <= {len(given['some'])}")
                given = given.get("values", given.get("some", [given.get("from")]))
            if not isinstance(given, list) or not given:
                raise RecipeError(f"{where}: column '{column}' is {given!r}, expected a list of values")
        return cls(dict(params))

    def params(self) -> dict[str, Any]:
        return dict(self.columns)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(self.columns)

    def reads_tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v["from"].partition(".")[0] for v in self.columns.values() if isinstance(v, Mapping) and "from" in v))

    def check(self, scene: Scene) -> None:
        for column, given in self.columns.items():
            if isinstance(given, Mapping) and "from" in given:
                name, found = scene.table_column(given["from"])
                if all(v is None for v in scene.table(name).column(found)):
                    raise RecipeError(f"{scene.where}: column '{column}': '{given['from']}' holds no values")

    def each(self, row: Row, ctx: Context) -> Result:
        pools: dict[str, Any] = ctx.once("pools", lambda: {c: _pool(g, ctx) for c, g in self.columns.items()})
        out: dict[str, Any] = {}
        for column, (values, weights, least, most) in pools.items():
            rng = ctx.rng(column)
            if most is not None:
                out[column] = rng.sample(values, rng.randint(least, most))
            else:
                out[column] = rng.choices(values, weights)[0] if weights else rng.choice(values)
        return row.with_values(out)


def _weight(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _pool(given: Any, ctx: Context) -> tuple[list[Any], list[float] | None, int, int | None]:
    if isinstance(given, list):
        return given, None, 0, None
    if "from" in given:
        return ctx.levels(given["from"]), None, 0, None
    if "some" in given:
        return given["some"], None, given.get("least", 0), given.get("most", len(given["some"]))
    return given["values"], given.get("weights"), 0, None
