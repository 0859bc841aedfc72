"""Soft labels add up to 1, follow the text rather than the label, and flatten with the temperature."""

from __future__ import annotations

import math

import pytest

from final import settle, values
from mintmark.core.errors import RecipeError
from mintmark.curate.distil import Distil
from planted import easy


def test_soft_labels() -> None:
    texts, labels, wrong = easy()
    columns = {"text": [*texts, "about charge"], "label": [*labels, None]}
    cold, warm, hot = (values(settle(Distil("label", ("text",), t), columns)[0], "soft") for t in (0.5, 1.0, 4.0))
    assert cold[-1] is warm[-1] is hot[-1] is None
    for i in range(60):
        for soft in (cold[i], warm[i], hot[i]):
            assert set(soft) == {"card", "fee", "room"} and sum(soft.values()) == pytest.approx(1, abs=3e-6)
        assert max(warm[i], key=warm[i].get) == ["fee", "card", "room"][i % 3], "a wrong label does not teach its own row"
        assert max(cold[i].values()) > max(warm[i].values()) > max(hot[i].values())
        whole = sum(math.sqrt(math.sqrt(p)) for p in warm[i].values())
        assert all(hot[i][k] == pytest.approx(p**0.25 / whole, abs=1e-4) for k, p in warm[i].items())
    assert max(warm[4], key=warm[4].get) != labels[4] and 4 in wrong


def test_refused() -> None:
    for bad in ({"temperature": 0.0}, {"folds": 1}, {"columns": ["label"]}):
        with pytest.raises(RecipeError):
            Distil.from_params({"label": "label", "columns": ["text"], **bad}, "distil")
