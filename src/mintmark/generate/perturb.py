"""perturb: hard cases out of rows that exist: typos, paraphrases, negations, contrast and boundary cases; labels kept or flipped as declared.

    perturb: {column: text, kinds: [typos, paraphrase, negation], label: sentiment, flips: {negation: {positive: negative, negative: positive}}}
    perturb: {column: text, kinds: [contrast, boundary], label: sentiment, flips: {contrast: {positive: negative, negative: positive}}}

Each row draws one kind. typos needs no model: swapped, dropped, doubled and neighbouring letters, `typos` of every 100 characters, at least one.
The others ask: a contrast case changes as few words as possible so that the label flips; a boundary case stays its label, barely. A kind under
`flips` changes the label by that map (contrast must have one); every other kind keeps it. Rows whose label the map lacks are dropped.
Writes: the column, perturbation (the kind), perturbed_from (the text before), the label where given. Drops: unchanged, too_different (negation and
contrast: more than `most_edits` of the words changed), no_flip.
One row: ..., text='The room was not warm', sentiment='negative', perturbation='negation', perturbed_from='The room was warm'
Source: contrast sets, Gardner et al. 2020 (2004.02709); counterfactual edits, Kaushik et al. 2020 (1909.12434); CheckList (2005.04118) for typos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Drop, Result, Row
from ..prompting import Asking, built_in
from ..text.answers import normalise
from ..text.typing_errors import with_typos

KINDS = ("typos", "paraphrase", "negation", "contrast", "boundary")
MINIMAL = ("negation", "contrast")


@dataclass(frozen=True)
class Perturb(Asking):
    """column, label: columns. kinds: drawn uniformly. flips: kind -> {label: other label}. typos: per 100 characters. most_edits: 0..1.
    prompts: kind -> template, where it is not the built-in one."""

    column: str = "text"
    kinds: list[str] = field(default_factory=lambda: ["typos", "paraphrase"])
    label: str | None = None
    flips: Mapping[str, Any] | None = None
    typos: float = 3.0
    most_edits: float = 0.5
    texts: Mapping[str, Any] | None = field(default=None, metadata={"key": "prompts"})
    name: ClassVar[str] = "perturb"
    drops: ClassVar[Mapping[str, str]] = {
        "unchanged": "the text is the old one, after folding",
        "too_different": "more words changed than a minimal edit may change",
        "no_flip": "the label is not in the map of flips",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        for kind in (*self.kinds, *(self.flips or {}), *(self.texts or {})):
            if kind not in KINDS:
                raise ValueError(f"there is no kind '{kind}', only {', '.join(KINDS)}")
        if not self.kinds:
            raise ValueError("kinds must name at least one")
        if self.flips and not self.label:
            raise ValueError("flips needs label:, the column that is flipped")
        if not all(isinstance(f, Mapping) for f in (self.flips or {}).values()):
            raise ValueError("flips must give each kind a map of labels, such as {contrast: {positive: negative}}")
        if not 0 < self.typos <= 100 or not 0 < self.most_edits <= 1:
            raise ValueError("typos must be above 0 and at most 100, most_edits above 0 and at most 1")
        if "contrast" in self.kinds and "contrast" not in (self.flips or {}):
            raise ValueError("kind contrast needs flips: {contrast: {LABEL: OTHER}}")
        asked = [k for k in self.kinds if k != "typos"]
        object.__setattr__(self, "texts", {k: (self.texts or {}).get(k) or built_in(f"perturb_{k}") for k in asked})

    def prompts(self) -> tuple[str, ...]:
        return tuple((self.texts or {}).values())

    def gives(self) -> tuple[str, ...]:
        return ("text", "label", "target")

    def calls(self) -> float:
        return sum(k != "typos" for k in self.kinds) / len(self.kinds)

    def roles(self) -> tuple[str, ...]:
        return (self.model,) if self.texts else ()

    def citations(self) -> tuple[str, ...]:
        own = ("Ribeiro et al. 2020, Beyond accuracy: behavioral testing of NLP models with CheckList (2005.04118)",)
        return (*(own if "typos" in self.kinds else ()), *super().citations())

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        return super().estimate(scene) if self.texts else {}

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column, *((self.label,) if self.label else ()), *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, "perturbation", "perturbed_from", *((self.label,) if self.label else ()))

    async def each(self, row: Row, ctx: Context) -> Result:
        kind = ctx.rng("kind").choice(self.kinds)
        before, label = str(row.values[self.column] or ""), row.values[self.label] if self.label else None
        target = label
        if kind in (self.flips or {}):
            flips = self.flips[kind]  # type: ignore[index]
            if label not in flips:
                return Drop("no_flip", f"{kind}: {label}")
            target = flips[label]
        if kind == "typos":
            after = with_typos(before, self.typos, ctx.rng("typos"))
            same = after == before
        else:
            given = {**row.values, "text": before, "label": label, "target": target}
            after, _ = await self.say(ctx, (self.texts or {})[kind], given)
            same = normalise(after) == normalise(before)
        if same:
            return Drop("unchanged", kind)
        if kind in MINIMAL and (share := edit_share(before, after)) > self.most_edits:
            return Drop("too_different", f"{kind}: {share:.0%} of the words")
        out = {self.column: after, "perturbation": kind, "perturbed_from": before}
        return row.with_values({**out, self.label: target} if self.label else out)


def edit_share(a: str, b: str) -> float:
    """Share of the longer text's words that are not part of both texts in order, 0..1."""
    x, y = a.lower().split(), b.lower().split()
    same = sum(m.size for m in SequenceMatcher(None, x, y, autojunk=False).get_matching_blocks())
    return 1 - same / max(len(x), len(y), 1)
