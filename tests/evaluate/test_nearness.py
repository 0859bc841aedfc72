"""nearness: the recorded CTGAN file, equal sizes, copies found, fresh rows not; tables and texts; what it cannot read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluate.metric_texts import of_texts, sentences
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.nearness import Nearness
from mintmark.stats.nearest import gower, nearest
from mintmark.stores.tables import read_table
from mintmark.testing import check_metric


def adult(folder: Path, name: str) -> Data:
    table = read_table(name, folder / "adult_ctgan" / f"{name}.csv")
    return Data({c: table.column(c) for c in table.columns})


def people(seed: int, n: int) -> Data:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 5, n)
    x = rng.normal(kind, 1)
    return Data({"x": x.tolist(), "y": (x + rng.normal(size=n)).tolist(), "kind": [f"k{k}" for k in kind]})


def told(own: Data, real: Data, held: Data, **more: Any) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(Nearness(**more), Tables(own, real, held), Context())}


def test_the_recorded_ctgan_file(data: Path) -> None:
    """39,040 x 15: the published share of 0.51 at equal sizes, 0.80 at unequal ones, within 6 CPU s."""
    own, real, held = (adult(data, f"adults_{name}") for name in ("syn_ctgan", "train", "control"))
    began = time.process_time()
    found = {m.metric.split(".")[1]: m for m in Nearness().measure(Tables(own, real, held), Context())}
    assert time.process_time() - began < 6
    low, high = found["dcr_share"].interval  # type: ignore[misc]
    assert low <= 0.51 <= high and 0.48 < found["dcr_share"].value < 0.54  # type: ignore[operator]
    assert "9,758 real and as many holdout rows" in found["dcr_share"].caveats[0] and "never a pass" in found["dcr_share"].caveats[1]
    assert found["mia_auc"].interval[0] < 0.5 < found["mia_auc"].interval[1] and found["epsilon_lower"].value == 0  # type: ignore[index]
    parts = [p for c in own.columns if (p := gower([real.columns[c], held.columns[c], own.columns[c]])) is not None]
    some = np.arange(500)
    unequal = [nearest(parts, 2, k, some, np.arange(len(t)))[:, 0] for k, t in ((0, real), (1, held))]
    share = np.mean((unequal[0] < unequal[1]) + 0.5 * (unequal[0] == unequal[1]))
    assert 0.75 < share < 0.85, "what all 39,084 real rows against 9,758 of the holdout would say"


def test_unequal_sizes_do_not_move_the_share() -> None:
    found = told(people(0, 2_000), people(1, 8_000), people(2, 1_000))
    low, high = found["dcr_share"].interval  # type: ignore[misc]
    assert low < 0.5 < high and "1,000 real and as many holdout rows" in found["dcr_share"].caveats[0]
    assert found["mia_auc"].interval[0] < 0.5 < found["mia_auc"].interval[1]  # type: ignore[index]
    assert found["dcr_ratio_p5"].interval[0] < 1 < found["dcr_ratio_p5"].interval[1]  # type: ignore[index]


def test_a_rate_of_copies_is_recovered() -> None:
    real, held, fresh = people(1, 1_000), people(2, 1_000), people(3, 1_000)
    quarter = Data({c: [*real.columns[c][:250], *fresh.columns[c][250:]] for c in real.columns})
    found = told(quarter, real, held)
    assert found["mia_tpr"].interval[0] < 0.26 < found["mia_tpr"].interval[1] and found["mia_auc"].value > 0.58  # type: ignore[index, operator]
    assert 0 < found["epsilon_lower"].value < found["epsilon_lower"].detail["ceiling"]  # type: ignore[operator, index]
    whole = told(real, real, held)
    assert whole["mia_auc"].value == 1 == whole["mia_tpr"].value == whole["dcr_share"].value and whole["dcr_ratio_p5"].value == 0
    assert whole["epsilon_lower"].value > 4 and whole["nndr"].value == 0  # type: ignore[operator]


def test_texts() -> None:
    rng = np.random.default_rng(0)
    real, held, fresh = (sentences(rng, 400, 2_000, 12) for _ in range(3))
    found = of_texts(Nearness(), fresh, real, held)
    assert found["mia_auc"].interval[0] < 0.5 < found["mia_auc"].interval[1] and "the words of text" in found["mia_auc"].caveats[0]  # type: ignore[index]
    copied = of_texts(Nearness(), real, real, held)
    assert copied["mia_auc"].value > 0.99 and copied["dcr_share"].value > 0.99  # type: ignore[operator]


def test_what_it_cannot_read() -> None:
    rows = people(0, 40)
    assert Nearness().measure(Tables(rows, rows), Context()) == [], "without a holdout there is no chance to compare with"
    assert Nearness().measure(Tables(rows, Data({}), Data({})), Context()) == []
    assert Nearness().measure(Tables(*[Data({"k": ["a"] * 40})] * 3), Context()) == []
    with pytest.raises(RecipeError, match="no column 'z'"):
        Nearness(columns=("z",)).measure(Tables(rows, rows, rows), Context())
    found = told(rows, rows, people(1, 40), columns=("x",))
    assert "over x" in found["mia_auc"].caveats[0]
    odd = Data({"x": [float("nan"), float("inf"), None, 10**400, *range(36)], "k": [None, *"ab" * 19, "c"]})
    assert all(m.value is None or np.isfinite(m.value) for m in Nearness().measure(Tables(odd, odd, rows_like(odd)), Context()))


def rows_like(data: Data) -> Data:
    return Data({c: list(reversed(v)) for c, v in data.columns.items()})
