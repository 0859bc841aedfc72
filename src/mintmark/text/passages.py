"""Passages: the chunks of many documents, each with its document and offsets; what a search index is built over.

One entry: {'doc_id': '262', 'title': 'Functional Genetic Variants ...', 'start': 1210, 'end': 2688, 'text': 'The implicated ...', 'score': 14.2}
The title stands before the passage in what is indexed, never in the passage itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .chunks import chunks


def columns_of(known: Sequence[str], column: str, doc: str | None, title: str | None) -> tuple[str | None, str | None]:
    """(the column that names a document, the column of its title) of a table; by default doc_id or id, and title, where it has them.

    ValueError names a column that the table lacks.
    """
    for wanted in (column, doc, title):
        if wanted is not None and wanted not in known:
            raise ValueError(f"has no column '{wanted}', only {', '.join(known)}")
    return doc or next((c for c in ("doc_id", "id") if c in known), None), title or ("title" if "title" in known else None)


def in_rows(doc: str | None) -> str | None:
    """The column of a row made from the table that names its document: the table's own, but `read` renames `id`."""
    return "source_id" if doc == "id" else doc


class Passages:
    """Passages in the order of the rows and of the text. A document without a naming column is named by its row's number."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], column: str, doc: str | None, title: str | None, words: int = 250, overlap: int = 50
    ) -> None:
        self.texts: list[str] = []
        self.starts, self.ends, self._rows = array("q"), array("q"), array("q")
        self._documents: list[tuple[Any, str]] = []
        self._by_document: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            name = number if doc is None else row[doc]
            self._documents.append((name, "" if title is None or row[title] is None else str(row[title])))
            members = self._by_document.setdefault(str(name), [])
            for chunk in chunks("" if row[column] is None else str(row[column]), words, overlap):
                members.append(len(self.texts))
                self.texts.append(chunk.text)
                self.starts.append(chunk.start)
                self.ends.append(chunk.end)
                self._rows.append(number)

    def __len__(self) -> int:
        return len(self.texts)

    def indexed(self) -> list[str]:
        """Each passage under its document's title."""
        return [
            f"{title}\n{text}" if (title := self._documents[row][1]) else text for row, text in zip(self._rows, self.texts, strict=True)
        ]

    def of(self, document: Any) -> list[int]:
        """The passages of one document; 7 and '7' are the same name, as a CSV file may hold either."""
        return self._by_document.get(str(document), [])

    def entry(self, number: int, score: float) -> dict[str, Any]:
        name, title = self._documents[self._rows[number]]
        return {
            "doc_id": name,
            "title": title,
            "start": self.starts[number],
            "end": self.ends[number],
            "text": self.texts[number],
            "score": round(score, 6),
        }
