"""torch_net: learns, honours weights, gives the same net for the same seed, leaves the global generator alone."""

from __future__ import annotations

import numpy as np
import pytest

from mintmark.learners.torch_net import TorchNetLearner

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'mintmark[torch]'")
TABLE = {"text": [f"{'my card is late' if i % 2 else 'the fee is wrong'} number {i}" for i in range(80)]}
LABELS = ["card" if i % 2 else "fee" for i in range(80)]


def test_it_learns_and_repeats() -> None:
    before = torch.random.get_rng_state()
    one, two, other = (TorchNetLearner(epochs=8).fit(TABLE, LABELS, seed=s) for s in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert list(one.predict(TABLE)) == LABELS
    assert np.array_equal(one.proba(TABLE), two.proba(TABLE)) and not np.array_equal(one.proba(TABLE), other.proba(TABLE))
    assert one.proba(TABLE).sum(axis=1) == pytest.approx(np.ones(80))


def test_weights_decide_whom_it_believes() -> None:
    twice = {"text": TABLE["text"] * 2}
    labels = LABELS + [{"card": "fee", "fee": "card"}[c] for c in LABELS]
    for weight, told in (([1.0] * 80 + [0.01] * 80, labels[:80]), ([0.01] * 80 + [1.0] * 80, labels[80:])):
        fitted = TorchNetLearner().fit(twice, labels, weight=weight)
        assert np.mean([a == b for a, b in zip(fitted.predict(TABLE), told)]) > 0.95


def test_regression_is_in_the_units_of_the_target() -> None:
    x = np.random.default_rng(0).normal(size=400)
    fitted = TorchNetLearner(hidden=32, epochs=40).fit({"x": x.tolist()}, (1_000 + 50 * x).tolist(), task="regression")
    assert np.mean(np.abs(np.array(fitted.predict({"x": [-1.0, 0.0, 1.0]})) - [950, 1_000, 1_050])) < 12
