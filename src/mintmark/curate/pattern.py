"""pattern: drops rows whose text matches a regular expression, or keeps only those that do.

Reads `column`. Drops: matched (one of `drop`), unmatched (none of `keep`); the detail names the pattern. Python's `re` has no time limit, so
patterns that can backtrack without bound (a repeated group that itself repeats or alternates, such as (a+)+) are refused, and at most the
first 20,000 characters of a text are searched.
One drop: matched, "as an ai language model"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row

MOST_CHARACTERS, MOST_PATTERN = 20_000, 1_000


def risky(pattern: str) -> bool:
    """Whether an unbounded repeat holds another repeat or an alternative: the shape of catastrophic backtracking."""
    import re._constants as codes
    import re._parser as parser

    def repeats(items: Any, inside: bool) -> bool:
        for code, value in items:
            if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
                low, high, body = value
                long = high is codes.MAXREPEAT or int(high) > 20
                if inside and long:
                    return True
                if repeats(body, inside or long):
                    return True
            elif (
                (code is codes.SUBPATTERN and repeats(value[-1], inside))
                or (code is codes.BRANCH and (inside or any(repeats(b, inside) for b in value[1])))
                or (code in (codes.ASSERT, codes.ASSERT_NOT) and repeats(value[1], inside))
                or (code is codes.GROUPREF and inside)
            ):
                return True
        return False

    return repeats(parser.parse(pattern), False)


@dataclass(frozen=True)
class Pattern(Op):
    """drop: pattern or patterns none of which may match; keep: patterns one of which must. ignore_case: default true."""

    column: str
    drop: str | list[str] | None = None
    keep: str | list[str] | None = None
    ignore_case: bool = True
    name: ClassVar[str] = "pattern"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {"matched": "a `drop` pattern matches", "unmatched": "no `keep` pattern matches"}

    def __post_init__(self) -> None:
        if self.drop is None and self.keep is None:
            raise ValueError("give drop: or keep: with one pattern or a list")

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def _list(self, given: str | list[str] | None) -> list[str]:
        return [] if given is None else [given] if isinstance(given, str) else list(given)

    def check(self, scene: Scene) -> None:
        for text in [*self._list(self.drop), *self._list(self.keep)]:
            if not isinstance(text, str) or len(text) > MOST_PATTERN:
                raise RecipeError(f"{scene.where}: a pattern must be text of at most {MOST_PATTERN} characters")
            try:
                re.compile(text)
            except (re.error, RecursionError, OverflowError) as error:
                raise RecipeError(f"{scene.where}: '{text}' is no regular expression ({error})") from error
            if risky(text):
                raise RecipeError(
                    f"{scene.where}: '{text}' repeats a group that itself repeats, which can take for ever; write it without the outer repeat"
                )

    def _compile(self) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
        flags = re.IGNORECASE if self.ignore_case else 0
        return [re.compile(p, flags) for p in self._list(self.drop)], [re.compile(p, flags) for p in self._list(self.keep)]

    def each(self, row: Row, ctx: Context) -> Result:
        drop, keep = ctx.once("compiled", self._compile)
        value = row.values[self.column]
        text = "" if value is None else str(value)[:MOST_CHARACTERS]
        for p in drop:
            if p.search(text):
                return Drop("matched", p.pattern)
        if keep and not any(p.search(text) for p in keep):
            return Drop("unmatched", " | ".join(p.pattern for p in keep))
        return row
