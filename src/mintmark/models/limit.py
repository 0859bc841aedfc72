"""How many calls may be in flight: adaptive from a ceiling downwards, polite, and not scared by a few rejections.

Additive increase, multiplicative decrease on the share of rejections (429, 503, timeouts) in a round, a round being as many answers as
fit in flight, at least 32. A decrease that does not lower the share is undone and the share learned as noise: 5 % of random 429s is not a
capacity. A rejected call keeps its slot for as long as a usual answer takes (at most a second): otherwise the next one in line would be
rejected within milliseconds, again and again, and the share would say nothing about capacity. After a decrease the limit probes upwards only after four clean rounds; past the old bad limit it grows by a quarter a round.

Retry-After delays the request that got it (see retry.py); the whole endpoint only when more than 30 % of the last 100 answers are 429.
rpm and tpm: each call is given its time in line (generic cell rate), tokens estimated first and corrected by usage.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ..core.errors import TransportError
from ..core.ports import Model, Reply, Request, Wrapper

_NOISE_MARGIN, _CLEAN_ROUNDS, _LEAST_ROUND = 0.04, 4, 32


class Aimd:
    """The limit itself, fed with outcomes; knows nothing of calls, so that it can be tested by simulation."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling, self.limit = ceiling, float(ceiling)
        self.epoch = 0
        self._seen = self._rejected = 0
        self._noise = 0.0
        self._bad: float | None = None
        self._clean = 0
        self._trial: tuple[float, float] | None = None  # (share before, limit before) of a decrease on trial

    def outcome(self, rejected: bool, epoch: int) -> bool:
        """Counts an answer to a call started in `epoch`; True when the limit has changed."""
        if epoch != self.epoch:
            return False
        self._seen += 1
        self._rejected += rejected
        if self._seen < max(_LEAST_ROUND, int(self.limit)):
            return False
        share, before = self._rejected / self._seen, self.limit
        self._seen = self._rejected = 0
        self._decide(share)
        if self.limit != before:
            self.epoch += 1
        return self.limit != before

    def _decide(self, share: float) -> None:
        if self._trial is not None:
            was, limit = self._trial
            self._trial = None
            if share > 0.6 * was and share < 0.3:  # fewer calls, as many rejections: it is not our number
                self._noise, self.limit = share, limit
                return
        if share - self._noise > _NOISE_MARGIN:
            self._trial = (share, self.limit)
            self._bad, self._clean = self.limit, 0
            self.limit = max(1.0, round(self.limit * (1.0 - share)))
            return
        self._noise *= 0.98
        self._clean += 1
        if self.limit >= self.ceiling:
            return
        near = self._bad is not None and self.limit + 1 >= self._bad
        if near and self._clean <= _CLEAN_ROUNDS:
            return
        step = max(1.0, 0.25 * self.limit) if self._bad is not None and self.limit > self._bad else 1.0
        if self._bad is not None and self.limit < 0.5 * self._bad:
            step = max(step, 0.1 * self.limit)
        self.limit = min(float(self.ceiling), self.limit + step)
        if near and self._bad is not None and self.limit > self._bad:
            self._clean = _CLEAN_ROUNDS + 1  # the probe goes on while rounds stay clean


class Slots(Wrapper):
    """At most `ceiling` calls in flight to a model in this process, which has no rate to adapt to."""

    def __init__(self, inner: Model, ceiling: int) -> None:
        self.inner, self._free = inner, asyncio.Semaphore(ceiling)

    async def complete(self, request: Request) -> Reply:
        async with self._free:
            return await self.inner.complete(request)


class Pace:
    """rpm / tpm: the time in line of each call. burst: seconds of unused rate that may be used at once."""

    def __init__(self, per_minute: float, clock: Callable[[], float], burst: float = 1.0) -> None:
        self._gap, self._clock, self._burst = 60.0 / per_minute, clock, burst
        self._next = clock()

    def wait(self, amount: float = 1.0) -> float:
        """Seconds to wait before a call of `amount`; takes its place in line."""
        now = self._clock()
        self._next = max(self._next, now - self._burst)
        at = self._next
        self._next += amount * self._gap
        return max(0.0, at - now)

    def correct(self, more: float) -> None:
        self._next += more * self._gap


class Limit(Wrapper):
    """A Model that holds calls back. snapshot(): in_flight, limit, waiting, rejected."""

    def __init__(
        self,
        inner: Model,
        ceiling: int = 256,
        rpm: float | None = None,
        tpm: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.inner = inner
        self._clock = clock
        self.aimd = Aimd(ceiling)
        self._rpm = Pace(rpm, clock) if rpm else None
        self._tpm = Pace(tpm, clock) if tpm else None
        self._tokens = 300.0  # running mean of an answer's tokens, for the reservation
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._last: deque[bool] = deque(maxlen=100)
        self._paused = 0.0
        self._usual = 0.0  # running mean of the seconds a good answer takes
        self.in_flight = self.rejected = 0

    def snapshot(self) -> dict[str, Any]:
        return {"in_flight": self.in_flight, "limit": int(self.aimd.limit), "waiting": len(self._waiting), "rejected": self.rejected}

    async def complete(self, request: Request) -> Reply:
        reserved = await self._line_up(request) if self._rpm or self._tpm else 0.0
        await self._enter()
        epoch, began = self.aimd.epoch, self._clock()
        try:
            reply = await self.inner.complete(request)
        except TransportError as error:
            rejected = error.limited or error.status == 503 or "no whole answer" in str(error)
            self._told(rejected, error)
            if rejected:
                asyncio.get_running_loop().call_later(min(self._usual, 1.0), self._leave, True, epoch)
            else:
                self._leave(False, epoch)
            raise
        except BaseException:
            self._leave(None, epoch)
            raise
        self._last.append(False)
        self._usual += 0.1 * (self._clock() - began - self._usual)
        if self._tpm:
            used = reply.tokens_in + reply.tokens_out
            self._tokens += 0.05 * (reply.tokens_out - self._tokens)
            self._tpm.correct(used - reserved)
        self._leave(False, epoch)
        return reply

    async def _line_up(self, request: Request) -> float:
        wait, reserved = 0.0, 0.0
        if self._rpm:
            wait = self._rpm.wait()
        if self._tpm:
            reserved = sum(len(m["content"]) for m in request.messages) / 4 + self._tokens
            wait = max(wait, self._tpm.wait(reserved))
        if wait > 0:
            await asyncio.sleep(wait)
        return reserved

    async def _enter(self) -> None:
        while True:
            if self._paused > self._clock():
                await asyncio.sleep(self._paused - self._clock())
                continue
            if self.in_flight < self.aimd.limit and not self._waiting:
                self.in_flight += 1
                return
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn  # the one who leaves hands its slot over: in_flight is already counted
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave(None, -1)
                raise
            if self._paused > self._clock():
                self._leave(None, -1)
                continue
            return

    def _leave(self, rejected: bool | None, epoch: int) -> None:
        self.in_flight -= 1
        if rejected is not None:
            self.aimd.outcome(rejected, epoch)
        while self._waiting and self.in_flight < self.aimd.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

    def _told(self, rejected: bool, error: TransportError) -> None:
        self.rejected += rejected
        self._last.append(error.limited)
        if error.limited and error.retry_after and len(self._last) >= 20 and sum(self._last) > 0.3 * len(self._last):
            self._paused = max(self._paused, self._clock() + error.retry_after)
