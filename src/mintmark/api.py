"""The verbs: load, check, preview, run, audit, curate. The command line calls these and nothing else.

    run = mintmark.run(mintmark.load("bank-messages.yaml"), want=500)
    run.table()          # pyarrow.Table
    run.measurements     # list of Measurement

Async inside, one sync door: a running event loop (a notebook) is left alone, the run gets a loop and a thread of its own.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .core.errors import BudgetEnded, EndpointDown, Interrupted, RecipeError
from .core.metric import Gate, Measurement
from .core.recipe import Recipe, Step
from .estimates import budget, check_cap, estimate
from .exporting import export, record
from .lineage import warnings
from .pinging import ping
from .reading import as_mapping, read_recipe
from .wiring import Prepared, prepare, taken

if TYPE_CHECKING:
    from .auditing import Audit


def load(source: str | os.PathLike[str] | Mapping[str, Any], sets: Sequence[str] = ()) -> Recipe:
    """A Recipe from a YAML file (or the mapping such a file holds). Raises Refused, in words, for whatever is wrong in it."""
    return read_recipe(source, sets)


def check(recipe: Recipe | str | os.PathLike[str], *, models: Mapping[str, Any] | None = None, no_code: bool = False) -> dict[str, Any]:
    """Everything that can be checked before any call, and what the run is estimated to take. For steps without a source: check(over(table, recipe)).

    Prompts are rendered for the first planned rows. Returns {name, columns, rows, roles: {role: {calls, tokens_in, tokens_out, cost_usd}}, cost_usd,
    models, runs_code, sandbox: the tier that rows' code would run in, tables: {name: {rows, columns, private, budget}}, notes}. budget: None, or
    {epsilon, delta, unit, people, sure, spent, left: whether the account covers what the steps take}.
    """
    from .execute import in_loop
    from .rehearsal import rehearse

    prepared = prepare(_recipe(recipe), models=models, no_code=no_code)
    check_cap(prepared)
    told = {role: m.name for role, m in prepared.models.items()}
    took, want = estimate(prepared), prepared.recipe.want
    short = took["rows"] * prepared.fan_out < want if want else False
    note = [f"want is {want:,}, but the source has only {took['rows']:,} rows: the run will end unfinished"] if short else []
    note += in_loop(lambda: rehearse(prepared))
    shares = taken(prepared.recipe, prepared.tables)
    code = [f"{r}: {s.scheme}:{s.model}" for r, s in prepared.specs.items() if s.scheme == "scripted"]
    return {
        "name": prepared.recipe.name,
        "columns": list(prepared.columns),
        **took,
        "models": told,
        "runs_code": code,
        "sandbox": prepared.sandbox.tier if prepared.sandbox is not None else None,
        "tables": {
            n: {"rows": len(t), "columns": list(t.columns), "private": t.private, "budget": budget(t, shares)}
            for n, t in prepared.tables.items()
        },
        "notes": [*prepared.notes, *note, *prepared.warnings],
    }


@dataclass
class Run:
    """A finished (or stopped) run. exit_code as in the command line's table; folder is None for a run in memory."""

    status: str
    reason: str
    manifest: dict[str, Any]
    store: Any
    exit_code: int = 0
    measurements: list[Measurement] = field(default_factory=list)
    gates: list[dict[str, Any]] = field(default_factory=list)
    notice: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path | None:
        found: Path | None = self.store.folder
        return found

    def __repr__(self) -> str:
        m, where = self.manifest, f", {self.folder}" if self.folder is not None else ""
        books = ", ".join(f"{m[k]:,} {k}" for k in ("kept", "dropped", "failed", "pending") if m.get(k) or k == "kept")
        failed = sum(not g["passed"] for g in self.gates)
        gates = f", {failed} of {len(self.gates)} gates failed" if failed else ""
        return f"<Run {m.get('name', '')!r}: {self.status}, {books} of {m.get('planned', 0):,} planned{gates}{where}>"

    def _repr_html_(self) -> str:
        """For notebooks: how it ended, its numbers, and the first rows."""
        from .report.notebook import run_html

        return run_html(repr(self)[5:-1], self.reason, self.measurements, self.gates, self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """The kept rows as dicts, `id` first."""
        from .text.jsontext import loads

        raw = self.store.get_file("data.jsonl") or b""
        return [loads(line) for line in raw.splitlines()]

    def table(self) -> Any:
        """The kept rows as a pyarrow.Table; .to_pandas() for pandas."""
        import pyarrow as pa

        if self.folder is None:
            return pa.Table.from_pylist(self.store.tables.get("data.parquet", []))
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / "data.parquet")

    def to_dataset(self) -> Any:
        """A Hugging Face `datasets.Dataset` (needs that library)."""
        try:
            import datasets
        except ImportError as error:
            from .core.errors import MissingExtra

            raise MissingExtra("datasets", "hf", "to_dataset") from error
        return datasets.Dataset(self.table())


def _recipe(recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any]) -> Recipe:
    return recipe if isinstance(recipe, Recipe) else load(recipe)


def run(
    recipe: Recipe | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    want: int | None = None,
    seed: int | None = None,
    models: Mapping[str, Any] | None = None,
    concurrency: int = 256,
    max_cost: float | None = None,
    max_tokens: int | None = None,
    retry_failed: bool = False,
    changed: bool = False,
    allow_private: Sequence[str] = (),
    no_code: bool = False,
    store: Any = None,
    watch: Callable[[dict[str, Any]], None] | None = None,
    report: bool = True,
    first: int | None = None,
    hold_signals: bool = False,
    fetcher: Any = None,
    sandbox: Any = None,
    unsafe_execution: bool = False,
) -> Run:
    """Makes the data set, or goes on with it. The same call again resumes; nothing paid for is bought again.

    out: the run's folder, default runs/NAME. store: a Store instead of a folder (MemoryStore in tests). first: preview of that many rows.
    hold_signals: after an interrupted run Ctrl+C stays ignored until the process ends (for the command line).
    fetcher: a Fetcher instead of HTTP, for the op `fetch`. sandbox: a tier by name (docs/sandbox.md), or a Sandbox instead of this machine's boxes, for steps that
    execute code;
    unsafe_execution: where no box holds, run that code under limits alone, and mark every row with it (docs/sandbox.md).
    Raises Refused for what is wrong before any call; what stops a run midway is in `status`, `reason` and `exit_code`.
    """
    from .execute import execute, give_signals_back, in_loop

    given = _recipe(recipe)
    caps: dict[str, Any] = {"want": want, "seed": seed, "max_cost": max_cost, "max_tokens": max_tokens}
    given = dataclasses.replace(given, **{k: v for k, v in caps.items() if v is not None})
    if allow_private:
        given = dataclasses.replace(given, allow_private=(*given.allow_private, *allow_private))
    if concurrency < 1:
        raise RecipeError(f"concurrency is {concurrency}, expected at least 1")
    prepared = prepare(given, models=models, no_code=no_code, fetcher=fetcher, sandbox=sandbox, unsafe_execution=unsafe_execution)
    check_cap(prepared)
    own = store is None
    if own:
        from .folders import folder_of, open_folder

        store = open_folder(
            prepared, folder_of(prepared.recipe, out), as_mapping(prepared.recipe), changed=changed, preview=first is not None
        )
    try:
        finished = in_loop(lambda: execute(prepared, store, concurrency, retry_failed, watch, first))
        if not hold_signals:
            give_signals_back()
        notice = "\n".join([*filter(None, [getattr(store, "notice", "")]), *(f"note: {w}" for w in warnings(prepared.fed_by))])
    except BaseException:
        if own:
            store.close()
        raise
    result = Run(finished.status, finished.reason, finished.manifest, store, notice=notice, warnings=prepared.warnings)
    result.exit_code = _exit_code(finished)
    if own:
        store.close()
        # after a signal or on a full disk people want to leave, and files may not be writable
        if report and first is None and (finished.error is None or isinstance(finished.error, (BudgetEnded, EndpointDown))):
            if watch is not None:
                watch({**finished.manifest, "reason": "measuring and writing the report"})
            try:
                _finish(result, prepared)
            except KeyboardInterrupt:
                raise Interrupted(
                    f"stopped while measuring; the rows are whole, in {result.folder}; the same command measures them"
                ) from None
    elif report and first is None:
        from .measuring import measure_all

        data = {k: [r.get(k) for r in result.rows()] for k in prepared.columns}
        result.measurements = measure_all(prepared, data) if prepared.recipe.measure and finished.status == "complete" else []
        result.gates = [line for g in prepared.recipe.gates for line in g.judge(result.measurements)]
    if result.exit_code == 0 and any(not g["passed"] for g in result.gates):
        result.exit_code = 4
    if finished.status == "failed" and finished.error is not None:
        raise finished.error
    return result


def run_generations(recipe: Recipe | str | os.PathLike[str], k: int, **options: Any) -> Any:
    """An experiment: k generations, each fed with the kept rows of those before. Options: generations.run_generations."""
    from .generations import run_generations

    return run_generations(_recipe(recipe), k, run, **options)


def _exit_code(finished: Any) -> int:
    return {"complete": 0, "waiting": 5, "preview": 0, "failed": getattr(finished.error, "exit_code", 1)}.get(finished.status, 3)


def _finish(result: Run, prepared: Prepared) -> None:
    """Measurements and report. In a child process (its memory and time are told apart), here where a table exists only in memory."""
    from . import finish
    from .text.jsontext import loads

    in_memory = any(not isinstance(_path_of(t), (str, os.PathLike)) for t in prepared.recipe.tables.values())
    folder = result.folder
    assert folder is not None
    told = finish.here(folder, prepared) if in_memory else finish.in_child(folder)
    result.measurements = [Measurement.from_dict(m) for m in told["measurements"]]
    result.gates = told["gates"]
    raw = result.store.get_file("manifest.json")
    if raw:
        result.manifest = loads(raw)


def _path_of(table: Any) -> Any:
    return table.get("path") if isinstance(table, Mapping) else table


def preview(recipe: Recipe | str | os.PathLike[str], n: int = 10, **options: Any) -> Run:
    """The first n rows of the plan, through every step that needs no whole table. Their replies stay in the run's journal."""
    if n < 1:
        raise RecipeError(f"preview: -n is {n}, expected at least 1")
    return run(recipe, first=n, report=False, **options)


def audit(
    synthetic: Any,
    *,
    real: Any = None,
    holdout: Any = None,
    target: str | None = None,
    text: str | None = None,
    mapping: Mapping[str, str] | None = None,
    measure: Sequence[Any] = (),
    out: str | os.PathLike[str] | None = None,
    seed: int = 0,
    corpus: Sequence[str | os.PathLike[str]] = (),
    without: Sequence[str] = (),
    card: Any = None,
    gates: Sequence[Gate] = (),
    private: bool = False,
    tables: Mapping[str, Any] | None = None,
) -> Audit:
    """Measures any table, whoever made it. Tables: a path, or a pandas/polars/pyarrow table, list of dicts, HF dataset. Print it for a summary.

    real: rows the generator could see; without them only what can be measured alone is. mapping: {name in real: name in synthetic}. out: a folder
    for report.html, measurements.json, README.md, croissant.json and prov.json. corpus: files of public text (txt, jsonl, csv, parquet; .gz) in
    which verbatim copies are looked for. without: columns to leave out, such as a row number. card: a mapping or YAML file with licence and the
    keys of a recipe's card:. gates: judged in `.gates`. private: the real rows are: files are the owner's alone, and no cell of theirs is shown.
    tables: further tables by name, for metrics that take some: {canaries_in: ..., canaries_out: ...}.
    """
    from .auditing import audit_tables

    return audit_tables(
        synthetic,
        real,
        holdout,
        target,
        text,
        mapping,
        tuple(measure),
        out,
        seed,
        corpus,
        without,
        card,
        tuple(gates),
        None,
        private,
        tables,
    )


def curate(table: Any, recipe: Recipe | str | os.PathLike[str] | Mapping[str, Any], **options: Any) -> Run:
    """Curation steps alone, on data from elsewhere: TABLE is read first, as by `read`, then the recipe's steps."""
    return run(over(table, _recipe(recipe)), **options)


def over(table: Any, recipe: Recipe) -> Recipe:
    """A recipe whose steps have no source, with TABLE read before them."""
    from .generate.read import Read

    if recipe.steps[0].op.scope.value == "source":
        raise RecipeError(
            f"the recipe's first step '{recipe.steps[0].label}' makes rows, and curate reads TABLE instead: remove one of the two"
        )
    name = next(n for n in ("table", "table_to_curate") if n not in recipe.tables)
    if isinstance(table, (str, os.PathLike)) and not str(table).startswith("hf://"):
        table = os.path.abspath(table)
    steps = [Step("read", Read.from_params({"from": name}, "curate")), *recipe.ops]
    return dataclasses.replace(recipe, ops=steps, tables={**recipe.tables, name: table})


def show(folder: str | os.PathLike[str], row: str | None = None) -> dict[str, Any]:
    """A run's numbers (also while it goes on), or one row's whole life: ledger lines, its parents, every prompt and reply."""
    from .folders import look

    return look(Path(folder), row)


def purge(folder: str | os.PathLike[str], *, dry: bool = False) -> Any:
    """Takes a run's own files away, for good; says what went, what stays and why. dry: only says so. See purging.py."""
    from .purging import purge

    return purge(Path(folder), dry=dry)


def spent(table: str | os.PathLike[str], delta: float | None = None) -> dict[str, Any]:
    """What all runs of this user have released of a private data set: {data, rows, file, runs, releases, epsilon, delta, mu, units}. Spends and writes nothing.

    delta: default 1 / (10 rows). The epsilon of the runs together is no sum: noisy releases compose better than that.
    """
    from .stats.one_cell import contents
    from .stores.spending import statement
    from .stores.tables import read_table

    found = read_table("table", table)
    at = 0.1 / len(found) if delta is None else delta
    if not 0 < at < 1:
        raise RecipeError(f"delta is {at:g}, expected more than 0 and less than 1")
    data = contents(found.column(c) for c in found.columns)
    return {"data": data, "rows": len(found), **statement(data, at)}


def compare(a: str | os.PathLike[str], b: str | os.PathLike[str], to: str | os.PathLike[str] | None = None) -> tuple[Path, dict[str, Any]]:
    """Two runs, or two audits, side by side: writes a page (default A/compare-B.html), returns where and what it tells."""
    from .comparing import compare_folders

    return compare_folders(Path(a), Path(b), Path(to) if to is not None else None)


__all__ = [
    "Run",
    "audit",
    "check",
    "compare",
    "curate",
    "export",
    "load",
    "over",
    "ping",
    "preview",
    "record",
    "run",
    "run_generations",
    "show",
]
