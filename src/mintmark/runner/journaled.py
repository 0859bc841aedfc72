"""Embedders, fetchers and sandboxes whose answers are committed before use and never asked for again: law 4 for the ports that are no model."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any

from ..core.errors import TransportError
from ..core.ports import Answer, Embedder, Fetch, Outcome, Store, Trial
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


class _Once:
    """Around a port whose answer has a key of its own: committed before use, never asked for twice, in this run or after it.

    Rows that want one answer while it is under way wait for the same one: a page may change between two asks, a verdict too; a run may not.
    """

    def __init__(self, inner: Any, committer: Committer, known: Known, store: Store) -> None:
        self.inner, self._committer, self._known, self._store = inner, committer, known, store
        self._numbers: dict[bytes, int] = {}
        self._under_way: dict[bytes, asyncio.Task[bytes]] = {}
        self.in_flight = 0

    async def _raw(self, key: bytes, ask: Callable[[], Awaitable[Answer]]) -> bytes:
        if key in self._numbers:
            return self._store.get(self._numbers[key]).raw
        found = self._known.find(key)
        if found is not None:
            return found.raw
        if key not in self._under_way:
            self._under_way[key] = asyncio.get_running_loop().create_task(self._ask(key, ask))
        return await asyncio.shield(self._under_way[key])

    async def _ask(self, key: bytes, ask: Callable[[], Awaitable[Answer]]) -> bytes:
        self.in_flight += 1
        try:
            answer = await ask()
            self._numbers[key] = await self._committer.put(answer)
            return answer.raw
        finally:
            self.in_flight -= 1
            del self._under_way[key]

    async def aclose(self) -> None:
        left = list(self._under_way.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.inner.aclose()


class Fetched(_Once):
    """A fetcher whose documents are committed before use."""

    @property
    def name(self) -> str:
        return str(self.inner.name)

    async def fetch(self, asked: Fetch) -> bytes:
        key = asked.key()

        async def ask() -> Answer:
            raw = await self.inner.fetch(asked)
            request = dumps({"url": asked.url, "allow": asked.allow})
            return Answer(key, asked.row, asked.step, 0, self.name, request, raw, port="fetcher")

        return await self._raw(key, ask)


class Executed(_Once):
    """A sandbox whose outcomes are committed before they are judged; what was our fault is committed nowhere, and its row waits for the next run."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.errors: Counter[str] = Counter()  # by step

    @property
    def tier(self) -> str:
        return str(self.inner.tier)

    async def run(self, trial: Trial) -> Outcome:
        key = trial.key()

        async def ask() -> Answer:
            outcome = await self.inner.run(trial)
            if outcome.status == "sandbox_error":
                self.errors[trial.step] += 1
                raise TransportError(f"the sandbox failed: {outcome.detail}")
            strength = "proxied" if trial.tests else "exact"
            request = dumps({"source": trial.source, "calls": len(trial.calls), "cpu_s": trial.cpu_s, "strength": strength})
            return Answer(key, trial.row, trial.step, trial.repeat, outcome.tier, request, outcome.pack(), port="sandbox")

        return Outcome.unpack(await self._raw(key, ask))
