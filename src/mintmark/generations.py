"""`mintmark run RECIPE --generations K`: what becomes of the tails when a recipe learns from its own output, generation after generation.

    made = run_generations(load("table.yaml"), 5, regime="accumulate");  made.verdict  ->  "No loss of tails can be shown ..."

The table `feeds` of generation g + 1 is made of generation g's kept rows as the regime says (stats/generations). Every generation is an
ordinary run in OUT/gen-N: the same command goes on where it stopped, and nothing is bought twice. At the end each generation is measured against
the real rows and the holdout that the first one was given: the collapse guard, Vendi, and what the recipe's `measure` names; gates are judged on
the last one. Without a holdout 20 % of the table are set aside first. Rows made from private rows are private, and so is what they feed.
Sources: Shumailov et al. 2024 (2305.17493); Gerstgrasser et al. 2024 (2404.01413). Not covered: a model trained between the generations; here
generations learn as the recipe does, from examples, seeds or a fitted table.

OUT/  manifest.json  measurements.json  report.html  real.jsonl holdout.jsonl (what all are measured against)  gen-N/  (gen-N/next.jsonl: what N + 1 is fed)
"""

from __future__ import annotations

import dataclasses
import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import __version__
from .core.context import seed_of
from .core.errors import RecipeError, RunFolderError, nearest
from .core.metric import Data, Measurement
from .core.ports import Table
from .core.recipe import Recipe
from .core.rows import Tally
from .folders import folder_of
from .lineage import warnings
from .opening import HELD_OUT_SHARE
from .stats.features import text_column
from .stats.generations import REGIMES, generations
from .stores.atomic import atomic_write, keep_private, make_folder
from .text.jsontext import dumps, loads
from .wiring import Prepared, prepare

SUMMED = ("planned", "kept", "dropped", "failed", "pending", "calls", "tokens_in", "tokens_out", "cost_usd", "wall_s", "cpu_s")
LEAST = 50  # rows: generations are compared at one size, that of the smallest, but no smaller one shrinks the others further


@dataclass
class Generations:
    """What `run` gives for an experiment; the fields as those of api.Run. runs: one Run a generation."""

    folder: Path
    manifest: dict[str, Any]
    runs: list[Any] = field(default_factory=list)
    status: str = "running"
    reason: str = ""
    exit_code: int = 0
    verdict: str = ""
    measurements: list[Measurement] = field(default_factory=list)
    gates: list[dict[str, Any]] = field(default_factory=list)
    notice: str = ""
    warnings: list[str] = field(default_factory=list)

    def tell(self, status: str, reason: str = "") -> None:
        """Writes the manifest."""
        self.status, self.reason = status, reason
        told = [r.manifest for r in self.runs]
        self.manifest.update({"status": status, "reason": reason, "verdict": self.verdict})
        self.manifest.update({k: round(sum(m.get(k) or 0 for m in told), 8) for k in SUMMED})
        shown = ("status", "reason", "recipe_hash", "seed", *SUMMED)
        self.manifest["runs"] = [{"generation": g, **{k: m[k] for k in shown if k in m}} for g, m in enumerate(told, 1)]
        _write(self.folder / "manifest.json", dumps(self.manifest))


class _Stopped(Exception):
    """A generation did not come to its end: the experiment stops there, and goes on there."""


def run_generations(
    recipe: Recipe,
    k: int,
    make_one: Callable[..., Any],
    *,
    regime: str = "replace",
    feeds: str = "real",
    out: str | os.PathLike[str] | None = None,
    want: int | None = None,
    seed: int | None = None,
    models: Mapping[str, Any] | None = None,
    no_code: bool = False,
    watch: Callable[[dict[str, Any]], None] | None = None,
    max_cost: float | None = None,
    max_tokens: int | None = None,
    allow_private: Sequence[str] = (),
    **options: Any,
) -> Generations:
    """k generations. regime: replace, accumulate, subsample. feeds: the table that is replaced. out: default runs/NAME-REGIME.

    max_cost and max_tokens hold for all generations together. make_one: api.run; options: its own.
    """
    caps: dict[str, Any] = {"want": want, "seed": seed, "max_cost": max_cost, "max_tokens": max_tokens}
    allowed = (*recipe.allow_private, *allow_private)
    recipe = dataclasses.replace(recipe, allow_private=allowed, **{n: v for n, v in caps.items() if v is not None})
    if k < 1:
        raise RecipeError(f"run: --generations is {k}, expected at least 1")
    if regime not in REGIMES:
        raise RecipeError(f"run: there is no regime '{regime}'.{nearest(regime, REGIMES)}")
    if feeds not in recipe.tables:
        raise RecipeError(f"run: --feeds {feeds}: the recipe has no such table.{nearest(feeds, recipe.tables)}")
    prepared = prepare(recipe, models=models, no_code=no_code, build=False)
    read = {t for step in recipe.steps for t in step.op.reads_tables()}
    if feeds not in read:
        raise RecipeError(
            f"run: no step reads the table '{feeds}', so no generation could learn from another; --feeds may name {sorted(read)}"
        )
    tables, notes = _with_holdout(prepared, feeds)
    shared = [c for c in tables[feeds].columns if c in prepared.columns and c != "id"]
    if not shared:
        raise RecipeError(
            f"run: the finished rows ({', '.join(prepared.columns)}) have no column of the table '{feeds}' ({', '.join(tables[feeds].columns)})"
        )
    private = any(tables[t].private for t in {*read, feeds} & set(tables))
    folder = folder_of(recipe, out)
    made = _opened(folder if out is not None else folder.with_name(f"{folder.name}-{regime}"), prepared, regime, feeds, k)
    given = dict(recipe.tables)
    for name in {feeds, "real", "holdout"} & set(tables):
        columns = {c: tables[name].column(c) for c in (shared if name == feeds else tables[name].columns)}
        given[name] = _table(made.folder / f"{name}.jsonl", Data(columns), tables[name].private)

    later = {**given, feeds: {**given[feeds], "private": True}} if private and k > 1 else given  # what could not go on is refused at once
    most = _plan(dataclasses.replace(recipe, tables=later), feeds, shared)

    def make(pool: Data, g: int) -> Data:
        fed = given if g == 1 else {**given, feeds: _table(made.folder / f"gen-{g - 1}" / "next.jsonl", pool, private)}
        spent = {c: sum(r.manifest[c] for r in made.runs) for c in ("cost_usd", "tokens_in", "tokens_out")}
        now = dataclasses.replace(
            recipe,
            tables=fed,
            measure=(),  # of the rows it was fed these would be told as if they were real ones
            gates=(),
            seed=recipe.seed if g == 1 else seed_of(recipe.seed, "generation", g) >> 32,
            max_candidates=most,
            max_cost=None if recipe.max_cost is None else max(0.0, recipe.max_cost - spent["cost_usd"]),
            max_tokens=None if recipe.max_tokens is None else max(1, int(recipe.max_tokens - spent["tokens_in"] - spent["tokens_out"])),
        )
        tell = watch and (lambda told: watch({**told, "name": f"{told['name']}, generation {g} of {k}"}))
        one = make_one(now, out=made.folder / f"gen-{g}", models=models, no_code=no_code, watch=tell, **options)
        made.runs.append(one)
        if one.exit_code:
            made.exit_code = one.exit_code
            raise _Stopped(f"generation {g} of {k}: {one.reason}")
        rows = _kept(made.folder / f"gen-{g}", shared)
        if g < k and not len(rows):
            made.exit_code = 3
            raise _Stopped(f"generation {g} of {k} kept no rows; there is nothing for the next to learn from")
        made.tell("running")
        return rows

    start = Data({c: tables[feeds].column(c) for c in shared})
    try:
        for _ in generations(make, start, k, regime, recipe.seed, lambda rows, index: rows.take(index), _join):
            pass
        _measure(made, prepared, tables, feeds, notes)
        made.tell("complete")
    except _Stopped as stop:
        made.tell("waiting" if made.exit_code == 5 else "unfinished", str(stop))
    except KeyboardInterrupt:  # between two runs, or while measuring
        made.exit_code = 3
        made.tell("unfinished", "interrupted")
    except BaseException as error:
        made.tell("unfinished", str(error) or type(error).__name__)
        raise
    return made


def _with_holdout(prepared: Prepared, feeds: str) -> tuple[dict[str, Any], list[str]]:
    """The recipe's tables with a holdout in any case, and what a reader should know of them."""
    from .stores.tables import set_aside

    tables: dict[str, Any] = dict(prepared.tables)
    if "holdout" in tables:
        return tables, prepared.notes
    recipe, n = prepared.recipe, len(tables[feeds])
    stratify = recipe.target if recipe.target in tables[feeds].columns else None
    tables[feeds], tables["holdout"] = set_aside(tables[feeds], HELD_OUT_SHARE, stratify, recipe.seed)
    aside = f"no holdout was given: {len(tables['holdout'])} of the {n} rows of '{feeds}' ({HELD_OUT_SHARE:.0%}) were set aside, before any step read them"
    return tables, [aside, *prepared.notes]


def _plan(first: Recipe, feeds: str, shared: list[str]) -> int | None:
    """Rows that a generation plans at most: where the source would plan more as the table grows, as many as in the first generation."""
    try:
        prepared = prepare(first, build=False)
    except RecipeError as error:
        raise RecipeError(
            f"run --generations: the table '{feeds}' has the columns that the finished rows have too ({', '.join(shared)}). {error}"
        ) from error
    source = first.steps[0]
    if first.want is not None or first.max_candidates is not None or first.repeat is not None or feeds not in source.op.reads_tables():
        return first.max_candidates
    return source.op.holds(prepared.context().at(source.label, "", Tally()))


def _opened(folder: Path, prepared: Prepared, regime: str, feeds: str, k: int) -> Generations:
    """The experiment's folder: new, or the same experiment's."""
    head = {"kind": "generations", "name": prepared.recipe.name, "seed": prepared.recipe.seed, "regime": regime, "feeds": feeds}
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder} is a file, expected a folder; choose another one with --out")
    path = folder / "manifest.json"
    if path.exists():
        try:
            before = loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise RunFolderError(f"{path} is damaged ({error}); restore it, or choose another folder with --out") from error
        for what, now in head.items():
            if not isinstance(before, dict) or before.get(what) != now:
                found = before.get(what) if isinstance(before, dict) else None
                raise RunFolderError(
                    f"{folder} belongs to a run with {what} {found!r}, this one has {what} {now!r}; choose another folder with --out"
                )
    elif folder.exists() and any(folder.iterdir()):
        raise RunFolderError(f"{folder} holds files that are no experiment's; choose an empty folder with --out")
    try:
        make_folder(folder)
    except OSError as error:
        raise RunFolderError(f"{folder} cannot be made ({error.strerror}); choose another folder with --out") from error
    if any(t.private for t in prepared.tables.values()):
        keep_private(folder)
    made = Generations(folder, {**head, "version": __version__, "generations": k, "fed_by": prepared.fed_by})
    made.warnings = prepared.warnings
    made.notice = "\n".join(f"note: {w}" for w in warnings(prepared.fed_by))
    made.tell("running")
    return made


def _table(path: Path, rows: Data, private: bool) -> dict[str, Any]:
    """Writes a table and gives its entry in `tables:`."""
    names = list(rows.columns)
    with atomic_write(path) as file:
        for cells in zip(*rows.columns.values(), strict=True):
            file.write(dumps(dict(zip(names, cells, strict=True))) + b"\n")
    return {"path": str(path.resolve()), "private": private}


def _write(path: Path, content: bytes) -> None:
    with atomic_write(path) as file:
        file.write(content)


def _kept(folder: Path, names: Any) -> Data:
    from .finish import kept_columns

    return Data(kept_columns(folder, names))


def _join(parts: list[Data]) -> Data:
    """Rows of several generations in random order, since a source that reads them may stop before their end."""
    if len(parts) == 1:
        return parts[0]
    joined = Data({c: [cell for p in parts for cell in p.columns[c]] for c in parts[0].columns})
    order = list(range(len(joined)))
    random.Random(len(parts)).shuffle(order)
    return joined.take(order)


def _measure(made: Generations, prepared: Prepared, tables: Mapping[str, Table], feeds: str, notes: list[str]) -> None:
    """Every generation against the original rows; writes measurements.json and report.html."""
    from .catalogue import metrics_for
    from .measuring import citations, measure_tables
    from .report.generations import GUARD, over_generations, verdict, write_page

    recipe = prepared.recipe
    kept = [r.manifest["kept"] for r in made.runs]
    size = min(500, max(LEAST, min(kept)))
    asked = {name for metric in metrics_for(recipe.measure) for name in metric.gives} | set(GUARD)
    real, held = ({c: tables[n].column(c) for c in tables[n].columns} for n in (feeds, "holdout"))
    text = text_column(
        {c: cells for c, cells in real.items() if c in prepared.columns}, recipe.target
    )  # texts that collapsed look like levels
    series: dict[str, list[Measurement]] = {}
    for g in range(1, len(kept) + 1):
        if not kept[g - 1]:
            continue
        found = measure_tables(
            _kept(made.folder / f"gen-{g}", prepared.columns).columns,
            real,
            held,
            recipe.target,
            text,
            [{"collapse": {"size": size}}, {"diversity": {"size": size}}, *recipe.measure],
            prepared.context(),
            (),
            recipe.seed,
        )
        for m in found:
            if m.metric in asked:
                series.setdefault(m.metric, []).append(dataclasses.replace(m, detail={**(m.detail or {}), "generation": g}))
    ordered = {name: series[name] for name in dict.fromkeys([*GUARD, *series]) if name in series}
    made.measurements = [over_generations(found) for found in ordered.values()]
    made.gates = [line for gate in recipe.gates for line in gate.judge(made.measurements)]
    made.exit_code = 4 if any(not g["passed"] for g in made.gates) else 0
    told = verdict(ordered, made.manifest["regime"])
    made.verdict = told.text
    made.tell("running")
    raw = {"measurements": [m.as_dict() for m in made.measurements], "gates": made.gates, "verdict": told.text}
    page = write_page(
        {**made.manifest, "status": "complete"}, told, made.measurements, made.gates, notes, citations((), made.measurements), recipe.task
    )
    _write(made.folder / "measurements.json", dumps(raw))
    _write(made.folder / "report.html", page.encode("utf-8", "replace"))
