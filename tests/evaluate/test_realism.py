"""realism: C2ST sees a shift, sees none where there is none, and says in words and shares what gives the rows away."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.realism import Realism
from mintmark.evaluate.utility import Utility
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
from mintmark.report.words import beside, number
from mintmark.testing import check_metric

CTX = Context(0, learners={"linear": LinearLearner(), "boosting": BoostingLearner()})


def measured(tables: Tables) -> Measurement:
    with threadpool_limits(1):  # boosting's threads wait for each other on a busy machine
        (m,) = check_metric(Realism(), tables, CTX)
    return m


def table(rng: np.random.Generator, n: int, shift: float = 0.0) -> Data:
    k = np.where(rng.random(n) < 0.5 + shift / 4, "yes", "no")
    return Data({"a": (rng.normal(0, 1, n) + shift).tolist(), "b": rng.normal(0, 1, n).tolist(), "k": k.tolist()})


def test_a_planted_column_is_named_with_its_means() -> None:
    rng = np.random.default_rng(0)
    m = measured(Tables(table(rng, 150, 1.5), table(rng, 150), table(rng, 150)))
    assert m.value is not None and m.value > 0.7 and m.detail and abs(m.detail["reference"] - 0.5) < 0.1
    # columns that were independent before are as far off after shuffling
    assert abs(m.detail["floor"] - m.value) < 0.05
    first = m.detail["gives_away"][0]
    assert first.startswith("a (without it the AUC falls by 0.") and "; mean 1." in first and " against " in first
    assert any("k (" in w and "no: " in w for w in m.detail["gives_away"]), m.detail


def test_words_that_give_texts_away_with_their_shares() -> None:
    rng = random.Random(1)
    real, own = ([" ".join(f"w{rng.randint(0, 60)}" for _ in range(8)) for _ in range(200)] for _ in range(2))
    own = [f"Certainly, {t}" if i % 2 else t for i, t in enumerate(own)]
    m = measured(Tables(Data({"text": own}), Data({"text": real}), text="text"))
    assert m.value is not None and m.value > 0.6 and m.detail and "floor" not in m.detail, "one column of texts has no independent ones"
    assert m.detail["gives_away"][0].startswith("more in synthetic rows: “certainly” (50% against 0%)")


def test_one_population_cannot_be_told() -> None:
    rng = np.random.default_rng(2)
    m = measured(Tables(table(rng, 150), table(rng, 150), table(rng, 150)))
    assert m.interval and m.interval[0] - 0.03 < 0.5 < m.interval[1] + 0.03


def test_the_floor_is_of_independent_columns() -> None:
    """Rows of the real law, in which the columns hang together: shuffled, any learner tells them, and a learner of them tells nothing."""
    rng = np.random.default_rng(3)

    def tied(n: int) -> Data:
        a = rng.normal(size=n)
        return Data({"a": a.tolist(), "b": (a + 0.1 * rng.normal(size=n)).tolist(), "k": np.where(a > 0, "yes", "no").tolist()})

    tables = Tables(tied(300), tied(300), tied(300), "k")
    m = measured(tables)
    assert m.detail and m.value is not None and m.value < 0.65 and m.detail["floor"] > 0.9
    tstr = next(x for x in Utility(seeds=4).measure(tables, CTX) if x.metric == "utility.tstr")
    assert tstr.detail and tstr.value is not None and tstr.value > 0.95 and abs(tstr.detail["floor"] - 0.5) < 0.3 < tstr.detail["reference"]
    assert beside(tstr) == {"real rows": number(tstr.detail["reference"]), "independent columns": number(tstr.detail["floor"])}


class Centroids:
    """A learner cheap enough for thousands of tests: which class mean is nearer."""

    name = "centroids"
    classes = (0, 1)

    def fit(self, table: Any, target: Any, *, task: str = "classification", weight: Any = None, seed: int = 0) -> Centroids:
        x, y, out = np.column_stack(list(table.values())), np.asarray(target), Centroids()
        one, zero = x[y == 1].mean(axis=0), x[y == 0].mean(axis=0)
        out.way, out.edge = one - zero, (one - zero) @ (one + zero) / 2  # type: ignore[attr-defined]
        return out

    def proba(self, table: Any) -> Any:
        p = 1 / (1 + np.exp(self.edge - np.column_stack(list(table.values())) @ self.way))  # type: ignore[attr-defined]
        return np.column_stack([1 - p, p])


def test_the_test_has_its_size_and_the_interval_covers_over_2000_equal_pairs() -> None:
    rng, ctx = np.random.default_rng(0), Context(0, learners={"default": Centroids()})
    rejected, outside = np.zeros(2_000, bool), np.zeros(2_000, bool)

    def pair(n: int, shift: float = 0.0) -> Tables:
        return Tables(*(Data({"a": (rng.normal(0, 1, n) + s).tolist(), "b": rng.normal(0, 1, n).tolist()}) for s in (shift, 0.0)), seed=k)

    for k in range(2_000):
        (m,) = Realism().measure(pair(110 if k % 10 else 40), ctx)
        assert m.interval and m.detail
        rejected[k], outside[k] = m.detail["p"] < 0.05, not m.interval[0] <= 0.5 <= m.interval[1]
    assert 0.035 <= rejected.mean() <= 0.065 and 0.02 <= outside.mean() <= 0.065, (rejected.mean(), outside.mean())
    found = [Realism().measure(pair(110, 0.8), ctx)[0].detail["p"] < 0.05 for k in range(60)]  # type: ignore[index]
    assert np.mean(found) > 0.95, "a planted shift is found"
