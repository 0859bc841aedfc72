"""The table model: moments, missing patterns, many levels, mixed cells, extremes, and tables that hold next to nothing."""

from __future__ import annotations

import datetime
import random
import re
import time
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.stats.cart import TableModel
from mintmark.stats.parts import part_of
from mintmark.stats.protect import COMMON, Guard
from mintmark.stats.serial import Serial
from mintmark.text.expr import Expr

RNG = random.Random(0)
DAYS = [datetime.datetime(2024, 1, 1) + datetime.timedelta(days=RNG.randrange(300), minutes=15 * RNG.randrange(32, 72)) for _ in range(800)]
WORKDAYS = [d for d in DAYS if d.weekday() < 5]


@pytest.mark.parametrize(
    "cells",
    [
        [d.isoformat(timespec="minutes") for d in DAYS],
        [d.isoformat(" ") + "Z" for d in DAYS],
        [d.isoformat() + "+02:00" for d in DAYS],
        [d.isoformat(timespec="milliseconds") for d in (x + datetime.timedelta(milliseconds=7) for x in DAYS)],
        [d.strftime("%d.%m.%Y") for d in DAYS],
        [d.strftime("%m/%d/%Y %H:%M") for d in DAYS],
        [d.strftime("%H:%M") for d in DAYS],
        [d.date() for d in DAYS],
        [d.time() for d in DAYS],
        DAYS,
        [d.replace(tzinfo=datetime.UTC) for d in DAYS],
        ["unknown" if i % 7 == 0 else i % 90 + 0.5 for i in range(800)],
        ["n/a" if i % 5 == 0 else str(i % 90) for i in range(800)],
        [None if i % 3 == 0 else d.date().isoformat() for i, d in enumerate(DAYS)],
    ],
)
def test_taken_apart_and_put_together_again(cells: list[Any]) -> None:
    part = part_of("x", cells)
    assert part.join(part.apart(cells)) == cells
    made = TableModel.fit({"x": cells, "y": [i % 4 for i in range(800)]}, seed=0).sample(300, 1)["x"]
    shape = {re.sub(r"\d", "9", str(c)) for c in cells}
    assert {type(c) for c in made} <= {type(c) for c in cells} and (
        not isinstance(cells[1], str) or {re.sub(r"\d", "9", str(c)) for c in made} <= shape
    )
    assert abs(made.count(None) / 300 - cells.count(None) / 800) < 0.07


def test_weekdays_and_hours_stay() -> None:
    made = TableModel.fit({"at": WORKDAYS, "y": [d.hour for d in WORKDAYS]}, seed=0).sample(500, 0)
    assert all(d.weekday() < 5 and 8 <= d.hour < 18 and d.minute % 15 == 0 for d in made["at"])
    assert np.mean([abs(d.hour - y) <= 1 for d, y in zip(made["at"], made["y"], strict=True)]) > 0.9


def test_what_is_missing_together_stays_so() -> None:
    rng = random.Random(1)
    real: dict[str, list[Any]] = {"ill": [], "dose": [], "result": [], "note": []}
    for _ in range(2_000):
        ill = rng.random() < 0.4
        row = (
            "yes" if ill else "no",
            rng.gauss(5, 1) if ill else None,
            rng.gauss(9, 2) if ill else None,
            rng.choice("abc") if rng.random() < 0.5 else None,
        )
        for cells, value in zip(real.values(), row, strict=True):
            cells.append(value)
    real["dose"][7], real["result"][7] = 5.0, None  # one row alone
    made = TableModel.fit(real, seed=0).sample(4_000, 0)
    shapes = [Counter((a, b is None, c is None, d is None) for a, b, c, d in zip(*t.values(), strict=True)) for t in (real, made)]
    gap = sum(abs(shapes[0][s] / 2_000 - shapes[1][s] / 4_000) for s in shapes[0] | shapes[1]) / 2
    assert gap < 0.02 and not [s for s in shapes[1] if s[1] != s[2]], "no pattern that one real row alone has"


def test_ten_thousand_levels_are_fast_and_name_nobody() -> None:
    rng = np.random.default_rng(0)
    codes = np.minimum((10_000 * rng.beta(0.5, 3, 30_000)).astype(int), 9_999)
    city = [f"town {c}" for c in codes]
    real = {"city": city, "price": np.round(codes / 100 + rng.normal(size=30_000), 1).tolist(), "kind": [f"k{c // 2_500}" for c in codes]}
    began = time.process_time()
    made = TableModel.fit(real, seed=0).sample(30_000, 0)
    assert time.process_time() - began < 20
    held = Counter(city)
    assert all(held[c] >= 3 for c in made["city"]) and len(set(made["city"])) > 1_500
    middle = [np.corrcoef([int(c.split()[1]) for c in t["city"]], t["price"])[0, 1] for t in (real, made)]
    assert middle[1] > 0.85 * middle[0]


def test_words_that_few_rows_hold_are_never_made() -> None:
    alone = [f"name {chr(97 + i % 26)}{chr(97 + i // 26)} x" for i in range(60)]
    for cells in (alone, [w for w in alone for _ in (0, 1)][:60]):
        made = TableModel.fit({"who": cells, "y": list(range(60))}, seed=0, text=()).sample(200, 0)["who"]
        assert not set(made) & set(cells)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_extreme_is_given_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 400))
    columns: dict[str, list[Any]] = {
        "a": rng.standard_t(2, n).round(2).tolist(),
        "b": rng.lognormal(3, 1.5, n).round().astype(int).tolist(),
    }
    columns["c"] = [v * 2.0 + float(e) for v, e in zip(columns["b"], rng.normal(size=n), strict=True)]
    made = TableModel.fit(columns, seed=seed).sample(400, seed)
    for name, cells in columns.items():
        if Counter(cells)[min(cells)] < 5:
            assert min(made[name]) != min(cells)
        if Counter(cells)[max(cells)] < 5:
            assert max(made[name]) != max(cells)


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 2]))
@settings(max_examples=40, deadline=None)
def test_no_row_gives_out_a_value_that_few_hold(seed: int, decimals: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.sort((rng.lognormal(4, 1, 200) * 10).round(decimals))
    at = y[rng.integers(0, 200, 500)]
    guard, step = Guard.of(y), np.full(500, 10.0**-decimals)
    made = guard.inside(at.copy(), np.zeros(500, bool), step, at, rng)
    held = Counter(y.tolist())
    for value, own in zip(made.tolist(), at.tolist(), strict=True):
        assert guard.low[0] <= value <= guard.high[0]
        assert held[value] >= COMMON or not held[value] or value not in (own, guard.low[0], guard.high[0])
    common = np.isin(at, guard.common)
    assert (guard.inside(at.copy(), common, step, at, rng)[common] == at[common]).all()


def test_single_values_do_not_tell_who_was_there() -> None:
    """As many values of a made table are those of one learned row as are those of one fresh row: neither given out nor avoided."""
    hits = np.zeros(3)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=2_000)
        cells = {"a": (x * 300).round(), "b": (x * 5_000).round(), "c": (x + rng.normal(size=2_000)).round(2)}
        made = TableModel.fit({c: v[:1_000].tolist() for c, v in cells.items()}, seed=seed).sample(1_000, seed)
        for c, v in cells.items():
            once = [{k for k, n in Counter(part).items() if n == 1} for part in (made[c], v[:1_000].tolist(), v[1_000:].tolist())]
            hits += len(once[0]), len(once[0] & once[1]), len(once[0] & once[2])
    assert hits[2] > 0.1 * hits[0], "enough to see"
    assert abs(hits[1] - hits[2]) < 0.1 * hits[2], hits


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1.5, 2.5]},
        {"a": ["x"] * 5},
        {"a": [None] * 30, "b": list(range(30))},
        {"a": [None] * 30},
        {"a": [True, False] * 20},
        {"a": [float("nan"), float("inf"), 1.0, 2.0, 5.0] * 5},
        {"a": [1, "x", 2.5, True, None] * 10, "b": ["y", 3] * 25},
        {"a": [f"v{i}" for i in range(10_000)]},
        {"a": [i if i % 9 else None for i in range(50)], "b": [i if i % 4 else None for i in range(50)], "c": ["u"] * 50},
        {"a": [datetime.date(2024, 2, 29)] * 20, "b": [datetime.date(9999, 12, 31)] * 19 + [datetime.date(1, 1, 1)]},
        {"a": [10**300, 1e-300, 0.0, -0.0] * 30, "b": [-1e308, 1e308, 3.0] * 40, "c": [10**400 if i % 2 else 1 for i in range(120)]},
    ],
)
def test_tables_that_hold_next_to_nothing_are_modelled(columns: dict[str, list[Any]]) -> None:
    made = TableModel.fit(columns, seed=0).sample(70, 0)
    assert list(made) == list(columns) and all(len(v) == 70 for v in made.values())
    for name, cells in columns.items():
        if all(c is None for c in cells):
            assert set(made[name]) == {None}


@pytest.mark.parametrize(
    ("columns", "words"),
    [({"a": [1]}, "1 rows"), ({"a": []}, "0 rows"), ({}, "0 columns"), ({"a": [[1], [2], [3]], "b": [1, 2, 3]}, "'a' holds lists")],
)
def test_no_table_is_refused(columns: dict[str, list[Any]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TableModel.fit(columns)


@given(st.lists(st.one_of(st.text(min_size=1, max_size=6)), min_size=1, max_size=30), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_serial_strings_never_repeat_and_are_never_real(real: list[str], start: int) -> None:
    made = Serial(real, 3).make(start, 200)
    assert len(set(made)) == 200 and not set(made) & set(real) and made[50:] == Serial(real, 3).make(start + 50, 150)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_serial_numbers_never_repeat_and_are_never_real(real: list[int]) -> None:
    for cells in (real, [v / 4 for v in real]):
        made = Serial(cells, 1).make(0, 300)
        assert len(set(made)) == 300 and not set(made) & set(cells)


@given(st.integers(0, 10_000), st.sampled_from(["number", "day", "moment", "text day", "text moment"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_orders_hold_whatever_is_ordered(seed: int, kind: str, strict: bool) -> None:
    """a < b <= c with gaps in the data, of every kind that has an order; what is missing stays missing at its rate."""
    rng = random.Random(seed)
    begin, step = datetime.datetime(2024, 1, 1, 9), datetime.timedelta(minutes=30)

    def cell(v: int) -> Any:
        if kind == "number":
            return v / 4
        at = begin + (step if "moment" in kind else datetime.timedelta(1)) * v
        at = at if "moment" in kind else at.date()
        return at.isoformat() if "text" in kind else at

    real: dict[str, list[Any]] = {"a": [], "b": [], "c": []}
    for _ in range(200):
        a = rng.randrange(400)
        b = a + rng.randrange(1, 20)
        for name, v in zip("abc", (a, b, b + rng.randrange(4) * 5), strict=True):
            real[name].append(None if rng.random() < 0.15 else cell(v))
    must = [Expr("a < b" if strict else "b >= a"), Expr("b <= c")]
    made = TableModel.fit(real, seed=seed, must=must).sample(400, seed)
    for a, b, c in zip(*made.values(), strict=True):
        assert (a is None or b is None or (a < b if strict else a <= b)) and (b is None or c is None or b <= c)
        assert all(type(v) is type(cell(1)) or v is None for v in (a, b, c))
    for name in "abc":
        assert abs(made[name].count(None) / 400 - real[name].count(None) / 200) < 0.12


def test_numbers_that_are_counted_up_are_not_those_of_rows_set_aside() -> None:
    """10000..10599, a fifth of them set aside: what is free in between is nobody but those, and every one of them was made."""
    everybody = list(range(10_000, 10_600))
    learned = [n for n in everybody if n % 5]
    made = Serial(learned, 1).make(0, 480)
    assert len(set(made)) == 480 and not set(made) & set(everybody)
    sparse = [7919 * n % 1_000_003 for n in range(1, 300)]
    assert all(min(sparse) <= n <= max(sparse) for n in Serial(sparse, 1).make(0, 300))


def test_notes_name_columns_as_the_table_does() -> None:
    """Postcodes with leading zeros are numbers and words, two columns to the model and one to the reader."""
    model = TableModel.fit({"plz": [f"{n * 37 % 99_000:05d}" for n in range(400)], "n": [n % 7 for n in range(400)]}, target="n", seed=1)
    assert model.notes and not any("\0" in note for note in model.notes) and any("'plz'" in note for note in model.notes)
