"""A releaser for tests: gives the values back as they are, without noise or account, and keeps what it was asked. Public; protects nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.ports import Release


class ScriptedReleaser:
    def __init__(self) -> None:
        self.asked: list[Release] = []

    async def release(self, asked: Release) -> Sequence[float]:
        self.asked.append(asked)
        return list(asked.values)

    def told(self) -> list[dict[str, Any]]:
        return []
