"""What report, data card, PROV and Croissant claim of privacy: a guarantee only where noisy releases are all that steps took of a private table."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import mintmark as mm
from mintmark.cli import app
from mintmark.report.discreet import HIDDEN
from mintmark.report.guarantee import NONE, limits, proof, sure, verdict
from mintmark.stores.tables import ArrowTable, read_table, set_aside

ROWS = [{"kind": "abc"[i % 3], "size": i % 10, "note": f"note {i}"} for i in range(300)]
SCHEMA = {"kind": {"levels": ["a", "b", "c"]}, "size": {"low": 0, "high": 10, "bins": 10, "whole": True}}
MADE = {"marginals": {"from": "real", "schema": SCHEMA}}
LOOKS = {"novelty": {"column": "kind", "most": 1.0, "script": "any"}}


def run(out: Path, *more: Any, tables: dict[str, Any] | None = None, **others: Any) -> mm.Run:
    pytest.importorskip("opendp", reason="opendp is not installed")
    real = {"path": ROWS, "budget": {"epsilon": 2.0, "delta": 1e-4}}
    told = {"name": "claims", "want": 30, "tables": {"real": real, **(tables or {})}, "steps": [MADE, *more], **others}
    return mm.run(mm.load(told), out=out)


def pages(folder: Path) -> list[str]:
    found = [html.unescape((folder / "report.html").read_text()), (folder / "README.md").read_text()]
    return [
        *found,
        json.loads((folder / "prov.json").read_text())["entity"]["mm:data"].get("mm:privacy", ""),
        (folder / "croissant.json").read_text(),
    ]


def test_a_guarantee_that_holds_is_told_with_its_numbers_and_limits(tmp_path: Path) -> None:
    first = run(tmp_path / "run", measure=["privacy"], seed=1)
    (told,) = first.manifest["releases"]
    assert told["undone_by"] == [] and told["steps"] == ["marginals"] and "private_reads" not in first.manifest
    for page in pages(tmp_path / "run"):
        assert "Differentially private for table 'real': epsilon 2 at delta 0.0001, by 3 releases with Gaussian noise (sigma " in page
        assert (
            "differ in one row." in page
            and not re.search(r"\b300\b(?! people, with noise)", page)  # the noisy number is 300 in one run of forty
            and "for what step marginals took" in page
            and "spent epsilon 2 of 2" in page
        )
        assert NONE not in page and "NOT diff" not in page
    for page in pages(tmp_path / "run")[:2]:
        assert "Outside of the proof" in page and "; no proof" not in page and "numbers" in page and "epsilon 2 at delta 0.0001" in page


def test_check_and_run_tell_the_budget_in_words(tmp_path: Path) -> None:
    pytest.importorskip("opendp", reason="opendp is not installed")
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in ROWS))
    steps = [{"marginals": {"from": "real", "schema": {**SCHEMA, "kind": ["a", "b", "c"]}}}]
    told = {"name": "b", "want": 20, "tables": {"real": {"path": "rows.jsonl", "budget": {"epsilon": 8, "delta": 1e-4}}}, "steps": steps}
    recipe = tmp_path / "b.yaml"
    recipe.write_text(json.dumps(told))

    def said(*args: str) -> str:
        result = CliRunner().invoke(app, [args[0], str(recipe), *args[1:]])
        assert result.exit_code == 0, result.output
        return result.output

    before = said("check")
    assert "budget epsilon 8 at delta 0.0001, for one row, of 300: even odds that somebody is in it may grow to more than 99.9%" in before
    assert "spent so far 0\n" in before
    preview = said("preview", "-n", "2", "--out", str(tmp_path / "run"))
    assert f"epsilon 8 of 8 is spent by this preview; `run` into {tmp_path / 'run'} uses what was released at no further cost" in preview
    run = said("run", "--out", str(tmp_path / "run"))
    assert (
        "Differentially private for table 'real': epsilon 8" in run
        and "a certain row is among them may become more than 99.9% sure of it" in run
    )
    assert "spent so far 8, so a new run is refused" in said("check")


@pytest.mark.parametrize(
    ("epsilon", "words"), [(1.0, "73.1%"), (0.1, "52.5%"), (4.0, "98.2%"), (8.0, "more than 99.9%"), (1000.0, "more than 99.9%")]
)
def test_epsilon_in_plain_words(epsilon: float, words: str) -> None:
    assert sure(epsilon) == words


@pytest.mark.parametrize(
    ("step", "tables", "by"),
    [
        ({"novelty": {**LOOKS["novelty"], "against": "real.note"}}, {}, "novelty"),
        ({"novelty": {**LOOKS["novelty"], "against": "twin.note"}}, {"twin": ROWS}, "novelty"),
        ({"novelty": {**LOOKS["novelty"], "against": "twin.note"}}, {"twin": ROWS[::-1]}, "novelty"),
    ],
)  # fmt: skip
def test_a_step_that_reads_the_rows_without_noise_undoes_it(tmp_path: Path, step: Any, tables: Any, by: str) -> None:
    made = run(tmp_path / "run", step, tables=tables)
    assert made.manifest["releases"][0]["undone_by"] == [by] and not proof(made.manifest) and not limits(made.manifest)
    for page in pages(tmp_path / "run"):
        assert f"NOT differentially private for table 'real': step {by} reads its rows without noise" in page
        assert "Outside of the proof" not in page and "Differentially private for" not in page


def test_what_is_measured_against_private_rows_quotes_none_of_their_words(tmp_path: Path) -> None:
    """ "More in real rows: zanzibarov" stood in report.html and measurements.json."""
    real = [{"text": f"patient {i} of ward {i % 7} seen by zanzibarov in quuxville today"} for i in range(60)]
    public = [{"text": f"patient {i} of ward {i % 7} slept {'well' if i % 3 else 'badly'} today"} for i in range(60)]
    tables = {"real": {"path": real, "private": True}, "public": {"path": public}}
    told = {"name": "p", "tables": tables, "steps": [{"read": {"from": "public"}}], "measure": ["realism", "privacy"]}
    mm.run(mm.load(told), out=tmp_path / "run")
    for file in (tmp_path / "run").rglob("*"):
        if file.is_file():
            assert not re.search(b"zanzibarov|quuxville", file.read_bytes()), file.name
    assert HIDDEN in (tmp_path / "run" / "report.html").read_text() and "slept" in (tmp_path / "run" / "report.html").read_text()


def test_a_holdout_set_aside_belongs_to_the_same_account(tmp_path: Path) -> None:
    held = run(tmp_path / "held", target="kind")
    assert len(held.manifest["releases"]) == 1 and proof(held.manifest)
    undone = run(tmp_path / "undone", {"novelty": {**LOOKS["novelty"], "against": "holdout.note"}}, target="kind", tables={"real": {
        "path": ROWS[:-1], "budget": {"epsilon": 2.0, "delta": 1e-4}}})  # fmt: skip
    assert undone.manifest["releases"][0]["undone_by"] == ["novelty"] and verdict(undone.manifest)[0].startswith("NOT ")


def test_another_private_table_has_no_part_in_it(tmp_path: Path) -> None:
    other = {"path": [{"note": f"other {i}"} for i in range(9)], "private": True}
    made = run(tmp_path / "run", {"novelty": {**LOOKS["novelty"], "against": "other.note"}}, tables={"other": other})
    said = verdict(made.manifest)
    assert said[0].startswith("Differentially private for table 'real'") and not proof(made.manifest)
    assert said[-1] == "No guarantee for the private table 'other': step novelty reads its rows as they are."


def test_without_a_release_nothing_is_claimed(tmp_path: Path) -> None:
    mm.run(
        mm.load({"name": "plain", "tables": {"real": {"path": ROWS, "private": True}}, "steps": [{"read": {"from": "real"}}]}),
        out=tmp_path / "run",
    )
    assert verdict({}) == [NONE] and all(NONE in page for page in pages(tmp_path / "run")[:2]) and not pages(tmp_path / "run")[2]


def test_under_a_budget_one_row_more_moves_no_other_row_to_the_holdout() -> None:
    table = read_table("real", ROWS)

    def aside(t: ArrowTable, budget: bool) -> set[str]:
        t.allowance = object() if budget else None  # type: ignore[assignment]
        return set(set_aside(t, 0.2, "kind")[1].column("note"))

    def moved(k: int, budget: bool) -> set[str]:
        return (aside(table, budget) ^ aside(table.take([i for i in range(300) if i != k]), budget)) - {f"note {k}"}

    assert not any(moved(k, True) for k in range(60))
    assert any(moved(k, False) for k in range(60)), "where rows are stratified it does"
    assert 30 < len(aside(table, True)) < 90
