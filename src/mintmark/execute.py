"""The wiring of one run: layers around each model, the journal under every port, one event loop, and signals given back afterwards.

Around a model, outermost first: Recall (the journal), Retry and Limit (over HTTP; Slots in process), Record (into the journal), Budget.
"""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import threading
from collections.abc import Callable
from typing import Any

from . import __version__
from .core.ports import Store, TextLearner
from .lineage import generation
from .models.limit import Limit, Slots
from .models.retry import Retry
from .noise.gaussian import add_noise
from .runner.journal import Committer, Known, Recall, Record, layers
from .runner.journaled import Executed, Fetched, Remembered
from .runner.learned import Learned
from .runner.money import Budget, Purse
from .runner.released import Released
from .runner.run import Finished, Job, Runner
from .runner.segment import Halt
from .stores.spending import account
from .wiring import Prepared, taken


async def execute(
    prepared: Prepared,
    store: Store,
    concurrency: int,
    retry_failed: bool,
    watch: Callable[[dict[str, Any]], None] | None,
    first: int | None,
) -> Finished:
    """Runs a prepared recipe to its end, or to what stops it."""
    recipe = prepared.recipe
    halt = Halt()
    spent = store.totals()
    purse = Purse(
        recipe.max_cost, recipe.max_tokens, spent["cost_usd"], int(spent["tokens_in"]), int(spent["tokens_out"]), int(spent["calls"])
    )
    purse.stopping = lambda: bool(halt)
    committer = Committer(store, halt)
    known = Known(store)
    wrapped: dict[str, Any] = {}
    recorders: list[Any] = []
    retries: list[Retry] = []
    for role, model in prepared.models.items():
        recorder = Record(Budget(model, purse), committer)
        recorders.append(recorder)
        inner: Any = recorder
        if hasattr(model, "session") or getattr(model, "remote", False):  # over HTTP: limits that adapt, and retries
            options = getattr(prepared.specs.get(role), "options", None) or {}
            limit = Limit(recorder, ceiling=concurrency, rpm=options.get("rpm"), tpm=options.get("tpm"))
            inner = Retry(limit, patience=float(options.get("patience_s", 120.0)))
            retries.append(inner)
        elif not hasattr(model, "enter"):  # a replayed row waits for the rows before it: it may not hold a slot that they need
            inner = Slots(recorder, concurrency)
        wrapped[role] = Recall(inner, known)
    fetched = Fetched(prepared.fetcher, committer, known, store) if prepared.fetcher is not None else None
    executed = Executed(prepared.sandbox, committer, known, store) if prepared.sandbox is not None else None
    recorders += [port for port in (fetched, executed) if port is not None]
    named = (getattr(t, "allowance", None) for t in prepared.tables.values())
    allowances = list(dict.fromkeys(a for a in named if a is not None))  # a holdout has its table's
    released = Released(add_noise, account, allowances, known, committer, store)
    released.afford(taken(recipe, prepared.tables))
    ordered = [m for model in wrapped.values() for m in layers(model) if hasattr(m, "enter")]
    for m in ordered:
        m.prime(store.answers())  # type: ignore[attr-defined]
    embedders = {r: e if getattr(e, "pure", False) else Remembered(e, known, committer) for r, e in prepared.embedders.items()}
    learners: dict[str, Any] = {
        r: Learned(x, known, committer, store) if isinstance(x, TextLearner) else x for r, x in prepared.learners.items()
    }
    job = Job(
        recipe,
        dataclasses.replace(
            prepared.context(wrapped, fetcher=fetched, releaser=released, sandbox=executed), embedders=embedders, learners=learners
        ),
        store,
        prepared.columns,
        prepared.digests,
        {**prepared.model_names, **{f"embedder {r}": e.name for r, e in prepared.embedders.items()}},
        purse,
        committer,
        halt,
        recorders,
        ordered,
        window=concurrency + max(256, concurrency),
        retry_failed=retry_failed,
        head={
            "name": recipe.name,
            "version": __version__,
            "recipe_hash": prepared.identity,
            "seed": recipe.seed,
            "digital_source_type": recipe.digital_source_type,
            "models": {role: name.removesuffix(" []") for role, name in prepared.model_names.items()},
            "reads": prepared.reads,
            "steps_hash": {s.label: s.op.fingerprint() for s in recipe.steps},  # what an edited recipe is compared with
            "generation": generation(recipe, prepared.fed_by),
            **({"fed_by": prepared.fed_by} if prepared.fed_by else {}),
        },
        fan_out=prepared.fan_out,
        watch=watch,
        silence=lambda: next(filter(None, (r.silence() for r in retries)), ""),
        only_first=first,
    )
    try:
        return await Runner(job).execute()
    finally:
        for model in wrapped.values():
            await model.aclose()
        for embedder in embedders.values():
            await embedder.aclose()
        for port in (fetched, executed):
            if port is not None:
                await port.aclose()


def in_loop(make: Callable[[], Any]) -> Any:
    """Runs a coroutine to its end, also where this thread already has a loop running."""
    try:
        import uvloop

        factory: Any = uvloop.new_event_loop
    except ImportError:
        factory = None

    def go() -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(make())

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return go()
    box: dict[str, Any] = {}

    def work() -> None:
        try:
            box["value"] = go()
        except BaseException as error:
            box["error"] = error

    thread = threading.Thread(target=work, name="mintmark-run")
    thread.start()
    thread.join()
    if "error" in box:
        raise box["error"]
    return box["value"]


def give_signals_back() -> None:
    """After an interrupted run, which leaves them ignored."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in (
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGTERM, signal.SIG_DFL),
        ):
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, handler)
