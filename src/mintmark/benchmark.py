"""`mintmark bench SUITE`: fixed tables, splits, learners and seeds, so that two generators get lines that compare.

    mintmark bench tables                                        the built-in `synthesize`
    mintmark bench tables --generator mine:make                  def make(train, target, n, seed) -> columns; from mine.py here, or installed
    mintmark bench text --generator recipe.yaml --only library   a recipe that reads the table `real`
    mintmark bench tables --export parts                         parts/NAME.csv: what any other generator is to be fitted on ...
    mintmark bench tables --synthetic made                       ... and made/NAME.csv (or NAME-0.csv, NAME-1.csv, ...): what it gave

Each line is measured as an audit is, with the same metrics and learners, beside three that need no generator: `independent` (each column of
the train rows shuffled: right margins, no relations), `copy` (train rows drawn again: perfect and private to nobody), `real` (rows that no generator
saw: the ceiling). Results name the suite's version and a hash over rows, seeds and metrics; files with another hash are not put beside them.
Not covered: tuning, and what is learned of a suite by trying again and again; a suite this small ranks coarsely, as its intervals tell.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.errors import InputError, MintmarkError
from .core.metric import Measurement, Metric
from .suites import VERSION, Case, Columns, cases

SHOWN = {
    "c2st": "realism.c2st_auc",
    "tstr": "utility.tstr",
    "trtr": "utility.trtr",
    "marginals": "realism.marginals",
    "pairs": "realism.pairs",
    "copies": "privacy.copies",
    "near": "privacy.near_copies",
    "dcr": "privacy.dcr_share",  # these two where an installed metric gives them
    "mia": "privacy.mia_auc",
}
SEEDS = 3
Generator = Callable[[Case, int], Columns]


def bench(
    suite: str,
    *,
    generator: str = "synthesize",
    synthetic: Path | None = None,
    only: Sequence[str] = (),
    data: Mapping[str, Path] | None = None,
    seeds: int = SEEDS,
    watch: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """{suite, version, hash, generator, seeds, versions, lines: [{table, rows, n, cpu_s, values: {name: {value, interval, n, unit, sd}}}], means}."""
    import sklearn

    from . import __version__

    if seeds < 1:
        raise InputError(f"bench: seeds is {seeds}, expected at least 1")
    chosen = cases(suite, only, data)
    measured = _metrics()
    name, makers = _generators(generator, synthetic, chosen, seeds)
    lines = []
    for case in chosen:
        for rows, make, times in (*_baselines(), (name, makers[case.name][0], makers[case.name][1])):
            lines.append(_line(case, rows, make, times, measured))
            if watch is not None:
                watch(lines[-1])
    return {
        "suite": suite,
        "version": VERSION,
        "hash": suite_hash(suite, chosen, seeds),
        "generator": name,
        "seeds": seeds,
        "versions": {"mintmark": __version__, "scikit_learn": sklearn.__version__},
        "notes": [f"{c.name}: {c.note}" for c in chosen if c.note],
        "lines": lines,
        "means": _means(lines),
    }


def suite_hash(suite: str, chosen: Sequence[Case], seeds: int) -> str:
    """Over everything that a line depends on but the generator: rows, splits, targets, seeds, metrics and their parameters."""
    from .text.jsontext import dumps

    h = hashlib.blake2b(digest_size=8)
    h.update(dumps([suite, VERSION, seeds, sorted((m.name, repr(m.params())) for m in _metrics())]))
    for case in chosen:
        h.update(dumps([case.name, case.target, case.text, case.train, case.fresh, case.holdout]))
    return h.hexdigest()


def export(suite: str, folder: Path, only: Sequence[str] = (), data: Mapping[str, Path] | None = None) -> list[Path]:
    """NAME.csv of each case's train rows, for generators that run elsewhere."""
    from .stores.exports import export_rows

    out = []
    for case in cases(suite, only, data):
        rows = [dict(zip(case.train, row)) for row in zip(*case.train.values())]
        out.append(export_rows(lambda rows=rows: iter(rows), "csv", folder / f"{case.name}.csv", formula_guard=False))  # type: ignore[misc]
    return out


def _metrics() -> list[Metric]:
    from .catalogue import metrics

    return [m() for m in metrics() if set(m.gives) & set(SHOWN.values())]


# -- what makes the rows -----------------------------------------------------------------------------------------------
def _baselines() -> Iterator[tuple[str, Generator, Sequence[int]]]:
    def independent(case: Case, seed: int) -> Columns:
        rng = random.Random(seed)
        return {c: rng.sample(v, len(v)) for c, v in case.train.items()}

    def copy(case: Case, seed: int) -> Columns:
        drawn = random.Random(seed).choices(range(len(case)), k=len(case))
        return {c: [v[i] for i in drawn] for c, v in case.train.items()}

    yield "independent", independent, (0,)
    yield "copy", copy, (0,)
    yield "real", lambda case, seed: case.fresh, (0,)


def _generators(
    named: str, synthetic: Path | None, chosen: Sequence[Case], seeds: int
) -> tuple[str, dict[str, tuple[Generator, Sequence[int]]]]:
    """The generator's name, and for each case what makes its rows and for which seeds."""
    if synthetic is not None:
        return synthetic.name or "synthetic", {c.name: _from_files(synthetic, c) for c in chosen}
    make: Generator
    if named == "synthesize" or named.endswith((".yaml", ".yml")):
        from .reading import read_recipe

        given = None if named == "synthesize" else read_recipe(named)

        def make(case: Case, seed: int) -> Columns:
            return _run(given, case, seed)

        named = Path(named).stem
    else:
        from .models.scripted import load_function

        function, _ = load_function(f"bench: --generator {named}", named, ".")

        def make(case: Case, seed: int) -> Columns:
            train = {c: list(v) for c, v in case.train.items()}
            return _columns(case, function(train, case.target, len(case), seed), f"--generator {named}")

    return named, {c.name: (make, range(seeds)) for c in chosen}


def _run(recipe: Any, case: Case, seed: int) -> Columns:
    from . import api
    from .core.recipe import Recipe
    from .generate.synthesize import Synthesize
    from .stores.memory import MemoryStore

    if recipe is None:
        recipe = Recipe("synthesize", ops=[Synthesize.from_params({"from": "real", "target": case.target}, "bench")])
    tables = {**recipe.tables, "real": case.train}
    recipe = dataclasses.replace(recipe, tables=tables, want=len(case), seed=seed, target=None, measure=(), gates=())
    run = api.run(recipe, store=MemoryStore(), report=False)
    rows = run.rows()
    if not rows:
        raise MintmarkError(f"bench: {case.name}: the recipe kept no rows ({run.reason})")
    return _columns(case, {c: [r.get(c) for r in rows] for c in rows[0]}, "the recipe")


def _from_files(folder: Path, case: Case) -> tuple[Generator, Sequence[int]]:
    from .stores.tables import read_table

    whole = folder / f"{case.name}.csv"
    several = sorted(folder.glob(f"{case.name}-[0-9]*.csv"))
    files = [whole] if whole.exists() else several
    if not files:
        raise InputError(
            f"bench: --synthetic {folder}: there is no {whole.name}; `bench --export` tells what to fit, --only leaves tables out"
        )

    def make(case: Case, seed: int) -> Columns:
        return _columns(case, read_table(case.name, files[seed]), files[seed].name)

    return make, range(len(files))


def _columns(case: Case, made: Any, where: str) -> Columns:
    """The case's columns of whatever a generator gave."""
    from .stores.tables import read_table

    table = made if hasattr(made, "digest") else read_table(case.name, made)
    if missing := [c for c in case.train if c not in table.columns]:
        raise InputError(f"bench: {case.name}: {where} gave no column '{missing[0]}'; expected {', '.join(case.train)}")
    if len(table) < 2:
        raise InputError(f"bench: {case.name}: {where} gave {len(table)} rows, expected about {len(case)}")
    return {c: table.column(c) for c in case.train}


# -- lines -------------------------------------------------------------------------------------------------------------
def _line(case: Case, rows: str, make: Generator, seeds: Sequence[int], metrics: Sequence[Metric]) -> dict[str, Any]:
    from .auditing import audit_context
    from .measuring import measure_tables

    found: list[dict[str, Measurement]] = []
    cpu, n = 0.0, 0
    for seed in seeds:
        began = time.process_time()
        made = make(case, seed)
        cpu += time.process_time() - began
        n += len(made[case.target])
        told = measure_tables(made, case.train, case.holdout, case.target, case.text, metrics, audit_context(0), (), 0)
        found.append({m.metric: m for m in told})
    values = {
        short: _over(ms) for short, name in SHOWN.items() if (ms := [f[name] for f in found if name in f and f[name].value is not None])
    }
    return {
        "table": case.name,
        "rows": rows,
        "n": round(n / len(found)),
        "seeds": len(found),
        "cpu_s": round(cpu / len(found), 3),
        "values": values,
    }


def _over(found: Sequence[Measurement]) -> dict[str, Any]:
    """The mean over seeds, with the mean of their intervals (other test rows) and the standard deviation between seeds."""
    values = [float(m.value) for m in found if m.value is not None]
    mean = sum(values) / len(values)
    spans = [m.interval for m in found if m.interval is not None]
    interval = [sum(s[k] for s in spans) / len(spans) for k in (0, 1)] if len(spans) == len(found) else None
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else None
    return {"value": mean, "interval": interval, "n": found[0].n, "unit": found[0].unit, "sd": sd}


def _means(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per kind of rows the plain mean over tables: it mixes AUC, accuracy and R2, has no interval, and holds for this suite alone."""
    out = []
    for rows in dict.fromkeys(line["rows"] for line in lines):
        own = [line for line in lines if line["rows"] == rows]
        names = [s for s in SHOWN if all(s in line["values"] for line in own)]
        values = {s: {"value": sum(line["values"][s]["value"] for line in own) / len(own)} for s in names}
        out.append(
            {
                "table": f"mean of {len(own)}",
                "rows": rows,
                "cpu_s": round(sum(line["cpu_s"] for line in own) / len(own), 3),
                "values": values,
            }
        )
    return out


def beside(result: dict[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The result with the generators' lines of others, whose hashes must be the same."""
    for other in others:
        if other.get("hash") != result["hash"]:
            raise InputError(
                f"bench: --beside: {other.get('generator')} was measured on {other.get('suite')} {other.get('version')} ({other.get('hash')}), "
                f"this is {result['suite']} {result['version']} ({result['hash']}): their lines do not compare"
            )
        for key in ("lines", "means"):
            result[key] = [*result[key], *(line for line in other[key] if line["rows"] == other["generator"])]
    tables = list(dict.fromkeys(line["table"] for line in result["lines"]))
    result["lines"] = sorted(result["lines"], key=lambda line: tables.index(line["table"]))
    return result


def table_of(result: Mapping[str, Any]) -> list[str]:
    """The lines as people read them: value and half its interval."""
    lines = [*result["lines"], *result["means"]]
    shown = [s for s in SHOWN if any(s in line["values"] for line in lines)]
    wide = max(12, *(len(line["rows"]) for line in lines))
    out = [f"{'table':<14} {'rows':<{wide}} {'n':>6} " + " ".join(f"{s:>12}" for s in shown) + f" {'cpu s':>8}"]
    for line in lines:
        cells = " ".join(f"{_cell(line['values'].get(s), s):>12}" for s in shown)
        out.append(f"{line['table']:<14} {line['rows']:<{wide}} {line.get('n', ''):>6} {cells} {line['cpu_s']:>8.2f}")
    return out


def _cell(value: Mapping[str, Any] | None, name: str) -> str:
    if value is None:
        return "-"
    text = f"{value['value']:.0f}" if name == "copies" else f"{value['value']:.3f}"
    low_high = value.get("interval")
    return f"{text} ±{(low_high[1] - low_high[0]) / 2:.2f}" if low_high and name != "copies" else text


__all__ = ["SEEDS", "SHOWN", "bench", "beside", "export", "suite_hash", "table_of"]
