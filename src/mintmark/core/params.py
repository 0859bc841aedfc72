"""Parameters are the fields of a frozen dataclass: read from a mapping as YAML holds it, checked by their type hints, and written back (law 5).

Ops and metrics share this. A field's `metadata["key"]` is its name in YAML where Python has none to spare (`from`).
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from .errors import RecipeError, nearest


class Params:
    """Base of what a recipe configures by a mapping."""

    @classmethod
    def from_params(cls, params: Any, where: str) -> Self:
        """Build from a YAML mapping; unknown names, missing ones and wrong types are refused with the nearest name."""
        fields = {key_of(f): f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        if params is None:
            params = {}
        if not isinstance(params, Mapping):
            needed = [k for k, f in fields.items() if _required(f)]
            if len(needed) == 1:
                params = {needed[0]: params}
            else:
                raise RecipeError(f"{where}: found {_short(params)}, expected a mapping with {', '.join(fields) or 'nothing'}")
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for key, value in params.items():
            if key not in fields:
                raise RecipeError(f"{where} has no parameter '{key}'.{nearest(str(key), fields)}")
            f = fields[key]
            if not _fits(value, hints[f.name]):
                raise RecipeError(f"{where}: {key} is {_short(value)}, expected {words_of(hints[f.name])}")
            values[f.name] = tuple(value) if isinstance(value, list) and "tuple" in str(hints[f.name]) else value
        missing = [k for k, f in fields.items() if _required(f) and f.name not in values]
        if missing:
            raise RecipeError(f"{where} needs the parameter{'s' * (len(missing) > 1)} {', '.join(missing)}")
        try:
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise RecipeError(f"{where}: {error}") from error

    def params(self) -> dict[str, Any]:
        """The parameters as YAML would hold them; from_params(params()) gives an equal one."""
        out = {}
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            if f.default is dataclasses.MISSING or value != f.default:
                out[key_of(f)] = list(value) if isinstance(value, tuple) else value
        return out


def within(name: str, value: float | None, low: float, high: float = math.inf) -> None:
    """ValueError, in words, for a number that is given and lies outside low..high, or is none (NaN)."""
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} is {value:g}, expected {f'{low:g} to {high:g}' if high < math.inf else f'at least {low:g}'}")


def key_of(f: dataclasses.Field[Any]) -> str:
    """A field's name in YAML."""
    key: str = f.metadata.get("key", f.name)
    return key


def _required(f: dataclasses.Field[Any]) -> bool:
    return f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


_WORDS = {Any: "anything", str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a mapping", list: "a list"}


def _fits(value: Any, hint: Any) -> bool:
    """Whether a YAML value fits a type hint; only what YAML can hold is told apart."""
    origin = typing.get_origin(hint)
    if hint is Any or isinstance(hint, typing.TypeVar):
        return True
    if origin is typing.Union or origin is types.UnionType:
        return any(_fits(value, part) for part in typing.get_args(hint))
    if origin is typing.Literal:
        return any(value == x and type(value) is type(x) for x in typing.get_args(hint))
    if hint is type(None):
        return value is None
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (str, bool):
        return isinstance(value, hint)
    base = origin or hint
    if base in (tuple, list) or base is Sequence:
        if isinstance(value, str) or not isinstance(value, (list, tuple)):
            return False
        args = [a for a in typing.get_args(hint) if a is not Ellipsis]
        if base is tuple and len(args) > 1 and len(args) != len(value):
            return False
        return all(_fits(v, args[min(i, len(args) - 1)]) for i, v in enumerate(value)) if args else True
    if base in (dict, Mapping):
        return isinstance(value, Mapping)
    if base is Callable:
        return callable(value)
    return isinstance(value, base) if isinstance(base, type) else True


def words_of(hint: Any) -> str:
    """A type hint in the words of a person who writes YAML."""
    origin = typing.get_origin(hint)
    if origin is typing.Union or origin is types.UnionType:
        return " or ".join(words_of(a) for a in typing.get_args(hint) if a is not type(None))
    if origin is typing.Literal:
        return "one of " + ", ".join(str(a) for a in typing.get_args(hint))
    if origin in (tuple, list, Sequence):
        args = [a for a in typing.get_args(hint) if a is not Ellipsis]
        return f"a list of {words_of(args[0])}" if args else "a list"
    if origin in (dict, Mapping):
        return "a mapping"
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))
