"""JSON text of anything a row may hold, and back. orjson where it can (fast); the standard library where orjson refuses: lone surrogates
(written as escapes), integers past 64 bits, NaN, keys that are no text. What a cell cannot be (an object of some class) becomes its text.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # orjson.JSONEncodeError is one
        return json.dumps(value, default=str, separators=(",", ":")).encode()


def loads(text: bytes | str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
