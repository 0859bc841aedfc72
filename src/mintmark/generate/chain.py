"""chain: several typed asks for each row, one after the other, each with its own prompt, model, parser and checks (sample-wise generation).

    chain:
      - {ask: question, prompt: "Write one question about {{ topic }}."}
      - {ask: rationale, prompt: "Think it through: {{ question }}", model: thinker, words: [10, 200]}
      - {ask: answer, as: number, prompt: "{{ question }}\\n{{ rationale }}\\nThe answer alone:", check: "answer > 0"}

A link sees the row's columns and what the links before it gave. A link whose answer cannot be parsed, or fails its check, is asked again
alone, with what was wrong; when its `attempts` are used up the row is failed(json | schema | unusable | ...). Question -> answer ->
rationale, outline -> sections, scenario -> skeleton -> utterances and solution back-translation are chains; see `mintmark list recipes`.
One row: id='3f0c...', topic='fractions', question='...', rationale='...', answer=12
Source: sample-wise multi-step generation, survey 2406.15126, section 3.2; back-translation as in MathGenie (2402.16352).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError, TemplateError
from ..core.op import Scene
from ..core.params import within
from ..core.rows import RESERVED, Result, Row
from ..prompting import Asking, Prompt
from ..prompting.asking import HEAT
from ..prompting.prompt import compiled
from ..text.expr import Expr
from ..text.extract import extract
from ..text.jsontext import dumps
from ..text.structured import Schema

_KEYS: dict[str, Any] = {
    "ask": str, "schema": dict, "prompt": str, "model": str, "as": str, "labels": list, "pattern": str, "words": list, "check": str,
    "temperature": (int, float),
}  # fmt: skip
_KINDS = ("text", "number", "label", "regex", "lines", "code")


@dataclass(frozen=True)
class Chain(Asking):
    """links: each {ask: column | schema, prompt, model, as: text | number | label | regex | lines | code, labels, pattern, words: [low, high],
    check: an expression over the columns so far, temperature}. Every link's column (or schema property) is written."""

    links: list[Any]
    name: ClassVar[str] = "chain"
    cites: ClassVar[tuple[str, ...]] = (
        "Long et al. 2024, On LLMs-driven synthetic data generation, curation, and evaluation: a survey, section 3.2 (2406.15126)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.links:
            raise ValueError("a chain needs at least one link, such as {ask: question, prompt: ...}")
        for number, link in enumerate(self.links, 1):
            if not isinstance(link, Mapping):
                raise ValueError(f"link {number} must be a mapping such as {{ask: question, prompt: ...}}")
            for key, value in link.items():
                if key not in _KEYS:
                    raise ValueError(f"link {number} has no '{key}', only {', '.join(_KEYS)}")
                if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
                    raise ValueError(f"link {number}: {key} is {value!r}, which does not fit")
            within(f"link {number}: temperature", link.get("temperature"), *HEAT)
            if ("ask" in link) == ("schema" in link) or "prompt" not in link:
                raise ValueError(f"link {number} needs prompt, and either ask (one column) or schema (several)")
            kind = link.get("as", "text")
            if kind not in _KINDS:
                raise ValueError(f"link {number}: as is '{kind}', expected one of {', '.join(_KINDS)}")
            needs = {"label": "labels", "regex": "pattern"}.get(kind)
            if needs and needs not in link:
                raise ValueError(f"link {number}: as: {kind} needs {needs}")
            if "words" in link and (len(link["words"]) != 2 or not all(isinstance(w, int) for w in link["words"])):
                raise ValueError(f"link {number}: words must be [low, high]")

    def prompts(self) -> tuple[str, ...]:
        return tuple(link["prompt"] for link in self.links)

    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(link.get("model", self.model) for link in self.links))

    def _columns(self, link: Mapping[str, Any]) -> tuple[str, ...]:
        return (link["ask"],) if "ask" in link else tuple(link["schema"].get("properties") or ())

    def reads(self, scene: Scene) -> tuple[str, ...]:
        names: dict[str, None] = {}
        made: set[str] = set()
        for number, link in enumerate(self.links, 1):
            try:
                names.update(dict.fromkeys(v for v in Prompt(link["prompt"]).variables if v not in made))
            except ValueError as error:
                raise TemplateError(f"{scene.where}: link {number}: {error}") from error
            made.update(self._columns(link))
        return tuple(names)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c for link in self.links for c in self._columns(link)))

    def check(self, scene: Scene) -> None:
        seen = [*scene.columns]
        for number, link in enumerate(self.links, 1):
            where = f"{scene.where}: link {number}"
            try:
                seen += self._columns(link)
                if not self._columns(link) or set(self._columns(link)) & set(RESERVED):
                    raise ValueError("the schema must be an object with properties, and none of them id or weight")
                if "schema" in link:
                    Schema(link["schema"])
                if "pattern" in link:
                    re.compile(link["pattern"])
                if "check" in link:
                    Expr(link["check"], seen)
            except (ValueError, re.error) as error:
                raise RecipeError(f"{where}: {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        ready = ctx.once("links", lambda: [_Link(link) for link in self.links])
        values = dict(row.values)
        made: dict[str, Any] = {}
        for link in ready:
            answer, _ = await self.say(
                ctx, link.prompt, values, link.shape, role=link.model or self.model, check=link.reader(values), temperature=link.temperature
            )
            values.update(answer)
            made.update(answer)
        return row.with_values(made)


class _Link:
    """One link with its schema, pattern and check made ready."""

    def __init__(self, link: Mapping[str, Any]) -> None:
        self.link = link
        self.prompt, self.model, self.temperature = link["prompt"], link.get("model"), link.get("temperature")
        self.shape = shape(dumps(link["schema"]).decode()) if "schema" in link else None
        self.pattern = re.compile(link["pattern"]) if "pattern" in link else None
        compiled(self.prompt)

    def reader(self, values: Mapping[str, Any]) -> Any:
        link = self.link

        def read(value: Any) -> dict[str, Any]:
            if self.shape is not None:
                found = {c: value.get(c) for c in link["schema"]["properties"]}
            else:
                found = {link["ask"]: extract(link.get("as", "text"), value, labels=link.get("labels", ()), pattern=self.pattern)}
            if "words" in link:
                low, high = link["words"]
                for column, text in found.items():
                    n = len(str(text).split())
                    if not low <= n <= high:
                        raise ValueError(f"{column} has {n} words, expected {low} to {high}")
            if "check" in link:
                here = {**values, **found}
                if not Expr(link["check"], tuple(here)).evaluate(here):
                    raise ValueError(f"it does not hold that {link['check']}")
            return found

        return read


@lru_cache(256)
def shape(text: str) -> Schema:
    from ..text.jsontext import loads

    return Schema(loads(text))
