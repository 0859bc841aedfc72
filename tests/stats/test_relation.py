"""Linear and power rules between columns of numbers, and what they leave unexplained."""

from __future__ import annotations

import numpy as np
import pytest

from mintmark.stats.relation import find

RNG = np.random.default_rng(5)
HEIGHT, WEIGHT = RNG.uniform(0.6, 3.0, 400), RNG.normal(70.0, 12.0, 400)


@pytest.mark.parametrize(
    ("y", "kind", "weights"),
    [(WEIGHT / HEIGHT**2, "power", (0.0, -2.0, 1.0)), (3.0 + 2.0 * WEIGHT - HEIGHT, "linear", (3.0, -1.0, 2.0))],
)
def test_a_rule_is_found_with_its_weights_and_taken_apart_and_put_together(y: np.ndarray, kind: str, weights: tuple[float, ...]) -> None:
    cells = {"h": HEIGHT, "w": WEIGHT}
    rule = find(cells, y)
    assert rule is not None and rule.kind == kind and rule.weights == pytest.approx(weights, abs=1e-6)
    noisy = y * (1 + 0.01 * RNG.standard_normal(len(y)))
    assert rule.whole(cells, rule.apart(cells, noisy)) == pytest.approx(noisy)


def test_noise_few_values_and_few_rows_give_none() -> None:
    assert find({"h": HEIGHT}, RNG.standard_normal(400)) is None and find({}, WEIGHT) is None
    assert find({"h": HEIGHT}, np.round(HEIGHT * 2)) is None and find({"h": HEIGHT[:40]}, 2 * HEIGHT[:40]) is None
