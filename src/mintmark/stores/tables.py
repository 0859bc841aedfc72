"""Tables in: csv, tsv, jsonl, json, parquet (text formats also .gz), or a pandas/polars/pyarrow table, a list of dicts, a dict of lists,
an HF dataset, hf://NAME; documents (a folder, .pdf, .md, ...: documents.py). Everything becomes Arrow; Python objects are made batch by batch where somebody looks.

CSV typing: whole numbers, decimals, true/false; empty = missing; '007' and ISO dates stay text; a column that is mixed stays as written.
Never unpickles; nested JSON values are kept. What cannot be read is an InputError that names the place and the next move.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..core.errors import InputError, MissingExtra
from ..core.ports import Allowance
from ..stats.one_cell import plain
from ..text.jsontext import dumps, loads

READERS = ("csv", "tsv", "jsonl", "json", "parquet")
MOST_UNPACKED = 8 << 30  # bytes a .gz may grow to
MOST_RATIO = 200
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?\Z")
_COMMA = re.compile(r"-?(0|[1-9][0-9]*)(,[0-9]+)?\Z")


class ArrowTable:
    """The Table port over pyarrow. Columns of nested or mixed values are held as JSON text and decoded where read."""

    def __init__(self, name: str, table: pa.Table, *, private: bool = False, as_json: frozenset[str] = frozenset()) -> None:
        self._name, self.data, self._private, self._json = name, table, private, as_json
        self._digest = ""
        self.notes: tuple[str, ...] = ()  # what a reader of the run should know of how it was read
        self.allowance: Allowance | None = None  # what may be released of it, where the recipe gives it a budget

    @property
    def name(self) -> str:
        return self._name

    @property
    def private(self) -> bool:
        return self._private

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.data.column_names)

    @property
    def digest(self) -> str:
        if not self._digest:
            h = hashlib.blake2b(digest_size=16)
            h.update(repr(self.columns).encode("utf-8", "backslashreplace"))
            for batch in self.data.to_batches(max_chunksize=50_000):
                for name, column in zip(self.columns, batch.columns, strict=True):
                    h.update(name.encode("utf-8", "backslashreplace") + b"\x1f")
                    h.update(dumps(column.to_pylist()))
            self._digest = h.hexdigest()
        return self._digest

    def __len__(self) -> int:
        return int(self.data.num_rows)

    def column(self, name: str) -> list[Any]:
        cells: list[Any] = self.data.column(name).to_pylist()
        return [None if c is None else loads(c) for c in cells] if name in self._json else cells

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
        stop = len(self) if stop is None else min(stop, len(self))
        for at in range(start, stop, 10_000):
            for row in self.data.slice(at, min(10_000, stop - at)).to_pylist():
                for name in self._json:
                    if row[name] is not None:
                        row[name] = loads(row[name])
                yield row

    def take(self, index: Sequence[int], name: str | None = None) -> ArrowTable:
        part = ArrowTable(name or self._name, self.data.take(pa.array(index, pa.int64())), private=self._private, as_json=self._json)
        part.allowance = self.allowance
        return part


def read_table(name: str, source: Any, *, private: bool = False) -> ArrowTable:
    """A named table from a path or an object in memory. InputError for what is missing, empty, damaged or of no known kind."""
    from .documents import is_documents, read_documents

    if is_documents(source):
        found, notes = read_documents(name, source)
        made = ArrowTable(name, found, private=private)
        made.notes = notes
        return made
    if isinstance(source, str) and source.startswith("hf://"):
        table, as_json = _hub(name, source[5:]), frozenset[str]()
    elif isinstance(source, (str, os.PathLike)):
        table, as_json = _file(name, Path(source))
    else:
        table, as_json = _object(name, source)
    if table.num_columns == 0 or table.num_rows == 0:
        raise InputError(f"table '{name}' is empty ({_shown(source)}); expected at least one row and one column")
    if len(set(table.column_names)) < table.num_columns:
        twice = sorted({c for c in table.column_names if table.column_names.count(c) > 1})
        raise InputError(f"table '{name}' has the column {', '.join(twice)} twice; give each column its own name")
    return ArrowTable(name, table, private=private, as_json=as_json)


def _shown(source: Any) -> str:
    return str(source) if isinstance(source, (str, os.PathLike)) else type(source).__name__


# -- files -------------------------------------------------------------------------------------------------------------
def _file(name: str, path: Path) -> tuple[pa.Table, frozenset[str]]:
    if not path.exists():
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else [], n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise InputError(f"table '{name}': there is no file {path}.{hint}")
    suffixes = [s.lower().lstrip(".") for s in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] == "gz"
    kind = suffixes[-2] if packed and len(suffixes) > 1 else suffixes[-1] if suffixes else ""
    kind = {"ndjson": "jsonl", "pq": "parquet", "tab": "tsv"}.get(kind, kind)
    if kind not in READERS:
        raise InputError(f"table '{name}': {path.name} ends in '.{kind}', expected one of {', '.join(READERS)}")
    try:
        if kind == "parquet":
            return _parquet(name, path)
        data = _bytes(name, path, packed)
    except OSError as error:
        raise InputError(f"table '{name}': {path} cannot be read ({error.strerror or error}); is it whole, and may you read it?") from error
    text = _decode(name, path, data)
    if kind in ("csv", "tsv"):
        return _csv(name, path, text, "\t" if kind == "tsv" else _separator(text))
    return _json_rows(name, path, text) if kind == "json" else _json_lines(name, path, text)


def _bytes(name: str, path: Path, packed: bool) -> bytes:
    if not packed:
        return path.read_bytes()
    size = path.stat().st_size
    out = io.BytesIO()
    with gzip.open(path) as file:
        while block := file.read(1 << 20):
            out.write(block)
            if out.tell() > MOST_UNPACKED or (out.tell() > 1 << 24 and out.tell() > MOST_RATIO * size):
                raise InputError(f"table '{name}': {path.name} unpacks to more than {MOST_RATIO} times its size; it looks like a bomb")
    return out.getvalue()


def _decode(name: str, path: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"table '{name}': {path.name} is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"table '{name}': {path.name}, line {line}, byte {error.start} is no UTF-8; save the file as UTF-8") from error


def _separator(text: str) -> str:
    """Of a .csv file: the comma, unless its header holds none and another separator that spreadsheets write."""
    head = re.sub(r'"[^"]*"', "", text[: text.find("\n")] if "\n" in text else text)
    return "," if "," in head else max(";\t|", key=head.count) if any(c in head for c in ";\t|") else ","


def _csv(name: str, path: Path, text: str, delimiter: str) -> tuple[pa.Table, frozenset[str]]:
    if "\0" in text:
        raise InputError(f"table '{name}': {path.name} holds NUL characters; is it really text?")
    csv.field_size_limit(1 << 27)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[list[str]] = []
    head: list[str] = []
    try:
        for row in reader:
            if not row:
                continue
            if not head:
                head = [c.strip() for c in row]
                if any(not c for c in head):
                    raise InputError(f"table '{name}': {path.name}, line 1: column {head.index('') + 1} has no name")
                columns = [[] for _ in head]
                continue
            if len(row) != len(head):
                raise InputError(
                    f"table '{name}': {path.name}, line {reader.line_num}: {len(row)} cells, expected {len(head)} as in the header; "
                    "quote cells that hold the separator"
                )
            for cells, cell in zip(columns, row, strict=True):
                cells.append(cell)
    except csv.Error as error:
        raise InputError(f"table '{name}': {path.name}, line {reader.line_num}: {error}") from error
    arrays = [_typed(_points(cells) if delimiter == ";" else cells) for cells in columns]
    return pa.Table.from_arrays(arrays, names=head), frozenset()


def _points(cells: list[str]) -> list[str]:
    """Decimal commas as points, in a column that holds nothing but numbers."""
    return [c.replace(",", ".") for c in cells] if all(_COMMA.match(c) for c in cells if c) else cells


def _typed(cells: list[str]) -> pa.Array:
    """The narrowest type that every cell has; text as written where there is none."""
    filled = [c for c in cells if c != ""]
    if filled and all(_INT.match(c) for c in filled):
        return pa.array([None if c == "" else int(c) for c in cells], pa.int64())
    if filled and all(_FLOAT.match(c) and c not in ("", "-") and any(d.isdigit() for d in c) for c in filled):
        return pa.array([None if c == "" else float(c) for c in cells], pa.float64())
    if filled and {c.lower() for c in filled} <= {"true", "false"}:
        return pa.array([None if c == "" else c.lower() == "true" for c in cells], pa.bool_())
    return pa.array([None if c == "" else c for c in cells], pa.string())


def _json_lines(name: str, path: Path, text: str) -> tuple[pa.Table, frozenset[str]]:
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"table '{name}': {path.name}, line {number} is no JSON ({error})") from error
        if not isinstance(row, dict):
            raise InputError(f"table '{name}': {path.name}, line {number} is {type(row).__name__}, expected one object a line")
        rows.append(row)
    return _rows(name, rows)


def _json_rows(name: str, path: Path, text: str) -> tuple[pa.Table, frozenset[str]]:
    try:
        value = loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"table '{name}': {path.name} is no JSON ({error})") from error
    if isinstance(value, dict):
        value = next((v for v in value.values() if isinstance(v, list)), None) if not _is_columns(value) else value
    return _object(name, value)


def _is_columns(value: Mapping[str, Any]) -> bool:
    lists = [v for v in value.values() if isinstance(v, list)]
    return len(lists) == len(value) > 0 and len({len(v) for v in lists}) == 1 and not any(isinstance(v[0], dict) for v in lists if v)


def _parquet(name: str, path: Path) -> tuple[pa.Table, frozenset[str]]:
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"table '{name}': {path.name} is no readable Parquet file ({error})") from error
    return _arrow(name, table)


# -- objects in memory -------------------------------------------------------------------------------------------------
def _arrow(name: str, table: pa.Table) -> tuple[pa.Table, frozenset[str]]:
    as_json, arrays = set(), []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if isinstance(kind, pa.BaseExtensionType) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise InputError(f"table '{name}': column '{field.name}' holds {kind}, which is not read; turn it into text or numbers first")
        if pa.types.is_large_string(kind) or str(kind) == "string_view":
            column = column.cast(pa.string())
        elif pa.types.is_decimal(kind):
            column = column.cast(pa.float64())
        elif pa.types.is_nested(kind):
            as_json.add(field.name)
            column = pa.chunked_array([pa.array([None if c is None else dumps(c).decode() for c in column.to_pylist()], pa.string())])
        elif pa.types.is_null(kind):
            column = column.cast(pa.string())
        arrays.append(column)
    return pa.Table.from_arrays(arrays, names=table.schema.names), frozenset(as_json)


def _rows(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[pa.Table, frozenset[str]]:
    names = list(dict.fromkeys(str(k) for row in rows for k in row))
    return _columns(name, {n: [row.get(n) for row in rows] for n in names})


def _columns(name: str, columns: Mapping[str, Sequence[Any]]) -> tuple[pa.Table, frozenset[str]]:
    """Text, numbers and booleans as such; a column of nested or mixed values as JSON text, decoded where it is read."""
    as_json, arrays = set(), []
    for key, cells in columns.items():
        cells = list(cells)
        kinds = {type(c) for c in cells if c is not None}
        array = None
        if kinds <= {int, float} or len(kinds) <= 1:
            if not kinds & {dict, list, tuple, set}:
                try:
                    array = pa.array(cells)
                    array = array.cast(pa.string()) if pa.types.is_null(array.type) else array
                    if any(isinstance(c, str) for c in cells[:1]):
                        array.validate(full=True)
                except (pa.ArrowException, OverflowError, UnicodeEncodeError):
                    array = None
        if array is None:
            as_json.add(str(key))
            array = pa.array([None if c is None else _as_json(name, key, c) for c in cells], pa.string())
        arrays.append(array)
    if len({len(a) for a in arrays}) > 1:
        raise InputError(f"table '{name}': columns of different lengths ({ {k: len(a) for k, a in zip(columns, arrays)} })")
    return pa.Table.from_arrays(arrays, names=[str(k) for k in columns]), frozenset(as_json)


def _as_json(name: str, column: Any, cell: Any) -> str:
    try:
        return json.dumps(cell, ensure_ascii=True, default=str)
    except (ValueError, RecursionError) as error:
        raise InputError(f"table '{name}': column '{column}' holds a value that cannot be kept ({error})") from error


def _object(name: str, source: Any) -> tuple[pa.Table, frozenset[str]]:
    if isinstance(source, ArrowTable):
        return source.data, source._json
    if isinstance(source, pa.Table):
        return _arrow(name, source)
    if isinstance(source, Mapping):
        return _columns(name, {str(k): list(v) for k, v in source.items()})
    kind = f"{type(source).__module__}.{type(source).__name__}"
    if kind.startswith("pandas.") and hasattr(source, "columns"):
        if len(twice := sorted({str(c) for c in source.columns[source.columns.duplicated()]})):
            raise InputError(f"table '{name}' has the column {', '.join(twice)} twice; give each column its own name")
        try:
            return _arrow(name, pa.Table.from_pandas(source, preserve_index=False).replace_schema_metadata(None))
        except pa.ArrowException:  # a column of numbers and words
            return _columns(name, {str(c): source[c].astype(object).where(source[c].notna(), None).tolist() for c in source.columns})
    if hasattr(source, "to_arrow"):  # polars
        return _arrow(name, source.to_arrow())
    if hasattr(source, "with_format") and hasattr(source, "column_names"):  # a Hugging Face dataset
        return _arrow(name, source.with_format("arrow")[:])
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        rows = list(source)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise InputError(f"table '{name}': row {number} is {type(row).__name__}, expected a mapping of columns")
        return _rows(name, rows)
    raise InputError(f"table '{name}': found {type(source).__name__}, expected a path, a list of dicts, a dict of lists or a data frame")


def _hub(name: str, where: str) -> pa.Table:
    try:
        import datasets
    except ImportError as error:
        raise MissingExtra("datasets", "hf", f"table '{name}' (hf://{where})") from error
    path, _, split = where.partition("#")
    try:
        return _arrow(name, datasets.load_dataset(path, split=split or "train").with_format("arrow")[:])[0]
    except Exception as error:
        raise InputError(f"table '{name}': hf://{where} cannot be loaded ({type(error).__name__}: {str(error)[:200]})") from error


# -- setting rows aside ------------------------------------------------------------------------------------------------
def set_aside(table: ArrowTable, share: float = 0.2, stratify: str | None = None, seed: int = 0) -> tuple[ArrowTable, ArrowTable]:
    """(the rest, the rows set aside): deterministic, stratified by a column's values; equal rows never stand on both sides. Under a privacy budget
    each row goes by its own content alone, so not stratified and about that share."""

    def key_of(row: Any) -> bytes:
        return hashlib.blake2b(dumps(row), digest_size=8, key=seed.to_bytes(8, "big", signed=True)).digest()

    if table.allowance is not None:  # a person more or less may not decide where the rows of others go, nor how their cells are read
        bare = ({n: text for n, cell in row.items() if (text := plain(cell)) is not None} for row in table.rows())
        chosen = [i for i, row in enumerate(bare) if int.from_bytes(key_of(sorted(row.items())), "big") < share * 2**64]
        return _parted(table, chosen, share)
    keys = [key_of(row) for row in table.rows()]
    levels = [repr(v) for v in table.column(stratify)] if stratify else [""] * len(table)
    groups: dict[str, dict[bytes, list[int]]] = {}
    for i, (level, key) in enumerate(zip(levels, keys, strict=True)):
        groups.setdefault(level, {}).setdefault(key, []).append(i)
    aside: list[int] = []
    carry = 0.0
    for level in sorted(groups):
        rows = groups[level]
        want = share * sum(map(len, rows.values())) + carry
        taken = 0
        for key in sorted(rows):
            if taken + len(rows[key]) / 2 > want:
                break
            aside.extend(rows[key])
            taken += len(rows[key])
        carry = want - taken
    return _parted(table, aside, share)


def _parted(table: ArrowTable, aside: Sequence[int], share: float) -> tuple[ArrowTable, ArrowTable]:
    out = set(aside)
    if not out or len(out) == len(table):
        raise InputError(f"table '{table.name}' has {len(table)} rows, too few to set {share:.0%} aside; give a holdout table")
    return table.take([i for i in range(len(table)) if i not in out]), table.take(sorted(out), "holdout")
