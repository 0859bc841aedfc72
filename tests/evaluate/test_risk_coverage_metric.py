"""risk_coverage: which rows are right and which columns are scores; the numbers and the picture."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.risk_coverage import RiskCoverage
from mintmark.report import plots
from mintmark.testing import check_metric


def measured(columns: dict[str, list[Any]], target: str | None = None) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(RiskCoverage(), Tables(Data(columns), target=target), Context())}


def table(n: int = 400) -> dict[str, list[Any]]:
    rng = random.Random(1)
    p = [rng.uniform(0.2, 1) for _ in range(n)]
    correct = [rng.random() < x for x in p]
    return {"confidence": p, "loss": [1 - x for x in p], "text_logprob": [rng.random() for _ in p], "correct": correct}


def test_scores_and_their_direction() -> None:
    columns = table()
    found = measured(columns)
    aurc, auc, accuracy = (found[f"confidence.{n}"] for n in ("aurc", "auc", "accuracy"))
    assert accuracy.value == sum(columns["correct"]) / 400 and aurc.detail is not None and aurc.by_group is not None
    assert aurc.by_group["loss"] == pytest.approx(aurc.by_group["confidence"], abs=1e-9) == aurc.value, "a small loss is a sure row"
    assert aurc.detail["random"] == pytest.approx(1 - accuracy.value) and aurc.interval is not None
    assert aurc.interval[1] < aurc.detail["random"] and abs(aurc.by_group["text_logprob"] - aurc.detail["random"]) < 0.1
    assert auc.interval is not None and auc.interval[0] > 0.6 and set(aurc.detail["thresholds"]) == {"confidence", "loss", "text_logprob"}
    assert all(len(c) <= 40 and c[-1][0] == 1 for c in aurc.detail["thresholds"].values())


def test_gold_beside_the_target_or_the_agreed_answer() -> None:
    own = {"agreement": [1.0, 0.5, 0.75], "agreed": [5, "6", None], "gold": ["5.0", 7, 8]}
    assert measured(own)["confidence.accuracy"].value == 0.5 and measured(own)["confidence.accuracy"].n == 2
    assert measured({**own, "label": ["5", "7", "9"]}, "label")["confidence.accuracy"].value == pytest.approx(2 / 3)
    assert measured({"agreement": [1.0, 0.5], "gold": [1, 2]}) == {} and measured({"correct": [True, False]}) == {}
    assert measured({"agreement": [1.0, None, 0.5], "correct": [True, False, None]}) == {}, "one row with both is no curve"
    assert "confidence.auc" not in measured({"agreement": [1.0, 0.5], "correct": [True, True]})


def test_the_picture() -> None:
    drawn = measured(table())["confidence.aurc"].picture
    assert drawn is not None and [s["name"] for s in drawn["series"]] == ["confidence", "loss", "text_logprob", "random order"]
    main = drawn["series"][0]["points"]
    assert all(low <= risk <= high for _, risk, low, high in main) and main[-1][0] == 1
    svg = plots.picture(drawn)
    assert svg.startswith("<svg") and "text_logprob" in svg and "random order" in svg and "http" not in svg.replace("http://www.w3.org", "")
    assert svg == plots.picture(drawn)
