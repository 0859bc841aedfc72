"""fidelity: closed forms, floor and ceiling, dates and missing cells; independent columns pass marginals and fail pairs."""

from __future__ import annotations

import numpy as np
import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.fidelity import Fidelity, agreement
from mintmark.testing import check_metric


def measured(own: Data, *rest: Data) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(Fidelity(), Tables(own, *rest), Context())}


def table(seed: int, n: int = 2_000) -> Data:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, n)
    day = np.datetime64("2020-01-01") + np.abs(x * 100).astype(int)
    return Data(
        {
            "x": x.tolist(),
            "y": (x + rng.normal(0, 0.3, n)).tolist(),
            "day": day.astype(str).tolist(),
            "k": np.where(x > 0, "p", "n").tolist(),
        }
    )


def test_agreement() -> None:
    assert agreement([1, 2], [1, 3], "number") == 0.5 and agreement(["a", "b"], ["a", "a"], "category") == 0.5
    assert agreement([1, None, None, None], [1, 1, 1, 1], "number") == 0.25, "three of four are missing"
    assert agreement(["2020-01-01", "2020-01-02"], ["2020-01-01", "2020-01-03"], "date") == 0.5
    assert agreement([1.0, "2"], ["1", 2], "category") == 1


def test_floor_and_ceiling_stand_beside_the_value() -> None:
    own, rng = table(1), np.random.default_rng(0)
    loose = Data({c: [v[i] for i in rng.permutation(len(v))] for c, v in own.columns.items()})
    found, floor = measured(own, table(2), table(3)), measured(loose, table(2), table(3))
    assert found["marginals"].value == floor["marginals"].value == found["marginals"].detail["floor"]  # type: ignore[index]
    assert set(found["marginals"].by_group or ()) == {"x", "y", "day", "k"}
    for m in found.values():
        assert m.value == pytest.approx(m.detail["ceiling"], abs=0.03)  # type: ignore[index]
    assert floor["pairs"].value == pytest.approx(found["pairs"].detail["floor"], abs=0.03) and floor["pairs"].value < 0.75  # type: ignore[index, operator]
    alone = measured(own, table(2))
    assert all("halves" in m.caveats[1] or "one half" in m.caveats[1] for m in alone.values())
    assert alone["pairs"].detail["floor"] < alone["pairs"].detail["ceiling"] < 1  # type: ignore[index]
