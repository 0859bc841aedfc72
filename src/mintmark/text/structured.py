"""JSON out of a model's answer: parsed, mended where that is safe, and validated against a JSON Schema.

Mended: code fences, chatter before and after, trailing commas, single quotes, unquoted keys. Never mended: a cut answer (an object,
list or string that is not closed): its end is unknown, so it must be asked again. Of several values the first one that validates is taken.
NaN and Infinity are refused; of duplicate keys the last counts, as in every JSON parser that people use.

    Schema({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}).read('```json\\n{"text": "hi",}\\n```')
    -> {"text": "hi"}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

MOST_CHARACTERS, MOST_DEPTH = 4_000_000, 100


class NotJSON(ValueError):
    """No usable JSON in the answer."""

    reason = "json"


class BrokenSchema(ValueError):
    """JSON, but not what the schema asks for."""

    reason = "schema"


class Schema:
    """A compiled JSON Schema. ValueError where it is none."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        import jsonschema_rs

        if not isinstance(schema, Mapping):
            raise ValueError(f"found {type(schema).__name__}, expected a JSON Schema as a mapping")
        self.schema = dict(schema)
        try:
            jsonschema_rs.meta.validate(self.schema)
            self._validator = jsonschema_rs.validator_for(self.schema)
        except Exception as error:  # the library raises several kinds, all of them about the schema
            path = ".".join(map(str, getattr(error, "instance_path", ()) or ()))
            raise ValueError(
                f"is no JSON Schema{' at ' + path if path else ''}: {getattr(error, 'message', None) or str(error).splitlines()[0]}"
            ) from error
        self.valid = self._validator.is_valid

    def read(self, text: str) -> Any:
        """The value in `text` that fits. Raises NotJSON or BrokenSchema, in words that a model can use to answer better."""
        try:
            value = orjson.loads(text)
        except ValueError:
            return self._mend(text)
        if self.valid(value):
            return value
        raise BrokenSchema(self.fault(value))

    def fault(self, value: Any) -> str:
        """What is wrong with a value, by path: the first three faults."""
        faults = []
        for error in self._validator.iter_errors(value):
            path = ".".join(map(str, error.instance_path))
            faults.append(f"{path or 'the value'}: {str(error.message)[:160]}")
            if len(faults) == 3:
                break
        return "; ".join(faults) or "the value does not fit the schema"

    def _mend(self, text: str) -> Any:
        if len(text) > MOST_CHARACTERS:
            raise NotJSON(f"the answer has {len(text):,} characters, at most {MOST_CHARACTERS:,} are read")
        spans, cut = values_in(text)
        fault = ""
        for span in spans:
            value = _parse(span)
            if value is None:
                continue
            if self.valid(value):
                return value
            fault = fault or self.fault(value)
        if fault:
            raise BrokenSchema(fault)
        if cut:
            raise NotJSON("the JSON is cut: it is not closed at the end")
        raise NotJSON("there is no JSON in it" if not spans else "the JSON cannot be parsed")


def values_in(text: str) -> tuple[list[str], bool]:
    """Complete top-level {...} and [...] spans in order, and whether the last one is cut. Quotes and escapes are respected."""
    spans: list[str] = []
    stack: list[str] = []
    start, quote, escaped = 0, "", False
    for i, ch in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif ch == "\\":
                escaped = True
            elif ch == quote and (quote == '"' or _closes(text, i)):
                quote = ""
            continue
        if ch in "{[":
            if not stack:
                start = i
            stack.append("}" if ch == "{" else "]")
            if len(stack) > MOST_DEPTH:
                raise NotJSON(f"the JSON is nested more than {MOST_DEPTH} deep")
        elif not stack:
            continue
        elif ch == '"' or (ch == "'" and _opens(text, i)):
            quote = ch
        elif ch in "}]":
            if stack[-1] != ch:
                return spans, True
            stack.pop()
            if not stack:
                spans.append(text[start : i + 1])
    return spans, bool(stack)


def _opens(text: str, i: int) -> bool:
    """Whether a single quote here begins a string: it follows a bracket, comma or colon."""
    before = text[max(0, i - 40) : i].rstrip()
    return bool(before) and before[-1] in "{[,:"


def _closes(text: str, i: int) -> bool:
    """Whether a single quote here ends one: a bracket, comma or colon follows."""
    after = text[i + 1 : i + 40].lstrip()
    return not after or after[0] in "}],:"


def _parse(span: str) -> Any:
    try:
        return orjson.loads(span)
    except ValueError:
        pass
    if "NaN" in span or "Infinity" in span:
        return None
    from json_repair import repair_json

    try:
        value = repair_json(span, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError):
        return None
    return value if isinstance(value, (dict, list)) else None
