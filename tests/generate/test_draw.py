"""draw: uniform, weighted, from a table, random subsets; each by the row's id and the seed alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

import mintmark as mm
from each import run_op
from mintmark.core.errors import RecipeError
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
