"""One page for each op and metric, put together from its code: what it does, an example, parameters, columns, drop reasons, source.

There is no second list. What a parameter means is said in the docstring of its class, or of one above it, as 'name: meaning.'; its type and
default are the field's; columns are those of the example in the docstring of the file.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import textwrap
import typing
from collections.abc import Iterator
from functools import partial
from typing import Any

from .catalogue import families, metric_names, metrics, op_names
from .core.errors import MintmarkError, RecipeError, nearest
from .core.op import Op, Scene
from .core.params import Params, key_of, words_of
from .core.recipe import Repeat
from .reading import steps_of

WIDTH = 80
_HEAD = re.compile(r"(?:^|(?<=[.;)}] ))(?:[Oo]r |and )?([a-z]\w*(?:(?:, or |, and |, | or | and )[a-z]\w*)*)(?: \([^)]*\))?: ")
_TOPIC = re.compile(r"[A-Za-z][a-z_]+( [a-z]+){0,3}: |(Reads|Writes|Drops|Final|Memory|Measured)\b")  # begins a line of its own


def op_page(name: str) -> str:
    from .catalogue import find_op

    if name != "repeat" and name not in op_names():
        raise RecipeError(f"there is no op '{name}'.{nearest(name, op_names())} See `mintmark list ops`.")
    cls: type[Op] = Repeat if name == "repeat" else find_op(name, "op")
    doc = _doc(cls)
    when = {"source": "a step that makes the rows", "each": "a step row by row", "table": "a step over the whole table"}[cls.scope.value]
    found = [f"{name}: {when}{', once, after the last round' if cls.final else ''}", "", doc]
    found += ["", "PARAMETERS", *_parameters(cls)]
    if told := _columns(cls):
        found += ["", "COLUMNS of the example", *told]
    if cls.drops:
        found += ["", "DROPS rows as", *(_hang(f"{reason}: {meaning}") for reason, meaning in cls.drops.items())]
    return "\n".join([*found, *_cited(cls.cites)])


def metric_page(name: str) -> str:
    """name: a metric, a family of them, or one of the figures."""
    known = {*families(), *(m.name for m in metrics()), *metric_names()}
    chosen = [m for m in metrics() if name in (m.name, m.family) or name in m.gives]
    if not chosen:
        raise RecipeError(f"there is no metric '{name}'.{nearest(name, known)} See `mintmark list metrics`.")
    pages = []
    for cls in chosen:
        found = [f"{cls.name}: a metric of the family {cls.family}", "", _doc(cls), "", "GIVES"]
        found += [_hang(f"{figure}: {does}") for figure, does in cls.gives.items()]
        found += ["", "PARAMETERS", *_parameters(cls)]
        pages.append("\n".join([*found, *_cited(cls.cites)]))
    return f"\n\n{'─' * WIDTH}\n".join(pages)


def meanings(cls: type[Any]) -> dict[str, str]:
    """Parameter -> what it means, of the class's own docstring first."""
    keys = {key_of(f) for f in dataclasses.fields(cls)}
    found: dict[str, str] = {}
    for above in cls.__mro__:
        doc = above.__dict__.get("__doc__") or ""
        if doc.startswith(f"{above.__name__}("):  # what dataclass writes where nothing was written
            continue
        text = " ".join(doc.split())
        hits = list(_HEAD.finditer(text))
        for hit, after in zip(hits, [*hits, None][1:], strict=True):
            meaning = text[hit.end() : after.start() if after else len(text)].strip().rstrip(";")
            for key in keys.intersection(re.findall(r"\w+", hit[1])):
                found.setdefault(key, meaning)
    return found


def _parameters(cls: type[Params]) -> Iterator[str]:
    """What is needed first, what is the op's own before what all ops of its kind have."""
    told, hints = meanings(cls), typing.get_type_hints(cls)
    own = inspect.get_annotations(cls)
    fields = sorted(dataclasses.fields(cls), key=lambda f: (_default(f) != "needed", f.name not in own))  # type: ignore[arg-type]
    for f in fields:
        yield _hang(f"{key_of(f)} ({words_of(hints[f.name])}; {_default(f)}): {told.get(key_of(f), '')}")
    if not fields:
        yield "  none"


def _default(f: dataclasses.Field[Any]) -> str:
    from .text.jsontext import dumps

    made = f.default_factory
    if isinstance(made, partial):
        return f"default the built-in prompt {made.args[0]}"
    if f.default is dataclasses.MISSING and made is dataclasses.MISSING:
        return "needed"
    value = f.default if made is dataclasses.MISSING else made()
    try:
        text = dumps(list(value) if isinstance(value, (tuple, set, frozenset)) else value).decode()
    except TypeError:
        text = str(value)
    return "default none" if value is None or value == "" else f"default {text if len(text) <= 120 else text[:117] + '...'}"


def _columns(cls: type[Op]) -> list[str]:
    """What the first example that can be built reads and writes."""
    from .text.yaml_strict import load_yaml

    doc = importlib.import_module(cls.__module__).__doc__ or ""
    for block in re.findall(r"(?:^    .*\n?)+", doc, re.MULTILINE):
        for text in (block, *(re.sub(r"\s{3,}[^\s].*$", "", line[4:]) for line in block.splitlines())):
            try:
                (op,) = steps_of([load_yaml(textwrap.dedent(text), cls.name)], cls.name)
                reads, writes, removes = op.reads(Scene()), op.writes(Scene()), op.removes(Scene())
            except (MintmarkError, ValueError, TypeError, KeyError):
                continue
            named = (("reads", reads), ("writes", writes), ("removes", removes))
            return [_hang(f"{what}: {', '.join(columns)}") for what, columns in named if columns]
    return []


def _doc(cls: type[Any]) -> str:
    """The docstring of the file, its prose folded to the width; examples stay as they are, where they are narrow enough."""
    lines: list[str] = []
    own = inspect.getdoc(cls) if cls is Repeat else importlib.import_module(cls.__module__).__doc__
    for line in (own or "").strip().splitlines():
        starts = line.startswith(" ") or not line.strip() or _TOPIC.match(line) or not lines or not lines[-1]
        if starts or lines[-1].startswith(" "):
            lines.append(line.rstrip())
        else:
            lines[-1] += f" {line.strip()}"
    return "\n".join(_fold(line) for line in lines)


def _fold(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line, WIDTH, subsequent_indent=indent + "  " * bool(indent), break_long_words=False, break_on_hyphens=False)


def _hang(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)


def _cited(cites: tuple[str, ...]) -> list[str]:
    return ["", "CITED on the data card", *(_hang(c) for c in cites)] if cites else []
