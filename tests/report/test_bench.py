"""`mintmark bench`: the same rows and splits everywhere, baselines that read as they should, and four ways in for a generator."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from conftest import mintmark
from mintmark import benchmark
from mintmark.core.errors import InputError, MintmarkError
from mintmark.suites import SUITES, VERSION, cases
from mintmark.text.jsontext import dumps

ROWS = {  # of version 1: whoever changes them raises VERSION
    "breast_cancer": (189, 31, "8deb2e20653e"), "wine": (59, 14, "94a7d0be3ada"), "iris": (50, 5, "6e658393caf0"), "diabetes": (147, 11, "4bc7e8f7fe11"), "library": (50, 2, "3a743c70af50"), "helpdesk": (200, 2, "1709b38f4539"),
}  # fmt: skip


@pytest.mark.parametrize("suite", list(SUITES))
def test_the_rows_are_fixed(suite: str) -> None:
    for case in cases(suite):
        n, columns, digest = ROWS[case.name]
        parts = (case.train, case.fresh, case.holdout)
        assert VERSION == 1 and all(len(p[case.target]) == n and len(p) == columns for p in parts)
        assert hashlib.blake2b(dumps(parts), digest_size=6).hexdigest() == digest, case.name
        if case.text is not None:
            texts = [t for p in parts for t in p[case.text]]
            assert len(set(texts)) > 0.9 * len(texts) and len(set(case.train[case.target])) == 6


def test_baselines_read_as_they_should() -> None:
    result = benchmark.bench("text", only=["helpdesk"], seeds=1)
    line = {x["rows"]: x["values"] for x in result["lines"]}
    assert list(line) == ["independent", "copy", "real", "synthesize"]
    assert line["copy"]["copies"]["value"] == 200 and line["real"]["copies"]["value"] < 20 and line["synthesize"]["copies"]["value"] == 0
    assert line["independent"]["tstr"]["value"] < 0.4 < 0.9 < line["real"]["tstr"]["value"]
    low, high = line["real"]["c2st"]["interval"]
    assert low < 0.5 < high and line["real"]["c2st"]["n"] == 400
    assert [m["rows"] for m in result["means"]] == list(line) and any("patterns" in n for n in result["notes"])
    shown = benchmark.table_of(result)
    assert shown[0].split()[:5] == ["table", "rows", "n", "c2st", "tstr"] and len(shown) == 9


def test_four_ways_in_give_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function, a recipe, and files made elsewhere from what was exported: the same rows get the same numbers and the same hash."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "def make(train, target, n, seed):\n    assert target == 'intent' and n == 50\n    return {c: v[::-1] for c, v in train.items()}\n"
    )
    (tmp_path / "recipe.yaml").write_text("name: again\ntables: {real: nothing.csv}\nsteps: [{read: {from: real}}]\n")
    told = {"by_function": benchmark.bench("text", generator="mine:make", only=["library"], seeds=1)}
    told["by_recipe"] = benchmark.bench("text", generator="recipe.yaml", only=["library"], seeds=1)
    (written,) = benchmark.export("text", tmp_path / "parts", ["library"])
    rows = list(csv.reader(written.open(newline="")))
    (tmp_path / "made").mkdir()
    with (tmp_path / "made/library.csv").open("w", newline="") as file:
        csv.writer(file).writerows([rows[0], *reversed(rows[1:])])
    done = mintmark("bench", "text", "--synthetic", "made", "--only", "library", "--seeds", "1", "--out", "r.json", cwd=tmp_path)
    assert done.returncode == 0 and "library        made             50" in done.stdout, done.stderr
    told["by_file"] = json.loads((tmp_path / "r.json").read_text())
    assert len({t["hash"] for t in told.values()}) == 1
    lines = {k: t["lines"][-1]["values"] for k, t in told.items()}
    assert lines["by_function"]["copies"]["value"] == 50
    for short in ("copies", "marginals", "near", "trtr"):  # C2ST and TSTR depend on the rows' order, as folds and refits do
        assert len({round(v[short]["value"], 9) for v in lines.values()}) == 1, short
    assert lines["by_function"] == json.loads(json.dumps(lines["by_file"]))
    both = benchmark.beside(told["by_function"], [told["by_file"]])
    assert [x["rows"] for x in both["lines"]] == ["independent", "copy", "real", "mine:make", "made"]
    with pytest.raises(InputError, match="their lines do not compare"):
        benchmark.beside(both, [{**told["by_file"], "hash": "other"}])


def test_what_cannot_be_measured_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "def less(train, target, n, seed):\n    return {'text': train['text']}\n\n\ndef none(train, target, n, seed):\n    return {c: v[:1] for c, v in train.items()}\n"
    )
    wrong = [
        (dict(suite="tabels"), "Did you mean 'tables'"),
        (dict(suite="text", only=["libary"]), "Did you mean 'library'"),
        (dict(suite="text", only=["banking77"]), "give --data banking77=DIR"),
        (dict(suite="tables", data={"banking77": tmp_path}), "the suite tables takes adult"),
        (dict(suite="tables", data={"adult": tmp_path}, only=["adult"]), "there is no file"),
        (dict(suite="text", seeds=0), "expected at least 1"),
        (dict(suite="text", synthetic=tmp_path), "there is no library.csv"),
        (dict(suite="text", generator="mine:nothing"), "has no function 'nothing'"),
        (dict(suite="text", generator="nowhere"), "expected MODULE:FUNCTION"),
    ]
    for options, word in wrong:
        with pytest.raises(MintmarkError, match=word):
            benchmark.bench(**options)  # type: ignore[arg-type]
    (case,) = cases("text", ["library"])
    for name, word in (("less", "gave no column 'intent'"), ("none", "gave 1 rows")):
        _, makers = benchmark._generators(f"mine:{name}", None, [case], 1)
        with pytest.raises(InputError, match=word):
            makers["library"][0](case, 0)


def test_columns_of_other_packages_are_left_out() -> None:
    assert {m.name for m in benchmark._metrics()} >= {"realism", "utility", "fidelity", "copies"}
    assert all(set(m.gives) & set(benchmark.SHOWN.values()) for m in benchmark._metrics())
