"""Commands that tell of what there is: show, audit, bench, report, export, prompt, op, metric, list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.errors import Refused, RunFolderError, nearest
from .common import Json, Junit, app, complain, say, say_example, say_gates, say_json, write_junit


@app.command()
def show(
    folder: Path,
    row: Annotated[str | None, typer.Argument(metavar="[ROW_ID]")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Write a replay file from the journal.")] = None,
    json: Json = False,
) -> None:
    """The ledger in numbers, also while a run is going; one row's whole life, prompts and replies included."""
    from .. import api
    from ..runner.executions import lines

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
                say(f"  {key:<10} {told[key]:,}" if isinstance(told[key], int) else f"  {key:<10} {round(told[key], 4):,}")
        for step in told.get("steps", ()):
            split = f"  ({step['split']:,} of them split into {step['made']:,})" if step.get("split") else ""
            say(f"  {step['label']:<14} {step['in']:>8,} in {step['out']:>8,} out{split}")
            for state in ("dropped", "failed"):
                for reason, count in step[state].items():
                    say(f"  {'':<14} {count:>8,} {state}: {reason}")
                    say_example(step, state, reason)
        if told["dropped"] or told["failed"]:
            say(f"  every lost row and why: {folder / 'ledger.parquet'}; one row's prompts and replies: mintmark show {folder} ROW_ID")
        for line in lines(told.get("execution", {})):
            say(f"  {line}")
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
        if "calls" in answer:
            say(f"    {answer['calls']} calls, outcome: {answer['reply']}")
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
    measure: Annotated[
        list[str] | None, typer.Option(help="Family, metric, or 'metric: {parameter: value}'; may be repeated; default all families.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="The real rows are private: files for you alone, none of their cells shown.")
    ] = False,
    canaries: Annotated[
        Path | None, typer.Option("--canaries", help="Folder that `mintmark canaries` wrote: do planted texts show?")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", help="NAME=FILE, a table that a metric takes by name; may be repeated.")
    ] = None,
    corpus: Annotated[list[Path] | None, typer.Option(help="Public text in which verbatim copies are looked for; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A column to leave out, such as a row number; may be repeated.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for report.html, README.md and measurements.json; default none.")
    ] = None,
    card: Annotated[Path | None, typer.Option("--card", help="YAML: licence, intended_use, ...: what the data card says.")] = None,
    seed: int = 0,
    gate: Annotated[
        list[str] | None, typer.Option("--gate", help="METRIC>=X or METRIC<=X; exit 4 where it fails; may be repeated.")
    ] = None,
    junit: Junit = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every caveat of every number.")] = False,
    json: Json = False,
) -> None:
    """Measure any table, whoever made it."""

    from ..auditing import audit_tables
    from ..core.metric import Gate
    from ..progress import doing
    from ..report.screen import screen
    from ..stores.atomic import owner_only
    from ..text.jsontext import dumps, loads

    mapping = {}
    for item in map_ or ():
        a, eq, b = item.partition("=")
        if not eq:
            raise Refused(f"--map {item}: expected REAL=SYNTHETIC column names")
        mapping[a] = b
    if bad := [t for t in table or () if not all(t.partition("=")[::2])]:
        raise Refused(f"--table {bad[0]}: expected NAME=FILE")
    tables = dict(t.split("=", 1) for t in table or ())
    if canaries is not None:
        tables |= {name: str(canaries / f"{name}.jsonl") for name in ("canaries_in", "canaries_out")}
    gates = [Gate.parse_line(g) for g in gate or ()]
    with doing(sys.stderr) as tell:
        found = audit_tables(
            str(synthetic),
            str(real) if real else None,
            str(holdout) if holdout else None,
            target,
            text,
            mapping,
            tuple(_measured(m) for m in measure or ()),
            out,
            seed,
            corpus or (),
            without or (),
            card,
            gates,
            tell,
            private or canaries is not None,
            tables,
        )
    with owner_only(private or canaries is not None):
        write_junit(junit, f"audit of {synthetic.name}", found.gates, found)
    if json:
        say_json({"measurements": [loads(dumps(m.as_dict())) for m in found], "gates": found.gates})
    else:
        say(screen(found.summary, verbose))
        say_gates(found.gates)
        say(f"report: {out / 'report.html'}" if out is not None else "--out DIR writes a report with charts; --verbose tells every caveat")
    raise typer.Exit(0 if all(g["passed"] for g in found.gates) else 4)


def _measured(item: str) -> Any:
    """--measure as a recipe's measure: takes it: a name, or 'name: {parameter: value}'."""
    from ..text.yaml_strict import load_yaml

    try:
        return load_yaml(item, "--measure") if ":" in item else item
    except ValueError as error:
        raise Refused(f"--measure {item}: expected a name, or 'name: {{parameter: value}}'; {error}") from error


@app.command()
def bench(
    suite: Annotated[str, typer.Argument(help="tables or text.")],
    generator: Annotated[str, typer.Option(help="synthesize, a recipe file, or MODULE:FUNCTION.")] = "synthesize",
    synthetic: Annotated[Path | None, typer.Option(help="Folder of NAME.csv that another generator made.")] = None,
    export: Annotated[Path | None, typer.Option(help="Write each table's train rows there, for other generators, and end.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="A table of the suite; may be repeated.")] = None,
    data: Annotated[list[str] | None, typer.Option(help="NAME=DIR of a table that does not come with us: adult, banking77.")] = None,
    seeds: Annotated[int, typer.Option(help="Tables drawn from the generator.")] = 3,
    beside: Annotated[list[Path] | None, typer.Option(help="Results of another generator on the same suite; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the results there, as JSON.")] = None,
    json: Json = False,
) -> None:
    """Fixed tables, splits, learners and seeds: lines of two generators that compare."""
    from .. import benchmark
    from ..stores.atomic import atomic_write
    from ..text.jsontext import dumps, loads

    if bad := [d for d in data or () if "=" not in d]:
        raise Refused(f"--data {bad[0]}: expected NAME=DIR, such as adult=data/adult")
    folders = {name: Path(path) for name, _, path in (d.partition("=") for d in data or ())}
    if export is not None:
        for path in benchmark.export(suite, export, only or (), folders):
            say(f"wrote {path}")
        return
    try:
        others = [loads(path.read_bytes()) for path in beside or ()]
    except (OSError, ValueError) as error:
        raise Refused(f"--beside: {error}; expected a file that `mintmark bench --out` wrote") from error

    def watch(line: dict[str, Any]) -> None:
        if sys.stderr.isatty():
            complain(f"{line['table']}: {line['rows']}")

    result = benchmark.bench(suite, generator=generator, synthetic=synthetic, only=only or (), data=folders, seeds=seeds, watch=watch)
    if out is not None:
        with atomic_write(out) as file:
            file.write(dumps(result) + b"\n")
    result = benchmark.beside(result, others)
    if json:
        say_json(result)
        return
    say(f"suite {suite} {result['version']}, hash {result['hash']}, seeds {result['seeds']}")
    for line in (*benchmark.table_of(result), *result["notes"]):
        say(line)
    say("± is half the 95 % interval: over other test rows, not other tables. The means mix scores (AUC, accuracy, R2) and have none.")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    other: Annotated[Path | None, typer.Argument(metavar="[DIR2]", help="Compare the two instead.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Where the comparison goes; default DIR/compare-DIR2.html.")] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show DIR/report.html on this machine until Ctrl+C; nothing is measured again.")
    ] = False,
    port: Annotated[int, typer.Option("--port", help="For --serve; 0 takes a free one.")] = 0,
    json: Json = False,
) -> None:
    """Measure again and write report.html and README.md anew; or compare two runs or audits; or serve the report."""
    if other is not None:
        if serve:
            raise Refused("report: --serve shows one folder's report; a comparison is a file to open")
        _compare(folder, other, to, json)
        return
    if to is not None:
        raise Refused("report: --to is for a comparison: give two folders")
    if serve:
        from ..report.serve import serve as show_page

        show_page(folder, port, say)
        return
    from .. import finish

    if not (folder / "recipe.yaml").exists():
        raise RunFolderError(f"{folder} holds no recipe.yaml; expected the folder that `mintmark run` wrote")
    told = finish.in_child(folder)
    if json:
        say_json(told)
    else:
        say(f"report: {folder / 'report.html'}")


def _compare(a: Path, b: Path, to: Path | None, json: bool) -> None:
    """What differs, in short; the page has the rest."""
    from .. import api
    from ..report.words import number, span_of

    page, told = api.compare(a, b, to)
    if json:
        say_json(told)
        return
    for letter in ("a", "b"):
        say(f"{letter.upper()} {told[letter]['lead']} {told[letter]['verdict']['text']}")
    for x in told["numbers"]:
        if x["apart"]:
            values = " -> ".join(number(x[side]["value"]) for side in ("a", "b"))
            say(
                f"  {x['metric']:<28} {values} {x['unit']}, difference {number(x['difference'])} ({span_of(x['interval'])}): {x['verdict']}"
            )
    say(f"{told['told_apart']} of {told['tested']} numbers tell A from B (approximate intervals of the difference, as if independent)")
    if told["other_real"]:
        say(
            f"A and B were measured beside different real rows ({', '.join(told['other_real'][:4])}): part of a difference may come from that"
        )
    changed = sum(line[:1] in "+-" for line in told["recipe"][2:])
    say(
        "the recipes are the same"
        if told["same_recipe"]
        else f"the recipes differ in {changed} lines"
        if changed
        else "no recipes to compare"
    )
    say(f"comparison: {page}")


@app.command()
def export(
    folder: Path,
    as_: Annotated[str, typer.Option("--as", help="jsonl, csv, parquet, alpaca, chatml, sharegpt, hf, dpo, kto, beir, triples, rl.")],
    to: Annotated[str | None, typer.Option("--to", help="File, folder or hf://...")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as instruction=question; may be repeated.")] = None,
    no_guard: Annotated[bool, typer.Option("--no-formula-guard", help="csv: leave cells that start with = + - @ as they are.")] = False,
    penalty: Annotated[float | None, typer.Option(help="rl: taken off for each answer without valid code; default 0.2.")] = None,
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
    if penalty is not None:
        options["penalty"] = penalty
    say(f"wrote {api.export(folder, as_, to, **options)}")


@app.command()
def prompt(name: Annotated[str, typer.Argument(help="See `mintmark list prompts`.")]) -> None:
    """Print a built-in prompt, to read or to change: save it beside the recipe and name it {file: mine.txt} there."""
    from ..prompting import built_in

    try:
        sys.stdout.write(built_in(name))
    except ValueError as error:
        raise Refused(f"prompt: {error}") from error


@app.command()
def op(name: Annotated[str, typer.Argument(help="See `mintmark list ops`.")]) -> None:
    """The reference of one op: what it does, an example, its parameters, columns, drop reasons and source."""
    from ..reference import op_page

    say(op_page(name))


@app.command()
def metric(name: Annotated[str, typer.Argument(help="A metric, a family or a figure; see `mintmark list metrics`.")]) -> None:
    """The reference of one metric or of a family: what it measures, its figures, its parameters and source."""
    from ..reference import metric_page

    say(metric_page(name))


@app.command(name="list")
def list_(what: Annotated[str, typer.Argument(help="ops, metrics, models, prompts or recipes.")], json: Json = False) -> None:
    """What there is, found by walking the package."""
    from .. import catalogue

    kinds = ("ops", "metrics", "models", "prompts", "recipes")
    if what not in kinds:
        raise Refused(f"list: found '{what}', expected one of {', '.join(kinds)}.{nearest(what, kinds)}")
    lines = catalogue.listing(what)
    if what == "metrics" and not json:
        for family, at in catalogue.metrics_by_family().items():
            say(f"{family}: {at['does']}")
            for m in at["metrics"]:
                if len(at["metrics"]) > 1 or m["costly"]:
                    say(f"  [{m['metric']}]" + (" only where it is named, since it takes long" if m["costly"] else ""))
                for name, does in m["gives"].items():
                    say(f"  {name:<36} {does}")
            say()
        return
    if json:
        say_json([{"name": name, "does": does} for name, does in lines])
        return
    for name, does in lines:
        say(f"{name:<28} {does}")
    if what in ("ops", "metrics"):
        say(f"\nparameters, an example, columns and drop reasons of one: mintmark {what[:-1]} NAME")
