"""The contracts, runnable by anybody: check_op, check_metric, check_model, check_store. Each raises AssertionError in words, or returns.

from mintmark.testing import check_op
check_op(MyOp(column="text"), rows=[{"text": "a b c"}, {"text": ""}])
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .core.context import Context
from .core.errors import CallError, RecipeError
from .core.metric import BETTER, Measurement, Metric, Tables
from .core.op import Op, Scene, Scope
from .core.ports import Answer, Model, Record, Reply, Request, Store
from .core.rows import Batch, Columns, Drop, Pending, Row, Tally, Verdict, row_id


def check_op(op: Op, rows: Sequence[Mapping[str, Any]] = (), ctx: Context | None = None, tables: Mapping[str, Any] | None = None) -> None:
    """Laws 2, 3, 5 and 7 for one op: parameters round-trip; only `writes` change; no dependence on order, batches or concurrency, nor on
    columns, tables, models and embedders that it does not declare."""
    cls = type(op)
    assert cls.name and cls.scope in Scope, f"{cls.__name__}: an op has a name and a scope"
    again = cls.from_params(op.params(), cls.name)
    assert again == op and again.fingerprint() == op.fingerprint(), f"{op.name}: from_params(params()) must give an equal op"
    for attempt in ("x", 1):
        try:
            setattr(op, next(iter(inspect.signature(cls).parameters), "name"), attempt)
        except AttributeError:
            break
    else:
        raise AssertionError(f"{op.name}: an op is a frozen dataclass")
    found = dict(tables or {})
    base = ctx or Context(seed=7, tables=found)
    columns = tuple(rows[0]) if rows else ()
    scene = Scene(columns, base.tables, frozenset(base.models), op.name)
    op.check(scene)
    estimate = op.estimate(scene)
    assert all(role in op.roles() and len(e) == 3 and min(e) >= 0 for role, e in estimate.items()), f"{op.name} estimates {estimate}"
    assert all(isinstance(c, str) and c for c in op.citations()), f"{op.name} cites {op.citations()}"
    for column in op.reads(scene):
        assert column in columns or op.scope is Scope.SOURCE, f"{op.name} reads '{column}', which the example rows do not have"
    declared = replace(
        base,
        tables=base.tables if "*" in op.reads_tables() else _only(base.tables, op.reads_tables()),
        models=_only(base.models, op.roles()),
        embedders=_only(base.embedders, op.embeds()),
        learners=_only(base.learners, op.learns()) if op.learns() else base.learners,
        fetcher=base.fetcher if op.fetches else None,
        sandbox=base.sandbox if op.executes else None,
    )
    try:
        if op.scope is Scope.SOURCE:
            _check_source(op, declared, scene)
        elif op.scope is Scope.EACH:
            _check_each(op, rows, base, declared, scene)
        else:
            _check_table(op, rows, declared, scene)
    except RecipeError as error:
        raise AssertionError(f"{op.name} uses what it does not declare: {error}") from error


def instance_of(schema: Mapping[str, Any]) -> Any:
    """The simplest value that fits a JSON Schema of the kinds that ops use: what scripted models answer in tests."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return instance_of(schema["anyOf"][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {k: instance_of(v) for k, v in (schema.get("properties") or {}).items()}
    if kind == "array":
        made = instance_of(schema.get("items", {"type": "string"}))
        n = max(2, schema.get("minItems", 0)) if schema.get("maxItems", 2) >= 2 else schema["maxItems"]
        return [f"{made} {k}" if isinstance(made, str) else made for k in range(n)]
    return {"string": "some words", "integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": False}.get(kind)


def _only(found: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {n: port for n, port in found.items() if n in names}


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    return [Row(row_id("example", str(i)), dict(values)) for i, values in enumerate(rows)]


def _fresh(base: Context) -> Context:
    return replace(base, cache={}, tally=Tally())


def _check_source(op: Op, base: Context, scene: Scene) -> None:
    ctx = _fresh(base).at(op.name, "", Tally())
    asyncio.run(op.ready(ctx))
    n = op.holds(ctx)
    assert n >= 1, f"{op.name} holds {n} rows"
    whole = [p[0] if isinstance(p, tuple) else p for p in op.plan(ctx, 0, n)]
    assert whole, f"{op.name} planned nothing"
    ids = [r.id for r in whole]
    assert len(set(ids)) == len(ids), f"{op.name}: ids must differ"
    assert set(whole[0].values) == set(op.writes(scene)), f"{op.name} writes {set(whole[0].values)}, declared {op.writes(scene)}"
    if not op.watches:
        middle = n // 2
        again = _fresh(base).at(op.name, "", Tally())
        asyncio.run(op.ready(again))
        parts = [*op.plan(again, 0, middle), *op.plan(again, middle, n)]
        assert [p[0] if isinstance(p, tuple) else p for p in parts] == whole, f"{op.name}: the plan must not depend on how it is cut"
    if op.goes_on and not op.watches:
        more = [p[0] if isinstance(p, tuple) else p for p in op.plan(ctx, n, n + 5)]
        assert more and not {r.id for r in more} & set(ids), f"{op.name}: rows planned later need ids of their own"


def _run_each(op: Op, rows: Sequence[Row], base: Context, order: Sequence[int]) -> dict[str, Any]:
    async def go() -> dict[str, Any]:
        ctx = _fresh(base)
        out: dict[str, Any] = {}

        async def one(row: Row) -> None:
            try:
                result = op.each(row, ctx.at(op.name, row.id, Tally()))
                out[row.id] = await result if inspect.isawaitable(result) else result
            except CallError as error:
                out[row.id] = ("failed", error.reason)

        await asyncio.gather(*(one(rows[i]) for i in order))
        return out

    return asyncio.run(go())


def _check_each(op: Op, rows: Sequence[Mapping[str, Any]], base: Context, declared: Context, scene: Scene) -> None:
    examples = _rows(rows)
    before = [dict(r.values) for r in examples]
    first = _run_each(op, examples, base, range(len(examples)))
    assert _run_each(op, examples, declared, range(len(examples))) == first, f"{op.name} uses tables or ports that it does not declare"
    assert [dict(r.values) for r in examples] == before, f"{op.name} changed a row in place"
    order = list(range(len(examples)))
    random.Random(3).shuffle(order)
    assert _run_each(op, examples, base, order) == first, f"{op.name}: the result must not depend on order or batch"
    written = set(op.writes(scene))
    read = set(op.reads(scene))
    bare = [Row(r.id, {c: v for c, v in r.values.items() if c in read}) for r in examples]
    try:
        seen = _run_each(op, bare, declared, range(len(examples)))
    except KeyError as error:
        raise AssertionError(f"{op.name} reads {error}, which it does not declare") from error
    for row in examples:
        assert _told(seen[row.id], written) == _told(first[row.id], written), f"{op.name} reads columns that it does not declare"
    allowed = written | set(op.removes(scene))
    for row in examples:
        result = first[row.id]
        for made in [result] if isinstance(result, Row) else result if isinstance(result, list) else []:
            if isinstance(made, tuple):
                made, drop = made
                assert drop.reason in op.drops, f"{op.name} drops with '{drop.reason}', which it does not document"
            changed = {k for k, v in made.values.items() if k not in row.values or row.values[k] != v} | (
                set(row.values) - set(made.values)
            )
            assert changed <= allowed, f"{op.name} changed {changed - allowed}, which it does not declare"
        if isinstance(result, Row):
            assert result.id == row.id, f"{op.name}: a step that only writes columns keeps the id"
            assert written <= set(result.values), f"{op.name} did not write {written - set(result.values)}"
            assert not set(op.removes(scene)) & set(result.values), f"{op.name} keeps a column that it says it removes"
        if isinstance(result, Drop):
            assert result.reason in op.drops, f"{op.name} drops with '{result.reason}', which it does not document"
        assert not isinstance(result, Pending) or result.reason


def _told(result: Any, written: Collection[str]) -> Any:
    """What the op itself says: the columns it writes, not those that it carries."""
    if isinstance(result, Row):
        return {c: v for c, v in result.values.items() if c in written}
    if isinstance(result, tuple) and isinstance(result[0], Row):  # a row made and dropped at once
        return _told(result[0], written), result[1]
    return [_told(r, written) for r in result] if isinstance(result, list) else result


def _check_table(op: Op, rows: Sequence[Mapping[str, Any]], base: Context, scene: Scene) -> None:
    examples = _rows(rows)
    names = op.reads(scene)
    assert op.bytes_per_row > 0, f"{op.name}: a TABLE op states its bytes per row"

    def batch(part: Sequence[tuple[int, Row]]) -> Batch:
        return Batch([(i, 0) for i, _ in part], [r.id for _, r in part], {n: [r.values.get(n) for _, r in part] for n in names})

    def run(size: int, remembered: int = 0) -> list[Verdict | None]:
        ctx = _fresh(base).at(op.name, "", Tally())
        numbered = list(enumerate(examples))
        if op.final:
            found = op.settle(lambda columns: (batch(numbered[i : i + size]) for i in range(0, len(numbered), size)), ctx)
            verdicts = dict(asyncio.run(_wait(found)) if inspect.isawaitable(found) else found)
            told.update(ctx.facts().get(op.name, {}))
            return [verdicts.get((i, 0)) for i in range(len(numbered))]
        judge = op.judge(ctx)
        out: list[Verdict | None] = []
        if remembered:
            first = run(remembered)
            out.extend(first[:remembered])
            kept = [numbered[i] for i in range(remembered) if first[i] is None or first[i].drop is None]  # type: ignore[union-attr]
            judge.remember(batch(kept))
        for i in range(remembered, len(numbered), size):
            out.extend(judge.judge(batch(numbered[i : i + size])))
        return out

    told: dict[str, Any] = {}
    whole = run(len(examples))
    for name, fact in told.items():
        assert isinstance(fact, str) or Measurement(name, **fact), f"{op.name} tells {fact}"
    assert run(1) == whole and run(2) == whole, f"{op.name}: the verdict must not depend on batches"
    if not op.final and len(examples) > 2:
        assert run(len(examples), remembered=len(examples) // 2) == whole, f"{op.name}: remembering must give the verdicts of having judged"
    for verdict in whole:
        if verdict is not None:
            assert verdict.drop is None or verdict.drop.reason in op.drops, f"{op.name} drops with an undocumented reason"
            assert set(verdict.values or ()) <= set(op.writes(scene)), f"{op.name} writes columns it does not declare"


async def _wait(found: Any) -> Any:
    return await found


def check_metric(metric: Metric, tables: Tables, ctx: Context) -> list[Measurement]:
    """Law 8: every number has n, direction, an interval or the reason why not, and can be written down; the same tables and seed give the same
    numbers; the tables stay as they are."""
    cls = type(metric)
    assert cls.name and cls.family and cls.gives, f"{cls.__name__}: a metric has a name, a family and says what it gives"
    before = copy.deepcopy(tables)
    found = metric.measure(tables, ctx)
    assert tables == before, f"{cls.name}: a metric leaves the tables as they are; others read them too"
    for m in found:
        assert m.metric in cls.gives, f"{cls.name} gives '{m.metric}', which it does not declare"
        assert m.better in BETTER and m.unit and m.n > 0, f"{m.metric}: n, unit and direction are missing"
        assert m.value is None or math.isfinite(m.value), f"{m.metric}: {m.value} is no number; None with a caveat says that there is none"
        assert m.interval is not None or m.caveats, f"{m.metric}: no interval and no word why"
        if m.interval is not None and m.value is not None:
            assert m.interval[0] <= m.value + 1e-9 and m.value - 1e-9 <= m.interval[1], f"{m.metric}: {m.value} lies outside {m.interval}"
    again = metric.measure(tables, ctx)
    assert [m.as_dict() for m in again] == [m.as_dict() for m in found], f"{cls.name}: the same tables must give the same numbers"
    empty = Tables(tables.synthetic)
    assert isinstance(metric.measure(empty, ctx), list), f"{cls.name}: without real rows a metric returns what it can, or nothing"
    return found


def check_model(model: Model, request: Request | None = None) -> Reply:
    """Law 4: complete() gives a Reply whose raw bytes decode() turns into the same Reply; the name holds no address."""
    assert isinstance(model, Model), f"{type(model).__name__} lacks part of the Model protocol"
    assert model.name and "://" not in model.name, "a model's name says which model, never where it is served"
    asked = request or Request(({"role": "user", "content": "Say hello."},), row="r", max_tokens=16)

    async def go() -> Reply:
        try:
            return await model.complete(asked)
        finally:
            await model.aclose()

    reply = asyncio.run(go())
    assert isinstance(reply.raw, bytes) and reply.raw, "raw must be what the provider sent"
    assert model.decode(asked, reply.raw) == reply, "decode(raw) must equal the reply that complete() gave"
    assert reply.tokens_in >= 0 and reply.tokens_out >= 0 and (reply.cost_usd is None or reply.cost_usd >= 0)
    return reply


def check_store(make: Callable[[], Store], reopen: Callable[[], Store] | None = None) -> None:
    """Answers and parts come back as they went in, type for type; with `reopen` also after closing."""
    store = make()
    assert isinstance(store, Store), f"{type(store).__name__} lacks part of the Store protocol"
    answers = [Answer(bytes([i]) * 16, f"row{i}", "write", 0, "m", b"{}", b"raw %d \xff" % i, i, 2 * i, 0.5) for i in range(5)]
    assert store.append(answers[:3]) == [1, 2, 3] and store.append(answers[3:]) == [4, 5]
    values = {"text": "a\u2028b", "n": 1, "x": 2.5, "mixed": 1, "none": None, "list": [1, {"a": None}], "big": 10**30, "flag": True}
    kept = Record(0, 0, "a", "kept", "", "write", ("p",), 1, 2, 3, 0.25, values)
    other = Record(1, 0, "b", "kept", "", "write", (), 0, 0, 0, 0.0, {**values, "mixed": 1.5, "text": "\ud800"}, "", 7)
    lost = Record(2, 0, "c", "dropped", "too_short", "length", (), 1, 0, 0, 0.0, None, "2 words")
    store.put_part("s00-abc-000000-0-2", [kept, other, lost])
    store.put_file("x.txt", [b"one", b"two"])
    store.put_table("t.parquet", lambda: iter([{"a": 1}, {"a": "text"}]), {"about": "the file"})
    for now in [store] if reopen is None else [store, None]:
        if now is None:
            store.close()
            assert reopen is not None
            now = store = reopen()
        assert sorted(now.keys(), key=lambda t: t[1]) == [(a.key, i + 1) for i, a in enumerate(answers)]
        assert now.get(2) == answers[1] and [a.row for a in now.answers("row3")] == ["row3"]
        assert now.totals() == {"calls": 5, "tokens_in": 10, "tokens_out": 20, "cost_usd": 2.5}
        assert now.parts() == ["s00-abc-000000-0-2"]
        back = now.scan_part("s00-abc-000000-0-2")
        assert back == [kept, other, lost], "records must come back as they went in"
        assert type(back[0].values["mixed"]) is int, "1 must not come back as 1.0"  # type: ignore[index]
        assert now.get_file("x.txt") == b"onetwo" and now.get_file("absent") is None
    store.drop_part("s00-abc-000000-0-2")
    assert store.parts() == []
    store.close()


__all__ = ["Columns", "check_metric", "check_model", "check_op", "check_store", "instance_of"]
