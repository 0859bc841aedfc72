"""A corpus: public text that is only ever streamed, so that it may be larger than memory: txt, md, jsonl, csv, tsv, parquet, .gz of them, or a folder.

    tables: {wiki: {path: wiki.jsonl.gz, corpus: true}}          mintmark audit rows.csv --corpus wiki.txt

`blocks` gives (text, whether it goes on where the last block ended): a text file as one text in blocks of 1 MiB, every string of a JSON line and
every cell of a row as a text of its own. Bytes that are no UTF-8 are replaced. It has no columns: steps cannot read it. Not hashed, not counted.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..text.jsontext import loads

KINDS = ("txt", "md", "jsonl", "csv", "tsv", "parquet")
BLOCK = 1 << 20  # characters
LONGEST_LINE = 64 << 20


class Corpus:
    """The Table port without columns, and `blocks`."""

    columns: tuple[str, ...] = ()
    private = False
    digest = ""  # what is measured is no part of what was made

    def __init__(self, name: str, source: Any) -> None:
        self.name = name
        self.path = Path(source)
        if not self.path.exists():
            raise InputError(f"corpus '{name}': there is no file or folder {source}")
        files = sorted(p for p in self.path.rglob("*") if p.is_file() and not p.is_symlink()) if self.path.is_dir() else [self.path]
        self.files = [f for f in files if _kind(f) in KINDS]
        if not self.files:
            raise InputError(f"corpus '{name}': {self.path.name} is none of {', '.join(KINDS)} (.gz too), nor a folder of such files")

    def __len__(self) -> int:
        return 0

    def column(self, name: str) -> list[Any]:
        raise InputError(
            f"'{self.name}' is a corpus, which is only searched; to read rows from it, name it as a table without corpus: true"
        )

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
        return iter(())

    def blocks(self) -> Iterator[tuple[str, bool]]:
        for file in self.files:
            try:
                yield from _read(file)
            except (OSError, EOFError, ValueError, csv.Error) as error:
                raise InputError(f"corpus '{self.name}': {file.name} cannot be read ({error})") from error


def _kind(path: Path) -> str:
    parts = [s.lower().lstrip(".") for s in path.suffixes]
    kind = parts[-2] if len(parts) > 1 and parts[-1] == "gz" else parts[-1] if parts else ""
    return {"ndjson": "jsonl", "markdown": "md", "text": "txt", "pq": "parquet"}.get(kind, kind)


def _read(path: Path) -> Iterator[tuple[str, bool]]:
    kind = _kind(path)
    if kind == "parquet":
        yield from ((t, False) for t in _parquet(path))
        return
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as raw:
        file = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
        if kind in ("csv", "tsv"):
            for row in csv.reader(_lines(file), delimiter="\t" if kind == "tsv" else ","):
                yield from ((cell, False) for cell in row)
        elif kind == "jsonl":
            for line in _lines(file):
                if line.strip():
                    yield from ((t, False) for t in _strings(loads(line)))
        else:
            yield from _text(file)


def _text(file: io.TextIOWrapper) -> Iterator[tuple[str, bool]]:
    """Blocks that end between words, where there are any."""
    rest, goes_on = "", False
    while block := file.read(BLOCK):
        block = rest + block
        cut = max(block.rfind(" ", -1_000), block.rfind("\n", -1_000))
        block, rest = (block[: cut + 1], block[cut + 1 :]) if cut >= 0 else (block, "")
        yield block, goes_on
        goes_on = True
    yield rest, goes_on


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise ValueError(f"a line has more than {LONGEST_LINE >> 20} million characters")
        yield line


def _strings(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        at = stack.pop()
        if isinstance(at, str):
            yield at
        elif isinstance(at, (list, dict)):
            stack.extend(at.values() if isinstance(at, dict) else at)


def _parquet(path: Path) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(os.fspath(path)).iter_batches(1_000):
            for cells in batch.columns:
                yield from (t for cell in cells.to_pylist() for t in _strings(cell))
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
