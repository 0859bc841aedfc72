"""audit: any two tables, however mistyped, give numbers or a refusal in words; what is missing is said; the printed summary fits a screen."""

from __future__ import annotations

import csv
import json
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import mintmark
from mintmark import api
from mintmark.core.errors import InputError, Refused
from mintmark.core.metric import Measurement
from mintmark.measuring import pictures
from mintmark.report.discreet import HIDDEN, Discreet
from mintmark.report.screen import figures
from mintmark.stats.align import align
from mintmark.stores.tables import read_table

CELLS: dict[str, Any] = {
    "int": lambda r: r.randint(-3, 40),
    "float": lambda r: r.choice([r.gauss(0, 1), r.gauss(5, 2), math.nan, math.inf, 1e308]),
    "digits": lambda r: str(r.randint(0, 99)),
    "level": lambda r: r.choice(["yes", "no", "ü", ""]),
    "bool": lambda r: r.random() < 0.5,
    "date": lambda r: f"20{r.randint(10, 29)}-0{r.randint(1, 9)}-1{r.randint(0, 9)}",
    "text": lambda r: " ".join(
        r.choice(["wo", "ist", "mein", "Geld", "card", "\u200b", "=1+1", "<b>", "日本"]) for _ in range(r.randint(0, 12))
    ),
    "id": lambda r: f"x{r.getrandbits(40):x}",
    "mixed": lambda r: r.choice([1, 2.5, "three", True, None, "4"]),
    "none": lambda r: None,
    "one": lambda r: "same",
    "huge": lambda r: "lorem ipsum dolor " * r.choice([1, 3_000]),
    "nested": lambda r: r.choice([[1, "a"], {"role": "user", "content": "hi"}]),
    "long int": lambda r: r.choice([10**30, 7, 10**400]),
}


def table(seed: int, rows: int, kinds: list[str], missing: float) -> list[dict[str, Any]]:
    r = random.Random(seed)
    names = ["a", "b", "c", "id", "weight", "text"]
    return [{n: None if r.random() < missing else CELLS[k](r) for n, k in zip(names, kinds)} for _ in range(rows)]


kinds = st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=6)
sizes = st.sampled_from([1, 2, 5, 12, 40])


@given(
    kinds,
    kinds,
    sizes,
    sizes,
    sizes,
    st.sampled_from([0.0, 0.3, 0.95]),
    st.integers(0, 2),
    st.sampled_from([None, "a", "b"]),
    st.integers(0, 99),
)
@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_table_brings_it_down(
    own: list[str], real: list[str], n: int, m: int, h: int, missing: float, others: int, target: str | None, seed: int
) -> None:
    if others == 2:
        real = [*own[:4], *real[4:]]
    rest = [table(seed + 1, m, real, missing), table(seed + 2, h, real, missing)][:others]
    try:
        found = api.audit(table(seed, n, own, missing), **dict(zip(("real", "holdout"), rest)), target=target)
    except Refused as error:
        assert len(str(error)) > 20
        return
    assert not [note for note in found.summary.notes if "fault of the metric" in note], found.summary.notes
    for one in found:
        assert one.value is None or not isinstance(one.value, float) or math.isfinite(one.value), one
    assert str(found).startswith("Audit of synthetic table")


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def people(seed: int, n: int, **more: Any) -> list[dict[str, Any]]:
    r = random.Random(seed)
    return [{"nr": i, "age": r.randint(20, 70), "smoker": r.choice(["yes", "no"]), **more} for i in range(n)]


def test_the_screen_and_json_of_the_command(tmp_path: Path) -> None:
    own, real = write(tmp_path / "own.csv", people(1, 60, extra=1)), write(tmp_path / "real.csv", people(2, 80, Weight=3))
    done = mintmark("audit", own, "--real", real, "--target", "smoker", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    for part in ("Varied?", "Real-looking?", "Useful?", "Safe?", "realism.c2st_auc", "95 % interval", "were set aside here", "not checked"):
        assert part in done.stdout
    for part in ("Weight is missing in the synthetic", "not compared: extra", "nr looks like a row number", "--out DIR writes a report"):
        assert part in done.stdout
    assert len(done.stdout.splitlines()) < 60 and max(map(len, done.stdout.splitlines())) <= 140
    assert not list(tmp_path.glob("*/")), "no folder unless asked for"
    alone = mintmark("audit", own, "--json", "--without", "nr", cwd=tmp_path)
    assert alone.returncode == 0 and {m["metric"].split(".")[0] for m in json.loads(alone.stdout)["measurements"]} == {"diversity"}
    assert "no real table" in str(api.audit(own))
    (tmp_path / "head.csv").write_text("a,b\n")
    (tmp_path / "latin.csv").write_bytes("naïve,b\n1,2\n".encode("latin-1"))
    (tmp_path / "twice.csv").write_text("a,a\n1,2\n")
    for name, words in (("head.csv", "at least one row"), ("latin.csv", "no UTF-8"), ("twice.csv", "column a twice")):
        with pytest.raises(InputError, match=words):
            api.audit(tmp_path / name, real=real)
    done = mintmark("audit", "head.csv", "--real", real, cwd=tmp_path)
    assert done.returncode == 2 and "at least one row" in done.stderr and "Traceback" not in done.stderr


def test_a_run_closes_with_the_screen_of_an_audit(tmp_path: Path) -> None:
    write(tmp_path / "real.csv", people(2, 120))
    steps = "steps: [{synthesize: {from: real}}]\nmeasure: [{realism: {most: 50}}, copies]\ngates: {privacy.copies: {at_most: 99}}\n"
    (tmp_path / "recipe.yaml").write_text(f"name: people\nwant: 60\ntables: {{real: real.csv}}\n{steps}")
    done = mintmark("run", "recipe.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [Measurement.from_dict(m) for m in json.loads((tmp_path / "runs/people/measurements.json").read_bytes())["measurements"]]
    assert "\n".join(figures(json.loads((tmp_path / "runs/people/manifest.json").read_bytes()), found)) in done.stdout
    for part in ("Real-looking?", "C2ST AUC", "95 % interval", "gate privacy.copies", "report:"):
        assert part in done.stdout
    told = [
        Measurement("realism.c2st_auc", 0.9, "AUC", 60, (0.85, 0.95), "near 0.5", detail={"gives_away": ["“oberarzt” (0% against 3%)"]})
    ]
    shown, hidden = ("\n".join(figures({"kept": 3}, told, private=private)) for private in (False, True))
    assert "because of “oberarzt”" in shown and "oberarzt" not in hidden and "C2ST AUC 0.9" in hidden
    bare = mintmark("run", "recipe.yaml", "--set", "measure=[]", "--set", "gates={}", "--out", "bare", cwd=tmp_path)
    assert bare.returncode == 0 and "Varied?" not in bare.stdout and "measurement" not in bare.stdout, "nothing was asked, nothing is said"


def test_columns_in_words() -> None:
    real = people(3, 40)
    with pytest.raises(InputError, match=r"--map REAL=SYNTHETIC"):
        api.audit([{"x": 1}], real=real)
    with pytest.raises(InputError, match="Did you mean 'smoker'"):
        api.audit(real, real=real, target="smokr")
    with pytest.raises(InputError, match="name that too"):
        api.audit(real, holdout=real)
    blank = [{**row, "smoker": None} for row in real]
    notes = " ".join(api.audit(blank, real=real, target="smoker", measure=["utility"]).summary.notes)
    assert "usefulness was not measured: a learner of smoker takes 5 rows with a smoker" in notes
    notes = " ".join(api.audit([{"Age ": 3, "smoker": "no"}] * 12, real=real, measure=["copies"]).summary.notes)
    assert "is it 'Age '? then --map age=Age " in notes and "--target COLUMN" not in notes, "usefulness was not asked for"
    assert "--target COLUMN" in " ".join(api.audit(real, real=real, measure=["copies", "utility"]).summary.notes)


def test_copies_are_looked_for_in_all_real_rows() -> None:
    real = people(4, 100)
    found = api.audit(real, real=real, target="smoker", measure=["copies"])
    assert {m.metric: m.value for m in found} == {"privacy.copies": 100}


def test_align() -> None:
    (own, real), notes = align(
        {"a": ["31", "n/a", "4"], "b": [1, 0, None], "c": [7, 8, 9], "d": ["x"] * 3}, [{"a": [3], "b": [True], "c": ["x"], "e": [1]}]
    )
    assert own["a"] == [31, None, 4] and own["b"] == [True, False, None] and own["c"] == ["7", "8", "9"] and real["c"] == ["x"]
    assert [n.split(":")[0] for n in notes] == ["a", "b", "c"] and "1 of 3 synthetic cells is no number (such as 'n/a')" in notes[0]
    (own, real), notes = align({"a": [1, 2]}, [{"a": ["5"] * 30 + ["?"]}])
    assert real["a"][0] == 5 and real["a"][-1] is None and "1 of 31 real cells" in notes[0]
    assert align({"a": [None]}, [{"a": [1]}])[1] == ["no cell is filled in the synthetic table's a"]


def test_a_weight_in_kilograms_is_a_column_like_others(tmp_path: Path) -> None:
    """Rows count by `weight` only where real rows have no such column; synthesize learns it, and nobody is counted 80 times for 80 kg."""
    r = random.Random(3)

    def people(n: int) -> list[dict[str, Any]]:
        return [{"weight": round(r.gauss(75 + 10 * tall, 8), 1), "size": "tall" if tall else "small"} for tall in r.choices((0, 1), k=n)]

    real = people(80)
    done = api.run(
        api.load({"name": "kg", "tables": {"real": real}, "steps": [{"synthesize": {"from": "real"}}], "want": 60}),
        out=tmp_path / "kg",
        report=False,
    )
    assert set(done.rows()[0]) == {"id", "weight", "size"}
    told = {m.metric: m for m in api.audit(people(60), real=real, measure=["realism"])}
    assert set(told["realism.marginals"].by_group or {}) == {"weight", "size"}
    weighed = api.audit(
        [{**p, "weight": 1.0, "kg": p["weight"]} for p in people(60)], real=[{"kg": p["weight"], "size": p["size"]} for p in real]
    )
    assert any("weight is taken for how much each row counts" in n for n in weighed.summary.notes)


def test_of_private_rows_nothing_is_shown(tmp_path: Path) -> None:
    """Every cell of the real rows bears a mark, some synthetic rows are copies of theirs: no file and no line on the screen has one."""
    r = random.Random(0)
    words = "pain walks eats sleeps left right knee hip calls dry clean fine".split()

    def rows(n: int, mark: str, level: str) -> list[dict[str, Any]]:
        return [
            {
                "age": r.randrange(18, 90), "sum": round(r.gauss(3e4, 5e3), 2), "job": f"{level}job{i % 5 if i % 40 else i}", "when": "x",
                "note": f"{mark} {' '.join(r.choice(words) for _ in range(9))} {mark}{i}", "y": r.choice("ab"),
            }
            for i in range(n)
        ]  # fmt: skip

    real, held, made = rows(300, "qqreal", "qqreal"), rows(200, "qqheld", "qqheld"), rows(250, "made", "")
    real[0] |= {"age": 7_654_321, "sum": 98_765_432.1, "when": "qqodd"}
    made[5:9] = real[5:9]
    for name, table in (("real", real), ("held", held), ("made", made)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table))
    command = ("audit", "made.jsonl", "--real", "real.jsonl", "--holdout", "held.jsonl", "--target", "y", "--text", "note")
    told = mintmark(*command, "--private", "--out", "audit", "--junit", "gates.xml", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "audit").stat().st_mode & 0o077 == 0
    for text in (told.stdout, *(path.read_text() for path in (tmp_path / "audit").iterdir())):
        assert not re.search(r"qqheld|qqodd|qqreal(?!job[0-4]\b)|7.?654.?321|98.?765.?43", text.lower())
    for path in (*(tmp_path / "audit").iterdir(), tmp_path / "gates.xml"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert "private tables real, holdout are used" in (tmp_path / "audit" / "README.md").read_text()
    drawn = pictures({c: [row[c] for row in made] for c in made[0]}, read_table("real", real, private=True))
    assert max(drawn[0]["real"]) < 90 and "qqodd" not in drawn[3]["real"], "an axis tells the extremes"
    shown = mintmark(*command, "--out", "open", cwd=tmp_path)
    assert shown.returncode == 0 and "qqreal" in (tmp_path / "open" / "report.html").read_text(), "without --private the report shows rows"
    refused = mintmark("audit", "made.jsonl", "--private", cwd=tmp_path)
    assert refused.returncode == 2 and "name them with --real" in refused.stderr


def test_what_is_quoted_of_private_cells_goes_whole() -> None:
    """A cell that holds a bracket, an error's own words, digits of a text."""
    hush = Discreet({"note": ["call us"], "age": [31]}, [{"note": ["call 0815 us", "meyer walks"], "age": [41]}])
    for cell in ("(a) Meyer, Hans", "it's (b) Meyer", 'say "c") Meyer', "back\\slash') Meyer"):
        notes = align({"age": [1.0, 2.0, 3.0]}, [{"age": [*map(str, range(20)), cell]}])[1]
        assert notes and "Meyer" in notes[0] and "Meyer" not in hush.note(notes[0]) and hush.note(notes[0]).endswith("counts as missing")
    raised = "some was not measured: ValueError in x.py:3 (could not convert string to float: 'Meyer (b)'); this is a fault of the metric"
    assert hush.note(raised) == "some was not measured: ValueError in x.py:3; this is a fault of the metric"
    assert hush.line("more in real rows: “call 0815” (0% against 3%)") == HIDDEN == hush.line("meyer: 3%")
    for fine in ("more in real rows: “call us” (0% against 3%)", "mean 0815 against 41", "row 815 shares 2 with real row 41"):
        assert hush.line(fine) == fine


def test_a_metric_takes_parameters_and_tables(tmp_path: Path) -> None:
    rows = [{"text": f"the {i} th letter of many"} for i in range(40)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    some = mintmark("audit", "a.jsonl", "--measure", "overlap: {size: 20, times: 4}", cwd=tmp_path)
    assert some.returncode == 0, some.stderr
    for wrong, words in (
        ("overlap: {sizes: 3}", "no parameter 'sizes'"),
        ("overlap: {", "expected a name, or"),
        ("privacy: {size: 3}", "is a family"),
    ):
        refused = mintmark("audit", "a.jsonl", "--measure", wrong, cwd=tmp_path)
        assert refused.returncode == 2 and words in refused.stderr, refused.stderr
    own = api.audit(
        rows, text="text", measure=[{"canaries": {"inside": "mine", "outside": "theirs"}}], tables={"mine": rows[:20], "theirs": rows[20:]}
    )
    assert {m.metric for m in own} >= {"privacy.canary_auc_ngram", "privacy.canary_tpr_nearest"}
    assert mintmark("audit", "a.jsonl", "--table", "mine", cwd=tmp_path).returncode == 2
