"""A prompt: one or more messages with a role each, all of them templates over a row's columns.

    # Evol-Instruct, in depth: one constraint more.            lines that begin with '#' before the first role are remarks
    # cites: Xu et al. 2023, WizardLM (2304.12244)             'cites:' goes to the data card when the prompt was used
    [system]
    You rewrite tasks ...
    [user]
    {{ instruction }}

A text whose first line (after remarks) is no [system], [user] or [assistant] is one user message, as it stands. The built-in prompts are
the files in prompting/files/; `mintmark prompt NAME` prints one. In a recipe any text may be {file: mine.txt} or {built_in: NAME}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from ..core.errors import ContentError, nearest
from ..core.ports import Message
from ..text.templates import Template

_ROLE = re.compile(r"^\[(system|user|assistant|raw)\]\s*$", re.MULTILINE)


class Prompt:
    """ValueError, in words, for a template that is refused. variables: the columns (and given names) that it uses."""

    def __init__(self, text: str) -> None:
        remarks, parts = split_roles(text)
        self._set(parts, tuple(line.split("cites:", 1)[1].strip() for line in remarks if "cites:" in line))

    @classmethod
    def of(cls, parts: Sequence[tuple[str, str]], cites: tuple[str, ...] = ()) -> Prompt:
        """From (role, template) pairs."""
        made = cls.__new__(cls)
        made._set(parts, cites)
        return made

    def _set(self, parts: Sequence[tuple[str, str]], cites: tuple[str, ...]) -> None:
        if not any(part.strip() or role == "raw" for role, part in parts):  # text to go on from may begin with nothing
            raise ValueError("it is empty")
        self.cites = cites
        self.templates = [(role, _template(part)) for role, part in parts]
        self.variables: tuple[str, ...] = tuple(dict.fromkeys(v for _, t in self.templates for v in t.variables))
        self.characters = sum(len(part) for _, part in parts)

    def messages(self, values: Mapping[str, Any]) -> tuple[Message, ...]:
        """ContentError 'template' where the row's values cannot be rendered."""
        try:
            return tuple({"role": role, "content": template.render(values)} for role, template in self.templates)
        except ValueError as error:
            raise ContentError("template", f"the prompt cannot be rendered: {error}") from error


@lru_cache(4096)
def compiled(text: str) -> Prompt:
    return Prompt(text)


@lru_cache(4096)
def _template(text: str) -> Template:
    return Template(text)


def split_roles(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(remarks, [(role, template)])."""
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if not line.startswith("#") and line.strip()), len(lines))
    if first == len(lines) or not _ROLE.match(lines[first]):
        return [], [("user", text)]
    found = _ROLE.split("".join(lines[first:]))[1:]
    return [line[1:].strip() for line in lines[:first]], [(role, part.strip("\n")) for role, part in zip(found[::2], found[1::2])]


def built_in_names() -> list[str]:
    folder: Any = resources.files("mintmark.prompting") / "files"
    return sorted(p.name[:-4] for p in folder.iterdir() if p.name.endswith(".txt"))


@lru_cache(256)
def built_in(name: str) -> str:
    """The text of a built-in prompt. ValueError for an unknown name."""
    if name not in built_in_names():
        raise ValueError(f"there is no built-in prompt '{name}'.{nearest(name, built_in_names())}")
    file: Any = resources.files("mintmark.prompting") / "files" / f"{name}.txt"
    text: str = file.read_text("utf-8")
    return text
