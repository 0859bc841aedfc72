"""YAML for people who do not trust the file: no tags, anchors or aliases, no duplicate keys, a size and a depth cap.

PyYAML's parser makes the events; the tree is built here, so that nothing of YAML's object machinery is reached. Plain scalars follow
YAML 1.2's core: null, true/false, numbers; `yes`, `on`, dates and 12:30 stay text.
"""

from __future__ import annotations

import math
import re
from typing import Any

MOST_BYTES, MOST_DEPTH = 1_000_000, 50
_INT = re.compile(r"[-+]?[0-9]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE, _FALSE = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}


def load_yaml(text: str, name: str = "YAML") -> Any:
    """The value of one YAML document. ValueError says line and column, what was found, and what to do."""
    import yaml

    if len(text) > MOST_BYTES:
        raise ValueError(f"{name} has {len(text):,} characters, at most {MOST_BYTES:,} are read")
    _not_too_deep(text, name)
    try:
        return _Builder(yaml, yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "cannot start any token" in problem:
            found = next(iter(text.splitlines()[mark.line][mark.column :]), "") if mark is not None else ""
            problem = "a tab; indent with blanks" if found == "\t" else f"{found!r} cannot begin a value here; quote it if it is text"
        raise ValueError(f"{name}{at}: {problem}; expected valid YAML (is the indentation right, is text with ':' quoted?)") from error


def _not_too_deep(text: str, name: str) -> None:
    """Flow brackets nested past the cap are refused before the parser sees them: its own stack is the machine's."""
    depth = deepest = 0
    for ch in text:
        if ch in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif ch in "]}":
            depth = max(0, depth - 1)
    if deepest > 20 * MOST_DEPTH:
        raise ValueError(f"{name} nests brackets {deepest} deep, at most {MOST_DEPTH} levels are read")


class _Builder:
    def __init__(self, yaml: Any, events: Any, name: str) -> None:
        self._yaml, self._events, self._name = yaml, events, name

    def _fail(self, event: Any, what: str) -> ValueError:
        mark = event.start_mark
        return ValueError(f"{self._name}, line {mark.line + 1}, column {mark.column + 1}: {what}")

    def document(self) -> Any:
        y = self._yaml
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, y.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._fail(event, "a second document begins here; write one document a file")
                value = self._node(next(self._events), 0)
        return value

    def _node(self, event: Any, depth: int) -> Any:
        y = self._yaml
        if isinstance(event, y.AliasEvent):
            raise self._fail(event, f"the alias *{event.anchor} is not allowed; write the value out")
        if getattr(event, "anchor", None):
            raise self._fail(event, f"the anchor &{event.anchor} is not allowed; write the value out where it is needed")
        if getattr(event, "tag", None) and event.tag != "!":
            raise self._fail(event, f"the tag {event.tag} is not allowed; write plain values")
        if depth > MOST_DEPTH:
            raise self._fail(event, f"nested more than {MOST_DEPTH} levels deep")
        if isinstance(event, y.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, y.SequenceStartEvent):
            out = []
            while not isinstance(item := next(self._events), y.SequenceEndEvent):
                out.append(self._node(item, depth + 1))
            return out
        return self._mapping(depth)

    def _mapping(self, depth: int) -> dict[Any, Any]:
        y = self._yaml
        out: dict[Any, Any] = {}
        while not isinstance(event := next(self._events), y.MappingEndEvent):
            if not isinstance(event, (y.ScalarEvent, y.AliasEvent)):
                raise self._fail(event, "a key must be a single word or text")
            key = self._node(event, depth + 1)
            if key == "<<":
                raise self._fail(event, "the merge key << is not allowed; write the keys out")
            if key in out:
                raise self._fail(event, f"the key '{key}' stands here for the second time; keep one of them")
            out[key] = self._node(next(self._events), depth + 1)
        return out

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.style:  # quoted or a block; the C parser says "" for plain
            return text
        if text in _NULL:
            return None
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if _INT.match(text):
            if len(text) > 40:
                raise self._fail(event, f"a number of {len(text)} digits; quote it if it is text")
            return text if len(text.lstrip("+-")) > 1 and text.lstrip("+-")[0] == "0" else int(text)
        if _HEX.match(text) and len(text) < 18:
            return int(text, 16)
        if _FLOAT.match(text):
            number = float(text)
            if math.isinf(number):
                raise self._fail(event, f"the number {text[:20]} is too large")
            return number
        return text


def dump_yaml(value: Any) -> str:
    """Readable YAML (long text as blocks) that `load_yaml` reads back to an equal value."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

    def text(dumper: Any, data: str) -> Any:
        if "\n" in data and data.isprintable() is False and all(c == "\n" or c.isprintable() for c in data):
            return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|")
        plain = _reads_as_text(data)
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=None if plain else "'")

    Dumper.add_representer(str, text)
    Dumper.add_representer(tuple, lambda d, data: d.represent_list(data))
    return str(yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120))


def _reads_as_text(data: str) -> bool:
    if data in _NULL or data in _TRUE or data in _FALSE:
        return False
    return not (_INT.match(data) or _HEX.match(data) or _FLOAT.match(data))
