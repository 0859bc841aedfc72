"""faithfulness, consistency, verdicts: planted shares are measured as what they are, beside floors that chance gives; recorded data; odd cells."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, kept
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.metric import Data, Measurement, Metric, Tables
from mintmark.curate.selfcheck import Selfcheck
from mintmark.evaluate.consistency import Consistency
from mintmark.evaluate.faithfulness import Faithfulness
from mintmark.evaluate.verdicts import Verdicts
from mintmark.testing import check_metric


def measured(metric: Metric, columns: dict[str, list[Any]], **more: Any) -> dict[str, Measurement]:
    return {m.metric.partition(".")[2]: m for m in check_metric(metric, Tables(Data(columns), **more), Context())}


def holds(m: Measurement, true: float) -> bool:
    return m.interval is not None and m.interval[0] <= true <= m.interval[1]


# labels


def test_label_accuracy_of_planted_flips() -> None:
    """Three labels of equal share, 20 % flipped to the next one: accuracy 0.8, floor 1/3, and only these confusions."""
    rng = random.Random(1)
    gold = [("abc")[i % 3] for i in range(900)]
    label = [("bca")["abc".index(g)] if rng.random() < 0.2 else g for g in gold]
    found = measured(Faithfulness(), {"intent": label, "gold": gold}, target="intent")["label_accuracy"]
    assert found.n == 900 and holds(found, 0.8) and found.detail is not None and found.by_group is not None
    assert found.detail["floor"] == pytest.approx(1 / 3, abs=1e-6) and set(found.by_group) == {"a", "b", "c"}
    assert {(c["label"], c["true"]) for c in found.detail["confused"]} == {("b", "a"), ("c", "b"), ("a", "c")}
    assert sum(c["rows"] for c in found.detail["confused"]) == round(900 * (1 - found.value))  # type: ignore[operator]


def test_gold_goes_before_consensus_and_missing_ones_are_said() -> None:
    columns: dict[str, list[Any]] = {"y": ["1,000", "late_fee", None, "b"], "agreed": ["1000", "late_fee", "c", "c"]}
    found = measured(Faithfulness(label="y"), columns)["label_accuracy"]
    assert (
        (found.value, found.n) == (pytest.approx(2 / 3), 3)
        and any("consensus" in c for c in found.caveats)
        and any("1 rows" in c for c in found.caveats)
    )
    assert measured(Faithfulness(label="y"), {**columns, "gold": ["x", "x", "x", "b"]})["label_accuracy"].value == pytest.approx(1 / 3)
    assert measured(Faithfulness(label="y", gold="agreed"), columns)["label_accuracy"].value == pytest.approx(2 / 3)
    assert not measured(Faithfulness(), columns) and not measured(Faithfulness(), {"y": ["a"], "gold": [None]}, target="y")


def test_signs_part_labels_and_ways_of_writing_do_not() -> None:
    columns: dict[str, list[Any]] = {
        "y": ["B+", "C", "card_lost", "Late fee", "1.0", "1,000", "-1"],
        "gold": ["B-", "C++", "Card lost", "late-fee ", "1", "1000", "+1"],
    }
    found = measured(Faithfulness(label="y"), columns)["label_accuracy"]
    assert found.value == pytest.approx(4 / 7) and found.detail is not None
    assert {(c["label"], c["true"]) for c in found.detail["confused"]} == {("B+", "B-"), ("C", "C++"), ("-1", "+1")}


# sources


def passages(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    words = [f"word{i}" for i in range(2_000)]
    return [" ".join(rng.choices(words, k=60)) for _ in range(n)]


def test_invented_quotes_are_counted() -> None:
    """30 % of the quotes come from another passage, half of the rest is in capitals; four rows a document."""
    rng = random.Random(2)
    text = passages(400)
    quotes, source = [], []
    for i, passage in enumerate(text):
        given = passage if i % 10 >= 3 else text[(i + 7) % 400]
        quote = " ".join(given.split()[10:16])
        quotes.append(quote.upper() if rng.random() < 0.5 else quote)
        source.append(passage)
    columns: dict[str, list[Any]] = {
        "quote": quotes,
        "passage": source,
        "answer": [" ".join(q.split()[:3]) for q in quotes],
        "doc_id": [i // 4 for i in range(400)],
    }
    found = measured(Faithfulness(), columns, real=Data({"quote": quotes[5:8], "passage": source[5:8]}))
    one, other = found["quote_found"], found["answer_in_source"]
    assert one.value == pytest.approx(0.7) and holds(one, 0.7) and one.detail is not None and other.detail is not None
    assert one.detail["matches"]["not found"] == 120 and one.detail["matches"]["exact"] + one.detail["matches"]["folded"] == 280
    assert one.detail["floor"] < 0.02 and one.detail["reference"] == 1.0
    assert other.value == pytest.approx(0.7, abs=0.02) and other.detail["floor"] < 0.02


def test_intervals_cover_with_documents_as_clusters() -> None:
    """Documents whose quotes are right at rates of their own, 0.5 to 0.9: of 200 samples of 40 documents at least 90 % hold the mean, 0.7."""
    held = 0
    for seed in range(200):
        rng = random.Random(seed)
        quotes, doc = [], []
        for d in range(40):
            rate = rng.uniform(0.5, 0.9)
            for _ in range(6):
                quotes.append("yes" if rng.random() < rate else "no")
                doc.append(d)
        m = next(
            m
            for m in Faithfulness().measure(Tables(Data({"quote": quotes, "passage": ["yes"] * 240, "doc_id": doc})), Context())
            if "quote" in m.metric
        )
        held += holds(m, 0.7)
    assert held >= 180, held


def test_covid_qa(data: Path) -> None:
    """300 answers of experts, each in 1,800 characters of its article: found without exception. With sources dealt out anew 1 to 2 % of the answers are found, the shortest."""
    articles = [p for a in json.loads((data / "covid_qa" / "200423_covidQA.json").read_text())["data"] for p in a["paragraphs"]]
    rows = [(x["text"], a["context"][max(0, x["answer_start"] - 900) : x["answer_start"] + 900], a["document_id"]) for a in articles for q in a["qas"] for x in q["answers"] if len(x["text"]) < 800][:300]  # fmt: skip
    columns: dict[str, list[Any]] = dict(zip(("quote", "passage", "doc_id"), map(list, zip(*rows, strict=True)), strict=True))
    found = measured(Faithfulness(), {**columns, "answer": columns["quote"]})
    one, other = found["quote_found"], found["answer_in_source"]
    assert one.value == 1.0 and one.detail is not None and other.detail is not None and other.value is not None and other.value > 0.99
    assert 0 < one.detail["floor"] < 0.05 and one.detail["floor"] < other.detail["floor"] < 0.1


def test_several_sources_and_what_is_not_there() -> None:
    columns: dict[str, list[Any]] = {
        "answer": ["red stone", None, ""],
        "a": ["x", "y", "z"],
        "b": [[{"text": "a red stone"}], None, []],
        "answerable": [True, False, None],
    }
    found = measured(Faithfulness(source=("a", "b")), columns)
    assert (
        found["answer_in_source"].value == 1.0
        and found["answer_in_source"].n == 1
        and any("no floor" in c for c in found["answer_in_source"].caveats)
    )
    assert (found["unanswerable"].value, found["unanswerable"].n) == (0.5, 2)
    assert Faithfulness(source=("a", "b"), label="c").reads() == ("a", "b", "c") and Faithfulness().reads() == ()


# sums and conditions


def test_arithmetic_on_gsm8k(data: Path) -> None:
    """Published for these solutions: 16,652 annotations that can be evaluated, 52 of them wrong; the problems' own solutions have next to none."""
    lines = [json.loads(x) for x in (data / "gsm8k" / "example_model_solutions.jsonl").read_text("utf-8").splitlines()]
    models = [k for k, v in lines[0].items() if isinstance(v, dict)]
    told = [r[m]["solution"] for r in lines for m in models]
    real = Data({"solution": [r["ground_truth"] for r in lines]})
    m = measured(Consistency(), {"question": [r["question"] for r in lines for _ in models], "solution": told}, real=real)["arithmetic"]
    assert m.detail is not None and m.value is not None and m.detail["column"] == "solution"
    assert m.n == 16_652 and round((1 - m.value) * m.n) == 52
    assert m.detail["reference"] > 0.999 and m.detail["floor"] < 0.05 and m.interval is not None and m.interval[0] > 0.99


def test_constraints() -> None:
    """start < end in 3 of 4 rows; a row without a value is left out of its condition; a text where a number belongs, too."""
    n = 400
    columns: dict[str, list[Any]] = {"start": list(range(n)), "end": [i + (1 if i % 4 else -1) for i in range(n)], "kind": ["a"] * n}
    columns["end"][1], columns["end"][2] = None, "soon"
    metric = Consistency(must=("start < end", "kind == 'a'"))
    m = measured(metric, columns, real=Data({**columns, "end": [i + 1 for i in range(n)]}))["constraints"]
    assert m.value == pytest.approx(1 - 100 / n) and m.by_group == {"start < end": pytest.approx(298 / 398, abs=0.002), "kind == 'a'": 1.0}
    assert m.detail is not None and m.detail["reference"] == 1.0 and 0.4 < m.detail["floor"] < 0.6
    assert metric.reads() == ("start", "end", "kind") and not measured(metric, {"start": [1]})
    for bad in ("start <", "__import__('os')", "start @ 9"):
        with pytest.raises(RecipeError):
            Consistency.from_params({"must": bad}, "measure: consistency")


# verdicts


def test_supported_sentences() -> None:
    claims: list[Any] = [
        [{"verdict": "supported"}, {"verdict": "contradicted"}],
        ["entailment", "neutral"],
        [True, True, True],
        [{"verdict": "supported"}],
        [],
        None,
    ]
    m = measured(Verdicts(), {"claims": claims})["supported"]
    assert m.n == 8 and m.value == pytest.approx(6 / 8) and m.by_group == {"supported": 0.75, "contradicted": 0.125, "not_found": 0.125}


def told(recall: bool, counted: int, precise: int, cites: list[int]) -> dict[str, Any]:
    return {"sentence": "x", "cites": cites, "recall": recall, "counted": counted, "precise": precise}


def test_citations_are_averaged_as_alce_does() -> None:
    """Answers: recall 1/2, 1, 0; precision 2/3, 1, 0 (nothing counts). Over all: 3 of 5 sentences, 3 of 4 citations."""
    rows: list[Any] = [
        [told(True, 3, 2, [1, 2, 3]), told(False, 0, 0, [])],
        [told(True, 1, 1, [1]), told(True, 0, 0, [1])],
        [told(False, 0, 0, [9])],
        [],
        None,
        "x",
    ]
    found = measured(Verdicts(), {"citations": rows})
    recall, precision = found["citation_recall"], found["citation_precision"]
    assert recall.value == pytest.approx((0.5 + 1 + 0) / 3) and precision.value == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert recall.detail == {"over_all": 0.6, "sentences": 5} and precision.detail == {"over_all": 0.75, "citations": 4}


def test_selfcheck_auc_pr_by_hand() -> None:
    """Scores 3 2 1 of wrong, right, wrong: precision 1 at the first, 2/3 at the last; mean 5/6. In a random order 2/3."""
    cell = [{"mean": 3.0, "most": 1.0}, {"mean": 2.0, "most": 2.0}, {"mean": 1.0, "most": 1.5}]
    for labels in (["major_inaccurate", "accurate", "minor_inaccurate"], [False, True, False], [0, 1, 0]):
        m = measured(Verdicts(), {"selfcheck": [cell], "sentence_labels": [labels]})["selfcheck_auc_pr"]
        assert (
            m.value == pytest.approx(5 / 6)
            and m.detail is not None
            and m.detail["floor"] == pytest.approx(2 / 3)
            and m.detail["right"] == 0.5
        )
        assert m.by_group == {"mean": pytest.approx(5 / 6), "most": pytest.approx((1 / 2 + 2 / 3) / 2)}
    claims = [[{"verdict": v} for v in ("not_found", "supported", "contradicted")]]
    assert measured(Verdicts(), {"selfcheck": [cell, cell], "claims": [*claims, []]})["selfcheck_auc_pr"].n == 3


def test_selfcheck_finds_planted_hallucinations_and_not_random_labels() -> None:
    rng = random.Random(3)
    rows, labels = [], []
    for _ in range(80):
        facts = [
            f"The {rng.choice(['bridge', 'tower', 'wall', 'school'])} number {k} was built in {rng.randrange(1700, 1990)}."
            for k in range(4)
        ]
        wrong = {k for k in range(4) if rng.random() < 0.3}
        answer = " ".join(f"A certain Baron{rng.randrange(10**6)} opposed all of it." if k in wrong else f for k, f in enumerate(facts))
        rows.append({"answer": answer, "samples": [" ".join(rng.sample(facts, 3)) for _ in range(6)]})
        labels.append([k not in wrong for k in range(4)])
    found = kept(each(Selfcheck(), rows))
    columns = {c: [f[c] for f in found] for c in ("answer", "samples", "selfcheck", "selfcheck_mean")}
    planted = measured(Verdicts(), {**columns, "sentence_labels": labels})
    m, level = planted["selfcheck_auc_pr"], planted["selfcheck"]
    assert (
        m.value is not None
        and m.value > 0.95
        and m.detail is not None
        and m.interval is not None
        and m.interval[0] > m.detail["floor"] + 0.3
    )
    assert level.unit == "nats" and level.value is not None and level.detail is not None and level.detail["floor"] > level.value
    by_chance = measured(Verdicts(), {**columns, "sentence_labels": [rng.sample(row, 4) for row in labels]})["selfcheck_auc_pr"]
    assert by_chance.detail is not None and by_chance.interval is not None and by_chance.interval[0] < by_chance.detail["floor"] + 0.05
    assert by_chance.value is not None and by_chance.value < 0.5


CELLS = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["verdict", "recall", "counted", "precise", "cites", "mean", "text"]), inner, max_size=4), max_leaves=6)  # fmt: skip
NAMES = (
    "answer",
    "passage",
    "quote",
    "answerable",
    "gold",
    "label",
    "claims",
    "citations",
    "selfcheck",
    "selfcheck_mean",
    "samples",
    "sentence_labels",
)


@given(st.lists(st.lists(CELLS, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_odd_cells_break_nothing(rows: list[list[Any]]) -> None:
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    for metric in (Faithfulness(), Verdicts(), Consistency(must="label < gold")):
        for m in metric.measure(Tables(Data(columns), target="label"), Context()):
            assert m.value is None or math.isfinite(m.value)
