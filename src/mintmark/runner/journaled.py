"""Embedders and fetchers whose answers are committed before use and never asked for again: law 4 for the ports that are no model."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from hashlib import blake2b

from ..core.ports import Answer, Embedder, Fetch, Fetcher, Store
from ..text.jsontext import dumps
from .journal import Committer, Known


class Remembered:
    """An embedder whose vectors are journaled before they are used, one answer per text, and never asked for again.

    key = hash(embedder's name, text); raw = the vector as float32. The newest 100,000 vectors stay in memory.
    """

    def __init__(self, inner: Embedder, known: Known, committer: Committer) -> None:
        self.inner, self._known, self._committer = inner, known, committer
        self._recent: dict[bytes, bytes] = {}
        self.name, self.local = inner.name, inner.local

    def fit(self, texts: Sequence[str]) -> Embedder:
        fitted = self.inner.fit(texts)
        return self if fitted is self.inner else fitted

    def _find(self, key: bytes) -> bytes | None:
        raw = self._recent.get(key)
        if raw is None and (answer := self._known.find(key)) is not None:
            raw = answer.raw
        return raw

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        keys = [blake2b(f"embedder {self.name}\x1f{t}".encode("utf-8", "surrogatepass"), digest_size=16).digest() for t in texts]
        missing = dict(zip(reversed(keys), reversed(texts), strict=True))
        missing = {k: t for k, t in missing.items() if self._find(k) is None}
        if missing:
            made = [array("f", v).tobytes() for v in await self.inner.embed(list(missing.values()))]
            answers = [Answer(k, "", "embed", 0, self.name, b"{}", raw, port="embedder") for k, raw in zip(missing, made, strict=True)]
            await asyncio.gather(*(self._committer.put(a) for a in answers))
            self._recent.update(zip(missing, made, strict=True))
        out = []
        for key in keys:
            vector = array("f")
            vector.frombytes(self._find(key) or b"")
            out.append(vector)
        while len(self._recent) > 100_000:
            self._recent.pop(next(iter(self._recent)))
        return out

    async def aclose(self) -> None:
        await self.inner.aclose()


class Fetched:
    """A fetcher whose answers are committed before use, and that asks for no document twice, in this run or after it.

    Rows that want one document while it is under way wait for the same answer: a page may change between two asks, a run may not.
    """

    def __init__(self, inner: Fetcher, committer: Committer, known: Known, store: Store) -> None:
        self.inner, self._committer, self._known, self._store = inner, committer, known, store
        self._numbers: dict[bytes, int] = {}
        self._under_way: dict[bytes, asyncio.Task[bytes]] = {}
        self.in_flight = 0

    @property
    def name(self) -> str:
        return self.inner.name

    async def fetch(self, asked: Fetch) -> bytes:
        key = asked.key()
        if key in self._numbers:
            return self._store.get(self._numbers[key]).raw
        found = self._known.find(key)
        if found is not None:
            return found.raw
        if key not in self._under_way:
            self._under_way[key] = asyncio.get_running_loop().create_task(self._fetch(asked, key))
        return await asyncio.shield(self._under_way[key])

    async def _fetch(self, asked: Fetch, key: bytes) -> bytes:
        self.in_flight += 1
        try:
            raw = await self.inner.fetch(asked)
            request = dumps({"url": asked.url, "allow": asked.allow})
            self._numbers[key] = await self._committer.put(
                Answer(key, asked.row, asked.step, 0, self.inner.name, request, raw, port="fetcher")
            )
            return raw
        finally:
            self.in_flight -= 1
            del self._under_way[key]

    async def aclose(self) -> None:
        left = list(self._under_way.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.inner.aclose()
