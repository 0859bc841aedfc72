"""Runs inside a box, as the source of a trial: databases in memory, filled and asked by calls. Standard library, and DuckDB's native module.

    load("sqlite"); prepare("CREATE TABLE t (a)", {"t": [{"a": 1}]}); ask("SELECT a FROM t", 100)  ->  [[1]]

It imports nothing of the package, which a box cannot see. A query reads and changes nothing: DELETE ... RETURNING gives the rows that it destroys. What is
switched off in DuckDB (files, network, extensions, settings) is the second wall; the box is the first, and the only one for SQLite. Values that are not plain leave as text: dates, times, UUIDs; decimals as floats, NaN as 'nan'.
"""

import math
import sqlite3
from typing import Any

_KINDS = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", bytes: "BLOB"}
_CLOSED = {"enable_external_access": "false", "threads": "1", "memory_limit": "300MB", "lock_configuration": "true"}
_now: dict[str, Any] = {}  # the engine's module where it is DuckDB's, and the database that is asked


def load(engine: str) -> None:
    if engine == "duckdb":
        import _duckdb  # type: ignore[import-not-found,unused-ignore]

        _now["duckdb"] = _duckdb


def prepare(setup: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    """A new database: runs the statements of `setup`, then puts rows in; a table that is not there yet is made."""
    if duckdb := _now.get("duckdb"):
        database = duckdb.connect(":memory:", config=_CLOSED)
        database.execute(setup)
    else:
        database = sqlite3.connect(":memory:", isolation_level=None)
        database.executescript(setup)
    _now["database"] = database
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        kinds = [next((type(row[c]) for row in rows if row.get(c) is not None), str) for c in columns]
        quoted = ['"' + c.replace('"', '""') + '"' for c in (name, *columns)]
        typed = [f"{c} {_KINDS.get(kind, 'VARCHAR')}" for c, kind in zip(quoted[1:], kinds, strict=True)]
        database.execute(f"CREATE TABLE IF NOT EXISTS {quoted[0]} ({', '.join(typed)})")
        marks = ", ".join("?" * len(columns))
        for row in rows:
            database.execute(f"INSERT INTO {quoted[0]} ({', '.join(quoted[1:])}) VALUES ({marks})", [row.get(c) for c in columns])
    if not duckdb:  # there `ask` takes no other statements
        database.execute("PRAGMA query_only = ON")


def ask(query: str, most: int) -> list[list[Any]]:
    """The rows of one query; MemoryError where they are more than `most`."""
    database = _now["database"]
    if "duckdb" in _now:
        kinds = [str(s.type).rpartition(".")[2] for s in database.extract_statements(query)]
        if kinds != ["SELECT"]:
            raise ValueError(f"one SELECT is expected, this is {', '.join(kinds) or 'nothing'}")
    try:
        cursor = database.execute(query)
        if cursor.description is None:
            raise ValueError("it has no result")
        rows = cursor.fetchmany(most + 1)
    except Exception as error:
        if "OutOfMemory" in type(error).__name__:
            raise MemoryError(str(error)) from None
        raise
    if len(rows) > most:
        raise MemoryError(f"more than {most} rows")
    return [[plain(cell) for cell in row] for row in rows]


def plain(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return "nan" if math.isnan(value) else value
    if value is None or kind in (bool, int, str, bytes):
        return value
    if kind in (list, tuple):
        return [plain(v) for v in value]
    if kind is dict:
        return {k: plain(v) for k, v in value.items()}
    return float(value) if kind.__name__ == "Decimal" else str(value)
