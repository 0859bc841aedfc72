"""Documents in: a folder, a file or a list of them, of kinds txt, md, html, pdf, docx, as a table with one row a document.

    tables:
      docs: papers/                        every document below, but for hidden files; in the order of their paths
      docs: [intro.md, handbook.pdf]

One row: doc_id='5f2d0c1be9a04477', title='Late fees', text='# Late fees\\n\\nA day costs 20 ct.', path='rules/fees.md', kind='md'

doc_id hangs on the text alone (and, for equal texts, on how many came before). title: the document's own, else the file's stem. How each
kind is read: text/doctext.py. Nothing is followed out of the folder: links to folders are not walked, links to files only where they
stay inside; pipes and devices are not opened; nothing is fetched.

One file that cannot be read (encrypted, damaged, too large) is refused; one of many is skipped, and `notes` counts and names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..core.errors import InputError, MissingExtra
from ..text.doctext import KINDS, MOST_BYTES, Document, doc_ids, read_document

MOST_FILES = 100_000
MOST_TOTAL = 1 << 30  # characters in one table
SHOWN = 5


def is_documents(source: Any) -> bool:
    """A folder, a path that ends as a document does, or a list of such paths."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(isinstance(s, (str, os.PathLike)) for s in source)
    if not isinstance(source, (str, os.PathLike)):
        return False
    path = Path(source)
    return path.suffix.lower() in KINDS or path.is_dir()


def read_documents(name: str, source: Any) -> tuple[pa.Table, tuple[str, ...]]:
    """The table; InputError names the file and the next move, MissingExtra the library that a pdf needs."""
    many = isinstance(source, (list, tuple))
    files: list[tuple[str, Path]] = []
    for given in map(Path, source if many else [source]):
        if (given / "manifest.json").is_file() and (given / "data.jsonl").is_file():
            raise InputError(f"table '{name}': {given} is the folder of a run; its rows are {given / 'data.jsonl'}")
        if given.is_dir():
            files.extend((f"{given.name}/{path}" if many else path, file) for path, file in _walk(name, given))
        elif given.suffix.lower() not in KINDS:
            raise InputError(f"table '{name}': {given} ends in '{given.suffix}', expected a folder or one of {', '.join(KINDS)}")
        elif not given.is_file():
            raise InputError(f"table '{name}': there is no file {given}")
        else:
            files.append((given.name, given))
    if not files:
        raise InputError(f"table '{name}': {source} holds no documents; expected files that end in {', '.join(KINDS)}")
    columns: dict[str, list[str]] = {"title": [], "text": [], "path": [], "kind": []}
    skipped: list[str] = []
    total = 0
    for path, file in files:
        kind = KINDS[file.suffix.lower()]
        path = _utf8(path)
        try:
            found = _read(name, file, kind)
        except ValueError as error:
            if len(files) == 1:
                raise InputError(f"table '{name}': {path} {error}") from error
            skipped.append(f"{path} {error}")
            continue
        total += len(found.text)
        if total > MOST_TOTAL:
            raise InputError(f"table '{name}': the documents have more than {MOST_TOTAL:,} characters; make several tables of them")
        for column, value in zip(columns, (found.title or _utf8(file.stem), found.text, path, kind), strict=True):
            columns[column].append(value)
    if not columns["text"]:
        raise InputError(f"table '{name}': none of the {len(files)} documents can be read; the first: {skipped[0]}")
    table = {"doc_id": doc_ids(columns["text"]), **columns}
    notes: tuple[str, ...] = ()
    if skipped:
        more = f"; and {len(skipped) - SHOWN} more" if len(skipped) > SHOWN else ""
        notes = (f"table '{name}': {len(skipped)} of {len(files)} documents were skipped: {'; '.join(skipped[:SHOWN])}{more}",)
    return pa.table({k: pa.array(v, pa.string()) for k, v in table.items()}), notes


def _read(name: str, file: Path, kind: str) -> Document:
    try:
        with file.open("rb") as f:
            return read_document(f.read(MOST_BYTES + 1), kind)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror or error}); may you read it?") from error
    except ImportError as error:
        raise MissingExtra("pypdf", "documents", f"table '{name}' ({file.name})") from error


def _walk(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """(path below the folder, file) of every document, in the order of the paths."""
    inside = folder.resolve()
    found: list[tuple[Sequence[str], Path]] = []
    for at, folders, files in os.walk(folder):  # links to folders are not followed
        folders[:] = [d for d in folders if not d.startswith(".")]
        for file in (Path(at, f) for f in files if not f.startswith(".") and Path(f).suffix.lower() in KINDS):
            if file.is_file() and (not file.is_symlink() or file.resolve().is_relative_to(inside)):
                found.append((file.relative_to(folder).parts, file))
        if len(found) > MOST_FILES:
            raise InputError(f"table '{name}': {folder} holds more than {MOST_FILES:,} documents; make several tables of them")
    yield from (("/".join(parts), file) for parts, file in sorted(found))


def _utf8(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 are shown as such."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


__all__ = ["is_documents", "read_documents"]
