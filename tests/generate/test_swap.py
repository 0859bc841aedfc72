"""Rows get their counterfactual beside them, or become it; labels stay; what cannot be swapped stays or goes, and says why."""

from __future__ import annotations

import pytest

from each import each, reasons
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.rows import Columns, Row
from mintmark.generate.swap import Swap

ROWS = [{"text": t, "label": i} for i, t in enumerate(["He ran.", "Mary saw her son.", "A dog ran.", "They told him dinner was ready."])]


def test_a_row_becomes_two_with_one_label() -> None:
    first, both, none, left = each(Swap("text"), ROWS)
    assert [r.values["text"] for r in first] == ["He ran.", "She ran."] and [r.values["label"] for r in first] == [0, 0]
    assert [r.values["group"] for r in first] == ["male", "female"] and [r.values["swap"] for r in first] == ["original", "counterfactual"]
    assert first[0].values["counterfactual_of"] is None and first[1].values["counterfactual_of"] == first[0].id != first[1].id
    assert [r.values["group"] for r in both] == ["both", "both"] and both[1].values["text"] == "James saw his daughter."
    for row, why in ((none, "no_words"), (left, "not_reversible")):
        assert isinstance(row, Row) and row.values["swap"] == why and row.values["counterfactual_of"] is None
    assert [reasons([r]) for r in each(Swap("text", otherwise="drop"), ROWS)[2:]] == [["no_words"], ["not_reversible"]]


def test_substitution_keeps_the_number_of_rows() -> None:
    rows = [{"text": f"He has {i} sons."} for i in range(400)]
    found = each(Swap("text", "replace", share=0.5), rows)
    drawn = [r for r in found if r.values["swap"] == "counterfactual"]
    assert len(found) == 400 and 150 < len(drawn) < 250
    for row, was in zip(found, rows, strict=True):
        changed = row.values["swap"] == "counterfactual"
        assert row.values["text_before"] == was["text"]
        assert row.values["text"] == (was["text"].replace("He", "She").replace("sons", "daughters") if changed else was["text"])
        assert row.values["group"] == ("female" if changed else "male")
        assert row.values["counterfactual_of"] == (row.id if changed else None)


def test_pairs_of_a_table() -> None:
    table = {"pairs": {"young": ["boy", "kid"], "old": ["pensioner", "senior"]}}
    op = Swap("text", source="pairs", groups=["young", "old"])
    found = each(op, [{"text": "The boy saw his senior."}], tables=table)[0]
    assert found[1].values["text"] == "The pensioner saw his kid." and found[0].values["group"] == "both"
    more = Swap("text", source="pairs", groups=["young", "old"], gender=True)
    assert each(more, [{"text": "The boy saw his senior."}], tables=table)[0][1].values["text"] == "The pensioner saw her kid."


def test_what_cannot_work_is_refused_before_a_run() -> None:
    scene = Scene(("text",), {"pairs": Columns("pairs", {"a": ["x", "y"], "b": ["y", "z"]})}, frozenset(), "swap")
    with pytest.raises(RecipeError, match="one pair alone"):
        Swap("text", source="pairs", groups=["a", "b"]).check(scene)
    with pytest.raises(RecipeError, match="has the columns a, b"):
        Swap("text", source="pairs", groups=["a", "c"]).check(scene)
    for params, words in (
        ({"pairs": {"yes": True}}, "quotation marks"),
        ({"pairs": {"a": "b", "b": "c"}}, "one pair alone"),
        ({"groups": ["a"]}, "two names"),
        ({"share": 0}, "share"),
        ({"gender": False}, "no pairs"),
    ):
        with pytest.raises(RecipeError, match=words):
            Swap.from_params({"column": "text", **params}, "swap")
    assert Swap("text").fan_out(scene) == 2 and Context().facts() == {}
