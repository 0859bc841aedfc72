"""levels: entropy in closed form, its correction, levels that are never used, tables without categories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.levels import Levels, entropy
from mintmark.testing import check_metric


def test_closed_forms() -> None:
    assert entropy(list("aabb"), 2) == 1 and entropy(["a"] * 9, 3) == 0 == entropy([], 2) == entropy(["a"], 1)
    plain = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert entropy(["a"] * 900 + ["b"] * 100, 4) == pytest.approx((plain + 1 / 2000) / math.log(4))


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40))
def test_bounds_and_names(cells: list[str]) -> None:
    assert 0 <= entropy(cells, 4) <= 1 and entropy(cells, 4) == pytest.approx(entropy([c * 2 for c in cells[::-1]], 4))


def test_the_correction_removes_most_of_the_bias() -> None:
    rng = np.random.default_rng(0)
    p = [0.5, 0.2, 0.1, 0.1, 0.05, 0.05]
    truth = -sum(x * math.log(x) for x in p) / math.log(6)
    assert np.mean([entropy(rng.choice(6, 40, p=p).tolist(), 6) for _ in range(400)]) == pytest.approx(truth, abs=0.006)


def test_topics_left_out_lower_it_and_intervals_tell() -> None:
    rng = np.random.default_rng(1)

    def table(of: int, n: int = 500) -> Data:
        return Data(
            {"topic": [f"t{k}" for k in rng.integers(0, of, n)], "tone": ["mild", "angry"] * (n // 2), "x": rng.normal(0, 1, n).tolist()}
        )

    (m,) = check_metric(Levels(), Tables(table(3), table(8)), Context())
    assert m.by_group is not None and m.detail is not None and set(m.by_group) == {"topic", "tone"} and m.interval is not None
    assert m.by_group["topic"] == pytest.approx(math.log(3) / math.log(8), abs=0.02) and m.by_group["tone"] == 1
    assert m.interval[1] < m.detail["reference"] and m.detail["reference_by_group"]["topic"] > 0.98
    assert Levels().measure(Tables(Data({"x": [1.0, 2.5, 3.1]})), Context()) == [] == Levels().measure(Tables(Data({})), Context())
