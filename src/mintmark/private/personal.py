"""The base of ops that look for personal data in texts: the columns, what to look for, and redacting a row's cells."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.errors import MissingExtra, RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Row
from ..text.pii import DEFAULT_TYPES, REGIONS, TYPES, Found, labelled
from ..text.placeholders import Redactor

MOST_DEPTH, SHORTEST_KEY = 40, 16


@dataclass(frozen=True)
class Personal(Op):
    """types: which to look for; all but URL by default. regions: countries whose phone numbers are known without a country code. engine: own, or
    presidio: own, and beside it what the pattern recognisers of Microsoft Presidio find (extra `presidio`); neither asks the network."""

    column: str | None = None
    columns: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    regions: tuple[str, ...] = REGIONS
    engine: Literal["own", "presidio"] = "own"
    scope: ClassVar[Scope] = Scope.EACH
    shows_changes: ClassVar[bool] = False  # what it takes out must not stand in the report
    cites: ClassVar[tuple[str, ...]] = (
        "phonenumbers, the Python port of Google's libphonenumber",
        "Microsoft Presidio (github.com/microsoft/presidio), whose entity types this follows",
    )

    def __post_init__(self) -> None:
        if (self.column is None) == (self.columns is None):
            raise ValueError("give either column or columns")
        if unknown := set(self.types or ()) - set(TYPES):
            raise ValueError(f"there is no type {', '.join(sorted(unknown))}; known are {', '.join(TYPES)}")
        if wrong := [r for r in self.regions if not (len(r) == 2 and r.isascii() and r.isupper())]:
            raise ValueError(f"regions holds {wrong[0]!r}, expected codes of two capital letters such as DE")

    def looked_at(self) -> tuple[str, ...]:
        return (self.column,) if self.column is not None else tuple(self.columns or ())

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return self.looked_at()

    def check(self, scene: Scene) -> None:
        self._more()

    def _more(self) -> Callable[[str], list[Found]] | None:
        if self.engine == "own":
            return None
        from ..text.pii_presidio import find as look

        try:
            look("")
        except ImportError as error:
            raise MissingExtra("presidio_analyzer", "presidio", f"{self.name}: engine: presidio") from error
        return look

    def found(self, row: Row) -> dict[str, list[str]]:
        """column -> type of each find."""
        out: dict[str, list[str]] = {}
        for column in self.looked_at():
            out[column] = []

            def look(text: str, label: str, into: list[str] = out[column]) -> str:
                into.extend(f.type for f in labelled(text, label, self.types or DEFAULT_TYPES, self.regions, self._more()))
                return text

            each_text(row.values[column], look, column)
        return out

    def redacted(self, row: Row, key: bytes | None = None) -> Row:
        """The row with placeholders, one numbering for all its cells, and COLUMN_pii."""
        redactor = Redactor(self.types or DEFAULT_TYPES, self.regions, self._more(), key)
        for column in self.looked_at():
            each_text(row.values[column], lambda text, _: redactor.reserve(text))
        changed: dict[str, Any] = {}
        for column in self.looked_at():
            redactor.types.clear()
            changed[column] = each_text(row.values[column], redactor.redact, column)
            changed[f"{column}_pii"] = sorted(redactor.types)
        return row.with_values(changed)


def secret_of(variable: str, where: str) -> bytes:
    """The key that an environment variable holds, of any length, as 32 bytes."""
    value = os.environ.get(variable, "")
    if len(value) < SHORTEST_KEY:
        raise RecipeError(
            f"{where}: the environment variable {variable} is {'too short' if value else 'not set'}: give it {SHORTEST_KEY} random characters or more"
        )
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()


def each_text(value: Any, do: Callable[[str, str], Any], label: str = "", depth: int = 0) -> Any:
    """The value with `do` done to every text in it and the name of its field; a number is searched as text and stays a number where nothing is found."""
    if isinstance(value, str):
        return do(value, label)
    if isinstance(value, (list, tuple)) and depth < MOST_DEPTH:
        return [each_text(v, do, label, depth + 1) for v in value]
    if isinstance(value, Mapping) and depth < MOST_DEPTH:
        return {(do(k, "") or k) if isinstance(k, str) else k: each_text(v, do, str(k), depth + 1) for k, v in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:  # a column with gaps makes decimals of whole numbers
        told = do(str(int(value)), label)
        return value if told == str(int(value)) else told
    if value is None or isinstance(value, (bool, float)):
        return value
    told = do(str(value), label)
    return value if told == str(value) else told
