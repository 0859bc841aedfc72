"""utility, learning_curve, robustness: known scores, weights that count, controls, and intervals that promise no more than the rows hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import r2_score, roc_auc_score

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Metric, Tables
from mintmark.evaluate.learning_curve import LearningCurve
from mintmark.evaluate.robustness import Robustness, perturbed, shifted
from mintmark.evaluate.utility import Utility
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.stats.intervals import delong, wilson
from mintmark.stats.trained import Task, arms, draws, halves
from mintmark.text.typing_errors import other_case, without_words


def rows(n: int, seed: int, task: str = "AUC", second: float = -1.0) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    inner = 1.5 * x[:, 0] + second * x[:, 1]
    if task == "R2":
        y: list[Any] = (inner + 0.5 * rng.normal(size=n)).tolist()
    else:
        drawn = (inner + rng.logistic(size=n) > 0).astype(int) + (2 * (x[:, 0] > 1) if task == "accuracy" else 0)
        y = [f"c{k}" for k in drawn]
    group = ["rare" if u < 0.03 else "often" for u in rng.random(n)]
    return {"x0": x[:, 0].tolist(), "x1": x[:, 1].tolist(), "group": group, "y": y}


def noise(n: int, seed: int) -> dict[str, list[Any]]:
    """Ten columns that tell nothing, which make few rows a poor teacher."""
    return {f"z{j}": np.random.default_rng([seed, j]).normal(size=n).tolist() for j in range(10)}


def measure(metric: Metric, own: Any, real: Any, test: Any, learner: Any = None, **more: Any) -> dict[str, Measurement]:
    ctx = Context(0, learners={"default": learner or LinearLearner()})
    return {m.metric: m for m in metric.measure(Tables(Data(own), Data(real), Data(test), "y", **more), ctx)}


@pytest.mark.parametrize("task", ["AUC", "accuracy", "R2"])
def test_scores_are_those_of_scikit_learn(task: str) -> None:
    own, real, test = rows(120, 1, task), rows(150, 2, task), rows(200, 3, task)
    found = measure(Utility(), own, real, test)
    frame = Task({"synthetic": own, "real": real, "test": test}, "y")
    x = {c: test[c] for c in frame.features}

    def score(*tables: dict[str, list[Any]]) -> float:
        train = {c: [v for t in tables for v in t[c]] for c in test}
        fitted = LinearLearner().fit({c: train[c] for c in frame.features}, train["y"], task=frame.kind)
        if task == "R2":
            return float(r2_score(test["y"], fitted.predict(x)))
        if task == "AUC":
            return float(roc_auc_score([y == "c1" for y in test["y"]], fitted.proba(x)[:, 1]))
        return float(np.mean([a == b for a, b in zip(fitted.predict(x), test["y"])]))

    assert found["utility.tstr"].unit == task and found["utility.tstr"].n == 200
    assert found["utility.tstr"].value == pytest.approx(score(own), abs=0.01)  # the rows come in another order: the solver stops elsewhere
    assert found["utility.trtr"].value == pytest.approx(score(real), abs=0.01)
    assert found["utility.lift"].value == pytest.approx(score(real, own) - score(real), abs=0.01)
    for m in found.values():
        assert m.interval is not None and m.value is not None and m.interval[0] < m.value < m.interval[1]


def test_influences_are_those_of_delong_and_of_a_binomial() -> None:
    test = rows(300, 3)
    task = Task({"synthetic": rows(50, 1), "real": rows(50, 2), "test": test}, "y")
    p = np.random.default_rng(0).random(300) + 0.5 * (task.truth == "c1")
    judged = task.judge(p)
    value, (low, high) = delong(p, task.truth == "c1")
    assert judged[0] == pytest.approx(value) and judged[1:].mean() == pytest.approx(0, abs=1e-12)
    assert 1.959964 * math.sqrt(np.mean(judged[1:] ** 2) / 300) == pytest.approx((high - low) / 2, rel=0.01)
    three = Task({"synthetic": rows(50, 1, "accuracy"), "real": rows(50, 2, "accuracy"), "test": rows(300, 3, "accuracy")}, "y")
    told = np.where(np.arange(300) < 240, three.truth, "none")
    assert np.mean(three.judge(told)[1:] ** 2) == pytest.approx(0.8 * 0.2)
    assert three.interval(three.judge(told), (0.0, 3), True) == pytest.approx(wilson(240, 300), abs=0.004)


def test_thirteen_of_thirteen_prove_no_certainty() -> None:
    text = ["the card is late", "the fee is wrong", "I lost my phone"]
    table = {"text": [f"{text[i % 3]} {i}" for i in range(60)], "y": ["abc"[i % 3] for i in range(60)]}
    test = {c: v[:13] for c, v in table.items()}
    found = measure(Utility(), table, table, test)
    tstr, lift, equal = (found[f"utility.{w}"] for w in ("tstr", "lift", "equal_size"))
    assert tstr.detail and "floor" not in tstr.detail and tstr.detail["reference"] == 1.0
    assert tstr.value == 1.0 and tstr.interval is not None and tstr.interval == (pytest.approx(wilson(14, 14)[0], abs=0.02), 1.0)
    assert lift.value == 0.0 and lift.interval is not None and lift.interval[0] < -0.1 and lift.interval[1] > 0.1
    assert equal.interval is not None and equal.interval[0] < -0.1 < 0.1 < equal.interval[1]


def test_weights_count() -> None:
    good, bad = rows(150, 1), rows(150, 2)
    bad["y"] = [{"c0": "c1", "c1": "c0"}[y] for y in bad["y"]]
    own = {c: [*good[c], *bad[c]] for c in good}
    real, test = rows(40, 3), rows(300, 4)
    plain, weighed, wrong = (
        measure(Utility(), own, real, test, weight=w) for w in (None, [1.0] * 150 + [0.0] * 150, [0.0] * 150 + [5.0] * 150)
    )
    for name in ("utility.tstr", "utility.lift"):  # half the rows lie: their fit is a toss-up
        assert weighed[name].value > plain[name].value + 0.02 > wrong[name].value + 0.1  # type: ignore[operator]
    assert weighed["utility.trtr"].value == plain["utility.trtr"].value
    assert "synthetic rows count by their weight" in weighed["utility.lift"].caveats
    task = Task({"synthetic": own, "real": real, "test": test}, "y", [1.0] * 150 + [0.0] * 150)
    right, all_alike = (
        t.judge(t.predict(t.fit(BoostingLearner(), {"synthetic": np.arange(300)}, 0)))[0]
        for t in (task, Task({"synthetic": own, "real": real, "test": test}, "y"))
    )
    assert right > all_alike + 0.1
    odd = Task({"synthetic": own, "real": real, "test": test}, "y", [float("nan")] * 300)
    assert odd.weight is None and any("left out" in note for note in odd.notes)


def test_the_equal_size_control_knows_good_rows_from_bad_ones() -> None:
    real, test = rows(300, 1), rows(500, 2)
    alike = measure(Utility(), rows(300, 3), real, test)["utility.equal_size"]
    noise = measure(Utility(), rows(300, 3, second=2.0), real, test)["utility.equal_size"]
    assert alike.interval is not None and alike.interval[0] < 0 < alike.interval[1] and noise.interval is not None and noise.interval[1] < 0
    assert "150 real + 150 synthetic rows against 150 + 150 real ones" in alike.caveats and alike.unit == "AUC difference"
    small = measure(Utility(), rows(300, 3), rows(15, 1), test)["utility.equal_size"]
    assert small.value is None and any("no equal-size control" in c for c in small.caveats)


def test_per_class_gains_add_up() -> None:
    own, real, test = rows(200, 1, "accuracy"), rows(30, 2, "accuracy"), rows(400, 3, "accuracy")
    lift = measure(Utility(), own, real, test)["utility.lift"]
    assert lift.by_group is not None and lift.detail is not None and set(lift.by_group) == set(test["y"])
    whole = sum(lift.detail["by_class"][c]["n"] * v for c, v in lift.by_group.items()) / 400
    assert whole == pytest.approx(lift.value)
    for g in lift.detail["by_class"].values():
        assert -1 <= g["interval"][0] < g["value"] < g["interval"][1] <= 1


@given(st.integers(5, 60), st.integers(20, 60), st.integers(1, 3), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_halves_share_no_row(own: int, real: int, pairs: int, seed: int) -> None:
    instead = min(own, real // 2)
    found = arms({"synthetic": own, "real": real}, pairs, seed, instead)
    assert len(found) == 1 + 2 * pairs and sorted(found[0]["both"]["real"]) == list(range(real))
    for a, b in zip(found[1::2], found[2::2]):
        for arm in a:
            for table in a[arm]:
                assert not set(a[arm][table]) & set(b[arm][table]) and len(a[arm][table]) == len(b[arm][table])
    for drawn in found:
        if "mixed" in drawn:
            assert sum(map(len, drawn["mixed"].values())) == len(drawn["real"]["real"])


def test_the_variance_between_refits_is_that_of_theory() -> None:
    """Scores of a mean of n normals: refits on halves and on draws both find the variance 1 / n of the whole."""
    rng = np.random.default_rng(0)
    by_halves, by_draws = [], []
    for _ in range(400):
        x = rng.normal(size=60)

        def judged(part: Any) -> Any:
            return np.r_[part.mean(), np.zeros(30)]

        cut = [rng.permutation(x) for _ in range(3)]
        by_halves.append(halves([judged(p) for c in cut for p in (c[::2], c[1::2])])[0])
        rows_of = [rng.permutation(60)[:20] for _ in range(5)]
        by_draws.append(draws([judged(x[r]) for r in rows_of], rows_of)[0])
    assert np.mean(by_halves) == pytest.approx(1 / 60, rel=0.12)
    assert np.mean(by_draws) == pytest.approx((1 / 20 - 1 / 60) / 5 + 1 / 60, rel=0.12)  # of the mean of five overlapping draws


def test_the_curve_finds_the_gain_and_where_it_ends() -> None:
    own, real, test = ({**rows(n, k), **noise(n, k)} for n, k in ((300, 1), (500, 2), (600, 3)))
    found = measure(LearningCurve(sizes=(20, 100, 2_000), seeds=8), own, real, test)
    gain, against = found["learning_curve.gain"], found["learning_curve.against_real"]
    assert gain.detail is not None and [p["n"] for p in gain.detail["curve"]] == [20, 100, 400]
    assert gain.interval is not None and gain.interval[0] > 0 and gain.detail["gain_until"] in (20, 100)
    assert (
        against.interval is not None and against.interval[0] < 0 < against.interval[1]
    )  # rows of the same law are worth as much as real ones
    last = gain.detail["curve"][-1]["gain"]
    assert abs(last["value"]) < gain.value and any("one learner on one task" in c for c in gain.caveats)  # type: ignore[operator]
    assert gain.picture is not None and gain.picture["kind"] == "lines" and gain.picture["log_x"]
    assert [s["role"] for s in gain.picture["series"]] == ["real", "both", "other"] and len(gain.picture["series"][0]["points"]) == 3
    few = measure(LearningCurve(sizes=(20,), share=0.1), rows(300, 1), rows(100, 2), rows(100, 3))["learning_curve.gain"]
    assert few.detail is not None and few.detail["synthetic_rows"] == 30
    assert measure(LearningCurve(), rows(300, 1), rows(3, 2), rows(100, 3)) == {}


def test_noise_that_synthetic_rows_have_seen_hurts_less() -> None:
    """Real rows tell the class by x0 alone; the synthetic ones by x1 as well, so that a lost x0 costs less with them."""
    rng = np.random.default_rng(0)

    def both_tell(n: int, second: bool) -> dict[str, list[Any]]:
        y = rng.random(n) < 0.5
        x0, x1 = (rng.normal(size=n) + np.where(on, 3 * y, 0) for on in (True, second))
        return {"x0": x0.tolist(), "x1": x1.tolist(), "y": [f"c{int(v)}" for v in y]}

    test = both_tell(1_500, True)
    real = both_tell(300, False)
    found = measure(Robustness(noise=1.0, missing=0.01), both_tell(900, True), real, test)["robustness.perturbed"]
    assert found.detail is not None and found.interval is not None and found.interval[0] > 0
    assert found.detail["less_than_real"]["interval"][0] > 0 and found.detail["reference"] > found.value
    assert set(found.by_group or {}) == {"noise", "missing"} and found.picture is not None and found.picture["kind"] == "bars"


def test_shifted_rows_are_what_they_are_called() -> None:
    real, test = rows(1_000, 1), rows(2_000, 2)
    real["text"], test["text"] = (["word " * (1 + i % 10) + str(i) for i in range(len(t["y"]))] for t in (real, test))
    found = shifted(test, real, "group")
    assert set(found) == {"short", "long", "rare", "outer", "group = rare", "group = often"}
    assert {test["group"][i] for i in found["rare"]} == {"rare"} and list(found["rare"]) == list(found["group = rare"])
    assert max(len(test["text"][i].split()) for i in found["short"]) <= min(len(test["text"][i].split()) for i in found["long"])
    low, high = np.quantile(real["x0"], [0.05, 0.95])
    assert all(i in set(found["outer"]) for i, x in enumerate(test["x0"]) if not low <= x <= high)
    told = measure(Robustness(by="group"), rows(300, 3), rows(300, 4), rows(3_000, 5))["robustness.shifted"]
    assert told.detail is not None and set(told.by_group or {}) <= set(found) and told.detail["rows"]["outer"] >= 30
    assert Robustness(by="group").reads() == ("group",)


def test_careless_rows_keep_what_they_should(seed: int = 1) -> None:
    test: Mapping[str, Sequence[Any]] = {"text": ["the card is late again"] * 50, "x": [1.0, None] * 25, "kind": ["a", "b"] * 25}
    real = {"text": [f"a longer text of words {i}" for i in range(50)], "x": [float(i) for i in range(50)], "kind": ["a", "b"] * 25}
    found = perturbed(test, real, 0.25, 0.2, seed)
    assert set(found) == {"typos", "case", "lost_words", "noise", "missing"} and found == perturbed(test, real, 0.25, 0.2, seed)
    assert found["typos"]["x"] is test["x"] and found["typos"]["text"] != test["text"]
    assert {t.lower() for t in found["case"]["text"]} == {"the card is late again"}
    assert [v is None for v in found["noise"]["x"]] == [v is None for v in test["x"]]
    moved = np.array([a - b for a, b in zip(found["noise"]["x"], test["x"]) if a is not None])
    assert 0.6 < moved.std() / (0.25 * np.std(real["x"])) < 1.5
    assert found["missing"]["text"] is test["text"] and 2 <= sum(v is None for v in found["missing"]["kind"]) <= 20


@given(st.text(max_size=80), st.integers(0, 9))
@settings(deadline=None)
def test_careless_writing_stands_any_text(text: str, seed: int) -> None:
    import random

    assert without_words(text, 0.0, random.Random(seed)).split() == text.split()
    assert bool(without_words(text, 1.0, random.Random(seed))) == bool(text.split())
    assert other_case(text, random.Random(seed)) in (text.upper(), text.lower())


def test_a_class_that_training_rows_lack_is_no_error() -> None:
    own, test = rows(60, 1), rows(60, 3)
    own["y"] = ["c0"] * 60
    found = measure(Utility(), own, rows(60, 2), test)
    assert found["utility.tstr"].value == 0.5 and found["utility.lift"].value is not None
    for metric in (Utility(), LearningCurve(), Robustness()):
        assert measure(metric, {"x0": [1.0] * 60, "y": ["a"] * 60}, {"z": [1.0] * 60, "y": ["a"] * 60}, {"z": [1.0], "y": ["a"]}) == {}
        assert metric.measure(Tables(Data(own), Data(own), None, "y"), Context(0)) == []
