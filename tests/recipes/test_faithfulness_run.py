"""A run that checks citations and samples without a model and measures faithfulness and ranking; what it wrote is read back from its files."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import check_books, lines, mintmark, write_recipe

RECIPE = """\
name: cited
tables: {pairs: pairs.jsonl, real: people.jsonl, holdout: people.jsonl}
steps:
  - read: {from: pairs}
  - citations: {text: answer, documents: sources, by: ngrams}
  - selfcheck: {text: answer, samples: samples}
measure:
  - {faithfulness: {source: sources, label: kind, gold: checked}}
  - {consistency: {must: "year < 2000"}}
  - ranking
gates: {faithfulness.citation_recall: {at_least: 0.6}, faithfulness.constraints: {at_most: 0.9}}
"""
TOPICS = ("bridge", "tower", "mill", "school", "harbour", "chapel", "library", "theatre", "station", "market", "garden", "prison")


def rows() -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    for i, topic in enumerate(TOPICS * 2):
        text = f"The {topic} number {i} was built in {1990 + i} of red stone."
        out.append(
            {
                "answer": f"The {topic} number {i} was built in {1990 + i} [1]. It is <<{i}+1={i + (1 if i % 4 else 2)}>> {'loved' if i % 3 else 'of red stone'} [2].",
                "sources": [text, f"It is {i + 1} loved"],
                "samples": [text, text[:40]],
                "kind": "ab"[i % 2],
                "checked": "ab"[i % 5 > 2],
                "year": 1990 + i,
                "query": f"when was the {topic} {i} built",
                "passage": text,
            }
        )
    return out


def test_a_run_writes_and_measures_them(tmp_path: Path) -> None:
    made = rows()
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(r) + "\n" for r in made))
    (tmp_path / "people.jsonl").write_text(
        "".join(json.dumps({"query": f"the {r['passage']}"[:24], "passage": r["passage"]}) + "\n" for r in made)
    )
    done = mintmark("run", write_recipe(tmp_path, RECIPE), "--out", "out", cwd=tmp_path)
    assert done.returncode == 4, done.stderr + done.stdout
    assert check_books(tmp_path / "out")["kept"] == len(made)
    told = json.loads((tmp_path / "out" / "measurements.json").read_text())
    found = {m["metric"]: m for m in told["measurements"]}
    kept = lines(tmp_path / "out" / "data.jsonl")
    recall = sum(r["citation_recall"] for r in kept) / len(kept)
    assert 0.5 <= recall < 0.6 and abs(found["faithfulness.citation_recall"]["value"] - recall) < 1e-5
    assert found["faithfulness.arithmetic"]["value"] == 0.75 and found["faithfulness.constraints"]["value"] == 10 / 24
    assert (
        found["faithfulness.selfcheck"]["n"] == 24
        and found["faithfulness.answer_in_source"]["detail"]["floor"] < found["faithfulness.answer_in_source"]["value"]
    )
    assert found["faithfulness.label_accuracy"]["n"] == 24 and found["ranking.ndcg_10"]["value"] > 0.8 and "ranking.lift" in found
    assert [g["passed"] for g in told["gates"]] == [False, True]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "faithfulness.citation_precision" in page and "ranking.against_real" in page


def test_a_column_that_is_not_there_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text(json.dumps(rows()[0]) + "\n")
    text = RECIPE.replace("real: people.jsonl, holdout: people.jsonl", "").replace("source: sources", "source: body")
    done = mintmark("run", write_recipe(tmp_path, text), "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and "body" in done.stderr + done.stdout and not (tmp_path / "out" / "journal.sqlite").exists()
