"""confidence: from a column, and from the log-probabilities of lettered labels in a drawn order."""

from __future__ import annotations

import json
import math
import random
import re
from typing import Any

import pytest

from each import each, kept, last, reasons
from mintmark.core.errors import RecipeError
from mintmark.core.op import Scene
from mintmark.core.ports import Request
from mintmark.core.rows import Columns
from mintmark.curate.confidence import Confidence
from mintmark.stats.risk_coverage import curve

LABELS = ["fee", "room", "card"]


def options(request: Request) -> dict[str, str]:
    return {json.loads(label): letter for letter, label in re.findall(r'^([A-Z]): (".*")$', last(request), re.MULTILINE)}


def says(request: Request, shares: dict[str, float], spelling: str = "{}") -> dict[str, Any]:
    """A reply of one token, as a server gives it: p of each label's letter."""
    at = options(request)
    top = [{"token": spelling.format(at[label]), "logprob": math.log(p)} for label, p in shares.items() if p > 0]
    best = max(top, key=lambda t: t["logprob"])
    return {"text": best["token"], "logprobs": [{**best, "top": top}]}


@pytest.mark.parametrize(
    ("value", "least", "state", "sure"),
    [(math.log(0.5), None, "kept", 0.5), (math.log(0.5), 0.6, "unsure", None), (None, None, "kept", None), (None, 0.1, "unsure", None), (0.0, 1.0, "kept", 1.0),
     (float("nan"), 0.1, "unsure", None), (True, 0.1, "unsure", None), (-1e9, None, "kept", 0.0)],
)  # fmt: skip
def test_from_a_column(value: Any, least: float | None, state: str, sure: float | None) -> None:
    op = Confidence(logprob="text_logprob", least=least)
    found = each(op, [{"text_logprob": value}])
    assert reasons(found) == [state] and op.roles() == () and op.calls() == 0
    if state == "kept":
        assert kept(found)[0]["confidence"] == (None if sure is None else pytest.approx(sure, abs=1e-6))


@pytest.mark.parametrize("spelling", ["{}", " {}", "▁{}", "{}.", "({})"])
@pytest.mark.parametrize("label", LABELS)
def test_p_of_the_stated_label(label: str, spelling: str) -> None:
    shares = {"fee": 0.5, "room": 0.2, "card": 0.1}
    op = Confidence("intent", labels=LABELS, samples=2)
    found = kept(each(op, [{"text": "t", "intent": label}], lambda r: says(r, shares, spelling)))[0]
    assert found["confidence"] == pytest.approx(shares[label] / 0.8, abs=1e-6) and found["believed"] == "fee"


def test_the_order_is_drawn_so_a_judge_that_goes_by_letter_is_sure_of_nothing() -> None:
    """Always A: over 20 orders no label gets far from a third."""
    reply = {"text": "A", "logprobs": [{"token": "A", "logprob": -0.01, "top": [{"token": "A", "logprob": -0.01}]}]}
    found = kept(each(Confidence("intent", labels=LABELS, samples=40), [{"text": "t", "intent": x} for x in LABELS], lambda r: reply))
    assert all(0.08 < f["confidence"] < 0.6 for f in found)


def test_no_log_probabilities_no_letter_no_such_label() -> None:
    row = {"text": "t", "intent": "fee"}
    op = Confidence("intent", labels=LABELS)
    assert reasons(each(op, [row], lambda r: "A")) == ["failed(no_logprobs)"]
    assert reasons(each(op, [row], lambda r: {"text": "Well", "logprobs": [{"token": "Well", "logprob": -1.0}]})) == ["failed(no_letter)"]
    found = each(
        Confidence("intent", labels=LABELS, least=0.5), [{**row, "intent": "other"}, row], lambda r: says(r, {"fee": 0.9, "room": 0.1})
    )
    assert reasons(found) == ["unsure", "kept"] and found[0].detail == "confidence 0.000; the model says fee"


def test_a_calibrated_model_over_the_op() -> None:
    """The model's p is right: accuracy among rows of at least t rises with t, and at each t it is the mean of the p above it, within its interval."""
    rng = random.Random(4)
    truth: dict[str, tuple[float, bool]] = {f"t{i}": ((p := rng.uniform(0.34, 1)), rng.random() < p) for i in range(1_500)}

    def model(request: Request) -> dict[str, Any]:
        p, _ = truth[json.loads(last(request).splitlines()[0].removeprefix('"text": '))]
        return says(request, {"fee": p, "room": 1 - p})

    found = kept(each(Confidence("intent", labels=["fee", "room"]), [{"text": t, "intent": "fee"} for t in truth], model))
    made = curve([f["confidence"] for f in found], [truth[f["text"]][1] for f in found])
    inside = 0
    for point in made.points:
        above = [p for p, _ in truth.values() if p >= point.threshold - 1e-6]
        inside += point.interval[0] <= 1 - sum(above) / len(above) <= point.interval[1]
    assert inside / len(made.points) > 0.85
    for strict in made.points:
        assert all(1 - strict.interval[0] >= 1 - p.interval[1] for p in made.points if p.threshold < strict.threshold)
    assert made.interval[1] < made.random


def test_labels_of_a_table_and_what_is_refused() -> None:
    real = {"real": Columns("real", {"intent": ["fee", "room"] * 4})}
    scene = Scene(("text", "intent"), real)
    Confidence("intent").check(scene)
    assert Confidence("intent").reads(scene) == ("intent", "text")
    for op, words in (
        (Confidence("other"), "found 0 labels"),
        (Confidence("intent", labels=[str(i) for i in range(27)]), "found 27 labels"),
    ):
        with pytest.raises(RecipeError, match=words):
            op.check(Scene(("text", "intent", "other"), real))
    for params, words in (
        ({}, "give either"),
        ({"column": "a", "logprob": "b"}, "give either"),
        ({"logprob": "b", "least": -1}, "probability"),
    ):
        with pytest.raises(RecipeError, match=words):
            Confidence.from_params(params, "confidence")
    assert Confidence.from_params({"column": "intent", "by": "small"}, "confidence").roles() == ("small",)
