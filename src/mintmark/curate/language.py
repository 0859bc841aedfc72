"""language: writes the language of a text and how sure that is; keeps only some languages where asked.

    language: {column: text}                                           writes text_language (ISO 639-1) and text_language_confidence
    language: {column: text, keep: [en, de], least: 0.5}               also drops other languages, and what is less sure
    language: {column: text, among: [en, de, fr], keep: [de]}          names the only languages that can be: surer on short texts

Reads `column`. Drops: language (detail: what it is, and the confidence), unsure (below `least`). A text without letters is und, 0.0.
Measured 2026-11-21: 127 of 128 own sentences in 16 languages right (all 128 with `among` the 16), 106 of 112 of their first three words; 3,075 of
banking77's 3,080 short English questions; 43,000 rows a second. The confidence is of a naive Bayes model: too high on long texts.
Source: Lui and Baldwin 2012, langid.py, as kept in py3langid; text/language.py. Not covered: texts of several languages (the commonest wins).
One row: text='Das Paket ist da.', text_language='de', text_language_confidence=0.9981
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.language import Detector


@dataclass(frozen=True)
class Language(Op):
    """keep: codes that stay, or null for all. among: codes that can be, or null for the model's 139. least: confidence, 0..1."""

    column: str
    keep: tuple[str, ...] | None = None
    among: tuple[str, ...] | None = None
    least: float = 0.0
    name: ClassVar[str] = "language"
    scope: ClassVar[Scope] = Scope.EACH
    cites: ClassVar[tuple[str, ...]] = (
        "Lui and Baldwin 2012, langid.py: An Off-the-shelf Language Identification Tool; py3langid (A. Barbaresi)",
    )
    drops: ClassVar[Mapping[str, str]] = {"language": "in none of the languages of `keep`", "unsure": "confidence below `least`"}

    def __post_init__(self) -> None:
        if not 0 <= self.least <= 1:
            raise ValueError(f"least is {self.least}, expected 0 to 1")
        if self.keep is not None and not self.keep:
            raise ValueError("keep names no language")
        if self.keep and self.among and not set(self.keep) <= set(self.among):
            raise ValueError("keep names a language that among leaves out")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (f"{self.column}_language", f"{self.column}_language_confidence")

    def check(self, scene: Scene) -> None:
        try:
            Detector((*(self.keep or ()), *(self.among or ())))
        except ValueError as error:
            raise RecipeError(f"{scene.where}: {error}") from error

    def each(self, row: Row, ctx: Context) -> Result:
        detector = ctx.once("detector", lambda: Detector(self.among or ()))
        value = row.values[self.column]
        language, confidence = detector.detect("" if value is None else str(value))
        if self.keep is not None and language not in self.keep:
            return Drop("language", f"{language} {confidence:.2f}")
        if confidence < self.least:
            return Drop("unsure", f"{language} {confidence:.2f}, at least {self.least:g}")
        written = self.writes(Scene())
        return row.with_values({written[0]: language, written[1]: round(confidence, 4)})
