"""The sandbox on this machine: boxes started ahead, each used once, as many at a time as there are cores.

    sandbox = LocalSandbox()            # the strongest tier that holds here, or NoSandbox
    await sandbox.run(Trial("def add(a, b): return a + b", (Call("add", (1, 2)),)))  ->  Outcome("ran", "bwrap", answers=(["value", 3],), ...)

A trial that only the wall clock ended (a busy machine, or a candidate that sleeps) is run once more, and counted; what is our fault is tried
three times, and is then `sandbox_error`, never the candidate's. Not covered: other machines.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..core.ports import Outcome, Trial
from . import proxied
from .box import Box, Broken
from .tiers import choose

TRIES = 3


class LocalSandbox:
    """tier: bwrap or landlock, None for the strongest that holds. unsafe: limits alone, where nothing holds. parallel: boxes at work, a core each.
    ahead: boxes that wait, ready, of each language in use. languages: those that are needed for sure. requeued, broken: how often a wall limit alone ended a trial; how often a box was our fault."""

    def __init__(
        self,
        tier: str | None = None,
        *,
        unsafe: bool = False,
        parallel: int | None = None,
        ahead: int | None = None,
        languages: Iterable[str] = (),
    ) -> None:
        self._tier = choose(tier, unsafe)
        for language in set(languages) - {"python"}:  # that one is probed by now
            self._tier.start(Trial("", (), language=language)).close()  # NoSandbox now, rather than in the middle
        self.parallel = parallel or len(os.sched_getaffinity(0))
        self._ahead = self.parallel if ahead is None else ahead
        self._waiting: defaultdict[tuple[Any, ...], deque[Box]] = defaultdict(deque)  # by what they are for
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
                outcome = proxied.run(trial, self._box) if trial.tests else self._box(trial).run(trial)
            except (Broken, OSError) as error:
                self.broken, fault = self.broken + 1, str(error)
                continue
            if outcome.status != "timeout" or outcome.cpu_s >= trial.cpu_s or requeued:
                return replace(outcome, requeued=requeued)
            requeued, self.requeued = 1, self.requeued + 1
        return Outcome("sandbox_error", self.tier, detail=fault, requeued=requeued)

    def _box(self, trial: Trial | None = None) -> Box:
        """A box that waits, or a new one; others are started for those who come next."""
        plain = trial is None or trial.language == "python"
        waiting = self._waiting[() if plain or trial is None else (trial.language, trial.cpu_s, trial.memory_mb)]
        try:
            box = waiting.popleft()
        except IndexError:
            box = self._tier.start(trial)
        if not self._closed:
            while len(waiting) < self._ahead:
                with suppress(OSError):
                    waiting.append(self._tier.start(trial))
                    continue
                break
        return box

    async def aclose(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        for waiting in self._waiting.values():
            while waiting:
                waiting.popleft().close()
