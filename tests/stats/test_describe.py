"""Statistics of columns as numpy and scipy give them; no single row's value is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from mintmark.stats.describe import LEAST, correlations, describe
from mintmark.text.table_schema import columns_of


def test_numbers_categories_and_missing() -> None:
    rng = np.random.default_rng(3)
    age = rng.normal(57, 15, 400).round().astype(int).tolist()
    kg = [round(float(v), 1) for v in rng.normal(75, 12, 400)]
    sex = (["f"] * 250 + ["m"] * 147 + ["x"] * 3)[:400]
    told = describe(
        {
            "age": age,
            "kg": [None] * 40 + kg[40:],
            "sex": sex,
            "asa": [1, 2] * 200,
            "empty": [None] * 400,
            "on": ["2024-01-02"] * 200 + ["2023-05-06"] * 200,
        }
    )
    assert told["age"]["type"] == "whole" and told["age"]["mean"] == pytest.approx(np.mean(age), rel=1e-5)
    assert told["age"]["sd"] == pytest.approx(np.std(age, ddof=1), rel=1e-5)
    assert told["kg"]["quartiles"] == pytest.approx(np.quantile(kg[40:], [0.25, 0.5, 0.75]).tolist(), rel=1e-5)
    assert told["kg"]["missing"] == 0.1 and told["kg"]["decimals"] == 1
    assert told["sex"] == {"levels": ["f", "m"], "shares": [round(250 / 397, 4), round(147 / 397, 4)]}, "three rows are too few to name"
    assert told["asa"] == {"levels": [1, 2], "shares": [0.5, 0.5]} and "empty" not in told and told["on"] == {"type": "date"}
    assert not any(key in t for t in told.values() for key in ("low", "high"))
    columns_of(told)


def test_correlations() -> None:
    rng = np.random.default_rng(5)
    a = rng.normal(size=300)
    data = {"a": a.tolist(), "b": (a + rng.normal(size=300)).tolist(), "c": rng.normal(size=300).tolist(), "d": (-a).tolist()}
    (x, y, r), *rest = correlations(data)
    assert (x, y) == ("a", "d") and r == pytest.approx(-1)
    assert {(p[0], p[1]) for p in rest} == {("a", "b"), ("b", "d")}
    assert {(p[0], p[1]): p[2] for p in rest}["a", "b"] == pytest.approx(spearmanr(data["a"], data["b"]).statistic)


@settings(max_examples=60)
@given(st.lists(st.none() | st.booleans() | st.integers(-3, 10**9) | st.floats() | st.text(max_size=3) | st.dates(), max_size=60))
def test_whatever_the_cells_are_they_make_a_schema(cells: list[object]) -> None:
    told = describe({"x": cells})
    columns_of(told)
    for value in told.get("x", {}).get("levels", ()):
        assert sum(str(c) == str(value) for c in cells) >= LEAST
