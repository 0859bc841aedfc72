"""How often the verdict over generations accuses chains that lose nothing: both generations are fresh rows of the real distribution.

PYTHONPATH=src:tests python bench/collapse_null.py      about 65 CPU s; share of chains with a measure that got worse, and with one that is lost
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np

from evaluate.metric_texts import sentences
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.collapse import Collapse
from mintmark.evaluate.diversity import Diversity
from mintmark.report.generations import GUARD, verdict

rng = np.random.default_rng(3)


def table(n: int) -> Data:
    x = rng.normal(size=(n, 1)) * 0.7 + rng.normal(size=(n, 8)) * 0.7
    return Data({**{f"x{j}": x[:, j].tolist() for j in range(8)}, "k": [f"k{i}" for i in rng.zipf(1.6, n).clip(max=400)]})


def texts(n: int) -> Data:
    return Data({"text": sentences(rng, n, 600)})


for name, fresh, text, chains, rows in (("tables", table, None, 120, 150), ("texts", texts, "text", 60, 120)):
    found: Counter[str] = Counter()
    for _ in range(chains):
        real, held = fresh(rows), fresh(rows)
        series: dict[str, list[Any]] = {}
        for g in (1, 2):
            given = Tables(fresh(rows), real, held, None, text)
            for m in [*Collapse().measure(given, Context()), *Diversity().measure(given, Context())]:
                if m.metric in GUARD:
                    series.setdefault(m.metric, []).append(dataclasses.replace(m, detail={**(m.detail or {}), "generation": g}))
        told = verdict(series, "replace")
        found.update({"worse": bool(told.worse), "lost": bool(told.lost), "going": told.tone == "poor"})
    print(name, {k: round(found[k] / chains, 3) for k in ("worse", "lost", "going")}, f"of {chains} chains of {rows} rows")
