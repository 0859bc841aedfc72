"""documents: the texts of a table, one row each, with the signs of prompt injection that stand in them.

    tables: {docs: papers/}
    steps:
      - documents: {from: docs}
      - documents: {from: docs, text: body, clean: true}      a JSONL whose texts stand in `body`

One row: id='9c1f...', doc_id='5f2d0c1be9a04477', title='Late fees', text='# Late fees\n\nA day costs 20 ct.', path='rules/fees.md', kind='md',
injection=[]. Writes doc_id (of the text, where the table has none), text, and title, path and kind where the table has them; `injection` is
a list of names out of text/injection.py: `pattern`, a template or a report can set such rows apart. The text is data of strangers: a
prompt holds it in a data slot, never as an instruction. clean: true takes out what is hidden and writes chat-template tokens so that no
tokenizer reads them; doc_id stays that of the text as it came. Other columns are not carried: `read` does that. Drops: no_text.

Source: the signs follow Greshake et al. 2023 and Perez & Ribeiro 2022. They are an alarm, not a wall: see text/injection.py for what
they miss. Ends when the table ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Planned, Scene, Scope, State
from ..core.rows import Drop, Row, row_id
from ..text.doctext import doc_ids
from ..text.injection import clean, signals

CARRIED = ("title", "path", "kind")


@dataclass(frozen=True)
class Documents(Op):
    """from: the table. text: its column of texts. clean: take hidden characters and control tokens out of what is written."""

    source: str = field(metadata={"key": "from"})
    text: str = "text"
    clean: bool = False
    name: ClassVar[str] = "documents"
    scope: ClassVar[Scope] = Scope.SOURCE
    digital_source: ClassVar[str] = ""
    cites: ClassVar[tuple[str, ...]] = ("Greshake et al. 2023, arXiv 2302.12173", "Perez & Ribeiro 2022, arXiv 2211.09527")
    drops: ClassVar[dict[str, str]] = {"no_text": "the document holds no text (a scanned pdf, an empty file)"}

    @property
    def goes_on(self) -> bool:
        return False

    def writes(self, scene: Scene) -> tuple[str, ...]:
        there = scene.table(self.source).columns
        return ("doc_id", "text", *(c for c in CARRIED if c in there and c != self.text), "injection")

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        if self.text not in table.columns:
            raise RecipeError(
                f"{scene.where} reads the text of table '{self.source}' from the column '{self.text}', but it has "
                f"{', '.join(table.columns)}; name the column with text:.{nearest(self.text, table.columns)}"
            )

    def holds(self, ctx: Context) -> int:
        return len(ctx.table(self.source))

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        table = ctx.table(self.source)
        ids: list[str] = ctx.once("ids", lambda: _ids(self, table))
        carried = [c for c in CARRIED if c in table.columns and c != self.text]
        for k, cells in enumerate(table.rows(start, min(stop, len(table))), start):
            text = _text(cells[self.text])
            values = {"doc_id": cells["doc_id"] if "doc_id" in cells else ids[k], "text": clean(text) if self.clean else text}
            row = Row(row_id(ctx.label, ids[k]), {**values, **{c: cells[c] for c in carried}, "injection": signals(text)})
            yield row if values["text"].strip() else (row, Drop("no_text", str(cells.get("path", ""))))


def _ids(op: Documents, table: Any) -> list[str]:
    return doc_ids([_text(t) for t in table.column(op.text)])


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
