"""`check` renders prompts for the first planned rows; a run of which nothing is left says so on standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import check_books, mintmark, write_recipe
from mintmark.core.errors import TemplateError
from mintmark.models.scripted import ScriptedModel


def never(prompt: str) -> str:
    raise AssertionError("check calls no model")


def check(*steps: Any, table: dict[str, list[Any]] | None = None) -> list[str]:
    source = mm.generate.Read("rows") if table else mm.generate.Grid({"a": ["x", "y"]})
    tables = {"rows": [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]} if table else {}
    notes: list[str] = mm.check(
        mm.Recipe("r", [source, *steps], models={"writer": ScriptedModel(never)}, tables=tables, licence="CC0-1.0")
    )["notes"]
    return notes


def write(prompt: str, column: str = "t") -> Any:
    return mm.generate.Write(prompt=prompt, column=column)


@pytest.mark.parametrize("prompt", ["{{ a.b }}", "{{ 1 / 0 }}", "{% for e in a %}{{ e.text }}{% endfor %}"])
def test_a_prompt_that_no_row_fills_is_refused_before_any_call(prompt: str) -> None:
    with pytest.raises(TemplateError, match=r"write \(step 2 of 2\): the prompt cannot be rendered"):
        check(write(prompt))


def test_a_prompt_that_some_rows_do_not_fill_is_noted() -> None:
    (note,) = check(write("{{ a + 1 }}"), table={"a": [1, "two", 3]})
    assert "of the first 5 planned rows 1 would be failed(template)" in note and check(write("{{ a }}"), table={"a": [1, None]}) == []


def test_steps_without_a_call_are_walked_and_what_a_model_writes_is_not_guessed() -> None:
    computed = mm.curate.Compute("n", "made")
    assert check(computed, write("{{ made + 1 }} {{ n }}"), table={"n": ["2 * 3", "4 + 1"]}) == []
    with pytest.raises(TemplateError, match="step 3 of 3"):
        check(computed, write("{{ made.x }}"), table={"n": ["2 * 3", "4 + 1"]})
    later = mm.generate.Write(prompt="{{ t.x }}", column="u")  # t is the model's answer: only the run can tell
    assert check(write("{{ a }}"), later) == []
    with pytest.raises(TemplateError, match="step 3 of 4"):
        check(mm.curate.Dedup(column="a"), write("{{ a.b }}", "t"), later)


def test_a_run_whose_rows_all_fail_is_complete_and_says_so_loudly(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(prompt):\n    return 'x'\n")
    write_recipe(
        tmp_path,
        "name: e\nmodels: {writer: 'scripted:m:f'}\nsteps:\n  - grid: {a: [1, 2]}\n  - write: {column: t, prompt: '{{ a.b }}'}\n",
    )
    done = mintmark("run", "recipe.yaml", "--out", "o", cwd=tmp_path)
    assert done.returncode == 0 and "EVERY ROW FAILED: 2 of 2 failed at write (template)" in done.stderr
    assert "such as" in done.stdout and "has no attribute 'b'" in done.stdout and check_books(tmp_path / "o")["calls"] == 0
    dropped = mintmark("run", "recipe.yaml", "--set", "steps.1={length: {column: a, words: [9, 9]}}", "--out", "p", cwd=tmp_path)
    assert dropped.returncode == 0 and "NO ROW WAS KEPT: 2 of 2 dropped at length (too_short)" in dropped.stderr
