"""range: bounds, lists, and values that are no numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mintmark as mm
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop, Row


def one(value: Any, **params: Any) -> Any:
    result = mm.curate.Range.from_params({"column": "v", **params}, "range").each(Row("r", {"v": value}), Context())
    return "kept" if isinstance(result, Row) else result


@pytest.mark.parametrize(
    "value, params, result",
    [
        (0, {"least": 0, "most": 1}, "kept"),
        (1.0, {"least": 0, "most": 1, "whole": True}, "kept"),
        (-0.5, {"least": 0}, Drop("below", "-0.5, at least 0")),
        (130, {"most": 120}, Drop("above", "130, at most 120")),
        (10**5000, {"most": 5}, Drop("above", "a number too long to print, at most 5")),
        (1.5, {"whole": True}, Drop("not_whole", "1.5")),
        (float("inf"), {"whole": True}, Drop("not_whole", "inf")),
        (float("nan"), {"least": 0}, Drop("not_a_number", "nan")),
        ("1", {"least": 0}, Drop("not_a_number", "'1'")),
        (True, {"least": 0}, Drop("not_a_number", "True")),
        (None, {"least": 0}, Drop("missing")),
        (None, {"least": 0, "missing": "keep"}, "kept"),
        ("spam", {"one_of": ["spam", "ham"]}, "kept"),
        ("Spam", {"one_of": ["spam", "ham"]}, Drop("not_one_of", "'Spam'")),
        (1, {"one_of": [True]}, Drop("not_one_of", "1")),
        (1.0, {"one_of": [1]}, "kept"),
        ([1], {"one_of": [[1], [2]]}, "kept"),
    ],
    ids=lambda v: "",
)
def test_values(value: Any, params: dict[str, Any], result: Any) -> None:
    assert one(value, **params) == result


@pytest.mark.parametrize("wrong", [{}, {"least": 2, "most": 1}, {"least": 1, "one_of": [1]}, {"one_of": []}, {"least": "1"}])
def test_parameters_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        one(1, **wrong)


@given(st.floats(), st.floats(-5, 5), st.floats(0, 5))
def test_kept_is_inside(value: float, least: float, width: float) -> None:
    assert (one(value, least=least, most=least + width) == "kept") == (least <= value <= least + width)
