"""What a run and an audit share: the metrics over the tables, small material for pictures, citations, the files that tell of it."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .core.context import Context
from .core.errors import MintmarkError
from .core.metric import Data, Measurement, Tables
from .core.op import Scope
from .wiring import Prepared

if TYPE_CHECKING:
    from .report.summary import Summary

MOST_SAMPLES, MOST_PICTURE, MOST_READ = 12, 5_000, 200
FEW = 4  # of a private table: a number beyond the fifth, a level that fewer rows hold, are not drawn


def measure_all(prepared: Prepared, columns: Mapping[str, Sequence[Any]]) -> list[Measurement]:
    """All metrics of the recipe's families over the kept rows."""
    recipe, tables = prepared.recipe, prepared.tables
    notes = (prepared.holdout_note,) if prepared.holdout_note else ()
    return measure_tables(
        columns,
        {c: tables["real"].column(c) for c in tables["real"].columns} if "real" in tables else None,
        {c: tables["holdout"].column(c) for c in tables["holdout"].columns} if "holdout" in tables else None,
        recipe.target,
        None,
        recipe.measure,
        prepared.context(),
        notes,
        recipe.seed,
        weighed=any(step.op.scope is Scope.TABLE and "weight" in step.op.writes(here) for step, here in recipe.walk(prepared.scene)),
    )


def measure_tables(
    synthetic: Mapping[str, Sequence[Any]],
    real: Mapping[str, Sequence[Any]] | None,
    holdout: Mapping[str, Sequence[Any]] | None,
    target: str | None,
    text: str | None,
    wanted: Sequence[Any],
    ctx: Context,
    notes: tuple[str, ...] = (),
    seed: int = 0,
    tell: Callable[[str], None] | None = None,
    failed: list[str] | None = None,
    weighed: bool = False,
) -> list[Measurement]:
    """wanted: items of `measure:`, see catalogue.metrics_for. weighed: see row_weights. tell: is told the metric that is next. failed: takes a line about each metric that
    raised, whose fault costs only its own numbers; without it the fault is raised."""
    from threadpoolctl import threadpool_limits

    from .catalogue import metrics_for
    from .stats.cells import finite
    from .text.answers import said

    gone = ("id", "weight", "split", "round", "examples")
    shared = set(synthetic) & set(real) if real is not None else set(synthetic)
    weights = row_weights(synthetic, real, weighed)
    shared -= {"id"} if weights is None else {"id", "weight"}

    def data(columns: Mapping[str, Sequence[Any]] | None) -> Data | None:
        return None if columns is None else Data({k: said(finite(v)) for k, v in columns.items() if k not in gone or k in shared})

    own, known, held = data(synthetic), data(real), data(holdout)
    assert own is not None
    if not len(own):
        return []
    if text is None:
        text = chosen_text(own.columns, known.columns if known is not None else None, target)
    if text is None:  # beside texts, answers that are numbers are compared as they are written
        own, known, held = as_numbers([own, known, held], target)
    tables = Tables(own, known, held, target, text, weights, notes, seed)
    found: list[Measurement] = []
    for metric in metrics_for(wanted):
        if tell is not None:
            tell(f"measuring {metric.family}: {metric.name}")
        try:
            # matrices of 1,000 rows: more threads only wait, at 20 times the CPU on a busy machine
            with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the libraries, about columns without variance and the like; our own stand in caveats
                found += metric.measure(tables, ctx)
        except MintmarkError:
            raise
        except Exception as error:
            if failed is None:
                raise
            at = error.__traceback__
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            where = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at is not None else "?"
            failed.append(
                f"{metric.name} was not measured: {type(error).__name__} in {where} ({str(error)[:200]}); this is a fault of the metric"
            )
    return found


def chosen_text(own: Mapping[str, Sequence[Any]], real: Mapping[str, Sequence[Any]] | None, target: str | None) -> str | None:
    """The column of texts that is measured where none is named: what stands beside questions and answers to read them from is not what was written.

    The real rows say which columns hold texts: those of a writer that collapsed look like levels."""
    from .stats.features import text_column
    from .text.citations import SOURCES

    both = [k for k in own if real is None or k in real]
    written = [k for k in both if k not in SOURCES] if {"question", "answer", "query"} & set(both) else both
    chosen = (text_column({k: t[k] for k in names}, target) for names in (written, both) for t in (real, own) if t is not None)
    return next((c for c in chosen if c is not None), None)


def row_weights(
    synthetic: Mapping[str, Sequence[Any]], real: Mapping[str, Sequence[Any]] | None, weighed: bool = False
) -> list[float] | None:
    """How much each row counts, from the column `weight`; None where there is none, or where it is a column like others (somebody's weight in kg):
    real rows have it too, or there are none to tell, or it does not hold numbers of 0 and more. weighed: a step of the recipe wrote it."""
    cells = synthetic.get("weight")
    if cells is None or (not weighed and (real is None or "weight" in real)):
        return None
    if not all(c is None or (isinstance(c, (int, float)) and not isinstance(c, bool) and 0 <= c < math.inf) for c in cells):
        return None
    return [1.0 if c is None else float(c) for c in cells]


def as_numbers(tables: Sequence[Any], target: str | None) -> list[Any]:
    """The tables with numbers where all of them write a column's numbers in one form, as 1.234,50. Labels stay what they are."""
    from .stats.parts import numbers_in

    new: list[dict[str, Any]] = [dict(t.columns) if t is not None else {} for t in tables]
    for name in {n: None for columns in new for n in columns if n != target}:
        having = [columns for columns in new if name in columns]
        for columns, cells in zip(having, numbers_in([columns[name] for columns in having]), strict=True):
            columns[name] = cells
    return [None if t is None else Data(columns) for t, columns in zip(tables, new, strict=True)]


def unchecked(found: Sequence[Measurement], wanted: Sequence[Any] = (), target: str | None = None) -> list[str]:
    """What a reader would want to be told was not looked at. wanted: items of `measure:`. target: of rows that there are real ones for."""
    from .catalogue import metrics_for

    seen, out = {m.metric.split(".")[0] for m in found}, []
    if target is not None and "utility" not in seen and any(m.name == "utility" for m in metrics_for(wanted)):
        out.append(
            f"usefulness was not measured: a learner of {target} takes 5 rows with a {target} in the synthetic and in the real table, 2 in the "
            "holdout, and another column that all three have"
        )
    if "regurgitation" not in seen:
        out.append(
            "overlap with public corpora: not checked (audit: --corpus FILE; a recipe: a table with corpus: true and measure: [regurgitation])"
        )
    return out


def pictures(columns: Mapping[str, Sequence[Any]], real: Any) -> list[dict[str, Any]]:
    """Small material for the column pictures: numbers as they are (at most 5,000), levels as counts, texts by their length in words. Of a private
    real table neither the extremes nor rare levels."""
    from .stats.features import kind_of, spaced
    from .stats.parts import numbers_in

    apart = real is not None and real.private

    out: list[dict[str, Any]] = []
    for name, cells in columns.items():
        theirs = real.column(name)[:MOST_PICTURE] if real is not None and name in real.columns else None
        cells, *_ = alike = numbers_in([cells, *([theirs] if theirs else ())])
        kind, theirs = kind_of(cells), alike[1] if theirs else None
        if kind == "number":
            own = [float(c) for c in cells[:MOST_PICTURE] if isinstance(c, (int, float))]
            out.append(
                {
                    "name": name,
                    "kind": "number",
                    "synthetic": own,
                    "real": _within([float(c) for c in theirs if isinstance(c, (int, float))], apart) if theirs else None,
                }
            )
        elif kind == "category":
            shares = _shares(cells)
            top = dict(sorted(shares.items(), key=lambda t: -t[1])[:8])
            out.append(
                {"name": name, "kind": "category", "synthetic": top, "real": _shares(theirs, least=FEW if apart else 1) if theirs else None}
            )
        elif kind == "text":
            own = [float(len(spaced(str(c)).split())) for c in cells[:MOST_PICTURE] if c is not None]
            words = _within([float(len(spaced(str(c)).split())) for c in theirs if c is not None], apart) if theirs else None
            out.append({"name": f"{name} (words)", "kind": "number", "synthetic": own, "real": words})
    return out


def citations(steps: Sequence[Any], found: Sequence[Measurement]) -> list[str]:
    from .catalogue import metrics

    out = [c for s in steps for c in s.op.citations()]
    measured = {m.metric for m in found}
    out += [c for m in metrics() if measured & set(m.gives) for c in m.cites]
    return list(dict.fromkeys(out))


def meaning() -> dict[str, str]:
    """Dotted name -> what it is, of everything that can be measured."""
    from .catalogue import metrics

    return {name: does for m in metrics() for name, does in m.gives.items()}


def _shares(cells: Sequence[Any], least: int = 1) -> dict[str, float]:
    counts = Counter("–" if c is None else str(c) for c in cells)
    return {k: n / len(cells) for k, n in counts.items() if n >= least}


def _within(numbers: list[float], apart: bool) -> list[float]:
    """apart: without the lowest and the highest few, which a picture's axis would tell."""
    return sorted(numbers)[FEW:-FEW] if apart else numbers


def describe(path: Path, target: str | None) -> dict[str, Any]:
    """What the data card says of the file of rows: {file, fields, kinds, languages} of Summary. {} where it cannot be described."""
    import datetime
    import hashlib

    import pyarrow.parquet as pq

    from .core.errors import InputError
    from .report.croissant import FORMATS
    from .stats.features import is_regression, kind_of
    from .stores.tables import read_table

    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS or not path.is_file():
        return {}
    try:
        table = read_table("rows", path)
    except InputError:  # no rows
        return {}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    made = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).date().isoformat()
    step = max(1, len(table) // MOST_PICTURE)
    part = table.take(range(0, len(table), step))
    cells = {c: part.column(c) for c in part.columns if c != "id"}
    kinds = {c: kind_of(v) for c, v in cells.items()}
    if kinds.get(target or "") == "number" and not is_regression(cells[target or ""]):
        kinds[target or ""] = "category"
    texts = [str(t) for c, k in kinds.items() if k == "text" for t in cells[c][:MOST_READ] if t is not None]
    return {
        "file": {"name": path.name, "format": kind, "sha256": digest, "date": made},
        "fields": {f.name: _arrow(f.type) for f in (pq.read_schema(path) if kind == "parquet" else table.data.schema)},
        "kinds": kinds,
        "languages": _languages(texts),
    }


def _arrow(kind: Any) -> Any:
    """An Arrow type in plain values: its name, [inner], or {field: inner}."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return {kind.field(i).name: _arrow(kind.field(i).type) for i in range(kind.num_fields)}
    return [_arrow(kind.value_type)] if pa.types.is_list(kind) or pa.types.is_large_list(kind) else str(kind)


def _languages(texts: Sequence[str]) -> list[str]:
    """Languages of at least one text in ten, the commonest first; texts of fewer than five words say too little."""
    from .text.language import UNKNOWN, Detector
    from .text.words import words

    long = [t for t in texts if len(words(t)) >= 5]
    if not long:
        return []
    detector = Detector()
    counts = Counter(language for language, _ in map(detector.detect, long) if language != UNKNOWN)
    return [language for language, n in counts.most_common() if 10 * n >= len(long)]


def write_files(folder: Path, summary: Summary, told: Mapping[str, Any]) -> None:
    """measurements.json, report.html, README.md (the data card), croissant.json and prov.json."""
    import json

    from .report.card import write_card
    from .report.croissant import croissant
    from .report.html import write_report
    from .report.prov import prov
    from .stores.atomic import atomic_write
    from .text.jsontext import dumps

    pages = {"report.html": write_report(summary), "README.md": write_card(summary)}
    pages |= {f"{n}.json": json.dumps(d, indent=1) + "\n" for n, d in (("croissant", croissant(summary)), ("prov", prov(summary))) if d}
    for name, content in {"measurements.json": dumps(told), **{n: t.encode("utf-8", "replace") for n, t in pages.items()}}.items():
        with atomic_write(folder / name) as file:
            file.write(content)
