"""Wrappers that make law 4 true. Around a model: `Record` commits an answer before anyone may use it, `Recall` never asks twice.

    Recall(Retry(Limit(Record(Budget(HttpChat)))))

Recall stands outside: what was paid for needs no slot and no rate limit. Record stands inside Limit: the slot of a call is given back
only when its answer is committed, so that after a kill at most `concurrency` answers are paid for twice. Around a fetcher `Fetched` is both.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..core.errors import StorageFull
from ..core.ports import Answer, Model, Reply, Request, Store, Wrapper
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
        self._waiting: list[tuple[Answer, asyncio.Future[int]]] = []
        self._busy = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._task: asyncio.Task[None] | None = None
        self.committed = 0

    def put(self, answer: Answer) -> asyncio.Future[int]:
        """Resolves when the answer is durable, to its number in the store."""
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
                told = await self._commit(loop, [answer for answer, _ in batch])
                for k, (_, future) in enumerate(batch):
                    if not future.done():
                        if isinstance(told, Exception):
                            future.set_exception(told)
                        else:
                            future.set_result(told[k])
                if not isinstance(told, Exception):
                    self.committed += len(batch)
        finally:
            self._busy = False

    async def _commit(self, loop: asyncio.AbstractEventLoop, answers: list[Answer]) -> list[int] | Exception:
        end = None
        while True:
            try:
                return await loop.run_in_executor(self._pool, self._store.append, answers)
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


def layers(model: Model) -> Iterator[Model]:
    """The wrappers of a model from the outside in, the model itself last."""
    while True:
        yield model
        inner = getattr(model, "inner", None)
        if inner is None:
            return
        model = inner


__all__ = ["Committer", "Known", "Recall", "Record", "layers", "request_bytes"]
