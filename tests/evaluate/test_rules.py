"""rules: BMI, dates and lookups are found by themselves; independent columns break them; chance is no rule."""

from __future__ import annotations

import datetime

import numpy as np

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.rules import Rules
from mintmark.testing import check_metric


def clinic(seed: int, n: int = 300) -> Data:
    rng = np.random.default_rng(seed)
    height, weight = rng.normal(170, 10, n).round(), rng.normal(75, 12, n).round(1)
    start = [datetime.date(2024, 1, 1) + datetime.timedelta(int(d)) for d in rng.integers(0, 300, n)]
    end = [d + datetime.timedelta(int(k)) for d, k in zip(start, rng.integers(0, 9, n))]
    city = rng.choice(["Lyon", "Paris", "Bonn", "Kiel"], n).tolist()
    return Data(
        {
            "height": height.tolist(),
            "weight": weight.tolist(),
            "bmi": (weight / (height / 100) ** 2).round(1).tolist(),
            "admitted": [d.isoformat() for d in start],
            "discharged": [d.isoformat() for d in end],
            "city": city,
            "country": ["F" if c in ("Lyon", "Paris") else "D" for c in city],
            "sex": rng.choice(["f", "m"], n).tolist(),
            "age": rng.integers(18, 90, n).tolist(),
        }
    )


def measured(*data: Data) -> list[Measurement]:
    return check_metric(Rules(), Tables(*data), Context())


def test_the_rules_are_found_and_hold() -> None:
    (m,) = measured(clinic(1), clinic(2), clinic(3))
    assert m.by_group is not None and m.detail is not None
    assert set(m.by_group) == {"bmi = 10000 * weight / height^2", "admitted <= discharged", "city determines country"}
    assert m.value is not None and m.value > 0.99 and m.detail["ceiling"] > 0.99 and m.detail["floor"] < 0.1


def test_columns_drawn_by_themselves_break_them() -> None:
    rng = np.random.default_rng(0)
    own = clinic(1)
    loose = Data({c: [v[i] for i in rng.permutation(len(v))] for c, v in own.columns.items()})
    (m,) = measured(loose, clinic(2))
    assert m.by_group and m.value is not None and m.value < 0.1 and m.interval and m.interval[1] < 0.15
    assert 0.3 < m.by_group["city determines country"] < 0.7 > m.by_group["admitted <= discharged"] > 0.3


def test_sums_and_missing_cells() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, (2, 100))
    real = Data({"a": a.tolist(), "b": b.tolist(), "total": (a + b).tolist()})
    own = Data({"a": [1, 2, None, 4], "b": [1, 2, 3, 4], "total": [2, 4, 9, 99]})
    (m,) = measured(own, real)
    assert m.value == 0.75 and m.by_group is not None and len(m.by_group) == 3, "the sum, and each part at most the sum"


def test_no_rule_no_number() -> None:
    rng = np.random.default_rng(0)
    noise = Data({c: rng.normal(50, 10, 200).round(1).tolist() for c in "abcdef"})
    assert measured(noise, noise) == [] and measured(noise) == []
