"""Tries a call again where that can help: full jitter, Retry-After as a floor, and a breaker that pauses the run instead of losing rows.

A rate limit never uses up a try: rows are not dropped for it. After six failed tries the row has failed (the TransportError is raised) if
the endpoint serves others: a call has succeeded since this one failed the last but two times, or most of the last 100 answers were good and the last good
one is at most a minute old, or it has served before and still answers a free request (GET /models). Otherwise the call goes on trying; when nothing has succeeded for `patience` seconds and at least six
tries failed, the endpoint is down: EndpointDown ends the run, with its rows pending.

Backoff: U(0, min(30 s, 0.1 s * 3^n)); after a rate limit U(0, min(30 s, 0.1 s * 2^n)) on top of Retry-After.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable

from ..core.errors import EndpointDown, TransportError
from ..core.ports import Model, Reply, Request, Wrapper

CAP_S, BASE_S = 30.0, 0.1


class Retry(Wrapper):
    """Sleeps outside Limit's slots: it stands around Limit, never inside."""

    def __init__(
        self,
        inner: Model,
        attempts: int = 6,
        patience: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.inner, self.attempts, self.patience = inner, attempts, patience
        self._clock, self._sleep = clock, sleep
        self._jitter = random.Random()  # timing only: no row depends on it
        self._good: float | None = None
        self._begun: float | None = None
        self._failed_in_a_row = 0
        self._last: deque[bool] = deque(maxlen=100)
        self.retries = 0
        self._probed = (-1e9, False)
        self._waiting = 0
        self._error = ""

    async def complete(self, request: Request) -> Reply:
        self._waiting += 1
        try:
            return await self._complete(request)
        finally:
            self._waiting -= 1

    def silence(self, least: float = 10.0) -> str:
        """In words for how long nothing has come of what is asked, and the last failure since; '' where something has."""
        quiet = self._clock() - max(self._good or 0.0, self._begun or 0.0)
        if not self._waiting or quiet < least:
            return ""
        return f"no answer for {quiet:.0f} s" + (f"; last: {self._error}" if self._failed_in_a_row else "")

    async def _complete(self, request: Request) -> Reply:
        tries = limited = 0
        failures: list[float] = []
        if self._begun is None:
            self._begun = self._clock()
        while True:
            try:
                reply = await self.inner.complete(request)
            except TransportError as error:
                now = self._clock()
                failures.append(now)
                self._failed_in_a_row += 1
                self._error = str(error).partition(": ")[2] or str(error)  # less the address
                self._last.append(False)
                if error.limited:
                    limited += 1
                else:
                    tries += 1
                if tries >= self.attempts and (self._serves_others(failures[-3:][0], now) or await self._answers()):
                    raise
                quiet = now - max(self._good or 0.0, self._begun)
                if self._failed_in_a_row >= self.attempts and quiet >= self.patience:
                    raise EndpointDown(f"nothing has succeeded for {quiet:.0f} s; last: {error}. The same command goes on") from error
                self.retries += 1
                await self._sleep(self._delay(error, tries, limited))
            else:
                self._good = self._clock()
                self._failed_in_a_row = 0
                self._last.append(True)
                return reply

    async def _answers(self) -> bool:
        """Asked only when this call's tries are used up and no other tells: does the server answer a free request? Once in 5 s."""
        if self._good is None:
            return False
        if self._clock() - self._probed[0] > 5.0:
            model: object = self
            while hasattr(model, "inner"):
                model = model.inner
            session = getattr(model, "session", None)
            self._probed = (self._clock(), session is not None and await session.alive())
        return self._probed[1]

    def _serves_others(self, lately: float, now: float) -> bool:
        if self._good is None:
            return False
        return self._good > lately or (now - self._good <= 60.0 and sum(self._last) >= 0.5 * len(self._last))

    def _delay(self, error: TransportError, tries: int, limited: int) -> float:
        if error.limited:
            return (error.retry_after or 0.0) + self._jitter.uniform(0, min(CAP_S, BASE_S * 2 ** min(limited - 1, 12)))
        return max(error.retry_after or 0.0, 0.0) + self._jitter.uniform(0, min(CAP_S, BASE_S * 3 ** min(tries - 1, 8)))
