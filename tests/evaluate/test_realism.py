"""realism: C2ST sees a shift, sees none where there is none, and says in words and shares what gives the rows away."""

from __future__ import annotations

import random

import numpy as np
from threadpoolctl import threadpool_limits

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.realism import Realism
from mintmark.learners.boosting import BoostingLearner
from mintmark.learners.linear import LinearLearner
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
    first = m.detail["gives_away"][0]
    assert first.startswith("a (without it the AUC falls by 0.") and "; mean 1." in first and " against " in first
    assert any("k (" in w and "no: " in w for w in m.detail["gives_away"]), m.detail


def test_words_that_give_texts_away_with_their_shares() -> None:
    rng = random.Random(1)
    real, own = ([" ".join(f"w{rng.randint(0, 60)}" for _ in range(8)) for _ in range(200)] for _ in range(2))
    own = [f"Certainly, {t}" if i % 2 else t for i, t in enumerate(own)]
    m = measured(Tables(Data({"text": own}), Data({"text": real}), text="text"))
    assert m.value is not None and m.value > 0.6 and m.detail
    assert m.detail["gives_away"][0].startswith("more in synthetic rows: “certainly” (50% against 0%)")


def test_one_population_cannot_be_told() -> None:
    rng = np.random.default_rng(2)
    m = measured(Tables(table(rng, 150), table(rng, 150), table(rng, 150)))
    assert m.interval and m.interval[0] - 0.03 < 0.5 < m.interval[1] + 0.03
