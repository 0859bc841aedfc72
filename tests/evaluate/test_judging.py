"""judging: simulated judges of known habits are measured as what they are; the recorded judges of PandaLM's test set against people."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from each import each, kept, say
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.core.ports import Request
from mintmark.curate.compare import Compare
from mintmark.curate.judge import Judge
from mintmark.evaluate.judging import Judging
from mintmark.testing import check_metric


def measured(columns: dict[str, list[Any]]) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(Judging(), Tables(Data(columns)), Context())}


def simulated(first: float, n: int = 300, size: int = 2, votes: int = 1, seed: int = 0) -> dict[str, Measurement]:
    """`compare` with a judge that takes whoever stands first in `first` of its verdicts, and else the better one (the lower number)."""
    rng = random.Random(seed)

    def judge(request: Request) -> str:
        lines = str(request.messages[-1]["content"]).splitlines()
        one, two = (json.loads(lines[lines.index(f"{w} answer:") + 1]) for w in ("First", "Second"))
        return say(reason="", better="first" if rng.random() < first or one < two else "second")

    rows = [{"instruction": "x", "candidates": rng.sample([str(k) for k in range(size)], size)} for _ in range(n)]
    found = kept(each(Compare(votes=votes), rows, judge))
    return measured({"comparisons": [f["comparisons"] for f in found]})


@pytest.mark.parametrize(("first", "size"), [(0.0, 2), (0.4, 2), (0.4, 4), (1.0, 3)])
def test_position_bias_and_consistency_of_known_judges(first: float, size: int) -> None:
    """Shown first the better one wins always, shown second with 1 - first: first's share is (1 + first) / 2, alike in both orders 1 - first."""
    found = simulated(first, 100 if size > 2 else 300, size)
    bias, same = found["judging.position_bias"], found["judging.consistency"]
    assert bias.interval is not None and same.interval is not None and bias.better == "near 0.5"
    assert bias.interval[0] <= (1 + first) / 2 <= bias.interval[1] and same.interval[0] <= 1 - first <= same.interval[1]
    assert bias.detail is not None and bias.detail["always_second"] == 0
    assert (bias.interval[0] > 0.5) == (first > 0), "a bias is only claimed where there is one"
    assert "judging.agreement" not in found, "one vote agrees with nobody"


def test_intervals_of_position_bias_cover() -> None:
    held = 0
    for seed in range(100):
        interval = simulated(0.3, 60, 3, seed=seed)["judging.position_bias"].interval
        assert interval is not None
        held += interval[0] <= 0.65 <= interval[1]
    assert held >= 88


def test_repeated_votes_of_compare() -> None:
    steady, wavering = simulated(0.0, 40, votes=3), simulated(0.5, 40, votes=3)
    assert steady["judging.agreement"].value == 1
    value, interval = wavering["judging.agreement"].value, wavering["judging.agreement"].interval
    assert value is not None and interval is not None and interval[1] < 0.9 and wavering["judging.agreement"].n == 80


def test_votes_of_judge_are_scores() -> None:
    """Two votes one step apart agree well as scores; the same votes as words would not. by_group: each criterion."""
    rng = random.Random(2)
    truth = [rng.randint(1, 4) for _ in range(80)]

    def judge(request: Request) -> str:
        at = int(json.loads(str(request.messages[-1]["content"]).splitlines()[0].removeprefix('"n": ')))
        near = truth[at] + (request.attempt >= 100)
        noise = random.Random(f"{at} {request.attempt}").randint(1, 5)
        return json.dumps({name: {"reason": "", "score": near if name == "near" else noise} for name in request.schema["properties"]})  # type: ignore[index]

    found = kept(each(Judge(["n"], {"near": "?", "noise": "?"}, votes=2), [{"n": i} for i in range(80)], judge))
    m = measured({"judged": [f["judged"] for f in found]})["judging.agreement"]
    assert m.by_group is not None and m.by_group["judged: near"] > 0.6 > 0.3 > m.by_group["judged: noise"]
    assert m.value == m.by_group["judged: near"] and m.n == 80


def test_votes_of_several_judges_and_nothing_to_say() -> None:
    found = measured({"votes": [["a", "a"], ["b", "b"], ["a", "b"], None, ["a"]]})
    assert found["judging.agreement"].n == 3 and found["judging.agreement"].value == pytest.approx(1 / 3)
    alike = measured({"votes": [["a", "a"]] * 5})["judging.agreement"]
    assert alike.value is None and any("the same" in c for c in alike.caveats)
    for columns in (
        {"votes": [3, 4]},
        {"comparisons": ["x", None, [1], [{"a": 1}]]},
        {"ratings": [1]},
        {"judged": [[]]},
        {"verdict": ["1"], "human": [None]},
    ):
        assert measured({k: list(v) for k, v in columns.items()}) == {}


def test_recorded_judges_against_people(data: Path) -> None:
    """GPT-3.5: 697 of 999 (25 unreadable count as wrong), kappa 0.493 on 974; first in 460 of 936 decided, where people say 0.488 or so."""
    folder = data / "pandalm_judge"
    people = json.loads((folder / "testset-v1.json").read_text())
    told = [g["gpt_result"] for g in json.loads((folder / "gpt-3.5-turbo-testset-v1.json").read_text())]
    found = measured({"verdict": told, "human": [[p[f"annotator{k}"] for k in (1, 2, 3)] for p in people]})
    share, kappa, place = (found[f"judging.{n}"] for n in ("human_agreement", "human_kappa", "position_bias"))
    assert share.value == 697 / 999 and share.n == 999 and share.caveats[0] == "25 of 999 verdicts cannot be read"
    assert kappa.n == 974 and kappa.value == pytest.approx(0.493, abs=0.0005) and kappa.interval is not None
    assert place.n == 936 and place.value == 460 / 936 and place.better == "none" and "mixes position with merit" in place.caveats[0]
