"""A run in memory: the public fake of the Store port, for tests, notebooks and the tutorial. Nothing survives the process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.ports import Answer, Record


class MemoryStore:
    notice = ""

    def __init__(self) -> None:
        self._answers: list[Answer] = []
        self._parts: dict[str, list[Record]] = {}
        self.files: dict[str, bytes] = {}
        self.tables: dict[str, list[dict[str, Any]]] = {}

    @property
    def folder(self) -> Path | None:
        return None

    def append(self, answers: Sequence[Answer]) -> list[int]:
        first = len(self._answers) + 1
        self._answers.extend(answers)
        return list(range(first, first + len(answers)))

    def keys(self) -> Iterator[tuple[bytes, int]]:
        return ((a.key, n) for n, a in enumerate(list(self._answers), 1))

    def get(self, number: int) -> Answer:
        return self._answers[number - 1]

    def answers(self, row: str | None = None, port: str | None = None) -> Iterator[Answer]:
        return (a for a in list(self._answers) if row in (None, a.row) and port in (None, a.port))

    def totals(self) -> dict[str, float]:
        told = [a for a in self._answers if a.port == "model"]
        return {
            "calls": len(told),
            "tokens_in": sum(a.tokens_in for a in told),
            "tokens_out": sum(a.tokens_out for a in told),
            "cost_usd": sum(a.cost_usd for a in told),
        }

    def put_part(self, name: str, records: Sequence[Record]) -> None:
        self._parts[name] = list(records)

    def parts(self) -> list[str]:
        return sorted(self._parts)

    def scan_part(self, name: str, columns: Sequence[str] | None = None) -> list[Record]:
        return list(self._parts[name])

    def drop_part(self, name: str) -> None:
        self._parts.pop(name, None)

    def put_table(self, name: str, rows: Callable[[], Iterator[Mapping[str, Any]]], about: Mapping[str, str] | None = None) -> None:
        self.tables[name] = [dict(r) for r in rows()]

    def put_file(self, name: str, data: bytes | Iterable[bytes]) -> None:
        self.files[name] = data if isinstance(data, bytes) else b"".join(data)

    def get_file(self, name: str) -> bytes | None:
        return self.files.get(name)

    def close(self) -> None:
        pass
