"""Two wrappers around a model that make law 4 true: `Record` commits an answer before anyone may use it, `Recall` never asks twice.

    Recall(Retry(Limit(Record(Budget(HttpChat)))))

Recall stands outside: what was paid for needs no slot and no rate limit. Record stands inside Limit: the slot of a call is given back
only when its answer is committed, so that after a kill at most `concurrency` answers are paid for twice.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Any

from ..core.errors import StorageFull
from ..core.ports import Answer, Embedder, Model, Reply, Request, Store, Wrapper
from ..text.jsontext import dumps

MOST = 512  # answers in one commit


class Known:
    """Keys of the answers that a store held when the run began: 16 bytes each, sorted. What came later is never asked for again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        heads, numbers = array("Q"), array("Q")
        for key, n in store.keys():  # noqa: SIM118
            heads.append(int.from_bytes(key[:8], "big"))
            numbers.append(n)
        self._heads, self._numbers = memoryview(heads), memoryview(numbers)
        if heads:
            import numpy as np

            order = np.argsort(np.frombuffer(heads, dtype=np.uint64), kind="stable")
            self._heads = memoryview(np.frombuffer(heads, dtype=np.uint64)[order])  # type: ignore[arg-type]
            self._numbers = memoryview(np.frombuffer(numbers, dtype=np.uint64)[order])  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._heads)

    def __contains__(self, key: bytes) -> bool:
        return self.find(key) is not None

    def find(self, key: bytes) -> Answer | None:
        """The newest answer under this key, checked; None if there is none."""
        if not len(self._heads):
            return None
        head = int.from_bytes(key[:8], "big")
        at = bisect_left(self._heads, head)
        found = None
        while at < len(self._heads) and self._heads[at] == head:
            answer = self._store.get(self._numbers[at])
            if answer.key == key:
                found = answer
            at += 1
        return found


class Committer:
    """Group commit: whatever has arrived is committed as soon as the last commit returns, at most 512 answers at a time.

    While the disk is full, answers wait in memory (they are paid for) and the commit is tried again for `patience` seconds; `halt` is
    called at once so that nothing new is asked meanwhile.
    """

    def __init__(self, store: Store, halt: Callable[[Exception], None] = lambda error: None, patience: float = 3.0) -> None:
        self._store, self._halt, self._patience = store, halt, patience
        self._waiting: list[tuple[Answer, asyncio.Future[None]]] = []
        self._busy = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._task: asyncio.Task[None] | None = None
        self.committed = 0

    def put(self, answer: Answer) -> asyncio.Future[None]:
        """Resolves when the answer is durable."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((answer, future))
        if not self._busy:
            self._busy = True
            self._task = loop.create_task(self._work())
        return future

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                error = await self._commit(loop, [answer for answer, _ in batch])
                for _, future in batch:
                    if not future.done():
                        if error is None:
                            future.set_result(None)
                        else:
                            future.set_exception(error)
                if error is None:
                    self.committed += len(batch)
        finally:
            self._busy = False

    async def _commit(self, loop: asyncio.AbstractEventLoop, answers: list[Answer]) -> Exception | None:
        end = None
        while True:
            try:
                await loop.run_in_executor(self._pool, self._store.append, answers)
                return None
            except StorageFull as error:
                self._halt(error)
                end = loop.time() + self._patience if end is None else end
                if loop.time() >= end:
                    return error
                await asyncio.sleep(0.5)
            except Exception as error:
                self._halt(error)
                return error

    async def aclose(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])
        self._pool.shutdown(wait=True)


def request_bytes(request: Request) -> bytes:
    """What was asked, for `show` and `--record`: messages and sampling parameters; the schema is in recipe.yaml."""
    asked: dict[str, Any] = {"messages": request.messages}
    if request.temperature is not None:
        asked["temperature"] = request.temperature
    if request.max_tokens is not None:
        asked["max_tokens"] = request.max_tokens
    if request.seed is not None:
        asked["seed"] = request.seed
    return dumps(asked)


class Record(Wrapper):
    """Commits the raw answer, then gives the reply on. Counts what is in flight: sent and not yet committed."""

    def __init__(self, inner: Model, committer: Committer) -> None:
        self.inner, self._committer = inner, committer
        self.in_flight = 0

    async def complete(self, request: Request) -> Reply:
        self.in_flight += 1
        try:
            reply = await self.inner.complete(request)
            await self._committer.put(
                Answer(
                    request.key(self.inner.name),
                    request.row,
                    request.step,
                    request.attempt,
                    self.inner.name,
                    request_bytes(request),
                    reply.raw,
                    reply.tokens_in,
                    reply.tokens_out,
                    reply.cost_usd or 0.0,
                )
            )
            return reply
        finally:
            self.in_flight -= 1


class Recall(Wrapper):
    """Answers from the journal where it can; the same bytes, decoded again, so that a mended parser is used on what was paid for."""

    def __init__(self, inner: Model, known: Known) -> None:
        self.inner, self._known = inner, known
        self.hits = 0

    async def complete(self, request: Request) -> Reply:
        if len(self._known):
            answer = self._known.find(request.key(self.inner.name))
            if answer is not None:
                self.hits += 1
                return self.inner.decode(request, answer.raw)
        return await self.inner.complete(request)


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


def layers(model: Model) -> Iterator[Model]:
    """The wrappers of a model from the outside in, the model itself last."""
    while True:
        yield model
        inner = getattr(model, "inner", None)
        if inner is None:
            return
        model = inner


__all__ = ["Committer", "Known", "Recall", "Record", "Remembered", "layers", "request_bytes"]
