"""draw: uniform, weighted, from a table, random subsets; each by the row's id and the seed alone."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

import mintmark as mm
from each import run_op
from mintmark.core.errors import MissingExtra, RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns

FEATURES = ["dialogue", "twist", "moral", "bad ending"]


def drawn(columns: dict[str, Any], n: int = 3_000, **more: Any) -> list[dict[str, Any]]:
    rows, _ = run_op(mm.generate.Draw.from_params(columns, "draw"), [{}] * n, **more)
    return [dict(r.values) for r in rows]


def test_uniform_weighted_and_subsets() -> None:
    rows = drawn(
        {"verb": ["bake", "hide", "run"], "rare": {"values": ["a", "b"], "weights": [9, 1]}, "f": {"some": FEATURES, "least": 1, "most": 2}}
    )
    assert chisquare(list(Counter(r["verb"] for r in rows).values())).pvalue > 0.01
    share = Counter(r["rare"] for r in rows)
    assert chisquare([share["a"], share["b"]], [2_700, 300]).pvalue > 0.01
    assert {len(r["f"]) for r in rows} == {1, 2} and all(len(set(r["f"])) == len(r["f"]) for r in rows)
    assert chisquare(list(Counter(f for r in rows for f in r["f"]).values())).pvalue > 0.001
    assert abs(sum(len(r["f"]) for r in rows) / len(rows) - 1.5) < 0.04
    pairs = Counter((r["verb"], r["rare"]) for r in rows)
    assert abs(pairs["bake", "a"] / len(rows) - 0.3) < 0.03, "columns are drawn independently"


def test_from_a_table_distinct_values() -> None:
    table = {"words": {"noun": ["cat", "cat", "cat", None, "dog"]}}
    counts = Counter(r["n"] for r in drawn({"n": {"from": "words.noun"}}, 2_000, tables=table))
    assert set(counts) == {"cat", "dog"} and chisquare(list(counts.values())).pvalue > 0.01


def test_by_seed_and_row_not_by_the_other_columns() -> None:
    a, b = drawn({"x": list(range(50))}, 40), drawn({"y": [1, 2], "x": list(range(50))}, 40)
    assert [r["x"] for r in a] == [r["x"] for r in b] and a != drawn({"x": list(range(50))}, 40, seed=4)


any_yaml = (
    st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=4) | st.lists(st.integers(-1, 2) | st.text(max_size=2), max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]),
        any_yaml | st.dictionaries(st.sampled_from(["values", "weights", "from", "some", "least", "most", "x"]), any_yaml),
        max_size=2,
    )
)
def test_whatever_is_given_is_refused_in_words_or_draws(params: dict[str, Any]) -> None:
    try:
        op = mm.generate.Draw.from_params(params, "draw")
    except RecipeError:
        return
    tables = {"t": {"c": [1]}}
    try:
        op.check(Scene((), {"t": Columns("t", tables["t"])}, where="draw"))
    except RecipeError:
        return
    (row,), _ = run_op(op, [{}], tables=tables)
    assert set(row.values) == set(params)


def test_an_empty_column_is_refused_before_the_run() -> None:
    op = mm.generate.Draw({"x": {"from": "t.c"}})
    with pytest.raises(RecipeError, match="holds no values"):
        op.check(Scene((), {"t": Columns("t", {"c": [None]})}, where="draw"))


SHOP = {
    "total": {"expression": "price * count", "decimals": 2},
    "kind": {"values": ["loan", "card"], "weights": [3, 1]},
    "topic": {"by": "kind", "values": {"loan": ["renewal", "fee"], "card": {"values": ["lost", "new"], "weights": [0, 1]}}},
    "price": {"distribution": "lognorm", "s": 0.5, "scale": 20, "low": 1, "high": 500, "decimals": 2},
    "count": {"distribution": "poisson", "mu": 2, "low": 1},
    "seen": {"between": ["2024-01-01", "2024-12-31"], "step": "minute"},
    "key": {"uuid": 4},
}


def test_samplers_together() -> None:
    rows = drawn(SHOP, 600)
    assert all(r["total"] == round(r["price"] * r["count"], 2) and r["count"] >= 1 for r in rows)
    assert {(r["kind"], r["topic"]) for r in rows} == {("loan", "renewal"), ("loan", "fee"), ("card", "new")}
    assert chisquare([n for (k, _), n in Counter((r["kind"], r["topic"]) for r in rows).items() if k == "loan"]).pvalue > 0.01
    assert len({r["key"] for r in rows}) == 600 and all(uuid.UUID(r["key"]).version == 4 for r in rows)
    assert all(r["seen"].startswith("2024-") and r["seen"].endswith(":00") for r in rows)
    backwards = drawn(dict(reversed(SHOP.items())), 600)
    assert backwards == rows, "the order of the columns changes nothing"


def test_persons_fit_by_row_and_by_who() -> None:
    pytest.importorskip("faker", reason="faker is not installed")
    given_ = {c: {"person": c, "locale": "de_DE"} for c in ("name", "email", "city", "address", "last_name")}
    rows = drawn({**given_, "doctor": {"person": "name", "locale": "de_DE", "who": "doctor"}}, 50)
    assert all(r["last_name"] in r["name"] and r["city"] in r["address"] for r in rows)
    assert sum(r["doctor"] == r["name"] for r in rows) <= 1 and rows == drawn(
        {**given_, "doctor": {"person": "name", "locale": "de_DE", "who": "doctor"}}, 50
    )
    with pytest.raises(RecipeError, match="locale is 'xx'"):
        mm.generate.Draw({"x": {"person": "name", "locale": "xx"}}).check(Scene())


def test_without_faker_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(MissingExtra, match=r"mintmark\[faker\]"):
        mm.generate.Draw({"x": {"person": "name"}}).check(Scene())


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"a": {"expression": "b + 1"}, "b": {"expression": "a + 1"}}, "need each other"),
        ({"a": {"expression": "__import__('os')"}}, "not allowed"),
        ({"a": {"person": "soul"}}, "expected one of name"),
        ({"a": {"uuid": 1}}, "expected 4"),
        ({"a": {"by": "b", "values": [1]}}, "expected {by"),
        ({"a": {"by": "b", "values": {"x": {"from": "t.c"}}}}, "must be lists"),
        ({"a": {"between": ["2024"]}}, "expected .first, last."),
        ({"a": {"distribution": "nrm"}}, "expected one of scipy"),
        ({"a": {"weights": [1]}}, "expected a list, or a mapping with"),
        ({"a": {"values": [1], "most": 3}}, "no 'most' beside 'values'"),
    ],
)
def test_samplers_refused_in_words(given_: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        mm.generate.Draw.from_params(given_, "draw")


def test_rows_that_cannot_be_drawn_are_dropped_by_name() -> None:
    op = mm.generate.Draw.from_params({"a": {"by": "kind", "values": {"x": [1]}}, "b": {"expression": "1 / n"}}, "draw")
    assert set(op.reads(Scene())) == {"kind", "n"}
    results, _ = run_op(op, [{"kind": "y", "n": 1}, {"kind": "x", "n": 0}, {"kind": "x", "n": 4}, {"kind": "x", "n": None}])
    assert [r.reason for r in results[:2]] == ["no_values", "not_computable"]
    assert (results[2].values["b"], results[3].values["b"]) == (0.25, None)
