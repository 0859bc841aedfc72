"""After `even` the group tells nothing of the label: by dropping, by weights, and after counterfactual augmentation, in a real run."""

from __future__ import annotations

import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mintmark as mm
from conftest import check_books, ledger, lines
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.rows import Batch, Tally
from mintmark.stats.association import independent_weights, mutual_information

COUNTS = st.dictionaries(st.tuples(st.sampled_from("fmx"), st.sampled_from("abcd")), st.integers(1, 40), min_size=1)


def bits(rows: list[dict[str, object]], group: str = "group", label: str = "job") -> float:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[str(row[group]), str(row[label])] += row.get("weight", 1)  # type: ignore[assignment]
    return mutual_information(counts)


@given(COUNTS)
@settings(max_examples=150, deadline=None)
def test_weights_make_independent_exactly_and_keep_both_margins(counts: dict[tuple[str, str], int]) -> None:
    groups, labels = {g for g, _ in counts}, {x for _, x in counts}
    if len(counts) < len(groups) * len(labels):
        with pytest.raises(ValueError, match="no row has group"):
            independent_weights(counts)
        return
    total = sum(counts.values())
    weights = independent_weights({cell: Fraction(n) for cell, n in counts.items()})  # type: ignore[misc]
    weighted = {cell: w * counts[cell] for cell, w in weights.items()}
    for g in groups:
        for x in labels:
            n_g, n_x = sum(counts[g, y] for y in labels), sum(counts[h, x] for h in groups)
            assert weighted[g, x] == Fraction(n_g * n_x, total)
    assert mutual_information({c: float(w) for c, w in weighted.items()}) < 1e-12


def test_mutual_information_by_hand() -> None:
    assert mutual_information({("f", "a"): 5, ("m", "b"): 5}) == 1.0
    assert mutual_information({("f", "a"): 7, ("m", "a"): 7, ("f", "b"): 3, ("m", "b"): 3}) == 0.0
    assert mutual_information({("f", "n"): 30, ("m", "n"): 10, ("f", "p"): 10, ("m", "p"): 30}) == pytest.approx(0.18872187554)
    assert mutual_information({}) == 0.0


def people(n: int = 240) -> list[dict[str, str]]:
    """Nurses are mostly women and pilots mostly men, in text and group alike."""
    rng = random.Random(1)
    out = []
    for i in range(n):
        job = rng.choice(["nurse", "pilot", "cook"])
        female = rng.random() < {"nurse": 0.9, "pilot": 0.2, "cook": 0.5}[job]
        who = rng.choice([("She", "her"), ("Emma", "her")] if female else [("He", "his"), ("Scott", "his")])
        out.append({"text": f"{who[0]} is a {job} and likes {who[1]} work, case {i}.", "job": job, "sex": "f" if female else "m"})
    out += [{"text": f"Nobody knows this {job}, case {k}.", "job": job, "sex": ""} for k, job in enumerate(["nurse"] * 12 + ["pilot"])]
    return out


def run(tmp_path: Path, rows: list[dict[str, str]], *steps: object) -> tuple[list[dict[str, object]], dict[str, object]]:
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    mm.curate(tmp_path / "t.jsonl", mm.Recipe(ops=list(steps)), out=tmp_path / "run")
    manifest = check_books(tmp_path / "run")
    return lines(tmp_path / "run" / "data.jsonl"), {name: fact["value"] for name, fact in manifest["facts"]["even"].items()}


@pytest.mark.parametrize("how", ["drop", "weigh"])
def test_group_and_label(tmp_path: Path, how: str) -> None:
    rows = people()
    found, told = run(tmp_path, rows, mm.curate.Even("sex", "job", how, ["f", "m"]))
    before = bits([dict(r) for r in rows if r["sex"]], "sex")
    counted = [r for r in found if r["sex"]]
    assert told["bits_before"] == pytest.approx(before) and before > 0.2
    assert told["not_counted"] == 13 and len(found) - len(counted) == 13, "rows of no group stay"
    if how == "drop":
        assert bits(counted, "sex") == 0.0 == told["bits_after"]
        cells = Counter((r["job"], r["sex"]) for r in counted)
        assert all(cells[job, "f"] == cells[job, "m"] for job in ("nurse", "pilot", "cook"))
        assert {line["reason"] for line in ledger(tmp_path / "run") if line["state"] == "dropped"} == {"uneven"}
        smaller = Counter((r["job"], r["sex"]) for r in rows)
        assert all(cells[job, "f"] == min(smaller[job, "f"], smaller[job, "m"]) for job in ("nurse", "pilot", "cook"))
    else:
        assert len(found) == len(rows) and bits(counted, "sex") < 1e-12 and told["bits_after"] < 1e-12
        assert {r["weight"] for r in found if not r["sex"]} == {1.0}
        assert sum(r["weight"] for r in counted) == pytest.approx(240)  # type: ignore[misc]


@pytest.mark.parametrize("how", ["drop", "weigh"])
def test_nothing_is_left_after_augmentation(tmp_path: Path, how: str) -> None:
    """Swapping alone evens out female and male; the rows without such a word go into the balance as their own group only if named."""
    rows = people()
    found, told = run(tmp_path, rows, mm.generate.Swap("text"), mm.curate.Even("group", "job", how))
    gendered = [r for r in found if r["group"]]
    assert len(gendered) == 480, "each row and its counterfactual: nothing was left to drop"
    assert told["bits_before"] == 0.0 and bits(gendered) < 1e-12
    assert how == "drop" or {r["weight"] for r in found} == {1.0}
    texts = Counter((r["job"], str(r["text"]).split()[0]) for r in gendered)
    assert texts["nurse", "He"] == texts["nurse", "She"] and texts["pilot", "Emma"] == texts["pilot", "Scott"]


def test_half_augmented_is_evened_out(tmp_path: Path) -> None:
    found, told = run(tmp_path, people(), mm.generate.Swap("text", share=0.5, otherwise="drop"), mm.curate.Even("group", "job"))
    assert told["bits_before"] > 0.01 and told["bits_after"] == 0.0 == bits(found)


def test_labels_without_a_counterpart_go_and_what_cannot_be_evened_is_refused(tmp_path: Path) -> None:
    rows = [{"sex": s, "job": j} for s, j in [("f", "a"), ("f", "a"), ("m", "a"), ("f", "b"), ("m", "c")]]
    found, _ = run(tmp_path, rows, mm.curate.Even("sex", "job", "weigh"))
    assert [(r["sex"], r["weight"]) for r in found] == [("f", 1.0), ("f", 1.0), ("m", 1.0)]
    assert [line["detail"] for line in ledger(tmp_path / "run") if line["reason"] == "no_counterpart"] == [
        "job b has no row of m",
        "job c has no row of f",
    ]
    for kept in (rows[3:], rows[:2]):
        with pytest.raises(RecipeError, match="rows of each group"):
            settle(mm.curate.Even("sex", "job"), {k: [r[k] for r in kept] for k in ("sex", "job")})


def settle(op: Any, columns: dict[str, list[Any]]) -> tuple[list[Any], Context]:
    n = len(next(iter(columns.values())))
    batch = Batch([(i, 0) for i in range(n)], [str(i) for i in range(n)], columns)
    ctx = Context().at("even", "", Tally())
    verdicts = dict(op.settle(lambda _: [batch], ctx))
    return [verdicts.get((i, 0)) for i in range(n)], ctx


def test_weights_multiply() -> None:
    columns = {"g": ["f", "m", "f", "m"], "l": ["a", "a", "b", "b"], "weight": [2.0, 1.0, 1.0, 4.0]}
    found, ctx = settle(mm.curate.Even("g", "l", "weigh"), columns)
    assert [v.values["weight"] for v in found] == pytest.approx([3 * 3 / 8, 5 * 3 / 8, 3 * 5 / 8, 5 * 5 / 8])
    assert ctx.facts()["even"]["bits_before"]["value"] == pytest.approx(mutual_information({(0, 0): 2, (1, 0): 1, (0, 1): 1, (1, 1): 4}))
