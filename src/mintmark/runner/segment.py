"""Runs one stage over its input: EACH stages row by row in one bounded window, TABLE stages in order.

Each row flows through all the stage's steps as a task of its own; there is no barrier between steps, and memory holds the window, never
the plan. What became of a row is one or more Records; they leave in parts of 2,000, in completion order.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ..core.context import Context
from ..core.errors import CallError, MintmarkError, Refused, Unfinished
from ..core.op import Judge
from ..core.ports import Record
from ..core.rows import Batch, Drop, Pending, Row, Tally, Verdict
from .changes import Changes
from .stages import Stage, child_code, depth_of

PART_ROWS = 2_000
PART_SECONDS = 5.0


@dataclass(slots=True)
class Item:
    """A row on its way into a stage, with what it has cost so far. drop: the source itself dropped it."""

    p: int
    c: int
    row: Row
    tally: Tally
    drop: Drop | None = None
    rank: int | None = None


@dataclass
class Halt:
    """Why the run stops before its end; once set, no new row is started."""

    reason: BaseException | None = None
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, error: BaseException) -> None:
        if self.reason is None:
            self.reason = error
            self.event.set()

    def __bool__(self) -> bool:
        return self.reason is not None


class Writer:
    """Buffers a stage's records and writes them as parts on a thread, at most two parts behind."""

    def __init__(self, stage: Stage, halt: Halt, counts: Counter[str], last: bool = True) -> None:
        """last: whether a row kept here is kept for good, and counted. through: rows that have come through the stage so far."""
        self._stage, self._halt, self._counts, self._last_stage = stage, halt, counts, last
        self._buffer: list[Record] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="parts")
        self._under_way: list[asyncio.Future[None]] = []
        self._last = asyncio.get_running_loop().time()
        self.through = 0

    def put(self, records: Sequence[Record]) -> None:
        self._buffer.extend(records)
        for r in records:
            if r.state != "kept" or self._last_stage:
                self._counts[r.state] += 1
            self.through += r.state != "split"
            if r.state in ("dropped", "failed"):
                self._counts[f"{r.state}:{r.step}:{r.reason}"] += 1
        now = asyncio.get_running_loop().time()
        if len(self._buffer) >= PART_ROWS or (self._buffer and now - self._last > PART_SECONDS):
            self._send(now)

    def _send(self, now: float) -> None:
        batch, self._buffer, self._last = self._buffer, [], now
        self._under_way = [f for f in self._under_way if not f.done()]
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._stage.write, batch)
        future.add_done_callback(self._done)
        self._under_way.append(future)

    def _done(self, future: asyncio.Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._halt(error)

    async def room(self) -> None:
        """Waits while writing is two parts behind, so that a slow disk slows the run and not its memory."""
        while len(self._under_way) > 2 and not self._halt:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            self._under_way = [f for f in self._under_way if not f.done()]

    @property
    def crowded(self) -> bool:
        return len(self._under_way) > 2

    async def close(self) -> None:
        if self._buffer:
            self._send(0.0)
        if self._under_way:
            await asyncio.wait(self._under_way)
        self._pool.shutdown(wait=True)


class EachRun:
    """One pass of an EACH stage over `items` (in plan order). pending: rows that got no record because they wait."""

    def __init__(
        self, stage: Stage, ctx: Context, halt: Halt, writer: Writer, window: int, ordered: Sequence[Any] = (), soft: bool = False
    ) -> None:
        self.soft = soft  # the budget has ended: rows that would need a call wait, the others go on
        self.steps = [(s.label, s.op.each) for s in stage.steps]
        self.label = stage.label
        self.ctx, self.halt, self.writer, self.window, self.ordered = ctx, halt, writer, window, ordered
        self.pending = 0
        self.started = 0

    async def run(self, items: Iterable[Item]) -> None:
        shared = iter(items)
        if not self.steps:
            for item in shared:
                if self.halt:
                    return
                if self.writer.crowded:
                    await self.writer.room()
                self.writer.put([self._record(item, item.row, "kept", "", self.label) if item.drop is None else self._dropped(item)])
            return
        tasks = [asyncio.create_task(self._work(shared)) for _ in range(self.window)]
        every: asyncio.Future[Any] = asyncio.gather(*tasks)
        stop: asyncio.Future[Any] = asyncio.create_task(self.halt.event.wait())
        try:
            await asyncio.wait({every, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not every.done():
                await self._drain()
            elif every.exception() is not None:
                self.halt(every.exception())  # type: ignore[arg-type]
        finally:
            for task in (stop, *tasks):
                task.cancel()
            await asyncio.gather(stop, every, *tasks, return_exceptions=True)

    async def _drain(self) -> None:
        """After a halt nothing new is sent; what is in flight gets time to arrive and be committed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.drain_seconds
        while loop.time() < end and self.in_flight() > 0 and not self.hurry():
            await asyncio.sleep(0.02)
        for _ in range(5):  # rows whose answer has just been committed walk on to their records
            await asyncio.sleep(0)

    drain_seconds = 30.0
    source = ""  # the step that drops rows as it plans them
    changes = Changes()
    in_flight: Callable[[], int] = staticmethod(lambda: 0)
    hurry: Callable[[], bool] = staticmethod(lambda: False)

    async def _work(self, shared: Iterator[Item]) -> None:
        for item in shared:
            if self.halt:
                self.pending += 1
                return
            if self.writer.crowded:
                await self.writer.room()
            self.started += 1
            if item.drop is not None:
                self.writer.put([self._dropped(item)])
                continue
            for model in self.ordered:
                model.enter(item.row.id, self.started)
            records: list[Record] = []
            try:
                waits = await self._walk(item, item.row, item.tally, 0, item.c, records)
            except asyncio.CancelledError:
                self.pending += 1
                raise
            except (Unfinished, Refused) as error:
                self.pending += 1
                if self.soft and isinstance(error, Unfinished):
                    continue
                self.halt(error)
                return
            finally:
                for model in self.ordered:
                    model.leave(item.row.id)
            if waits:
                self.pending += 1
            else:
                self.writer.put(records)

    async def _walk(self, item: Item, row: Row, tally: Tally, k: int, c: int, out: list[Record]) -> bool:
        """Takes a row through the steps from number k on; True if it (or a child) waits."""
        steps, n, label = self.steps, len(self.steps), self.label
        while k < n:
            label, each = steps[k]
            try:
                result = each(row, self.ctx.at(label, row.id, tally))
                if inspect.isawaitable(result):
                    result = await result
            except CallError as error:
                out.append(self._made(item, c, row, "failed", error.reason, label, tally, str(error)))
                return False
            except (MintmarkError, asyncio.CancelledError):
                raise
            except Exception as error:  # a bug in an op, or a user's own function: this row fails, the others go on
                out.append(self._made(item, c, row, "failed", "error", label, tally, f"{type(error).__name__}: {error}"))
                return False
            k += 1
            if type(result) is Row:
                self.changes.look(label, row.id, row.values, result.values)
                row = result
            elif isinstance(result, Drop):
                out.append(self._made(item, c, row, "dropped", result.reason, label, tally, result.detail))
                return False
            elif isinstance(result, Pending):
                return True
            else:
                return await self._split(item, row, tally, k, c, label, list(result), out)  # type: ignore[arg-type]
        out.append(self._made(item, c, row, "kept", "", label, tally))
        return False

    async def _split(
        self, item: Item, row: Row, tally: Tally, k: int, c: int, label: str, made: list[Row | tuple[Row, Drop]], out: list[Record]
    ) -> bool:
        if not made:
            out.append(self._made(item, c, row, "dropped", "no_rows", label, tally))
            return False
        out.append(self._made(item, c, row, "split", f"into {len(made)}", label, tally))
        children = [(m, None) if isinstance(m, Row) else m for m in made]
        depth = depth_of(c)
        for model in self.ordered:
            for child, _ in children:
                model.adopt(child.id, row.id)
        lanes: list[list[Record]] = [[] for _ in children]

        async def walk(i: int, child: Row, drop: Drop | None) -> bool:
            code = child_code(c, depth, i)
            if drop is None:
                return await self._walk(item, child, Tally(), k, code, lanes[i])
            lanes[i].append(self._made(item, code, child, "dropped", drop.reason, label, Tally(), drop.detail))
            return False

        waits = await asyncio.gather(*(walk(i, child, drop) for i, (child, drop) in enumerate(children)))
        for lane in lanes:
            out.extend(lane)
        return any(waits)

    def _made(self, item: Item, c: int, row: Row, state: str, reason: str, step: str, t: Tally, detail: str = "") -> Record:
        values = row.values if state == "kept" else None
        return Record(
            item.p,
            c,
            row.id,
            state,
            reason,
            step,
            row.parents,
            t.calls,
            t.tokens_in,
            t.tokens_out,
            t.cost_usd,
            values,
            detail[:500],
            item.rank,
        )

    def _record(self, item: Item, row: Row, state: str, reason: str, step: str, detail: str = "") -> Record:
        return self._made(item, item.c, row, state, reason, step, item.tally, detail)

    def _dropped(self, item: Item) -> Record:
        drop = item.drop or Drop("")
        return self._record(item, item.row, "dropped", drop.reason, self.source or self.label, drop.detail)


def batch_of(items: Sequence[Item], columns: Sequence[str] | None) -> Batch:
    """The chosen columns of some rows; None = all the first row has."""
    names = list(items[0].row.values) if columns is None and items else list(columns or ())
    return Batch(
        [(i.p, i.c) for i in items],
        [i.row.id for i in items],
        {n: [i.row.values.get(n) for i in items] for n in names},
    )


def judged(item: Item, label: str, verdict: Verdict | None) -> Record:
    """The record of a row after a TABLE step's verdict; None = kept as it is."""
    row, t = item.row, item.tally
    state, reason, detail, values, rank = "kept", "", "", row.values, item.rank
    if verdict is not None:
        if verdict.drop is not None:
            state, reason, detail = "dropped", verdict.drop.reason, verdict.drop.detail
        if verdict.values is not None:
            values = {**values, **verdict.values}
        if verdict.rank is not None:
            rank = verdict.rank
    return Record(
        item.p,
        item.c,
        row.id,
        state,
        reason,
        label,
        row.parents,
        t.calls,
        t.tokens_in,
        t.tokens_out,
        t.cost_usd,
        values if state == "kept" else None,
        detail,
        rank,
    )


async def judge_run(label: str, judge: Judge, columns: Sequence[str], items: Iterable[Item], halt: Halt, writer: Writer) -> None:
    """A streaming TABLE step over rows in plan order, batch by batch."""
    shared = iter(items)
    while not halt:
        block = list(islice(shared, PART_ROWS))
        if not block:
            return
        verdicts = judge.judge(batch_of(block, columns))
        writer.put([judged(i, label, v) for i, v in zip(block, verdicts, strict=True)])
        await writer.room()
        await asyncio.sleep(0)  # let signals and progress in
