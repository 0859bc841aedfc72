"""chunk: splits a row's long text into passages, one row each, with their exact place in the text.

    chunk: {column: text, words: 250, overlap: 50}

Reads `column`. Writes, in each child: `passage`, `start` and `end` (character offsets: text[start:end] == passage), `passage_hash` (16 hex
digits of the passage's BLAKE2b), `passage_number` (0 first) and `section` (the nearest heading, or '').
Cuts at headings, blank lines and sentence ends (text/chunks.py). An empty or missing text gives no rows, which the run counts as
dropped(no_rows). Drops: too_many_passages. The column itself is removed (keep_text: true keeps it); the others are copied to every child.
One row: passage='The implicated H1 and H3 haplotypes share ...', start=1210, end=2688, passage_number=1, section='Methods'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

from ..core.context import Context
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.chunks import chunks

MOST = 32_000  # a row can be split into little more by the runner


@dataclass(frozen=True)
class Chunk(Op):
    """words: at most so many a passage. overlap: at most so many are repeated from the passage before, up to half of words.
    keep_text: whether each child carries the whole text too."""

    column: str = "text"
    words: int = 250
    overlap: int = 50
    keep_text: bool = False
    name: ClassVar[str] = "chunk"
    scope: ClassVar[Scope] = Scope.EACH
    drops: ClassVar[Mapping[str, str]] = {"too_many_passages": f"the text would be split into more than {MOST:,} rows"}

    def __post_init__(self) -> None:
        chunks("", self.words, self.overlap)

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def removes(self, scene: Scene) -> tuple[str, ...]:
        return () if self.keep_text else (self.column,)

    def fan_out(self, scene: Scene) -> float:
        """From the mean length of the first 200 texts of a table that has the column."""
        texts = next(([r[self.column] for r in t.rows(0, 200)] for t in scene.tables.values() if self.column in t.columns), [])
        mean = sum(len(str(t or "").split()) for t in texts) / max(1, len(texts))
        return max(1.0, (mean - self.overlap) / (self.words - self.overlap))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("passage", "start", "end", "passage_hash", "passage_number", "section")

    def each(self, row: Row, ctx: Context) -> Result:
        value = row.values[self.column]
        found = chunks("" if value is None else str(value), self.words, self.overlap)
        if len(found) > MOST:
            return Drop("too_many_passages", f"{len(found)} passages, at most {MOST}; raise words")
        bare = row if self.keep_text else row.without((self.column,))
        return [
            bare.child(
                ctx.label,
                k,
                {
                    "passage": c.text,
                    "start": c.start,
                    "end": c.end,
                    "passage_hash": blake2b(c.text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
                    "passage_number": k,
                    "section": c.headings[-1] if c.headings else "",
                },
            )
            for k, c in enumerate(found)
        ]
