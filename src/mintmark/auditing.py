"""`mintmark audit`: any table, whoever made it, measured alone or against real rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.context import Context
from .core.errors import InputError, RunFolderError, nearest
from .core.metric import Gate, Measurement, check_gates
from .measuring import (
    MOST_SAMPLES,
    chosen_text,
    citations,
    describe,
    meaning,
    measure_tables,
    pictures,
    row_weights,
    unchecked,
    write_files,
)
from .report.discreet import NOT_SAMPLED, Discreet
from .report.summary import Summary
from .stats.features import kind_of

FEWEST_TO_SPLIT = 20


def audit_context(seed: int, tables: Mapping[str, Any] | None = None) -> Context:
    """What metrics may use where there is no recipe: the built-in learners."""
    from .core.recipe import Recipe
    from .generate.read import Read
    from .wiring import _ports

    return Context(seed, learners=_ports(Recipe("audit", ops=[Read("real")]), "learners", object), tables=tables or {})


class Audit(list[Measurement]):
    """The measurements; print it for the summary that the command line shows. summary: also the notes, the gates as judged and what a
    report needs."""

    def __init__(self, found: Sequence[Measurement], summary: Summary) -> None:
        super().__init__(found)
        self.summary = summary

    @property
    def gates(self) -> list[dict[str, Any]]:
        return [dict(g) for g in self.summary.gates]

    def __str__(self) -> str:
        from .report.screen import screen

        return screen(self.summary)


def audit_tables(
    synthetic: Any,
    real: Any = None,
    holdout: Any = None,
    target: str | None = None,
    text: str | None = None,
    mapping: Mapping[str, str] | None = None,
    wanted: Sequence[Any] = (),
    out: Any = None,
    seed: int = 0,
    corpora: Sequence[Any] = (),
    without: Sequence[str] = (),
    card: Any = None,
    gates: Sequence[Gate] = (),
    tell: Callable[[str], None] | None = None,
    private: bool = False,
    named: Mapping[str, Any] | None = None,
) -> Audit:
    """See api.audit. tell: is told what is being done now, in words."""
    from . import __version__
    from .catalogue import families, metric_names, metrics_for
    from .report.card import warnings
    from .stats.align import align
    from .stores.atomic import owner_only
    from .stores.corpus import Corpus
    from .stores.tables import read_table, set_aside

    tell = tell or (lambda _: None)
    items = metrics_for(wanted or families(costly=False), "--measure")
    check_gates(gates, metric_names(), items)
    stated = _card(card)
    if out is not None and (Path(out) / "journal.sqlite").exists():
        raise RunFolderError(f"--out {out}: this folder holds a run, whose report would be lost; choose another")
    if real is None and holdout is not None:
        raise InputError("--holdout holds real rows that the generator never saw, beside --real, the rows it could see: name that too")
    if private and real is None and not named:
        raise InputError("--private says that the real rows are private, and there are none: name them with --real")
    texts = {f"corpus_{k}": Corpus(f"corpus_{k}", c) for k, c in enumerate(corpora, 1)}
    tell("reading tables")
    others_named = {name: read_table(name, t, private=private) for name, t in (named or {}).items()}
    own = read_table("synthetic", synthetic)
    train = read_table("real", real, private=private) if real is not None else None
    held = read_table("holdout", holdout, private=private) if holdout is not None else None
    columns = _renamed(own, mapping or {})
    for name in without:
        if name not in columns:
            raise InputError(f"--without {name}: the synthetic table has no such column.{nearest(name, columns)}")
        del columns[name]
    notes = _compared(columns, train, held, target, text, without)
    split: Any = (train, held)
    said: tuple[str, ...] = ()
    if held is None and train is not None and target is not None:
        try:
            different = len(set(map(repr, train.rows())))  # equal rows stay together: of a few kinds, whole levels would go to one side
            if len(train) >= FEWEST_TO_SPLIT and different >= FEWEST_TO_SPLIT // 2:
                split = set_aside(train, 0.2, target, seed)
        except InputError:  # rows that are all alike cannot be split
            pass
        if split[1] is None:
            notes.append(
                f"the real table's {len(train)} rows are too few, or too much alike, to set some aside: usefulness is not measured; give a --holdout"
            )
        else:
            notes.append(
                f"no holdout was given: {len(split[1])} of the {len(train)} real rows were set aside here, stratified by {target}; the "
                "generator may have seen them, so realism and utility can look better than they are"
            )
            said = (notes[-1],)

    def contents(table: Any) -> dict[str, list[Any]]:
        return {c: table.column(c) for c in table.columns}

    ctx = audit_context(seed, {**others_named, **texts})
    if text is None and (taken := chosen_text(columns, contents(train) if train is not None else None, target)) is not None:
        beside = [c for c, cells in columns.items() if c not in (taken, target) and kind_of(cells) == "text"]
        if beside:
            notes.append(f"several columns hold texts: measured are those of {taken}; --text takes another ({', '.join(beside)})")
    found: list[Measurement] = []
    failed: list[str] = []
    whole = held is None and split[1] is not None  # the generator may have seen every real row: copies are looked for in all of them
    aligned: list[str] = []
    for tables, privacy in (((train, None), True), (split, False)) if whole else ((split, None),):
        (mine, *others), aligned = align(columns, [contents(t) for t in tables if t is not None])
        theirs = [*others, None, None][:2]
        metrics = [m for m in items if privacy is None or (m.family == "privacy") == privacy]
        found += measure_tables(mine, theirs[0], theirs[1], target, text, metrics, ctx, said, seed, tell, failed)
    found.sort(key=lambda m: next((i for i, metric in enumerate(items) if m.metric in metric.gives), 0))
    if row_weights(columns, contents(train) if train is not None else None) is not None:
        notes.append(
            "weight is taken for how much each row counts, as weighing steps write it; where it is a column of the data, give it another name"
        )
    some = {m.family for m in items if any(f.metric in m.gives for f in found)}
    if wanted and (empty := sorted({m.family for m in items} - some - {"utility"})):
        notes.append(f"asked for, and these tables do not hold what it takes: {', '.join(empty)}")
    notes += [*aligned, *failed, *unchecked(found, items, target if split[1] is not None else None)]
    if train is not None and target is None and any(m.family == "utility" for m in items):
        notes.append("--target COLUMN would add: how well a learner trained on the synthetic rows predicts that column of real rows")
    if train is None:
        notes.append(
            "no real table: what rows look like by themselves is measured. --real TRAIN.csv would add realism (can a learner tell them from real "
            "rows, and by what), copies, and the same figures of real rows beside every figure; --holdout rows the generator never saw"
        )
    elif held is None and not whole:
        notes.append("--holdout FILE (real rows that the generator never saw) would add what chance explains of copies and nearness")
    if private:
        hush = Discreet(columns, [contents(t) for t in (train, held, *others_named.values()) if t is not None])
        found, notes = [hush.measurement(m) for m in found], [*map(hush.note, notes), NOT_SAMPLED]
    step = max(1, len(own) // MOST_SAMPLES)
    summary = Summary(
        name=f"Audit of {_name(synthetic, 'synthetic table')}",
        kind="audit",
        version=__version__,
        manifest={"kept": len(own), "planned": 0},
        samples=[] if private else [row for i, row in enumerate(own.rows()) if i % step == 0][:MOST_SAMPLES],
        measurements=found,
        gates=[line for gate in gates for line in gate.judge(found)],
        notes=[
            *notes,
            *warnings(stated.get("licence"), stated, [n for n, t in (("real", train), ("holdout", held)) if private and t is not None]),
        ],
        tables=[
            {"name": n, "rows": len(t), "private": private and n != "synthetic", "digest": t.digest}
            for n, t in (("synthetic", own), ("real", train), ("holdout", held), *others_named.items())
            if t is not None
        ],
        citations=citations((), found),
        licence=stated.get("licence") or "",
        card=stated,
        target=target,
        meaning=meaning(),
    )
    if out is not None:
        tell("writing the report")
        for key, value in (describe(Path(synthetic), target) if isinstance(synthetic, (str, os.PathLike)) else {}).items():
            setattr(summary, key, value)
        with owner_only(private):
            _write(Path(out), summary, columns, train)
    return Audit(found, summary)


def _card(given: Any) -> Mapping[str, Any]:
    """{licence, and the keys of a recipe's card:}, from a mapping or a YAML file."""
    from .core.errors import RecipeError
    from .reading import read_card
    from .text.yaml_strict import load_yaml

    if isinstance(given, (str, os.PathLike)):
        try:
            given = load_yaml(Path(given).read_text("utf-8-sig"), Path(given).name)
        except (OSError, ValueError) as error:
            raise InputError(f"--card {given}: {error}") from error
    if given is not None and not isinstance(given, Mapping):
        raise RecipeError("--card: expected a mapping such as {licence: CC-BY-4.0, intended_use: ...}")
    read_card({k: v for k, v in (given or {}).items() if k != "licence"}, "--card")
    return given or {}


def _name(source: Any, otherwise: str) -> str:
    return Path(source).resolve().name if isinstance(source, (str, os.PathLike)) else otherwise


def _renamed(own: Any, mapping: Mapping[str, str]) -> dict[str, list[Any]]:
    for name, column in mapping.items():
        if column not in own.columns:
            raise InputError(f"--map {name}={column}: the synthetic table has no column '{column}'.{nearest(column, own.columns)}")
        if name in own.columns and name not in mapping.values():
            raise InputError(f"--map {name}={column}: the synthetic table has a column '{name}' already")
    back = {v: k for k, v in mapping.items()}
    return {back.get(c, c): own.column(c) for c in own.columns}


def _compared(columns: Mapping[str, Any], train: Any, held: Any, target: str | None, text: str | None, without: Sequence[str]) -> list[str]:
    """Refuses what cannot be compared; notes, in words, on columns that stand in one table only."""
    where, known = "the synthetic table", list(columns)
    notes: list[str] = []
    if train is not None:
        where, known = "both tables", [c for c in columns if c in train.columns]
        if not known:
            raise InputError(
                f"the synthetic table ({', '.join(columns)}) and the real one ({', '.join(train.columns)}) share no column; "
                "name pairs with --map REAL=SYNTHETIC"
            )
        lacking, more = (
            [c for c in train.columns if c not in {*columns, *without}],
            [c for c in columns if c not in (*train.columns, "id", "weight")],
        )
        folded = {_folded(c): c for c in more}
        for name in lacking:
            twin = folded.get(_folded(name))
            hint = f"; is it '{twin}'? then --map {name}={twin}" if twin else ""
            notes.append(f"the real column {name} is missing in the synthetic table: what hangs on it is not measured{hint}")
        if more:
            notes.append(f"not in the real table, so not compared: {', '.join(more)}")
        if held is not None and (gone := [c for c in known if c not in held.columns]):
            notes.append(f"missing in the holdout, so not compared with it: {', '.join(gone)}")
        if target is not None and held is not None and target not in held.columns:
            raise InputError(f"--target {target}: the holdout has no such column; it has {', '.join(held.columns)}")
        for name in known:
            if name not in (target, text) and all(_counts_rows(cells) for cells in (columns[name], train.column(name))):
                notes.append(f"{name} looks like a row number, which gives rows away by itself: --without {name} compares the others")
    for what, named in (("target", target), ("text", text)):
        if named is not None and named not in known:
            raise InputError(f"--{what} {named}: not a column of {where}; found {', '.join(known)}.{nearest(named, known)}")
    return notes


def _counts_rows(cells: Sequence[Any]) -> bool:
    """Whole numbers of which no two are equal, most of them one more than the one before."""
    if len(cells) < 10 or any(type(c) is not int for c in cells) or len(set(cells)) < len(cells):
        return False
    return bool(sum(b - a == 1 for a, b in zip(cells, cells[1:])) > 0.9 * (len(cells) - 1))


def _folded(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())


def _write(out: Path, summary: Summary, columns: Mapping[str, list[Any]], train: Any) -> None:
    from .stores.atomic import make_folder

    try:
        make_folder(out)
    except OSError as error:
        raise RunFolderError(f"{out} cannot be made ({error.strerror}); choose another folder with --out") from error
    summary.columns = pictures(columns, train)
    about = {"name": summary.name, "kind": "audit", "rows": summary.manifest["kept"], "version": summary.version}
    told = {"measurements": [m.as_dict() for m in summary.measurements], "gates": summary.gates, "about": about}
    write_files(out, summary, told)
