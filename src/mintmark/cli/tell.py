"""Commands that tell of what there is: show, audit, report, export, prompt, list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.errors import Refused, RunFolderError, nearest
from .common import Json, app, say, say_json


@app.command()
def show(
    folder: Path,
    row: Annotated[str | None, typer.Argument(metavar="[ROW_ID]")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Write a replay file from the journal.")] = None,
    json: Json = False,
) -> None:
    """The ledger in numbers, also while a run is going; one row's whole life, prompts and replies included."""
    from .. import api

    if record is not None:
        say(f"wrote {api.record(folder, record)} answers to {record}")
        return
    told = api.show(folder, row)
    if json:
        say_json(told)
        return
    if row is None:
        state = told["status"] + ("" if told.get("running", True) else " (not running)")
        say(f"{told['name']}: {state}{', ' + told['reason'] if told.get('reason') else ''}")
        for key in ("want", "planned", "kept", "dropped", "failed", "pending", "calls", "tokens_in", "tokens_out", "cost_usd", "wall_s"):
            if told.get(key) is not None:
                say(f"  {key:<10} {told[key]:,}" if isinstance(told[key], int) else f"  {key:<10} {told[key]}")
        for step in told.get("steps", ()):
            say(f"  {step['label']:<14} {step['in']:>8,} in {step['out']:>8,} out")
            for state in ("dropped", "failed"):
                for reason, count in step[state].items():
                    say(f"  {'':<14} {count:>8,} {state}: {reason}")
        for label, facts in told.get("facts", {}).items():
            for name, fact in facts.items():
                say(
                    f"  {label}: {fact}"
                    if isinstance(fact, str)
                    else f"  {label}.{name} {fact['value']:.4g} {fact['unit']} (n = {fact['n']:,})"
                )
        if told.get("shared"):
            names = list(told["shared"])
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            say(f"  {sum(told['shared'].values())} calls once for all rows: {', '.join(names[:4])}{more}  (mintmark show DIR NAME)")
        return
    say(f"row {told['id']}" + (f", made of {', '.join(told['parents'])}" if told["parents"] else ""))
    for line in told["life"]:
        say(f"  {line['step']}: {line['state']} {line['reason']} {line['detail']}".rstrip())
        for key, value in (line["values"] or {}).items():
            say(f"      {key}: {value}")
    for answer in told["answers"]:
        say(
            f"  asked by {answer['step']}, attempt {answer['attempt']}, {answer['model']}, {answer['tokens_in']} + {answer['tokens_out']} tokens"
        )
        if "url" in answer:
            say(f"    {answer['url']}, {len(answer['reply']):,} characters came")
            continue
        for message in answer["messages"]:
            say(f"    {message['role']}: {message['content']}")
        say(f"    raw answer: {answer['reply']}")


@app.command()
def audit(
    synthetic: Path,
    real: Annotated[Path | None, typer.Option("--real", help="The real rows the generator could see.")] = None,
    holdout: Annotated[Path | None, typer.Option("--holdout", help="Real rows it never saw.")] = None,
    target: Annotated[str | None, typer.Option(help="The column a learner is to predict: usefulness.")] = None,
    text: Annotated[str | None, typer.Option(help="The column that texts stand in; found by itself where there is one.")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="REAL=SYNTHETIC column names; may be repeated.")] = None,
    measure: Annotated[list[str] | None, typer.Option(help="Families or metrics to measure; may be repeated; default all.")] = None,
    corpus: Annotated[list[Path] | None, typer.Option(help="Public text in which verbatim copies are looked for; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A column to leave out, such as a row number; may be repeated.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report.html, README.md and measurements.json; default none.")
    ] = None,
    seed: int = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every caveat of every number.")] = False,
    json: Json = False,
) -> None:
    """Measure any table, whoever made it."""
    import warnings

    from ..auditing import audit_tables
    from ..progress import doing
    from ..report.screen import screen
    from ..text.jsontext import dumps, loads

    mapping = {}
    for item in map_ or ():
        a, eq, b = item.partition("=")
        if not eq:
            raise Refused(f"--map {item}: expected REAL=SYNTHETIC column names")
        mapping[a] = b
    with doing(sys.stderr) as tell, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries, about columns without variance and the like; our own stand in caveats
        found = audit_tables(
            str(synthetic),
            str(real) if real else None,
            str(holdout) if holdout else None,
            target,
            text,
            mapping,
            tuple(measure or ()),
            out,
            seed,
            corpus or (),
            without or (),
            tell,
        )
    if json:
        say_json({"measurements": [loads(dumps(m.as_dict())) for m in found], "gates": []})
        return
    say(screen(found.summary, verbose))
    say(f"report: {out / 'report.html'}" if out is not None else "--out DIR writes a report with charts; --verbose tells every caveat")


@app.command()
def report(folder: Path) -> None:
    """Measure again and write report.html and README.md anew, from the run's files."""
    from .. import finish

    if not (folder / "recipe.yaml").exists():
        raise RunFolderError(f"{folder} holds no recipe.yaml; expected the folder that `mintmark run` wrote")
    finish.in_child(folder)
    say(f"report: {folder / 'report.html'}")


@app.command()
def export(
    folder: Path,
    as_: Annotated[str, typer.Option("--as", help="jsonl, csv, parquet, alpaca, chatml, sharegpt, hf, dpo, kto, beir, triples.")],
    to: Annotated[str | None, typer.Option("--to", help="File, folder or hf://...")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as instruction=question; may be repeated.")] = None,
    no_guard: Annotated[bool, typer.Option("--no-formula-guard", help="csv: leave cells that start with = + - @ as they are.")] = False,
) -> None:
    """The kept rows in another format."""
    from .. import api

    options: dict[str, Any] = {}
    if map_:
        if bad := [m for m in map_ if "=" not in m]:
            raise Refused(f"--map {bad[0]}: expected FIELD=COLUMN, such as instruction=question")
        options["mapping"] = dict(m.split("=", 1) for m in map_)
    if no_guard:
        options["formula_guard"] = False
    say(f"wrote {api.export(folder, as_, to, **options)}")


@app.command()
def prompt(name: Annotated[str, typer.Argument(help="See `mintmark list prompts`.")]) -> None:
    """Print a built-in prompt, to read or to change: save it beside the recipe and name it {file: mine.txt} there."""
    from ..prompting import built_in

    try:
        sys.stdout.write(built_in(name))
    except ValueError as error:
        raise Refused(f"prompt: {error}") from error


@app.command(name="list")
def list_(what: Annotated[str, typer.Argument(help="ops, metrics, models, prompts or recipes.")], json: Json = False) -> None:
    """What there is, found by walking the package."""
    from .. import catalogue

    kinds = ("ops", "metrics", "models", "prompts", "recipes")
    if what not in kinds:
        raise Refused(f"list: found '{what}', expected one of {', '.join(kinds)}.{nearest(what, kinds)}")
    lines = catalogue.listing(what)
    if json:
        say_json([{"name": name, "does": does} for name, does in lines])
        return
    for name, does in lines:
        say(f"{name:<28} {does}")
