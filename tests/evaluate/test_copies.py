"""copies: what counts as equal, what the holdout scales to, near copies of texts."""

from __future__ import annotations

import math

from evaluate.metric_texts import of_texts, sentences
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.copies import Copies
from mintmark.testing import check_metric


def told(own: Data, real: Data, held: Data | None = None) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(Copies(), Tables(own, real, held), Context())}


def test_equal_after_folding_in_all_shared_cells() -> None:
    real = Data({"text": ["Hello  World", "Straße", "x", "y", "gone"], "n": [1, 2.5, math.nan, None, True], "only_real": [1, 2, 3, 4, 5]})
    own = Data(
        {
            "text": ["hello world", "STRASSE", "x", "y", "gone", "hello world"],
            "n": [1.0, 2.5, None, math.nan, True, 2],
            "tone": list("abcdef"),
        }
    )
    found = told(own, real)
    assert found["privacy.copies"].value == 5, "case, white space, 1 = 1.0, missing = NaN; the last differs in n"
    assert "columns text, n;" in found["privacy.copies"].caveats[0] and "repeat each other" not in found["privacy.copies"].caveats[0]


def test_the_holdout_is_scaled_to_as_many_rows() -> None:
    real = Data({"k": list(range(100))})
    found = told(Data({"k": [*range(4), *range(500, 596)]}), real, Data({"k": [1, 2, *range(200, 218)]}))
    assert found["privacy.copies"].value == 4 and found["privacy.copies_holdout"].value == 10 and found["privacy.copies_holdout"].n == 20
    few = told(Data({"k": [0, 1] * 9}), Data({"k": [0, 1] * 20}))
    assert few["privacy.copies"].value == 18 and "repeat each other" in few["privacy.copies"].caveats[0]
    assert Copies().measure(Tables(real, Data({"z": [1]})), Context()) == [] == Copies().measure(Tables(real), Context())


def test_near_copies() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    own, real, held = (sentences(rng, 60, 3_000, 15) for _ in range(3))
    own[:6] = [f"{t} indeed" for t in real[:6]]
    found = of_texts(Copies(), own, real, held)
    assert found["near_copies"].value == 0.1 and found["near_copies_holdout"].value == 0 and found["copies"].value == 0
