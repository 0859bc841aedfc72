"""trial_tests: the paper's tests cannot tell independent columns from real ones; a planted shift is found; effects are told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.trial_tests import TrialTests
from mintmark.testing import check_metric


def table(seed: int, n: int = 5_000, shift: float = 0.0) -> Data:
    rng = np.random.default_rng(seed)
    age = rng.normal(60, 10, n)
    sex = np.where(rng.random(n) < 0.4 + shift / 50, "f", "m")
    return Data({"age": (age + shift).tolist(), "weight": (age / 2 + rng.normal(40, 3, n)).tolist(), "sex": sex.tolist()})


def measured(own: Data, *rest: Data) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(TrialTests(), Tables(own, *rest), Context())}


def test_independent_columns_pass() -> None:
    rng = np.random.default_rng(0)
    own = table(1)
    loose = Data({c: [v[i] for i in rng.permutation(len(v))] for c, v in own.columns.items()})
    found, floor = measured(own, table(2), table(3)), measured(loose, table(2), table(3))
    assert {k: m.value for k, m in found.items()} == {k: m.value for k, m in floor.items()}, "they see single columns only"
    assert found["equivalent"].value == 1 and found["equivalent"].detail == {"floor": 1.0, "ceiling": 1.0}


def test_a_planted_shift_is_found() -> None:
    own, real = table(1, shift=5), table(2)
    m = measured(own, real)["not_different"]
    assert m.by_group and m.by_group["age"] == 0 and m.by_group["weight"] == 1 and m.by_group["sex"] == 0
    assert m.detail and m.detail["columns"]["age"]["effect"] == pytest.approx(0.5, abs=0.08)
    assert m.detail["columns"]["age"]["p"] == pytest.approx(ttest_ind(own.columns["age"], real.columns["age"], equal_var=False).pvalue)
    assert "no holdout" in m.caveats[0] and m.interval and m.interval[0] > 0


def test_few_rows_pass_all_but_equivalence() -> None:
    found = measured(table(1, 12), table(2, 12))
    assert found["not_different"].value == 1 and found["equivalent"].value == 0


def test_cells_of_all_kinds() -> None:
    odd = Data({"x": [float("nan"), None, 1.0] * 9, "k": [1, 1.0, None] * 9, "t": [f"a text that is number {i}" for i in range(27)]})
    found = measured(odd, odd)
    assert found["not_different"].n == 2 and found["not_different"].value == 1 and measured(Data({"x": [None]}), odd) == {}
