"""The sandbox on this machine: boxes started ahead, each used once, as many at a time as there are cores.

    sandbox = LocalSandbox()            # the strongest tier that holds here, or NoSandbox
    await sandbox.run(Trial("def add(a, b): return a + b", (Call("add", (1, 2)),)))  ->  Outcome("ran", "bwrap", answers=(["value", 3],), ...)

A trial that only the wall clock ended (a busy machine, or a candidate that sleeps) is run once more, and counted; what is our fault is tried
three times, and is then `sandbox_error`, never the candidate's. Not covered: other machines.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from ..core.ports import Outcome, Trial
from . import proxied
from .box import Box, Broken
from .tiers import choose

TRIES = 3


class LocalSandbox:
    """tier: bwrap or landlock, None for the strongest that holds. unsafe: limits alone, where nothing holds. parallel: boxes at work, a core each.
    ahead: boxes that wait, ready. requeued, broken: how often a wall limit alone ended a trial; how often a box was our fault."""

    def __init__(self, tier: str | None = None, *, unsafe: bool = False, parallel: int | None = None, ahead: int | None = None) -> None:
        self._tier = choose(tier, unsafe)
        self.parallel = parallel or len(os.sched_getaffinity(0))
        self._ahead = self.parallel if ahead is None else ahead
        self._waiting: deque[Box] = deque()
        # These threads stay: a box dies with the thread that started it
        self._threads = ThreadPoolExecutor(self.parallel, thread_name_prefix="box")
        self._closed = False
        self.requeued = self.broken = 0

    @property
    def tier(self) -> str:
        return self._tier.name

    async def run(self, trial: Trial) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.run_now, trial)

    def run_now(self, trial: Trial) -> Outcome:
        """The same, in this thread."""
        requeued, fault = 0, ""
        for _ in range(TRIES):
            try:
                outcome = proxied.run(trial, self._box) if trial.tests else self._box().run(trial)
            except (Broken, OSError) as error:
                self.broken, fault = self.broken + 1, str(error)
                continue
            if outcome.status != "timeout" or outcome.cpu_s >= trial.cpu_s or requeued:
                return replace(outcome, requeued=requeued)
            requeued, self.requeued = 1, self.requeued + 1
        return Outcome("sandbox_error", self.tier, detail=fault, requeued=requeued)

    def _box(self) -> Box:
        """A box that waits, or a new one; others are started for those who come next."""
        try:
            box = self._waiting.popleft()
        except IndexError:
            box = self._tier.start()
        if not self._closed:
            while len(self._waiting) < self._ahead:
                with suppress(OSError):
                    self._waiting.append(self._tier.start())
                    continue
                break
        return box

    async def aclose(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        while self._waiting:
            self._waiting.popleft().close()
