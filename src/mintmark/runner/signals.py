"""Signals while a run goes on. Once: stop launching, let what is in flight arrive, commit. Twice: leave at once. Both are resumable."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator

from ..core.errors import Interrupted
from .segment import Halt

EVERY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """hurry: whether a second signal came."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self._seen = 0
        self.hurry = False

    @contextlib.contextmanager
    def watch(self) -> Iterator[None]:
        """Handles signals inside the block; does nothing outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        names = [s for s in EVERY if signal.getsignal(s) is not signal.SIG_IGN]  # under nohup SIGHUP stays ignored
        for s in names:
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                loop.add_signal_handler(s, self._came, s.name)
        try:
            yield
        finally:
            for s in names:
                with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                    loop.remove_signal_handler(s)
                    if self._seen:  # an impatient third or fifth Ctrl+C must not cut the last lines; the api gives signals back
                        signal.signal(s, signal.SIG_IGN)

    def _came(self, name: str) -> None:
        self._seen += 1
        if self._seen == 1:
            self._halt(Interrupted(f"stopped by {name}; the same command goes on"))
        elif self._seen == 2:
            self.hurry = True
        elif self._seen > 4:
            os._exit(3)
