"""One live line on a terminal: rate, ETA, tokens, money, kept and dropped of a run; what an audit does now. Elsewhere (a file, CI) nothing is printed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class Progress:
    def __init__(self, stream: TextIO, quiet: bool) -> None:
        self._quiet, self._stream = quiet, stream
        self._live: Any = None
        self._told: dict[str, Any] | None = None
        self._after: float | None = None
        self._seen: deque[tuple[float, int]] = deque(maxlen=120)  # the last 30 s, for a rate that follows the run

    def __enter__(self) -> Progress:
        if not self._quiet:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(file=self._stream), refresh_per_second=4, transient=True, get_renderable=self._now)
            self._live.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._live is not None:
            self._live.__exit__(*exc)

    def update(self, told: dict[str, Any]) -> None:
        self._told = told

    def _now(self) -> Any:
        from rich.text import Text

        width = 1000 if self._live is None else self._live.console.width
        text = "starting" if self._told is None else self.line(self._told, time.monotonic(), width)
        return Text(text, no_wrap=True, overflow="ellipsis")

    def line(self, told: dict[str, Any], now: float, width: int = 1000) -> str:
        """Name, bar and count, then as many of the other figures as fit into `width`, the most telling first."""
        if told.get("status", "running") != "running":  # the rows are made
            self._after = now if self._after is None else self._after
            return f"{told['name'][: max(8, width - 48)]} · {told['reason']} · {now - self._after:.0f} s"
        done = told["kept"] + told["dropped"] + told["failed"]
        self._seen.append((now, done))
        (t0, d0), (t1, d1) = self._seen[0], self._seen[-1]
        rate = (d1 - d0) / (t1 - t0) if t1 > t0 else 0.0
        goal = told.get("want") or told["planned"]
        have = min(goal, told["kept"] if told.get("want") else done)  # a round may keep more than are wanted
        share = min(1.0, have / goal) if goal else 0.0
        left = (goal - have) / (rate * (told["kept"] / done if told.get("want") and done else 1.0)) if rate and have else None
        eta = "" if left is None or left > 1e7 else f"ETA {int(left // 3600)}:{int(left % 3600 // 60):02d}:{int(left % 60):02d}"
        size = 24 if width >= 100 else 10 if width >= 60 else 0
        bar = "━" * int(size * share) + "─" * (size - int(size * share))
        count = f" {bar} {have:,}/{goal:,}" if size else f" {have:,}/{goal:,}"
        name = told["name"] if len(told["name"]) + len(count) <= width else told["name"][: max(0, width - len(count) - 1)] + "…"
        books = " ".join(f"{what} {told[what]:,}" for what in ("kept", "dropped", "failed") if told[what] or what == "kept")
        tokens = told["tokens_in"] + told["tokens_out"]
        figures = (
            eta,
            told.get("reason", "") if told.get("through") else "",  # rows wait for a whole table: what moves is how many have got there
            books,
            f"{rate:,.0f} rows/s" if rate or not told.get("through") else "",
            f"${told['cost_usd']:.4f}",
            f"{told.get('in_flight', 0)} in flight",
            f"{tokens:,} tokens",
        )
        line: str = name + count
        for figure in (*figures, "" if told.get("through") else told.get("reason", "")):
            if figure and len(line) + 3 + len(figure) <= width:
                line += f" · {figure}"
        return line


@contextmanager
def doing(stream: TextIO) -> Iterator[Callable[[str], None]]:
    """Gives a function that is told what is done now; shown with the seconds so far, on a terminal only."""
    if not stream.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    began, now = time.monotonic(), ["starting"]
    console = Console(file=stream)
    with Live(
        console=console, refresh_per_second=4, transient=True, get_renderable=lambda: Text(f"{time.monotonic() - began:4.0f} s  {now[0]}")
    ):
        yield lambda text: now.__setitem__(0, text)
