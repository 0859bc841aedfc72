"""The clean set is cleaner than chance at the same coverage; the others get clean rows like them; the whole loop mends labels in a run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import mintmark as mm
from conftest import check_books, lines
from each import last
from final import settle, values
from mintmark.core.ports import Request
from mintmark.curate.clean_set import CleanSet
from mintmark.models.scripted import ScriptedModel
from planted import banking, easy, flipped


def test_obvious_errors_are_not_clean_and_get_examples_of_their_kind() -> None:
    texts, labels, wrong = easy()
    columns = {"text": [*texts, "about charge"], "label": [*labels, None]}
    found, told = settle(CleanSet("label", ("text",), examples=3), columns)
    clean = values(found, "clean")
    assert not any(clean[i] for i in wrong) and clean[60] is False and values(found, "loss")[60] is None
    assert {name: m.value for name, m in told.items()} == {"judged": 60, "clean": sum(clean)} and sum(clean) >= 50
    for i, examples in enumerate(values(found, "examples")):
        assert len(examples) == (0 if clean[i] else 3)
        topic = ["fee", "card", "room"][i % 3] if i < 60 else "fee"
        assert {e["label"] for e in examples} <= {topic} and all(clean[texts.index(e["text"])] for e in examples)
    order = sorted(range(60), key=lambda i: values(found, "loss")[i])
    p = values(found, "p_clean")
    assert all(p[a] >= p[b] for a, b in zip(order, order[1:], strict=False))
    assert [v.values for v in settle(CleanSet("label", ("text",), examples=3), columns, size=9)[0]] == [v.values for v in found]


@pytest.mark.parametrize(("kind", "share", "precision", "coverage"), [("symmetric", 0.4, 0.93, 0.3), ("class-dependent", 0.2, 0.95, 0.4)])
def test_precision_against_coverage_on_banking77(data: Path, kind: str, share: float, precision: float, coverage: float) -> None:
    texts, true = banking(data)
    given = flipped(true, kind, share)
    right = [a == b for a, b in zip(given, true, strict=True)]
    found, _ = settle(CleanSet("label", ("text",)), {"text": texts, "label": given})
    clean = values(found, "clean")
    order = sorted(range(len(texts)), key=lambda i: values(found, "loss")[i])
    curve = {c: sum(right[i] for i in order[: int(c * len(order))]) / int(c * len(order)) for c in (0.2, 0.4, 0.6, 0.8, 1.0)}
    got = sum(r for r, c in zip(right, clean, strict=True) if c) / sum(clean), sum(clean) / len(clean)
    print(kind, share, [round(x, 3) for x in got], {c: round(p, 3) for c, p in curve.items()})
    assert got[0] >= precision and got[1] >= coverage
    assert all(curve[a] >= curve[b] - 0.01 for a, b in zip(curve, list(curve)[1:], strict=False)), "fewer rows are cleaner rows"
    assert curve[0.4] > curve[1.0] + (1 - curve[1.0]) * 0.7


def majority(request: Request) -> str:
    """A model that goes by the examples it is shown."""
    shots = [json.loads(line.rsplit(" -> ", 1)[1]) for line in last(request).splitlines() if " -> " in line]
    return json.dumps({"label": Counter(shots).most_common(1)[0][0]})


def test_the_loop_mends_labels_in_a_run(tmp_path: Path, data: Path) -> None:
    """Final, each, final: the steps stand in a recipe as FreeAL has them, run to the end, and running again asks nothing and gives the same."""
    texts, true = banking(data, 30)
    given = flipped(true, "symmetric", 0.3)
    rows = [{"n": i, "text": t, "intent": x} for i, (t, x) in enumerate(zip(texts, given, strict=True))]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    asks: list[str] = []

    def model(request: Request) -> str:
        asks.append(request.row)
        return majority(request)

    steps = [
        CleanSet("intent", ("text",), examples=5),
        mm.curate.Relabel("text", "intent", sorted(set(true)), only="not clean", examples="examples"),
        mm.curate.Columns(drop=["examples"]),
        ("again", CleanSet("intent", ("text",))),
    ]
    recipe = mm.Recipe(ops=steps, models={"judge": ScriptedModel(model, "shots")})
    mm.curate(tmp_path / "t.jsonl", recipe, out=tmp_path / "run")
    manifest = check_books(tmp_path / "run")
    found = lines(tmp_path / "run" / "data.jsonl")
    assert len(found) == 300 and manifest["dropped"] == manifest["failed"] == 0
    assert [r["intent_before"] for r in found] == given, "originals are kept"
    first = manifest["facts"]["clean_set"]["clean"]["value"]
    assert len(asks) == 300 - first == sum(r["relabelled"] for r in found) and manifest["facts"]["again"]["clean"]["value"] > first
    before, after = (sum(a == b for a, b in zip(labels, true, strict=True)) / 300 for labels in (given, [r["intent"] for r in found]))
    print(f"labels right before {before:.3f}, after {after:.3f}, clean at first {first}")
    assert after > before + 0.08
    data_before = (tmp_path / "run" / "data.jsonl").read_bytes()
    mm.curate(tmp_path / "t.jsonl", recipe, out=tmp_path / "run")
    assert (tmp_path / "run" / "data.jsonl").read_bytes() == data_before and len(asks) == 300 - first


def test_stopped_in_a_step_after_a_final_one_nothing_is_paid_twice(tmp_path: Path) -> None:
    texts, labels, _ = easy()
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"text": t, "topic": x}) + "\n" for t, x in zip(texts, labels, strict=True)))
    asks: list[str] = []

    def model(request: Request) -> dict[str, object]:
        asks.append(request.row)
        return {"text": json.dumps({"label": ["fee", "card", "room"][len(asks) % 3]}), "tokens_in": 100, "tokens_out": 10}

    steps = [CleanSet("topic", ("text",)), mm.curate.Relabel("text", "topic", ["fee", "card", "room"], only="clean")]
    recipe = mm.Recipe(ops=[*steps, ("again", CleanSet("topic", ("text",)))], models={"judge": ScriptedModel(model, "paid")})
    run = mm.curate(tmp_path / "t.jsonl", recipe, out=tmp_path / "run", max_tokens=2_000)
    stopped = check_books(tmp_path / "run")
    assert run.status == "unfinished" and stopped["pending"] == 60 and 0 < len(asks) < 30
    mm.curate(tmp_path / "t.jsonl", recipe, out=tmp_path / "run")
    done = check_books(tmp_path / "run")
    assert done["status"] == "complete" and done["kept"] == 60
    assert len(asks) == len(set(asks)) == done["facts"]["clean_set"]["clean"]["value"] == done["calls"]
