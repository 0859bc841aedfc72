"""Commands that make a data set: new, check, preview, run, curate, demo."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ..stats.gaussian_dp import upward
from .common import (
    Concurrency,
    Json,
    Junit,
    Model,
    NoCode,
    Out,
    Set,
    app,
    complain,
    roles,
    say,
    say_gates,
    say_json,
    say_lost,
    write_junit,
)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="classification, table; see `mintmark list recipes`.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("."),
) -> None:
    """Write a commented recipe that runs as it is, with its example data."""
    from ..starters import write_starter

    for path in write_starter(kind, folder):
        say(f"wrote {path}")
    say(f"next: mintmark check {folder / (kind + '.yaml')}   then: mintmark run {folder / (kind + '.yaml')}")


@app.command()
def check(
    recipe: Path,
    table: Annotated[Path | None, typer.Option("--table", help="The rows, for a recipe without a source, as `curate` takes it.")] = None,
    ping: Annotated[bool, typer.Option("--ping", help="One token from each model: key, name, JSON mode, logprobs.")] = False,
    model: Model = None,
    set_: Set = None,
    no_code: NoCode = False,
    json: Json = False,
) -> None:
    """Columns, templates, schemas, files, models, gates, estimated calls, tokens and money: before any call."""
    from .. import api

    given = api.load(recipe, set_ or ())
    if table is not None:
        given = api.over(table, given)
    told = api.check(given, models=roles(model), no_code=no_code)
    if ping:
        told["ping"] = api.ping(given, models=roles(model), no_code=no_code)
    if json:
        say_json(told)
        return
    say(f"{told['name']}: fine. {told['rows']:,} rows planned; {_columns(told['columns'])}")
    for role, at in told["roles"].items():
        cost = "no price known" if at["cost_usd"] is None else f"${at['cost_usd']:.4f}"
        say(
            f"  {role} = {told['models'].get(role, '?')}: {at['calls']:,} calls, about {at['tokens_in']:,} tokens in, {at['tokens_out']:,} out, {cost}"
        )
    for name, held in told["tables"].items():
        say(f"  table {name}: {held['rows']:,} rows, {_columns(held['columns'])}{', private' if held['private'] else ''}")
        if b := held["budget"]:
            say(
                f"    budget epsilon {b['epsilon']:g} at delta {b['delta']:g}, for {b['unit']}, of {b['people']:,}: even odds that somebody is in it may grow to "
                f"{b['sure']}; spent so far {upward(b['spent'])}"
                + ("" if b["left"] else ", so a new run is refused; the folder that spent it goes on for free")
            )
    for line in told["runs_code"]:
        say(f"  runs code: {line}")
    if told["sandbox"]:
        say(f"  runs the rows' code in a box: {told['sandbox']} (docs/sandbox.md)")
    for note in told["notes"]:
        say(f"  note: {note}")
    for role, at in told.get("ping", {}).items():
        say(f"  ping {role}: " + ", ".join(f"{k} {v}" for k, v in at.items()))


@app.command()
def preview(
    recipe: Path,
    n: Annotated[int, typer.Option("-n", help="How many rows of the plan.")] = 10,
    prompts: Annotated[bool, typer.Option("--prompts", help="Show the prompts too.")] = False,
    out: Out = None,
    model: Model = None,
    set_: Set = None,
    concurrency: Concurrency = 256,
    no_code: NoCode = False,
    json: Json = False,
) -> None:
    """The first rows of the plan; their replies go into the run's journal, so `run` does not buy them again."""
    from .. import api
    from ..stats.gaussian_dp import upward

    run = api.preview(api.load(recipe, set_ or ()), n, out=out, models=roles(model), concurrency=concurrency, no_code=no_code)
    rows = run.rows()
    if json:
        say_json({"rows": rows, "manifest": run.manifest})
    else:
        for row in rows:
            say(f"- {row.pop('id')}")
            for key, value in row.items():
                say(f"    {key}: {value}")
        m = run.manifest
        say(
            f"{m['kept']} kept, {m['dropped']} dropped, {m['failed']} failed of {m['planned']} planned; {m['calls']} calls, ${m['cost_usd']:.4f}"
        )
        say_lost(m)
        for r in m.get("releases") or ():
            say(
                f"released of the private table '{r['table']}': epsilon {upward(r['epsilon'])} of {upward(r['epsilon_allowed'])} is spent by this preview; "
                f"`run` into {run.folder} uses what was released at no further cost, another folder is charged anew"
            )
    _complain_if_nothing_came(run.manifest)
    if prompts and run.folder is not None and not json:
        from ..stores.folder import FolderStore
        from ..text.jsontext import loads

        store = FolderStore(run.folder, readonly=True)
        for answer in (a for a in store.answers() if a.port == "model"):
            say(f"\n[{answer.step} {answer.row} attempt {answer.attempt}]")
            for message in loads(answer.request)["messages"]:
                say(f"  {message['role']}: {message['content']}")
        store.close()
    if run.exit_code:
        complain(run.reason)
    raise typer.Exit(run.exit_code)


@app.command()
def run(
    recipe: Path,
    want: Annotated[int | None, typer.Option(help="Accepted rows wanted.")] = None,
    out: Out = None,
    seed: int | None = None,
    set_: Set = None,
    model: Model = None,
    concurrency: Concurrency = 256,
    max_cost: Annotated[float | None, typer.Option(help="Stop cleanly at this many US dollars.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Stop cleanly at this many tokens, in and out.")] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask failed rows again.")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="Go on with an edited recipe; old data move to versions/.")] = False,
    allow_private: Annotated[list[str] | None, typer.Option(help="ROLE that private rows may reach; may be repeated.")] = None,
    generations: Annotated[
        int | None, typer.Option(help="An experiment: K generations, each fed with the rows of those before; is it losing the tails?")
    ] = None,
    regime: Annotated[str, typer.Option(help="With --generations: replace, accumulate or subsample.")] = "replace",
    feeds: Annotated[str, typer.Option(help="With --generations: the table that the rows become.")] = "real",
    no_code: NoCode = False,
    sandbox: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            help="What holds rows' code: bwrap, landlock, podman:IMAGE or docker:IMAGE; default the stronger of the first two.",
        ),
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--i-accept-unsafe-execution", help="Run rows' code under limits alone where no sandbox holds; marks every row.")
    ] = False,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Make the data set. The same command again resumes."""
    from .. import api

    options: dict[str, Any] = dict(out=out, want=want, seed=seed, concurrency=concurrency, max_cost=max_cost, max_tokens=max_tokens)
    options.update(retry_failed=retry_failed, changed=changed, allow_private=tuple(allow_private or ()), no_code=no_code)
    if sandbox:
        options["sandbox"] = sandbox
    if unsafe:
        options["unsafe_execution"] = True
    _without_pandas()
    from ..stores.atomic import is_private, owner_only

    given = api.load(recipe, set_ or ())
    go: Any = api.run
    if generations is not None:
        go = partial(api.run_generations, regime=regime, feeds=feeds, k=generations)
    made = _report_run(lambda watch: go(given, models=roles(model), watch=watch, hold_signals=True, **options), json, _command())
    with owner_only(made.folder is not None and is_private(made.folder)):
        write_junit(junit, given.name, made.gates, made.measurements, [] if made.gates else [g.metric for g in given.gates])
    raise typer.Exit(made.exit_code)


@app.command()
def curate(
    table: Path,
    with_: Annotated[Path, typer.Option("--with", help="A recipe whose steps have no source.")],
    out: Out = None,
    model: Model = None,
    set_: Set = None,
    concurrency: Concurrency = 256,
    max_cost: float | None = None,
    changed: bool = False,
    no_code: NoCode = False,
    json: Json = False,
) -> None:
    """Curation steps alone, on data from elsewhere."""
    from .. import api

    given = api.load(with_, set_ or ())
    options: dict[str, Any] = dict(
        out=out, models=roles(model), concurrency=concurrency, max_cost=max_cost, changed=changed, no_code=no_code
    )
    made = _report_run(lambda watch: api.curate(str(table), given, watch=watch, hold_signals=True, **options), json, _command())
    raise typer.Exit(made.exit_code)


@app.command()
def canaries(
    table: Path,
    column: Annotated[str, typer.Option("--column", help="The column of texts.")],
    n: Annotated[int, typer.Option("-n", help="Canaries planted, and as many kept out.")] = 100,
    out: Annotated[Path, typer.Option("--out", help="Folder for the three files.")] = Path("planted"),
    times: Annotated[int, typer.Option(help="How often each is planted.")] = 1,
    seed: int = 0,
) -> None:
    """Plant made-up texts in a private table, to measure afterwards what a generator gives away (privacy.canary_auc)."""
    from ..planting import plant

    for name, rows in plant(table, column, n, out, times, seed).items():
        say(f"wrote {out / name}.jsonl: {rows:,} rows")
    say(f"next: make a data set from {out / 'planted.jsonl'} (to measure, not to publish), then:")
    say(
        f"  mintmark audit runs/NAME/data.jsonl --real {out / 'planted.jsonl'} --text {column} --canaries {out} --measure privacy --out audit"
    )


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Where the two runs go.")] = Path("runs"),
) -> None:
    """Two runs with no key and no network: a text data set with an LLM's replayed replies, and a table without any model."""
    from ..starters import run_demo

    raise typer.Exit(run_demo(out, say))


def _columns(names: list[str]) -> str:
    """All of a few columns; of many as many as a line takes."""
    return f"columns {', '.join(names)}" if len(names) <= 15 else f"{len(names)} columns: {', '.join(names[:12])}, ..."


def _complain_if_nothing_came(m: dict[str, Any]) -> None:
    """A run of which no row is left may be complete all the same; nobody should find that out from an empty file."""
    lost = [(n, s["label"], state, reason) for s in m.get("steps", ()) for state in ("failed", "dropped") for reason, n in s[state].items()]
    if not m["kept"] and not m["pending"] and lost:
        n, label, state, reason = max(lost)
        every = "EVERY ROW FAILED" if m["failed"] == m["planned"] else "NO ROW WAS KEPT"
        complain(f"{every}: {n:,} of {m['planned']:,} {state} at {label} ({reason}); see `mintmark show`")


def _command() -> str:
    return " ".join(sys.argv[1:])


def _report_run(go: Any, json: bool, command: str) -> Any:
    from ..progress import Progress
    from ..report.guarantee import verdict
    from ..report.screen import figures
    from ..stores.atomic import is_private

    with Progress(sys.stderr, quiet=not sys.stderr.isatty()) as progress:
        made = go(progress.update)
    if made.manifest["status"] == "unfinished":  # one more Ctrl+C while the last lines are printed changes nothing
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    m = made.manifest
    for line in (made.notice, *made.warnings):
        if line:
            complain(line)
    if json:
        say_json(m)
    else:
        say(
            f"{made.status}: {m['kept']:,} kept, {m['dropped']:,} dropped, {m['failed']:,} failed, {m['pending']:,} pending of {m['planned']:,} planned"
        )
        say_lost(m)
        say(f"{m['calls']:,} calls, {m['tokens_in']:,} tokens in, {m['tokens_out']:,} out, ${m['cost_usd']:.4f}, {m['wall_s']:.1f} s")
        private = made.folder is not None and is_private(made.folder)
        for line in ("", *figures(m, made.measurements, private=private), "") if made.measurements else ():
            say(line)
        say_gates(made.gates)
        for line in verdict(m) if m.get("releases") else ():
            say(line)
        if getattr(made, "verdict", ""):
            say(made.verdict)
        if made.folder is not None:
            if (made.folder / "data.jsonl").exists():
                say(f"data:   {made.folder / 'data.jsonl'}")
            if (made.folder / "report.html").exists():
                say(f"report: {made.folder / 'report.html'}")
    _complain_if_nothing_came(m)
    if made.status not in ("complete", "preview"):
        settled = "wanted rows: " in made.reason and not m["failed"] and not m["pending"]  # the same command would find nothing to do
        settled = settled or made.reason.endswith("to go on")  # a cap is reached: it says what to raise
        complain(made.reason if settled else f"{made.reason}\nto go on: mintmark {command}")
    return made


def _without_pandas() -> None:
    """Arrow looks for pandas at its first array and imports it: 0.15 s and 45 MB that this process has no use for. It looks only once."""
    if "pandas" in sys.modules:
        return
    import types
    import warnings

    stand_in = types.ModuleType("pandas")
    stand_in.__version__ = "0.0.0"  # type: ignore[attr-defined]
    sys.modules["pandas"] = stand_in
    try:
        import pyarrow

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyarrow.array([])
    except Exception:
        pass  # another Arrow, another way to look: then pandas is imported after all
    finally:
        del sys.modules["pandas"]
