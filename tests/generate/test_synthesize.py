"""synthesize in real runs: what must hold holds in every row, what is given is given, and bad input gets an answer in words."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import InputError, MintmarkError, RecipeError
from mintmark.core.rows import Columns
from mintmark.generate.synthesize import in_shares
from mintmark.models.scripted import ScriptedModel
from mintmark.stores.memory import MemoryStore


def stays(n: int = 600) -> dict[str, list[Any]]:
    """People with height, weight and BMI, a stay in hospital, three parts and their total."""
    rng = random.Random(0)
    columns: dict[str, list[Any]] = {
        c: [] for c in ("patient", "height_cm", "weight_kg", "bmi", "admission", "discharge", "a", "b", "c", "total", "age", "sick")
    }
    for i in range(n):
        height, weight, day = rng.gauss(170, 9), rng.gauss(75, 12), datetime.date(2024, 1, 1) + datetime.timedelta(rng.randrange(300))
        height, weight = round(height, 1), round(weight, 1)
        parts = [round(rng.expovariate(0.2), 2) for _ in range(3)]
        sick = rng.random() < 0.25
        row = (
            f"P{i:05d}", height, weight, round(weight / (height / 100) ** 2, 1), day.isoformat(),
            (day + datetime.timedelta(rng.randrange(3, 9) if sick else rng.randrange(3))).isoformat(), *parts, round(sum(parts), 2),
            rng.randrange(18, 95), "yes" if sick else "no",
        )  # fmt: skip
        for cells, value in zip(columns.values(), row, strict=True):
            cells.append(value)
    return columns


RULES: dict[str, Any] = {
    "derived": {"bmi": "weight_kg / (height_cm / 100) ** 2"},
    "constraints": ("discharge >= admission", "a + b + c == total", "age * 2 > weight_kg - 60"),
    "unique": ("patient",),
}


def rows(op: mm.generate.Synthesize, table: dict[str, list[Any]], n: int) -> list[dict[str, Any]]:
    ctx = Context(seed=1, tables={"real": Columns("real", table)}, label="synthesize")
    return [dict(p.values) for p in op.plan(ctx, 0, n) if not isinstance(p, tuple)]


def test_what_must_hold_holds_in_every_row() -> None:
    real = stays()
    made = rows(mm.generate.Synthesize("real", **RULES), real, 20_000)
    assert len(made) == 20_000
    for r in made:
        assert r["bmi"] == round(r["weight_kg"] / (r["height_cm"] / 100) ** 2, 1)
        assert r["discharge"] >= r["admission"] and abs(r["a"] + r["b"] + r["c"] - r["total"]) < 1e-9 and r["age"] * 2 > r["weight_kg"] - 60
    assert len({r["patient"] for r in made}) == 20_000 and not {r["patient"] for r in made} & set(real["patient"])
    days = [(datetime.date.fromisoformat(r["discharge"]) - datetime.date.fromisoformat(r["admission"])).days for r in made]
    long = [d for d, r in zip(days, made, strict=True) if r["sick"] == "yes"]
    assert np.mean(long) == pytest.approx(5.5, abs=0.4) and np.mean([d for d, r in zip(days, made, strict=True) if r["sick"] == "no"]) < 1.4
    assert {len(str(r["total"]).partition(".")[2]) for r in made} <= {1, 2}


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M"])
def test_days_in_a_condition_are_days_however_they_are_written_and_named(form: str) -> None:
    """As text 05.09.2022 comes after 01.12.2022: the real rows seemed to break the condition, and the rows made did."""
    real = stays(400)

    def parsed(cell: str) -> datetime.datetime:
        return datetime.datetime.strptime(cell, form)

    for old, name in (("admission", "Admission date"), ("discharge", "Discharge / end")):
        real[name] = [datetime.datetime.fromisoformat(c).replace(hour=8).strftime(form) for c in real.pop(old)]
    real["Discharge / end"][::9] = [None] * len(real["Discharge / end"][::9])
    rules: Any = {"constraints": ("`Discharge / end` >= `Admission date`",)}
    (day, _), *_ = Counter(real["Admission date"]).most_common(1)
    given = rows(mm.generate.Synthesize("real", **rules, given={"Admission date": day}), real, 500)
    assert {r["Admission date"] for r in given} == {day}
    made = given + (free := rows(mm.generate.Synthesize("real", **rules), real, 2_000))
    stayed = [(parsed(r["Discharge / end"]) - parsed(r["Admission date"])).days for r in made if r["Discharge / end"] is not None]
    assert min(stayed) >= 0 and max(stayed) <= 8 and 0.06 < sum(r["Discharge / end"] is None for r in free) / len(free) < 0.16
    run = mm.run(mm.Recipe("t", ops=[mm.generate.Synthesize("real", **rules)], tables={"real": real}, want=50), store=MemoryStore(), report=False)  # fmt: skip
    assert "break" not in str(run.manifest["facts"])


@pytest.mark.slow
def test_no_violation_in_100_000_rows() -> None:
    made = rows(mm.generate.Synthesize("real", **RULES), stays(), 100_000)
    broken = sum(
        r["discharge"] < r["admission"] or abs(r["a"] + r["b"] + r["c"] - r["total"]) > 1e-9 or r["age"] * 2 <= r["weight_kg"] - 60
        or r["bmi"] != round(r["weight_kg"] / (r["height_cm"] / 100) ** 2, 1)
        for r in made
    )  # fmt: skip
    assert broken == 0 and len({r["patient"] for r in made}) == 100_000


def test_given_shares_and_balance() -> None:
    real = stays()
    for given in ({"sick": "yes"}, {"age": real["age"][0]}, {"b": -1.0}):
        table = {**real, "b": [-1.0] * 9 + real["b"][9:]}
        made_rows = rows(mm.generate.Synthesize("real", given=given), table, 500)
        assert all(r[c] == v for r in made_rows for c, v in given.items())
    for n in (10, 501):
        made = Counter(r["sick"] for r in rows(mm.generate.Synthesize("real", balance="sick"), real, n))
        assert abs(made["yes"] - made["no"]) <= 1
    made_rows = rows(mm.generate.Synthesize("real", shares={"sick": {"yes": 0.8, "no": 0.2}}, **RULES), real, 1_000)
    assert Counter(r["sick"] for r in made_rows) == {"yes": 800, "no": 200}
    old = rows(mm.generate.Synthesize("real", constraints=("age >= 65",)), real, 500)
    assert min(r["age"] for r in old) >= 65
    assert Counter(in_shares({"a": 0.5, "b": 0.3, "c": 0.2}, 100)) == {"a": 50, "b": 30, "c": 20}


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ({"target": "nothing"}, RecipeError, "no column 'nothing'"),
        ({"derived": {"a": "b + 1", "b": "a - 1"}}, RecipeError, "circle"),
        ({"derived": {"a": "a + 1"}}, RecipeError, "circle"),
        ({"derived": {"a": "nothing + 1"}}, RecipeError, "nothing"),
        ({"derived": {"a": "5"}}, RecipeError, "names no column"),
        ({"constraints": ["a > __import__('os')"]}, RecipeError, "not allowed"),
        ({"constraints": ["a > 10000"]}, InputError, "a > 10000"),
        ({"unique": ["sick"]}, InputError, "repeat another"),
        ({"unique": ["admission"]}, InputError, "only words and plain numbers"),
        ({"given": {"sick": "maybe"}}, InputError, "0 rows have sick = 'maybe'"),
        ({"given": {"bmi": 20.0}, "derived": {"bmi": "weight_kg / 2"}}, InputError, "derived"),
        ({"balance": "weight_kg"}, InputError, "expected 1 to 100"),
        ({"shares": {"sick": {"yes": 0.8}}}, RecipeError, "add up to 1"),
        ({"balance": "sick", "given": {"sick": "yes"}}, RecipeError, "only one of"),
        ({"min_leaf": 1}, RecipeError, "min_leaf"),
    ],
)
def test_bad_rules_are_refused_in_words(params: dict[str, Any], error: type[MintmarkError], words: str) -> None:
    with pytest.raises(error, match=words.replace("'", ".")):
        op = mm.generate.Synthesize.from_params({"from": "real", **params}, "synthesize")
        mm.run(mm.Recipe("t", ops=[op], tables={"real": stays(200)}, want=50), store=MemoryStore(), report=False)


def test_a_class_smaller_than_a_leaf_is_told_and_not_asked_for() -> None:
    """Ten frauds among 1,000: leaves of 20 cannot hold what is special of them, and rows made "with" fraud had the amounts of all others."""
    rng = random.Random(4)
    real = {"fraud": [1] * 10 + [0] * 990, "amount": [round(rng.gauss(5_000 if i < 10 else 100, 20), 2) for i in range(1_000)]}
    for params in ({"given": {"fraud": 1}}, {"balance": "fraud"}, {"shares": {"fraud": {1: 0.5, 0: 0.5}}}):
        with pytest.raises(InputError, match="10 rows have fraud = 1, fewer than a leaf of 20.*min_leaf: 10"):
            go({"real": real}, mm.generate.Synthesize("real", **params), want=50)  # type: ignore[arg-type]
    told = go({"real": real}, mm.generate.Synthesize("real", target="fraud"), want=50)
    assert any("fraud = 1 (10 rows)" in str(f) for f in told.manifest["facts"]["synthesize"].values())
    made = go({"real": real}, mm.generate.Synthesize("real", given={"fraud": 1}, min_leaf=10), want=50).rows()
    assert min(r["amount"] for r in made) > 4_000


def test_a_condition_that_real_rows_break_is_told() -> None:
    real = stays()
    real["discharge"][:60] = ["2023-01-01"] * 60
    run = mm.run(
        mm.Recipe("t", ops=[mm.generate.Synthesize("real", constraints=("discharge >= admission",))], tables={"real": real}, want=300),
        store=MemoryStore(),
        report=False,
    )
    assert all(r["discharge"] >= r["admission"] for r in run.rows())
    assert any("10.0% of the real rows break" in str(f) for f in run.manifest["facts"]["synthesize"].values())


def go(tables: dict[str, Any], *ops: Any, **more: Any) -> Any:
    return mm.run(mm.Recipe("t", ops=list(ops), tables=tables), store=MemoryStore(), report=False, **more)


def test_text_columns_come_from_a_writer_that_sees_the_row() -> None:
    """The recipe's shape: the trees make the row, without the text; the language model writes the text from it."""
    real = {**stays(300), "note": [f"A note about patient number {i} and what was done." for i in range(300)]}
    asked: list[str] = []

    def write(request: Any) -> str:
        asked.append(request.messages[-1]["content"])
        return f"Seen today: {asked[-1].split('patient of ')[1]}"

    ops = (
        mm.generate.Synthesize("real", columns=("age", "sick", "bmi"), balance="sick"),
        mm.generate.Write(column="note", prompt="Write the note for a patient of {{ age }}, sick: {{ sick }}."),
    )
    made = go({"real": real}, *ops, want=40, models={"writer": ScriptedModel(write, "test")}).rows()
    assert [r["note"] for r in made] == [f"Seen today: {r['age']}, sick: {r['sick']}." for r in made] and len(asked) == 40
    assert Counter(r["sick"] for r in made) == {"yes": 20, "no": 20}


def test_odd_tables_get_a_row_or_a_reason() -> None:
    import pandas as pd

    op = mm.generate.Synthesize("real")
    for source, words in (
        ({"a": [1]}, "1 rows and 1 columns"),
        ([{"a": 1, "b": [1]}, {"a": 2, "b": [2]}, {"a": 3, "b": [1, 2]}], "'b' holds lists"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), "the column a twice"),
    ):
        with pytest.raises(InputError, match=words):
            go({"real": source}, op)
    made = go({"real": pd.DataFrame({"a": [1, "x", 2.5, None] * 30, "b": [None] * 120, "c": [7] * 120})}, op).rows()
    assert (
        {type(r["a"]) for r in made} <= {int, float, str, type(None)} and {r["b"] for r in made} == {None} and {r["c"] for r in made} == {7}
    )
    assert {r["a"] for r in made if isinstance(r["a"], str)} == {"x"}


@pytest.mark.parametrize(
    ("real", "held"),
    [
        ({"a": [*range(200)]}, lambda r: set(r) == {"id", "a"}),
        ({"a": [None] * 60, "b": [None] * 60}, lambda r: r["a"] is None),
        ({"a": [7] * 60, "b": ["same"] * 60}, lambda r: (r["a"], r["b"]) == (7, "same")),
        ({"a": [float("inf"), float("nan"), 1.0, 2.5] * 40}, lambda r: r["a"] is None or 1 <= r["a"] <= 2.5),
        ({"a": [10**40 + i for i in range(120)], "b": [10**18 + i for i in range(120)]}, lambda r: r["a"] is None and r["b"] >= 10**18),
        ({"größe": [1, 2, 3] * 40, "名前": ["太郎", "花子"] * 60, "<b>": ["u", "v"] * 60}, lambda r: r["名前"] in ("太郎", "花子")),
        ({"id": [*range(120)], "weight": [0.5] * 120, "state": ["a", "b"] * 60, "step": [1, 2] * 60}, lambda r: r["state"] in "ab" and r["weight"] == 0.5),
        ({"day": ["2024-05-17", "17.05.2024", "05/17/2024", "soon"] * 40, "b": [1, 2] * 80}, lambda r: r["b"] in (1, 2)),
    ],
    ids=["one column", "all missing", "constant", "inf and NaN", "huge", "unicode names", "own names", "dates in several forms"],
)  # fmt: skip
def test_bad_tables_give_rows(real: dict[str, list[Any]], held: Any) -> None:
    run = go({"real": real}, mm.generate.Synthesize("real"))
    assert run.status == "complete" and len(run.rows()) == len(next(iter(real.values()))) and all(map(held, run.rows()))


def test_a_name_that_could_be_one_of_our_own_is_refused() -> None:
    with pytest.raises(InputError, match="NUL character"):
        go({"real": {"a": [1, None] * 60, "\0missing": [1, None] * 60}}, mm.generate.Synthesize("real"))
