"""`mintmark op NAME` and `mintmark metric NAME` for everything there is: it renders at 80 columns and leaves no parameter undescribed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from conftest import ROOT, mintmark
from mintmark import catalogue
from mintmark.core.errors import RecipeError
from mintmark.core.params import key_of
from mintmark.core.recipe import Repeat
from mintmark.reference import WIDTH, meanings, metric_page, op_page

ALL = [*catalogue.ops(), Repeat, *catalogue.metrics()]


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.name)
def test_every_parameter_is_described(cls: Any) -> None:
    page = metric_page(cls.name) if cls in catalogue.metrics() else op_page(cls.name)
    told = meanings(cls)
    for f in dataclasses.fields(cls):
        assert told.get(key_of(f)), f"{cls.name}: say what '{key_of(f)}' means in the docstring of the class, as '{key_of(f)}: meaning.'"
        assert f"\n  {key_of(f)} (" in page
    for reason in getattr(cls, "drops", {}):
        assert f"\n  {reason}: " in page
    wide = [line for line in page.splitlines() if len(line) > WIDTH and " " in line.strip()]
    assert not wide, wide


def test_a_page_says_it_all_and_an_unknown_name_gets_the_nearest() -> None:
    page = op_page("length")
    for said in (
        "length: {column: text, words: [4, 60]}",
        "  column (text; needed): the column looked at",
        "  reads: text",
        "  too_short: ",
    ):
        assert said in page
    assert "default the built-in prompt compare" in op_page("compare") and "votes (a whole number; default 1)" in op_page("compare")
    assert meanings(catalogue.find_op("balance", ""))["columns"] == "name -> list or table.column; cells are their product."
    assert page == op_page("length") and "diversity.vendi: " in metric_page("diversity.vendi")
    with pytest.raises(RecipeError, match="Did you mean 'length'"):
        op_page("lenght")
    with pytest.raises(RecipeError, match="Did you mean 'diversity'"):
        metric_page("diversty")


def test_the_commands() -> None:
    assert "PARAMETERS" in mintmark("op", "dedup", cwd=ROOT).stdout and "GIVES" in mintmark("metric", "realism", cwd=ROOT).stdout
    assert mintmark("op", "dedpu", cwd=ROOT).returncode == 2
    assert mintmark("list", "ops", cwd=ROOT).stdout.rstrip().endswith("mintmark op NAME")
