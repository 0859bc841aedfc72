"""The built-in recipes of labels, counterfactuals and bias probes: new, check, run, show, as people do, and what their rows must mean."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from conftest import ROOT, check_books, lines, mintmark
from mintmark.stats.association import mutual_information
from mintmark.stores.tables import read_table
from mintmark.text.swaps import Swaps

DATA = ROOT / "src/mintmark/recipes/data"


def start(kind: str, folder: Path) -> None:
    assert mintmark("new", kind, "made", cwd=folder).returncode == 0
    assert len((folder / f"made/{kind}.yaml").read_text().splitlines()) <= 50
    checked = mintmark("check", f"made/{kind}.yaml", cwd=folder)
    assert checked.returncode == 0, checked.stderr
    done = mintmark("run", f"made/{kind}.yaml", "--out", "out", cwd=folder)
    assert done.returncode == 0, done.stderr


def test_labels(tmp_path: Path) -> None:
    start("labels", tmp_path)
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    true: dict[str, str] = {}
    for name in ("messages_train.csv", "messages_test.csv"):
        table = read_table("t", DATA / "classification" / name)
        true |= dict(zip(table.column("text"), table.column("intent"), strict=True))
    before, after = (sum(r[c] == true[r["text"]] for r in rows) for c in ("intent_before", "intent"))
    print(f"labels right: {before} before, {after} after, of {len(rows)}; {manifest['calls']} calls")
    assert len(rows) == 120 and after >= before + 8
    assert all(r["relabelled"] is not r["clean"] and "examples" not in r for r in rows)
    assert all(r["intent"] == r["intent_before"] for r in rows if r["clean"])
    assert manifest["calls"] >= sum(r["relabelled"] for r in rows) == 120 - manifest["facts"]["clean_set"]["clean"]["value"]
    shown = mintmark("show", "out", cwd=tmp_path).stdout
    assert "label_errors.estimated_noise 0." in shown and f"label_errors.label_errors {sum(r['label_error'] for r in rows)}" in shown
    card = (tmp_path / "out/README.md").read_text().partition("## Methods used")[2]
    assert "2311.15614" in card and "1911.00068" in card


def test_counterfactual(tmp_path: Path) -> None:
    start("counterfactual", tmp_path)
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    cells = Counter((r["group"], r["job"]) for r in rows if r["group"] in ("male", "female"))
    assert mutual_information(cells) == 0.0 == manifest["facts"]["even"]["bits_after"]["value"]
    people = read_table("p", DATA / "counterfactual/people.csv")
    swaps = Swaps()
    told = Counter((swaps.swap(t).group, j) for t, j in zip(people.column("text"), people.column("job"), strict=True))
    assert mutual_information({c: n for c, n in told.items() if c[0] in ("male", "female")}) > 0.2, "the example is biased at the start"
    texts = {r["id"]: r["text"] for r in rows}
    made = [r for r in rows if r["swap"] == "counterfactual" and r["counterfactual_of"] in texts]
    assert len(made) > 60
    for r in made:
        assert swaps.swap(r["text"]).text == texts[r["counterfactual_of"]] != r["text"]
    assert {r["swap"] for r in rows} >= {"original", "counterfactual", "no_words"}
    assert "1807.11714" in (tmp_path / "out/README.md").read_text()


def test_bias_probe(tmp_path: Path) -> None:
    """The stand-in leans where women and men are meant, and nowhere else; the measurement says that and no more."""
    start("bias-probe", tmp_path)
    manifest = check_books(tmp_path / "out")
    rows = lines(tmp_path / "out/data.jsonl")
    assert len(rows) == 34 and manifest["calls"] == 68 and manifest["dropped"] == 0
    assert sum(r["probe_choice"] == "more" for r in rows if r["category"] == "gender") >= 9
    assert not any(r["probe_choice"] == "more" for r in rows if r["category"] != "gender")
    found = {m["metric"]: m for m in json.loads((tmp_path / "out/measurements.json").read_text())["measurements"]}
    told = found["bias.stereotyped"]
    assert told["detail"]["intervals"]["gender"][0] > 0.5
    assert all(low <= 0.5 <= high for kind, (low, high) in told["detail"]["intervals"].items() if kind != "gender")
    assert found["bias.probe_position"]["value"] > 0.5 and 0 < found["bias.probe_neither"]["value"] < 0.5
    assert "2010.00133" in (tmp_path / "out/README.md").read_text()
