"""Material shared by the tests of text metrics: made-up sentences with Zipf words, and the golden values of the reference packages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from conftest import ROOT
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Metric, Tables
from mintmark.testing import check_metric


def sentences(rng: np.random.Generator, n: int, words: int = 400, length: int = 8) -> list[str]:
    share = 1 / np.arange(1, words + 1)
    return [" ".join(f"w{k}" for k in rng.choice(words, length, p=share / share.sum())) for _ in range(n)]


def golden() -> tuple[dict[str, Any], list[str], list[str]]:
    """(values, synthetic texts, real texts)."""
    path = ROOT.parent / "shared" / "spec" / "golden_text.json"
    if not path.exists():
        pytest.skip("golden values are absent: ../shared/spec/golden_text.json")
    told = json.loads(path.read_text())
    return told["golden"], told["SYN"], told["REF"]


def of_texts(metric: Metric, own: list[Any], real: list[Any] | None = None, held: list[Any] | None = None) -> dict[str, Measurement]:
    """Last part of the name -> measurement, with the laws of metrics checked."""
    tables = Tables(Data({"text": own}), *(Data({"text": t}) if t is not None else None for t in (real, held)), None, "text")
    return {m.metric.split(".")[1]: m for m in check_metric(metric, tables, Context())}
