"""A recipe that feeds on generated rows says so, in `check`, `run`, the report and the manifest, with how many generations back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mintmark as mm
from conftest import mintmark, write_recipe
from mintmark.core.errors import RunFolderError
from mintmark.core.recipe import Recipe
from mintmark.lineage import fed_by, generation, warnings
from mintmark.stores.tables import read_table

PEOPLE = "".join(json.dumps({"age": 20 + i % 50, "smoker": "yes" if i % 4 == 0 else "no"}) + "\n" for i in range(120))


def recipe(path: str, **more: Any) -> Recipe:
    return Recipe(**{"name": "people", "ops": [mm.generate.Synthesize("real")], "tables": {"real": path}, **more})


def found(given: Recipe) -> dict[str, Any]:
    tables = {}
    for name, table in given.tables.items():
        tables[name] = read_table(name, str(Path(given.base) / table) if isinstance(table, str) else table)
    return fed_by(given, tables)


def test_generations_are_counted_from_manifest_to_manifest(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text(PEOPLE)
    first = mm.run(recipe(str(tmp_path / "people.jsonl")), out=tmp_path / "one", report=False)
    assert first.manifest["generation"] == 1 and "fed_by" not in first.manifest and not first.notice
    second = mm.run(recipe(str(tmp_path / "one/data.jsonl")), out=tmp_path / "two", report=False)
    fed = second.manifest["fed_by"]["real"]
    assert second.manifest["generation"] == 2 and fed["generation"] == 1 and fed["run"] == "people"
    assert fed["recipe_hash"] == first.manifest["recipe_hash"] and "1 generation away" in second.notice
    curated = mm.run(
        Recipe("kept", ops=[mm.generate.Read("real")], tables={"real": str(tmp_path / "two/data.parquet")}),
        report=False,
        out=tmp_path / "c",
    )
    assert curated.manifest["generation"] == 2, "rows that are read and curated stay what they were"
    third = mm.run(recipe(str(tmp_path / "c/data.jsonl")), out=tmp_path / "three", report=False)
    assert third.manifest["generation"] == 3 and "2 generations away" in third.notice


def test_check_run_and_the_report_warn(tmp_path: Path) -> None:
    text = "name: people\ntables: {real: TABLE}\nsteps:\n  - synthesize: {from: real}\n"
    (tmp_path / "people.jsonl").write_text(PEOPLE)
    write_recipe(tmp_path, text.replace("TABLE", "people.jsonl"))
    assert "generated rows" not in mintmark("check", "recipe.yaml", cwd=tmp_path).stdout
    assert mintmark("run", "recipe.yaml", "--out", "one", cwd=tmp_path).returncode == 0
    write_recipe(tmp_path, text.replace("TABLE", "one/data.jsonl"))
    assert (
        "table 'real' holds generated rows (it lies in the folder of the run 'people'; 1 gen"
        in mintmark("check", "recipe.yaml", cwd=tmp_path).stdout
    )
    done = mintmark("run", "recipe.yaml", "--out", "two", "--json", cwd=tmp_path)
    assert done.returncode == 0 and "holds generated rows" in done.stderr and json.loads(done.stdout)["generation"] == 2
    for page in ("report.html", "README.md"):
        assert "loses the tails" in (tmp_path / "two" / page).read_text()


def test_marks_of_rows_that_were_moved(tmp_path: Path) -> None:
    row = '{"id": "%s", "age": 3, "smoker": "no"}\n'
    (tmp_path / "moved.jsonl").write_text(row % "0123456789abcdef0123" + row % "00000000000000000000")
    told = found(recipe("moved.jsonl", base=str(tmp_path)))["real"]
    assert told["generation"] is None and "ids" in told["how"] and generation(recipe("x"), {"real": told}) is None
    assert "generation" not in warnings({"real": told})[0].partition("rows (")[2].partition(")")[0]
    (tmp_path / "moved.jsonl").write_text(row % "0123456789abcdef0123" + row % "17")
    assert found(recipe("moved.jsonl", base=str(tmp_path))) == {}
    for head, hit in (
        ("---\ntags: [synthetic, mintmark]\n---\n", True),
        ("---\ntags:\n- text\n- synthetic\n---\n", True),
        ("---\ntags: [biosynthetics]\n---\n tags: [synthetic]", False),
        ("# synthetic\ntags: [synthetic]\n", False),
    ):
        (tmp_path / "README.md").write_text(head)
        assert bool(found(recipe("moved.jsonl", base=str(tmp_path)))) is hit, head


@pytest.mark.parametrize("manifest", ["", "[]", "{", '{"name": 3}', '{"recipe_hash": "a", "generation": "many", "name": {}}', "[" * 5000])
def test_damaged_manifests_stop_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "people.jsonl").write_text(PEOPLE)
    (tmp_path / "manifest.json").write_text(manifest)
    told = found(recipe("people.jsonl", base=str(tmp_path)))
    assert bool(told) == ("recipe_hash" in manifest) and all(t["generation"] is None for t in told.values())


def test_a_table_that_no_step_reads_feeds_nothing(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text(PEOPLE)
    mm.run(recipe(str(tmp_path / "people.jsonl")), out=tmp_path / "one", report=False)
    more = {"real": "people.jsonl", "holdout": "one/data.jsonl"}
    assert found(recipe("", base=str(tmp_path), tables=more)) == {}


def test_a_refused_folder_is_left_as_it_was(tmp_path: Path) -> None:
    """`run --out .` left a journal there: from then on every table of that folder was said to hold generated rows."""
    (tmp_path / "real.csv").write_text("a\n1\n2\n")
    recipe = mm.load({"name": "x", "tables": {"real": str(tmp_path / "real.csv")}, "steps": [{"read": {"from": "real"}}]})
    with pytest.raises(RunFolderError, match="holds files that are no run's"):
        mm.run(recipe, out=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["real.csv"]
    assert not [n for n in mm.check(recipe)["notes"] if "generated rows" in n]
