"""perplexity: like texts reach the ceiling, narrow texts cover less and surprise less, strange ones surprise more."""

from __future__ import annotations

import random

import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.perplexity import Perplexity
from mintmark.testing import check_metric


def texts(seed: int, n: int = 300, kinds: int = 8) -> Data:
    rng = random.Random(seed)
    frames = [f"my {a} was {b} by the {c} today" for a in ("card", "fee") for b in ("taken", "lost") for c in ("bank", "shop")]
    return Data({"text": [f"{rng.choice(frames[:kinds])} and {rng.choice(['so', 'yet', 'but'])} it goes" for _ in range(n)]})


def measured(*data: Data) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(Perplexity(), Tables(*data, text="text"), Context())}


def test_like_texts_reach_the_ceiling() -> None:
    found = measured(texts(1), texts(2), texts(3))
    for m in found.values():
        assert m.detail and m.value == pytest.approx(m.detail["ceiling"], rel=0.05)
    assert found["real_under_synthetic"].detail["floor"] > 3 * found["real_under_synthetic"].value  # type: ignore[index, operator]


def test_narrow_and_strange_texts() -> None:
    real, held = texts(2), texts(3)
    narrow = measured(texts(1, kinds=1), real, held)
    one, other = narrow["real_under_synthetic"], narrow["synthetic_under_real"]
    assert one.detail and one.interval and one.interval[0] > 1.2 * one.detail["ceiling"], "it misses what real texts say"
    assert other.value and other.detail and other.value < 1.1 * other.detail["ceiling"], "yet what it says is no surprise"
    strange = measured(Data({"text": [f"quartz {i} vexes nymphs" for i in range(100)]}), real, held)["synthetic_under_real"]
    assert strange.interval and strange.detail and strange.interval[0] > 3 * strange.detail["ceiling"]


def test_one_real_table_and_none() -> None:
    assert "no ceiling" in measured(texts(1), texts(2))["real_under_synthetic"].caveats[1]
    assert measured(texts(1)) == {} and measured(texts(1), Data({"text": [None] * 9})) == {}
