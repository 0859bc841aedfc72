"""Records to Parquet and back, without loss: what is read is what was written, type for type.

A column whose cells are all text (or missing), all whole numbers, all decimals or all booleans becomes a Parquet column of that type, so
that anybody can read `rows/` while a run goes on. Any other column (mixed, nested, huge integers) is written as JSON text, cell by cell,
and its field says so. A type that Parquet would have to change (1 and 2.5 in one column) never is.

One part: mm.p=41, mm.c=0, id='3f0c9a51d2e8b7764a10', mm.state='kept', mm.step='length', mm.calls=1, intent='late_fee', text='hi, ...'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..core.ports import Record
from ..text.jsontext import dumps, loads

_META = {
    "mm.p": pa.int64(),
    "mm.c": pa.int64(),
    "id": pa.string(),
    "mm.state": pa.string(),
    "mm.reason": pa.string(),
    "mm.step": pa.string(),
    "mm.parents": pa.list_(pa.string()),
    "mm.calls": pa.int32(),
    "mm.tokens_in": pa.int64(),
    "mm.tokens_out": pa.int64(),
    "mm.cost_usd": pa.float64(),
    "mm.detail": pa.string(),
    "mm.rank": pa.int64(),
}
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_NONE = type(None)
JSON_FIELD = b"mintmark.json"


def _column(name: str, cells: list[Any]) -> tuple[pa.Field, pa.Array]:
    kinds = set(map(type, cells))
    kinds.discard(_NONE)
    if len(kinds) <= 1:
        kind = kinds.pop() if kinds else str
        if kind in _TYPES:
            try:
                return pa.field(name, _TYPES[kind]), pa.array(cells, _TYPES[kind])
            except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
                pass  # an integer past 64 bits, a lone surrogate
    texts = [None if c is None else dumps(c).decode() for c in cells]
    return pa.field(name, pa.string(), metadata={JSON_FIELD: b"1"}), pa.array(texts, pa.string())


def to_table(records: Sequence[Record]) -> pa.Table:
    columns: list[list[Any]] = [
        [r.p for r in records],
        [r.c for r in records],
        [r.id for r in records],
        [r.state for r in records],
        [r.reason for r in records],
        [r.step for r in records],
        [list(r.parents) for r in records],
        [r.calls for r in records],
        [r.tokens_in for r in records],
        [r.tokens_out for r in records],
        [r.cost_usd for r in records],
        [_printable(r.detail) for r in records],
        [r.rank for r in records],
    ]
    fields = [pa.field(k, t) for k, t in _META.items()]
    arrays = [pa.array(cells, f.type) for cells, f in zip(columns, fields, strict=True)]
    names: dict[str, None] = {}
    for r in records:
        if r.values:
            names.update(dict.fromkeys(r.values))
    for name in names:
        cells = [None if r.values is None else r.values.get(name) for r in records]
        field, array = _column("mm.id" if name == "id" else name, cells)
        fields.append(field)
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def write_part(sink: Any, records: Sequence[Record]) -> None:
    pq.write_table(to_table(records), sink, compression="zstd", use_dictionary=["mm.state", "mm.reason", "mm.step"])


def read_part(source: Any, columns: Sequence[str] | None) -> list[Record]:
    """All records of a part; `columns` of the rows' values, None = all, () = none of them."""
    file = pq.ParquetFile(source)
    schema = file.schema_arrow
    own = [n for n in schema.names if n not in _META]
    if columns is not None:
        wanted = set(columns)
        own = [n for n in own if n in wanted]
    table = file.read([*_META, *own])
    head = [table.column(n).to_pylist() for n in _META]
    cells = []
    for name in own:
        values = table.column(name).to_pylist()
        if (schema.field(name).metadata or {}).get(JSON_FIELD):
            values = [None if v is None else loads(v) for v in values]
        cells.append(values)
    rows = zip(*cells, strict=True) if cells else iter([()] * table.num_rows)
    return [
        Record(
            p,
            c,
            i,
            state,
            reason,
            step,
            tuple(parents),
            calls,
            ti,
            to,
            cost,
            dict(zip(own, row)) if state == "kept" else None,
            detail,
            rank,
        )
        for p, c, i, state, reason, step, parents, calls, ti, to, cost, detail, rank, row in zip(*head, rows)
    ]


def write_rows(
    sink: Any, rows: Callable[[], Iterator[Mapping[str, Any]]], batch: int = 2_000, about: Mapping[str, str] | None = None
) -> None:
    """Rows as one Parquet table, column types found on the way. A column that changes type midway is written as JSON text, and so is one of
    mappings whose keys are data (a tool's arguments): a struct would fill in all the others' keys, and lose those that come later.
    about: the schema's metadata."""
    as_text: set[str] = set()
    while True:
        try:
            _write_once(sink, rows(), batch, as_text, about)
            return
        except _Changed as changed:
            as_text.add(changed.column)
            sink.seek(0)
            sink.truncate()


class _Changed(Exception):
    def __init__(self, column: str) -> None:
        self.column = column


def _write_once(sink: Any, rows: Iterator[Mapping[str, Any]], batch: int, as_text: set[str], about: Mapping[str, str] | None) -> None:
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None
    try:
        while True:
            block = list(islice(rows, batch))
            if not block and writer is not None:
                return
            names = list(dict.fromkeys(n for row in block for n in row)) if schema is None else schema.names
            arrays, fields = [], []
            for name in names:
                cells = [row.get(name) for row in block]
                want = schema.field(name).type if schema is not None else None
                array = _typed(name, cells, want, as_text)
                arrays.append(array)
                fields.append(pa.field(name, array.type))
            table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, dict(about) if about else None))
            if writer is None:
                schema = table.schema
                writer = pq.ParquetWriter(sink, schema, compression="zstd")
            writer.write_table(table)
            if not block:
                return
    finally:
        if writer is not None:
            writer.close()


def _typed(name: str, cells: list[Any], want: pa.DataType | None, as_text: set[str]) -> pa.Array:
    if name in as_text:
        return pa.array([None if c is None else c if isinstance(c, str) else dumps(c).decode() for c in map(_safe, cells)], pa.string())
    try:
        array = pa.array([_safe(c) if isinstance(c, str) else c for c in cells], want)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, TypeError, UnicodeEncodeError) as error:
        raise _Changed(name) from error
    if pa.types.is_nested(array.type) and not all(_is_record(array.type, c) for c in cells):
        raise _Changed(name)
    if want is None and pa.types.is_null(array.type):
        array = array.cast(pa.string())
    return array


def _is_record(kind: pa.DataType, value: Any) -> bool:
    """Whether each mapping in a value has only keys of its struct, and at least half of them (the others are optional fields)."""
    if value is None:
        return True
    if pa.types.is_struct(kind):
        if (
            not value
            or not isinstance(value, Mapping)
            or kind.num_fields > 2 * len(value)
            or any(kind.get_field_index(k) < 0 for k in value)
        ):
            return False
        return all(_is_record(kind.field(k).type, v) for k, v in value.items())
    if pa.types.is_list(kind):  # Arrow takes an empty text for an empty list
        deep = pa.types.is_nested(kind.value_type)
        return isinstance(value, (list, tuple)) and (not deep or all(_is_record(kind.value_type, v) for v in value))
    return True


def _safe(cell: Any) -> Any:
    if isinstance(cell, str):
        try:
            cell.encode()
        except UnicodeEncodeError:
            return cell.encode("utf-8", "backslashreplace").decode()
    return cell
