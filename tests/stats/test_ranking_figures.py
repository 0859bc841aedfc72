"""nDCG and average precision against scikit-learn, values by hand, coverage of the interval of a clustered mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score

from mintmark.stats.ranking import average_precision, clustered_mean, ndcg, recall, reciprocal_rank


def test_by_hand() -> None:
    assert ndcg([0, 1, 0, 1], 2) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3)))
    assert (
        ndcg([0, 1, 0, 1], 2) == pytest.approx(0.6509, abs=1e-4) and ndcg([1], 1) == 1 and ndcg([0] * 10 + [1], 1) == 0 and ndcg([], 0) == 0
    )
    assert reciprocal_rank([0, 0, 1, 1]) == pytest.approx(1 / 3) and reciprocal_rank([0]) == 0
    assert recall([1, 0, 1, 1], 4, 3) == 0.5 and recall([], 0, 5) == 0
    assert average_precision([3.0, 2.0, 1.0], [1, 0, 1]) == pytest.approx(5 / 6) and average_precision([1, 1, 1, 1], [1, 0, 0, 0]) == 0.25


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_ndcg_is_that_of_scikit_learn(relevant: list[bool], k: int) -> None:
    scores = np.arange(len(relevant), 0, -1)[None]
    assert ndcg(relevant, sum(relevant), k) == pytest.approx(float(ndcg_score([list(map(int, relevant))], scores, k=k)), abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40).filter(
        lambda x: any(b for _, b, _ in x)
    )
)
@settings(max_examples=60, deadline=None)
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[int, bool, int]]) -> None:
    x, y, w = (list(column) for column in zip(*rows, strict=True))
    assert average_precision(x, y, w) == pytest.approx(float(average_precision_score(y, x, sample_weight=w)), abs=1e-9)


def test_the_interval_of_a_clustered_mean_covers() -> None:
    """30 clusters of 2 to 12 numbers with an offset of their own as wide as the noise: 95 % hold the mean, where clusters are ignored far fewer do."""
    rng = np.random.default_rng(0)
    held = alone = 0
    for _ in range(400):
        code = np.repeat(np.arange(30), rng.integers(2, 13, 30))
        x = rng.normal(size=30)[code] + rng.normal(size=len(code))
        low, high = clustered_mean(x.tolist(), code.tolist())[1]
        held += low <= 0 <= high
        low, high = clustered_mean(x.tolist(), range(len(x)))[1]
        alone += low <= 0 <= high
    assert 0.92 <= held / 400 <= 0.98 and alone / 400 < 0.8
    assert clustered_mean([1.0, 2.0], ["a", "a"])[1] == (-math.inf, math.inf)
    assert clustered_mean([1, 2, 3], range(3))[1] == pytest.approx((2 - 2.4841, 2 + 2.4841), abs=1e-3)
    low, high = clustered_mean([1.0] * 20, range(20))[1]
    assert low < 1 < high, "twenty equal numbers are no proof"
