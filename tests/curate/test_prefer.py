"""The best against the worst or any below it; ties, margins, missing numbers; never a pair without a difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each, kept, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Drop
from mintmark.curate.prefer import Prefer


def row(*scores: Any) -> dict[str, Any]:
    return {"scores": list(scores), "candidates": [{"text": f"t{i}", "model": f"m{i}"} for i in range(len(scores))]}


def test_best_and_worst_and_who_made_them() -> None:
    found = kept(each(Prefer(), [row(2, 5, 1, 3)]))[0]
    assert {k: found[k] for k in ("chosen", "rejected", "margin", "chosen_by", "rejected_by")} == {
        "chosen": "t1", "rejected": "t2", "margin": 4.0, "chosen_by": "m1", "rejected_by": "m2",
    }  # fmt: skip


def test_ties_go_to_the_earlier() -> None:
    assert [(f["chosen"], f["rejected"]) for f in kept(each(Prefer(), [row(3, 5, 5, 1, 1), row(1, 1, 2)]))] == [("t1", "t3"), ("t2", "t0")]


@pytest.mark.parametrize(("scores", "margin", "what"), [([4, 4], 0, "no_preference"), ([4], 0, "no_preference"), ([], 0, "no_preference"),
                         ([4, 3.5], 0.5, "kept"), ([4, 3.6], 0.5, "no_preference"), ([None, 3, None], 0, "no_preference")])  # fmt: skip
def test_margins(scores: list[Any], margin: float, what: str) -> None:
    results = each(Prefer(margin=margin), [row(*scores)])
    assert reasons(results) == [what] and (what == "kept" or isinstance(results[0], Drop))


@given(st.lists(st.none() | st.floats(0, 5) | st.integers(1, 5), max_size=6), st.floats(0, 3), st.sampled_from(["worst", "random"]))
def test_chosen_is_a_best_and_rejected_lies_below(scores: list[Any], margin: float, rejected: str) -> None:
    result = each(Prefer(margin=margin, rejected=rejected), [row(*scores)])[0]  # type: ignore[arg-type]
    numbers = {f"t{i}": s for i, s in enumerate(scores) if s is not None}
    if isinstance(result, Drop):
        assert not numbers or all(s == max(numbers.values()) or max(numbers.values()) - s < margin for s in numbers.values())
        return
    chosen, low = numbers[result.values["chosen"]], numbers[result.values["rejected"]]
    assert chosen == max(numbers.values()) and low < chosen and chosen - low >= margin
    assert rejected == "random" or low == min(numbers.values())


def test_random_draws_every_one_below_the_best_and_stays_with_its_row() -> None:
    rows = [row(5, 1, 2, 3, 5)] * 200
    first = [f["rejected"] for f in kept(each(Prefer(rejected="random"), rows))]
    assert set(first) == {"t1", "t2", "t3"} and min(map(first.count, set(first))) > 40
    assert [f["rejected"] for f in kept(each(Prefer(rejected="random"), rows, order=range(199, -1, -1)))] == first
    assert [f["rejected"] for f in kept(each(Prefer(rejected="random"), rows, seed=1))] != first


def test_plain_texts_wins_and_numbers_that_are_missing() -> None:
    rows = [{"wins": [0.5, 1.5], "candidates": ["a", "b"]}, {"wins": "x", "candidates": ["a"]}, {"wins": [1, 2, 3], "candidates": None}]
    results = each(Prefer(by="wins"), rows)
    assert reasons(results) == ["kept", "no_preference", "no_preference"]
    assert (results[0].values["chosen"], results[0].values["rejected"], results[0].values["chosen_by"]) == ("b", "a", None)
    assert reasons(each(Prefer(), [row(float("nan"), 2, 1), row(float("nan"), 1)])) == ["kept", "no_preference"], "no number is no score"
    with pytest.raises(RecipeError, match="margin"):
        Prefer.from_params({"margin": -1}, "prefer")
