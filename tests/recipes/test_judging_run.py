"""Judges, votes and losses in one run of `mintmark curate`: roles, books, what is measured, report and card."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import check_books, ledger, lines, mintmark

JUDGE = """
import json, re, zlib


def told(request):
    text = request.messages[-1]["content"]
    shown = json.loads(re.search(r'^"text": (".*")$', text, re.M)[1])
    right = "late_fee" if "fine" in shown else "room"
    if request.schema is None:
        at = dict((json.loads(b), a) for a, b in re.findall(r'^([A-Z]): (".*")$', text, re.M))
        other = next(x for x in at if x != right)
        top = [{"token": at[right], "logprob": -0.1}, {"token": at[other], "logprob": -2.4}]
        return {"text": at[right], "logprobs": [{**top[0], "top": top}]}
    asked = request.schema["properties"]
    if "answer" in asked:
        return json.dumps({"answer": right})
    return json.dumps({c: {"reason": "r", "score": 1 + zlib.crc32(shown.encode()) % 5} for c in asked})
"""
RECIPE = """
name: judged
models: {judge: "scripted:judging:told", second: "scripted:judging:told"}
steps:
  - agree: {column: intent, by: judge}
  - agree: {column: intent, by: [judge, second], samples: 2, least: 0}
  - judge: {columns: [text], criteria: {clear: "Is it clear?", kind: {ask: {file: kind.txt}, scale: [1, 5]}}, votes: 2, least: 0.1}
  - confidence: {column: intent, by: second, least: 0.5}
  - small_model_loss: {column: intent}
measure: [judging, confidence]
gates: {confidence.aurc: {at_most: 0.3}}
"""


def test_a_table_is_judged(tmp_path: Path) -> None:
    rows = []
    for i in range(40):
        fee = i % 2
        rows.append(
            {"text": f"{'a fine for book' if fee else 'a quiet room for'} {i}", "intent": "late_fee" if fee else "room", "correct": True}
        )
    rows[5]["intent"] = "room"
    rows[8]["correct"] = rows[12]["correct"] = False
    (tmp_path / "table.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (tmp_path / "judging.py").write_text(JUDGE)
    (tmp_path / "kind.txt").write_text("Is it kind to a reader of {{ intent|tojson }}?\n")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    done = mintmark("curate", "table.jsonl", "--with", "recipe.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = check_books(tmp_path / "out")
    lost = {line["reason"] for line in ledger(tmp_path / "out") if line["state"] == "dropped"}
    assert lost <= {"disagrees", "below"} and "disagrees" in lost and manifest["planned"] == 40
    kept = lines(tmp_path / "out" / "data.jsonl")
    assert kept and all(r["votes"] == [r["intent"]] * 4 and r["agreement"] == 1 and r["confidence"] > 0.9 for r in kept)
    assert all(r["believed"] == r["intent"] and r["judged_agreement"] == 1 and set(r["judged"]) == {"clear", "kind"} for r in kept)
    assert all(r["loss"] is not None and 0 <= r["p_label"] <= 1 for r in kept)
    below = sum(line["reason"] == "below" for line in ledger(tmp_path / "out"))
    assert manifest["calls"] == 40 + 39 * (4 + 2) + len(kept) and len(kept) == 39 - below
    told = json.loads((tmp_path / "out" / "measurements.json").read_text())
    found = {m["metric"]: m for m in told["measurements"]}
    assert [g["passed"] for g in told["gates"]] == [True]
    assert found["judging.agreement"]["value"] == 1 and set(found["confidence.aurc"]["by_group"]) >= {
        "confidence",
        "p_label",
        "loss",
        "agreement",
    }
    card = (tmp_path / "out" / "README.md").read_text()
    assert all(paper in card for paper in ("2306.05685", "2311.15614", "2203.11171", "2207.05221"))
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Keep the rows with the highest score" in page and "2306.05685" in page


def test_recorded_verdicts_become_strengths(tmp_path: Path) -> None:
    """A table of verdicts from elsewhere, by a recipe that names its columns; a recipe that names one that is not there is refused."""
    pairs = [("cat", "dog"), ("dog", "cat"), ("cat", "fox"), ("fox", "cat"), ("dog", "fox"), ("fox", "dog")]
    wins = {"cat": 3, "dog": 2, "fox": 1}
    rows = [
        {
            "one": a,
            "two": b,
            "said": "tie" if i % 7 == 0 else min(a, b) if i % 5 == 0 else max(a, b, key=lambda x: wins[x]),
            "task": f"t{i}",
        }
        for i in range(40)
        for a, b in pairs
    ]
    (tmp_path / "table.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    recipe = "name: x\nsteps: [{shuffle: {}}]\nmeasure: [{preference: {a: one, b: two, winner: WHO, item: task}}]\ngates: {preference.lead: {at_least: 0.1}}\n"
    (tmp_path / "recipe.yaml").write_text(recipe.replace("WHO", "who"))
    refused = mintmark("curate", "table.jsonl", "--with", "recipe.yaml", "--out", "out", cwd=tmp_path)
    assert refused.returncode != 0 and "'who'" in refused.stderr
    (tmp_path / "recipe.yaml").write_text(recipe.replace("WHO", "said"))
    done = mintmark("curate", "table.jsonl", "--with", "recipe.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {m["metric"]: m for m in json.loads((tmp_path / "out/measurements.json").read_text())["measurements"]}
    assert list(found["preference.strength"]["by_group"]) == ["cat", "dog", "fox"] and found["preference.strength"]["detail"]["items"] == 40
    assert abs(found["preference.position"]["value"]) < 1e-9, "both orders are judged alike"
    assert "Bradley and Terry 1952" in (tmp_path / "out/README.md").read_text()
