"""near_duplicates: more rows of one source repeat more, so real rows are counted at as many rows as the synthetic ones, or these at theirs."""

from __future__ import annotations

import numpy as np
import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.duplicates import Duplicates
from mintmark.testing import check_metric


def drawn(n: int, seed: int) -> Data:
    """Texts of one source that has 200 of them."""
    return Data({"text": [" ".join(f"w{k}{j}" for j in range(6)) for k in np.random.default_rng(seed).integers(0, 200, n)]})


@pytest.mark.parametrize(("n", "m"), [(100, 1_000), (1_000, 100)])
def test_tables_of_one_source_are_alike_at_any_size(n: int, m: int) -> None:
    (found,) = check_metric(Duplicates(), Tables(drawn(n, 1), drawn(m, 2), text="text"), Context())
    assert found.value == pytest.approx(1 - 200 * (1 - (1 - 1 / 200) ** n) / n, abs=0.08) and found.detail is not None
    same = found.detail.get("at_reference_rows", found.value)
    assert abs(same - found.detail["reference"]) < 0.12 and ("at_reference_rows" in found.detail) == (n > m)
    assert any("at 100" in c for c in found.caveats)
