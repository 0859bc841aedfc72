"""draw: draws values for each row's columns: from lists, by another column, from distributions, times, persons, or computed of the others.

    draw: {verb: [bake, hide, whisper], noun: {from: words.noun}, features: {some: [dialogue, plot twist, bad ending, moral], least: 0, most: 2}}
    draw:
      kind: {values: [loan, card], weights: [3, 1]}
      topic: {by: kind, values: {loan: [renewal, fee], card: {values: [lost, new], weights: [1, 4]}}}       a subcategory by a condition
      price: {distribution: lognorm, s: 0.5, scale: 20, low: 1, high: 500, decimals: 2}                     scipy's names and parameters
      count: {distribution: poisson, mu: 2, low: 1}
      seen: {between: [2024-01-01, 2024-12-31], step: minute}                                               step: day | hour | minute | second
      key: {uuid: 4}
      name: {person: name, locale: de_DE}                                                                   extra `faker`
      email: {person: email, locale: de_DE}                                                                 of the same person, as all of one `who`
      total: {expression: price * count, decimals: 2}                                                       text/expr over this row

A column is a list of values, or a mapping as above; {from: table.column} takes the distinct values, {some: list, least, most} a random subset, as
a list. Each draw depends on the row's id and the seed alone. Fields of a person: text/persons.py. Columns may use each other, not in a circle.
Drops: no_values (`by` has a value without a list), not_computable. One row: id='3f0c...', verb='hide', noun='spoon', features=['dialogue']
Source: TinyStories (2305.07759): three random words and a random subset of features force variety on a model that repeats itself.
"""

from __future__ import annotations

import graphlib
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..core.context import Context
from ..core.errors import MissingExtra, RecipeError, nearest
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.expr import Expr

_KINDS: dict[str, tuple[str, ...]] = {
    "by": ("by", "values"),
    "values": ("values", "weights"),
    "from": ("from",),
    "some": ("some", "least", "most"),
    "distribution": (),  # and what the distribution takes
    "between": ("between", "step"),
    "uuid": ("uuid",),
    "person": ("person", "locale", "who"),
    "expression": ("expression", "decimals"),
}
_Draw = Callable[[random.Random, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Draw(Op):
    """columns: name -> list | {values, weights} | {by, values} | {from} | {some, least, most} | {distribution, ...} | {between, step} | {uuid: 4} |
    {person, locale, who} | {expression, decimals}."""

    columns: Mapping[str, Any]
    name: ClassVar[str] = "draw"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = ("Eldan and Li 2023, TinyStories (2305.07759)",)
    drops: ClassVar[Mapping[str, str]] = {
        "no_values": "`by` has a value for which no values are given",
        "not_computable": "an expression cannot be computed from the row",
    }

    @classmethod
    def from_params(cls, params: Any, where: str) -> Self:
        if not isinstance(params, Mapping) or not params:
            raise RecipeError(f"{where}: expected columns with their values, such as {{verb: [bake, hide]}}")
        for column, given in params.items():
            try:
                _maker(given)
            except ValueError as error:
                raise RecipeError(f"{where}: column '{column}': {error}") from error
        op = cls(dict(params))
        op._order(where)
        return op

    def params(self) -> dict[str, Any]:
        return dict(self.columns)

    def _order(self, where: str) -> list[str]:
        """The columns, each after those of this step that it uses."""
        uses = {c: [n for n in _uses(given) if n in self.columns] for c, given in self.columns.items()}
        try:
            return list(graphlib.TopologicalSorter(uses).static_order())
        except graphlib.CycleError as error:
            raise RecipeError(f"{where}: columns need each other: {' <- '.join(map(str, error.args[1]))}") from error

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for given in self.columns.values() for n in _uses(given) if n not in self.columns))

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
        self._persons(scene.where)

    def _persons(self, where: str) -> dict[str, Any]:
        """Locale -> its persons."""
        from ..text.persons import Persons

        out: dict[str, Any] = {}
        for column, given in self.columns.items():
            locale = given.get("locale", "en_US") if isinstance(given, Mapping) and "person" in given else None
            try:
                if locale is not None and locale not in out:
                    out[locale] = Persons(locale)
            except ImportError as error:
                raise MissingExtra("faker", "faker", f"{where}: column '{column}', a person") from error
            except ValueError as error:
                raise RecipeError(f"{where}: column '{column}': {error}") from error
        return out

    def each(self, row: Row, ctx: Context) -> Result:
        makers = ctx.once("makers", lambda: [(c, _maker(_read(self.columns[c], ctx)), self.columns[c]) for c in self._order(ctx.label)])
        people: dict[str, Any] = ctx.once("people", lambda: self._persons(ctx.label))
        values = dict(row.values)
        for column, make, given in makers:
            if make is None:
                locale = given.get("locale", "en_US")
                rng = ctx.rng("person", locale, given.get("who", ""))
                values[column] = people[locale].person(rng.getrandbits(63))[given["person"]]
                continue
            try:
                values[column] = make(ctx.rng(column), values)
            except KeyError:
                return Drop("no_values", f"{column}: {given['by']} is {values[given['by']]!r}")
            except (ValueError, TypeError, OverflowError) as error:
                return Drop("not_computable", f"{column}: {error}")
        return row.with_values({c: values[c] for c in self.columns})


def _uses(given: Any) -> tuple[str, ...]:
    """The columns that a column is drawn by."""
    if isinstance(given, Mapping) and "expression" in given:
        return Expr(given["expression"]).names
    return (given["by"],) if isinstance(given, Mapping) and "by" in given else ()


def _read(given: Any, ctx: Context) -> Any:
    """The column with a table's values in the place of its name."""
    return ctx.levels(given["from"]) if isinstance(given, Mapping) and "from" in given else given


def _maker(given: Any) -> _Draw | None:
    """What draws one value; None for a person, which is drawn for several columns at once. ValueError for what cannot be drawn from."""
    if not isinstance(given, Mapping):
        if not isinstance(given, list) or not given:
            raise ValueError(f"found {given!r}, expected a list of values")
        return lambda rng, row: rng.choice(given)
    kind = next((k for k in _KINDS if k in given), None)
    if kind is None:
        raise ValueError(f"found {given!r}, expected a list, or a mapping with {', '.join(_KINDS)}")
    for key in given:
        if _KINDS[kind] and key not in _KINDS[kind]:
            raise ValueError(f"there is no '{key}' beside '{kind}'.{nearest(str(key), _KINDS[kind])}")
    return _MAKERS[kind](given)


def _values(given: Mapping[str, Any]) -> _Draw:
    values, weights = _listed(given, "values"), given.get("weights")
    if weights is None:
        return lambda rng, row: rng.choice(values)
    if not (isinstance(weights, list) and len(weights) == len(values) and all(map(_weight, weights)) and sum(weights) > 0):
        raise ValueError("weights must be as many numbers as values, not below 0 and not all 0")
    return lambda rng, row: rng.choices(values, weights)[0]


def _by(given: Mapping[str, Any]) -> _Draw:
    lists = given.get("values")
    if not isinstance(given["by"], str) or not isinstance(lists, Mapping) or not lists:
        raise ValueError("expected {by: COLUMN, values: {its value: [...], ...}}")
    makers: dict[str, Any] = {str(value): _maker(inner) for value, inner in lists.items()}
    if any(isinstance(inner, Mapping) and {"by", "from", "person", "expression"} & set(inner) for inner in lists.values()):
        raise ValueError("by: its values must be lists, {values, weights}, {some}, distributions or times")
    return lambda rng, row: makers[str(row[given["by"]])](rng, row)


def _from(given: Mapping[str, Any]) -> _Draw:
    if not isinstance(given["from"], str) or "." not in given["from"]:
        raise ValueError(f"from is {given['from']!r}, expected table.column")
    return lambda rng, row: None  # replaced by the table's values before a run


def _some(given: Mapping[str, Any]) -> _Draw:
    values = _listed(given, "some")
    least, most = given.get("least", 0), given.get("most", len(values))
    if not (type(least) is type(most) is int and 0 <= least <= most <= len(values)):
        raise ValueError(f"expected 0 <= least <= most <= {len(values)}")
    return lambda rng, row: rng.sample(values, rng.randint(least, most))


def _distribution(given: Mapping[str, Any]) -> _Draw:
    from ..stats.samplers import distribution

    draw = distribution(given)
    return lambda rng, row: draw(rng)


def _between(given: Mapping[str, Any]) -> _Draw:
    from ..stats.samplers import between

    draw = between(given)
    return lambda rng, row: draw(rng)


def _uuid(given: Mapping[str, Any]) -> _Draw:
    if given["uuid"] is not True and given["uuid"] != 4:
        raise ValueError(f"uuid is {given['uuid']!r}, expected 4")
    return lambda rng, row: str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _person(given: Mapping[str, Any]) -> None:
    from ..text.persons import FIELDS

    if given["person"] not in FIELDS:
        raise ValueError(f"person is {given['person']!r}, expected one of {', '.join(FIELDS)}")


def _expression(given: Mapping[str, Any]) -> _Draw:
    if not isinstance(given["expression"], str):
        raise ValueError(f"expression is {given['expression']!r}, expected text such as price * count")
    rule, decimals = Expr(given["expression"]), given.get("decimals")
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= 15):
        raise ValueError(f"decimals is {decimals!r}, expected a whole number, 0 to 15")

    def compute(rng: random.Random, row: Mapping[str, Any]) -> Any:
        if any(row[n] is None for n in rule.names):
            return None
        found = rule.evaluate(row)
        return round(found, decimals) if decimals is not None else found

    return compute


def _listed(given: Mapping[str, Any], key: str) -> list[Any]:
    values = given[key]
    if not isinstance(values, list) or not values:
        raise ValueError(f"{key} is {values!r}, expected a list of values")
    return values


def _weight(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


_MAKERS: dict[str, Callable[[Mapping[str, Any]], _Draw | None]] = {
    "by": _by, "values": _values, "from": _from, "some": _some, "distribution": _distribution, "between": _between, "uuid": _uuid,
    "person": _person, "expression": _expression,
}  # fmt: skip
