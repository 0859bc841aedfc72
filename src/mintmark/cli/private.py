"""Commands about what is private: purge takes a run away, budget tells what was released of a data set."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..core.errors import Refused
from ..stats.gaussian_dp import upward
from .common import Json, app, say, say_json


@app.command()
def purge(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove a run's journal, rows, data, reports and exports from its folder."""
    from .. import api

    found = api.purge(folder, dry=True)
    if not yes:
        if json or not sys.stdin.isatty():
            raise Refused(
                f"purge: {len(found.removed)} files and folders of {folder} would be removed for good; give --yes if that is meant"
            )
        say(f"{folder}: {', '.join(found.removed)} ({sum(found.removed.values()):,} bytes)")
        if not typer.confirm("Remove them for good?", err=True):
            raise Refused("purge: nothing was removed")
    done = api.purge(folder)
    if json:
        say_json({**dataclasses.asdict(done), "folder": str(folder)})
        return
    say(f"removed from {folder} ({sum(done.removed.values()):,} bytes):")
    for name, size in done.removed.items():
        say(f"  {name}" + (" (a link; what it points to stays)" if name in done.links else f"  {size:,} bytes"))
    if done.left:
        say(f"left in {folder}, since no run wrote it: {', '.join(done.left)}")
    say("not removed, since purge cannot:")
    for what in done.stays:
        say(f"  {what}")


@app.command()
def budget(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A private table's file, as the recipe names it.")],
    delta: Annotated[float, typer.Option(help="At which delta epsilon is told; default 1 / (10 x rows).")] = 0.0,
    json: Json = False,
) -> None:
    """What all runs together have released of a private data set, found by what its rows hold. Spends nothing."""
    from .. import api

    told = api.spent(table, delta or None)
    if json:
        say_json(told)
        return
    say(f"{table}: {told['rows']:,} rows, account {told['file']}" + "".join(f"; protects {unit}" for unit in told["units"]))
    for run in told["runs"]:
        say(
            f"  run {run['run']}: {run['releases']} releases by {', '.join(run['steps'])}, last {run['last']}, epsilon {upward(run['epsilon'])} alone"
        )
    say(
        f"spent: epsilon {upward(told['epsilon'])} at delta {told['delta']:g} in {told['releases']} releases (--delta tells it at a recipe's own). "
        "A changed file has another account"
    )
