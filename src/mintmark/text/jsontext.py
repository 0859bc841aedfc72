"""JSON text of anything a row may hold, and back. orjson where it can (fast); the standard library where orjson refuses: lone surrogates
(written as escapes), integers past 64 bits, keys that are no text. NaN and infinity, which JSON does not have, become null. What a cell cannot be (an object of some class) becomes its text.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_LONG, _LONG_BYTES = re.compile(r"\d{19}"), re.compile(rb"\d{19}")


def dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # orjson.JSONEncodeError is one
        return json.dumps(value, default=str, separators=(",", ":")).encode()


def loads(text: bytes | str) -> Any:
    """orjson makes floats of integers past 64 bits without a word: a text that holds 19 digits in a row is read by the standard library."""
    long = _LONG_BYTES.search(text) if isinstance(text, bytes) else _LONG.search(text)
    if long:
        return json.loads(text)
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
