"""The runner: walks a recipe's stages in rounds until enough rows are kept, and accounts for every row whatever happens.

A round is a range of plan positions. Round sizes come only from what the rounds before kept, counted in plan order, so a killed run plans
the same rounds again and finds their parts and answers where they were. Final steps run once, after the last round.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.context import Context
from ..core.errors import BudgetEnded, Interrupted, MintmarkError, StorageFull
from ..core.op import State
from ..core.ports import Record, Store
from ..core.recipe import Recipe
from ..core.rows import Batch, Tally
from ..text.jsontext import dumps
from .changes import Changes
from .claims import claims
from .executions import caveats, executions
from .flow import Counted, batches, items_of, kept_up_to, unrecorded, up_to
from .forget import forget_failures
from .journal import Committer
from .journal import Record as Recorder
from .manifest import Teller
from .money import Purse
from .outcome import Key, Outcome
from .rounds import NO_MORE, figures, gives_up, next_stop, state_of, until_of, wanted
from .segment import PART_ROWS, EachRun, Halt, Item, Writer, judge_run, judged
from .signals import Signals
from .stages import Stage, build_stages


@dataclass
class Job:
    """All that a run needs, wired. window: rows in flight; it leaves room for rows that wait between two tries of a call."""

    recipe: Recipe
    ctx: Context
    store: Store
    columns: tuple[str, ...]
    table_digests: dict[str, str]
    model_names: dict[str, str]
    purse: Purse
    committer: Committer
    halt: Halt
    recorders: Sequence[Recorder] = ()
    ordered: Sequence[Any] = ()
    window: int = 512
    retry_failed: bool = False
    head: dict[str, Any] = field(default_factory=dict)  # name, version, recipe_hash, seed, ... of the manifest
    fan_out: float = 1.0  # rows that one planned row is expected to become, for the first round's size
    watch: Callable[[dict[str, Any]], None] | None = None
    only_first: int | None = None  # preview: plan this many rows and stop, without final steps


@dataclass
class Finished:
    """status: complete | waiting | unfinished. reason: why it stopped early, in words. error: what stopped it."""

    status: str
    reason: str
    manifest: dict[str, Any]
    error: BaseException | None = None


class Runner:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.stages, self.streaming = build_stages(job.recipe, job.store, job.table_digests, job.model_names)
        self.want = wanted(job.recipe, self.stages[self.streaming :])
        self.source = job.recipe.steps[0]
        self.sctx = job.ctx.at(self.source.label, "", Tally())
        self.counts: Counter[str] = Counter()  # live, for the progress display
        self.planned = 0
        self.ranges: list[tuple[int, int, int, State | None]] = []  # low, high, round, state
        self.judges: dict[int, Any] = {}
        self.counted: Counted | None = None
        private = any(t.private for t in job.ctx.tables.values())
        self.changes = Changes(s.label for s in job.recipe.steps if private or not s.op.shows_changes)
        self.waiting = False
        self.ended = ""
        self.halt = job.halt
        self.signals = Signals(job.halt)
        self.provisional = False
        self.stage_now = ""
        self.writer: Writer | None = None  # of a stage behind which rows still have others before them
        self.teller = Teller(job.store, job.recipe, job.purse, job.columns, job.head)

    # -- the whole of it -----------------------------------------------------------------------------------------------
    async def execute(self) -> Finished:
        halt = self.job.halt
        ticker = asyncio.create_task(self._tick())
        try:
            with self.signals.watch():
                try:
                    self._load()
                    await self._rounds()
                    if isinstance(halt.reason, BudgetEnded):
                        await self._go_on_without_calls()
                    if not self.halt and not self.waiting and self.job.only_first is None:
                        await self._tail()
                except (MintmarkError, OSError) as error:
                    halt(error)
                except asyncio.CancelledError:
                    halt(Interrupted("stopped at once; the same command goes on"))
                ticker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ticker
                await self.job.committer.aclose()
                return self._finish()
        finally:
            ticker.cancel()

    def _load(self) -> None:
        names = self.job.store.parts()
        for stage in self.stages:
            stage.load(names)
        if self.teller.before.get("provisional"):
            for stage in self.stages[1:]:
                stage.clear()
        kept = sum(r.state == "kept" for r in self.stages[self.streaming - 1].scan(columns=()))
        if self.job.retry_failed or self.want is None or kept < self.want:
            forget_failures(self.job.store, self.stages, bool(self.source.op.watches), self.job.retry_failed)
        for k, stage in enumerate(self.stages[: self.streaming]):
            last = k == self.streaming - 1
            for part in stage.parts:
                for r in self.job.store.scan_part(part.name, ()):
                    if r.state != "kept" or last:
                        self.counts[r.state] += 1

    async def _go_on_without_calls(self) -> None:
        """The budget has ended: what was answered goes through the steps that need no call, so that the data are there.

        Rows that wait have places before some of these, so TABLE verdicts are provisional: the next session makes them again.
        """
        self.halt, self.provisional = Halt(), True
        low, high, _, _ = self.ranges[-1]
        for k in range(1, self.streaming):
            stage, source = self.stages[k], self.stages[k - 1]
            writer = Writer(stage, self.halt, self.counts, k == self.streaming - 1)
            try:
                items = unrecorded(items_of(source.scan(low, high)), stage.keys(low))
                if stage.kind == "each":
                    await self._each(stage, writer).run(items)
                else:
                    await self._judge(k, stage, items, writer)
            finally:
                await writer.close()

    # -- rounds --------------------------------------------------------------------------------------------------------
    async def _rounds(self) -> None:
        recipe, op, want = self.job.recipe, self.source.op, self.want
        repeat, until = recipe.repeat, until_of(recipe)
        last = self.stages[self.streaming - 1]
        watched = {c: (Counter[Any](), Counter[Any]()) for c in op.watches}
        totals: Counter[str] = Counter()
        barren: Counter[str] = Counter()
        start, number = 0, 0
        while not self.job.halt:
            number += 1
            if want is not None and number > 1 and totals["kept"] + totals["pending"] >= want:
                return
            if repeat is not None and number > repeat.at_most:
                self.ended = f"{repeat.at_most} rounds ended; raise at_most for more" if want is not None and totals["kept"] < want else ""
                return
            state = state_of(number, watched, totals, start, last) if op.watches or repeat is not None else None
            if self.job.only_first is not None:
                stop = self.job.only_first
            else:
                holds = op.holds(self.sctx)
                stop, ended = next_stop(recipe, op, holds, want, self.job.fan_out, start, number, totals)
                self.ended = ended or self.ended
            if stop <= start:
                return
            high = await self._round(start, stop, number, state, watched)
            if self.job.halt or self.waiting:
                return
            if high == start:
                if want is not None and totals["kept"] < want:
                    self.ended = NO_MORE
                return
            single = want is None and repeat is None
            if not single:
                told = self._tallied(start, high)
                totals.update(told)
                barren = Counter() if told["kept"] else barren + told + Counter(rounds=1)
                for column, (_, kept) in watched.items():
                    kept.update(r.values.get(column) for r in last.scan(start, high, (column,)) if r.values is not None)
            start = high
            if single or self.job.only_first is not None:
                return
            if until is not None and until.evaluate({**figures(totals, start), "round": number}):
                return
            if why := gives_up(recipe, op, barren):
                self.ended = why
                return

    async def _round(self, start: int, stop: int, number: int, state: State | None, watched: dict[str, Any]) -> int:
        """All streaming stages over plan positions start..stop-1; returns the position after the last planned row."""
        self.stage_now = self.stages[0].label
        await self.source.op.ready(self.sctx, state)  # before the round counts as begun: what could not be got ready cannot be planned
        self.ranges.append((start, stop, number, state))
        high = start
        for k, stage in enumerate(self.stages[: self.streaming]):
            self.stage_now = stage.label
            writer = Writer(stage, self.job.halt, self.counts, k == self.streaming - 1)
            self.writer = writer if k < self.streaming - 1 else None
            try:
                if k == 0:
                    plan = self.counted = Counted(self._plan(start, stop, number, state), watched)
                    run = self._each(stage, writer)
                    await run.run(unrecorded(plan, stage.keys(start)))
                    if not self.job.halt:
                        for _ in plan:  # the tail of a plan whose rows are all recorded
                            pass
                    # stopped midway, the rest of the round is pending; a steering source's rounds end where its plan ends
                    high = stop if self.job.halt and self.job.recipe.repeat is None else max(start, plan.high)
                    self.planned = max(self.planned, high)
                    self.ranges[-1] = (start, high, number, state)
                    self.waiting = run.pending > 0
                else:
                    source = self.stages[k - 1]
                    items = unrecorded(items_of(source.scan(start, high)), stage.keys(start))
                    if stage.kind == "each":
                        run = self._each(stage, writer)
                        await run.run(items)
                        self.waiting = run.pending > 0
                    else:
                        await self._judge(k, stage, items, writer)
            finally:
                await writer.close()
            if self.job.halt or self.waiting:
                break
        return high

    def _plan(self, start: int, stop: int, number: int, state: State | None) -> Iterator[Item]:
        p = start
        rounds = self.job.recipe.repeat is not None
        for planned in self.source.op.plan(self.sctx, start, stop, state):
            row, drop = planned if isinstance(planned, tuple) else (planned, None)
            if rounds:
                row = row.with_values({"round": number})
            yield Item(p, 0, row, Tally(), drop)
            p += 1

    def _each(self, stage: Stage, writer: Writer) -> EachRun:
        run = EachRun(stage, self.job.ctx, self.halt, writer, self.job.window, self.job.ordered, self.provisional)
        run.in_flight = self._in_flight
        run.source, run.changes = self.source.label, self.changes
        run.hurry = lambda: self.signals.hurry
        return run

    def _in_flight(self) -> int:
        return sum(r.in_flight for r in self.job.recorders)

    async def _judge(self, k: int, stage: Stage, items: Iterator[Item], writer: Writer) -> None:
        step = stage.steps[0]
        columns = self._reads(stage)
        judge = self.judges.get(k)
        if judge is None:
            at = self.job.ctx.at(step.label, "", Tally())
            await step.op.ready(at)
            judge = self.judges[k] = step.op.judge(at)
            for batch in batches((r for r in stage.scan(columns=columns) if r.state == "kept"), columns):
                judge.remember(batch)
        await judge_run(step.label, judge, columns, items, self.halt, writer)

    def _reads(self, stage: Stage) -> tuple[str, ...]:
        """Columns a TABLE step asks for, out of those that there are."""
        return tuple(c for c in self.job.head.get("reads", {}).get(stage.label, self.job.columns))

    def _tallied(self, low: int, high: int) -> Counter[str]:
        """planned, kept, dropped, failed and pending of a finished round, and 'state:step:reason' of what it lost."""
        out: Counter[str] = Counter(planned=high - low)
        for k, stage in enumerate(self.stages[: self.streaming]):
            for r in stage.scan(low, high, ()):
                if r.state != "kept" or k == self.streaming - 1:
                    out[r.state] += 1
                if r.state in ("dropped", "failed"):
                    out[f"{r.state}:{r.step}:{r.reason}"] += 1
        return out

    # -- final steps ---------------------------------------------------------------------------------------------------
    async def _tail(self) -> None:
        """Final steps over the first rows that are enough, once. Their parts are made anew: they are pure and cost no call."""
        self.writer = None
        for k in range(self.streaming, len(self.stages)):
            stage, before = self.stages[k], self.stages[k - 1]
            stage.clear()
            self.stage_now = stage.label
            cut = self._cut() if k == self.streaming else None
            writer = Writer(stage, self.halt, Counter())
            try:
                if stage.kind == "each":
                    run = self._each(stage, writer)
                    await run.run(items_of(before.scan()))
                    self.waiting = self.waiting or run.pending > 0
                elif stage.kind == "judge":
                    await self._judge(k, stage, up_to(items_of(before.scan()), cut), writer)
                else:
                    await self._settle(stage, before, cut, writer)
            finally:
                await writer.close()
            if self.halt or self.waiting:
                return

    async def _settle(self, stage: Stage, before: Stage, cut: Key | None, writer: Writer) -> None:
        step = stage.steps[0]

        def scan(columns: Sequence[str]) -> Iterator[Batch]:
            yield from batches((i for i in kept_up_to(before.scan(columns=tuple(columns)), cut)), columns)

        found = step.op.settle(scan, self.job.ctx.at(step.label, "", Tally()))
        verdicts = dict(await found if inspect.isawaitable(found) else found)
        block: list[Record] = []
        for item in up_to(items_of(before.scan()), cut):
            verdict = verdicts.pop((item.p, item.c), None)
            if verdict is not None and verdict.values:
                self.changes.look(step.label, item.row.id, item.row.values, verdict.values)
            block.append(judged(item, step.label, verdict))
            if len(block) >= PART_ROWS:
                writer.put(block)
                block = []
                await writer.room()
        writer.put(block)

    def _cut(self) -> Key | None:
        if self.want is None:
            return None
        n = 0
        for r in self.stages[self.streaming - 1].scan(columns=()):
            n += r.state == "kept"
            if n == self.want and r.state == "kept":
                return (r.p, r.c)
        return None

    # -- the end, whatever happened ------------------------------------------------------------------------------------
    def _finish(self) -> Finished:
        error = self.job.halt.reason
        recipe = self.job.recipe
        ended = error is None and not self.waiting
        seen = self.stages if self.job.only_first is None else self.stages[: self.streaming]  # a preview runs no final steps
        outcome = Outcome(seen, self.streaming, self._missing, self._cut() if ended else None, recipe.want, ended)
        about = {"digital_source_type": recipe.digital_source_type} if recipe.digital_source_type else None
        try:
            counts = outcome.write(self.job.store, self.job.columns, about)
        except StorageFull as full:
            error = error or full
            counts = Counter(self.counts)
        final = ", ".join(x.label for x in self.stages[self.streaming :])
        preview = self.job.only_first is not None
        status, reason = self.teller.verdict(error, self.waiting, preview, counts, outcome, self.ended, final)
        funnel = self.teller.funnel(outcome)
        manifest = {**self.teller.manifest(status, reason, counts, self.provisional), "steps": funnel}
        errors = getattr(self.job.ctx.sandbox, "errors", {})
        if executed := executions(self.job.store, recipe, funnel, outcome.kept(), errors):
            manifest["execution"] = executed
        if shared := self.job.ctx.shared_calls():
            manifest["shared"] = shared
        if changes := {**self.teller.changes, **self.changes.found}:
            manifest["changes"] = changes
        facts = self.job.ctx.facts()
        for label, words in caveats(executed).items():
            facts[label] = {**facts.get(label, {}), **words}
        if facts:
            manifest["facts"] = facts
        manifest |= claims(self.job.ctx.releaser.told() if self.job.ctx.releaser is not None else [], recipe.steps, self.job.ctx.tables)
        try:
            self.job.store.put_file("manifest.json", dumps(manifest))
        except StorageFull as full:
            error = error or full
        if error is not None and getattr(error, "exit_code", 1) != 3:
            return Finished("failed", str(error), manifest, error)  # refused, or our fault: raised by the api, rows stay resumable
        return Finished(status, reason, manifest, error)

    def _missing(self) -> Iterator[Record]:
        """Planned rows of rounds that did not end, in plan order; what has a record of its own replaces them."""
        if not self.job.halt and not self.waiting:
            return
        for low, high, number, state in self.ranges:
            for item in self._plan(low, high, number, state):
                r = item.row
                yield Record(item.p, 0, r.id, "planned", "", self.source.label, r.parents, 0, 0, 0, 0.0, None)

    # -- while it goes on ----------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        """Live numbers for `show` and the progress display. planned counts what the rounds have reached so far."""
        counts = Counter(self.counts)
        reached = self.planned
        if self.ranges:
            low, high = self.ranges[-1][:2]
            open_end = bool(self.source.op.watches) and self.job.recipe.repeat is not None
            reached = max(reached, high if not open_end else self.counted.high if self.counted is not None else low)
        known = counts["kept"] + counts["dropped"] + counts["failed"]
        counts["pending"] = max(0, reached - known)
        through = self.writer.through if self.writer is not None else 0
        reason = f"{through:,} row{'s' * (through != 1)} through {self.stage_now}" if through else self.stage_now
        out = self.teller.manifest("running", reason, counts, self.provisional)
        if through:
            out["through"] = through
        out["in_flight"] = self._in_flight()
        out["pid"] = os.getpid()
        return out

    async def _tick(self) -> None:
        last = 0.0
        while True:
            await asyncio.sleep(0.25)
            told = self.snapshot()
            if self.job.watch is not None:
                self.job.watch(told)
            if time.monotonic() - last >= 1.0:
                last = time.monotonic()
                with contextlib.suppress(MintmarkError, OSError):  # a full disk is told by whoever must write
                    self.job.store.put_file("manifest.json", dumps(told))
