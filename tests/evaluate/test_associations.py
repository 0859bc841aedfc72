"""associations: closed form, floor and ceiling, the pair that is wrong is named."""

from __future__ import annotations

import numpy as np
import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.associations import Associations
from mintmark.testing import check_metric


def table(seed: int, rho: float, n: int = 800) -> Data:
    rng = np.random.default_rng(seed)
    x, y, z = rng.normal(size=(3, n))
    y = rho * x + np.sqrt(1 - rho**2) * y
    sick = np.where(x + 0.3 * rng.normal(size=n) * (1 if rho else 1e6) > 0, "yes", "no")
    return Data({"x": x.tolist(), "y": y.tolist(), "z": z.tolist(), "sick": sick.tolist()})


def measured(*data: Data) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(Associations(), Tables(*data), Context())}


def test_value_floor_and_ceiling() -> None:
    good, loose = (measured(table(1, rho), table(2, 0.9), table(3, 0.9)) for rho in (0.9, 0.0))
    for name in ("correlations", "associations"):
        a, b = good[name], loose[name]
        assert a.detail and b.detail and a.interval and b.interval and b.interval[1] < a.interval[0]
        assert a.value == pytest.approx(a.detail["ceiling"], abs=0.04) and b.value == pytest.approx(b.detail["floor"], abs=0.04)
        assert a.detail["floor"] < a.interval[0]
    assert loose["correlations"].detail["furthest"][0].startswith("x, y: 0.9")  # type: ignore[index]
    assert loose["associations"].detail["furthest"][0].startswith("x, sick")  # type: ignore[index]


def test_by_hand() -> None:
    up, down = Data({"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]}), Data({"a": [1, 2, 3, 4, 5], "b": [5, 4, 3, 2, 1]})
    assert measured(up, down)["correlations"].value == 0 and measured(up, up)["correlations"].value == 1
    same, apart = Data({"k": ["a", "b"] * 4, "l": ["c", "d"] * 4}), Data({"k": ["a", "b"] * 4, "l": ["c", "c", "d", "d"] * 2})
    assert measured(same, apart)["associations"].value == 0


def test_nothing_to_compare() -> None:
    one = Data({"a": [1.0, 2.0] * 5, "t": [f"a text that is number {i}" for i in range(10)]})
    assert measured(one, one) == {} and measured(one) == {}
