"""A row of a table as a sentence, and back: "age is 42, sex is f", the columns in any order (GReaT).

    encode({"age": 42, "sex": "f", "note": "tired, pale"}, ("sex", "note", "age"))  ->  'sex is f, note is "tired, pale", age is 42'
    decode('sex is f, note is "tired, pale", age is 42')                            ->  {"sex": "f", "note": "tired, pale", "age": 42}

Numbers, booleans and None stand bare; a text that would read as one of them, or holds a comma, a quote or a line break, stands as a JSON string, and so
does such a column name. decode(encode(row, order)) is the row, for every order. NaN and infinities are None; dates are their ISO text.
Source: Borisov et al. 2023, Language models are realistic tabular data generators (2210.06280). Not covered: cells that are lists or objects.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .names import brief

_INT, _FLOAT = re.compile(r"-?\d{1,400}\Z", re.ASCII), re.compile(r"-?\d{1,400}(\.\d{1,400})?(e[-+]?\d{1,4})?\Z", re.ASCII)
_WORDS = {"None": None, "True": True, "False": False}
_RISKY = re.compile(r'[,"\x00-\x1f\x7f\x85\u2028\u2029]')
_string = json.JSONDecoder().raw_decode


class Malformed(ValueError):
    """A sentence that is no row; `reason`: not_a_row, repeated_column."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def encode(row: Mapping[str, Any], order: Iterable[str]) -> str:
    """ValueError for a cell that is a list or an object."""
    return ", ".join(f"{_name(name)} is {_value(row[name])}" for name in order)


def begin(name: str) -> str:
    """The beginning of a sentence that asks for this column first."""
    return f"{_name(name)} is"


def decode(text: str) -> dict[str, Any]:
    """Raises Malformed."""
    out: dict[str, Any] = {}
    at, text = 0, text.strip()
    while True:
        name, at = _read(text, at, " is ")
        if not isinstance(name, str) or not text.startswith(" is ", at):
            raise Malformed("not_a_row", f"no 'column is value' at {brief(text[at:])}")
        value, at = _read(text, at + 4, ",")
        if name in out:
            raise Malformed("repeated_column", f"'{name}' stands in it twice")
        out[name] = value
        if at == len(text):
            return out
        if not text.startswith(", ", at):
            raise Malformed("not_a_row", f"expected a comma at {brief(text[at:])}")
        at += 2


def _name(name: str) -> str:
    plain = name and name == name.strip() and not _RISKY.search(name) and f"{name} is ".find(" is ") == len(name)
    return name if plain else json.dumps(name, ensure_ascii=False)


def _value(cell: Any) -> str:
    if cell is None or isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, (int, float)):
        return repr(cell) if math.isfinite(cell) else "None"
    if isinstance(cell, (list, dict)):
        raise ValueError(f"{brief(cell)} is no cell that a sentence can hold")
    text = cell if isinstance(cell, str) else str(cell)
    plain = text and text == text.strip() and not _RISKY.search(text) and isinstance(_plain(text), str)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> Any:
    """What bare text stands for."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text) and text != "-0":
        return int(text)
    value = float(text) if _FLOAT.match(text) else math.inf
    return value if math.isfinite(value) else text


def _read(text: str, at: int, until: str) -> tuple[Any, int]:
    """(what stands at `at`, where it ends). A bare text ends before `until`."""
    if text.startswith('"', at):
        try:
            value, end = _string(text, at)
        except ValueError as error:
            raise Malformed("not_a_row", f"a quote is not closed at {brief(text[at:])}") from error
        return value, end
    end = text.find(until, at)
    bare = text[at : end if end >= 0 else len(text)]
    if not bare.strip():
        raise Malformed("not_a_row", f"nothing stands at {brief(text[at:])}" if bare or at < len(text) else "it ends too early")
    if until == ",":
        return _plain(bare.strip()), at + len(bare)
    if "," in bare:
        raise Malformed("not_a_row", f"a value without a column at {brief(bare)}")
    return bare.strip(), at + len(bare)
