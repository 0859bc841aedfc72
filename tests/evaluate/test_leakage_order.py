"""The audit tested on itself: a copier, a paraphraser, an independent generator and a differentially private run at epsilon 1 come out in that order,
and the first two are flagged; for a table and for texts."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import mintmark as mm
from mintmark.catalogue import metrics_for
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.copies import Copies
from mintmark.evaluate.nearness import Nearness
from mintmark.models.scripted import ScriptedModel
from mintmark.report.words import safe
from mintmark.stats.leakage import alarms, risk

LEVELS = {"kind": [f"k{i}" for i in range(6)], "job": [f"j{i}" for i in range(30)], "town": [f"t{i}" for i in range(60)]}
RANGES = {"age": (18, 90), "pay": (0, 20_000), "height": (140, 210), "weight": (35, 130)}
SCHEMA: dict[str, Any] = {**{c: {"levels": v} for c, v in LEVELS.items()}, **{c: {"low": a, "high": b} for c, (a, b) in RANGES.items()}}


def people(seed: int, n: int = 1_500) -> Data:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 6, n)
    height = rng.normal(163 + 12 * (kind % 2), 7, n).round(1)
    columns = {
        "age": np.clip(rng.normal(30 + 6 * kind, 9), 18, 90).round(),
        "pay": np.minimum(np.exp(rng.normal(7.3 + kind / 8, 0.4)), 20_000).round(),
        "height": height,
        "weight": (22 * (height / 100) ** 2 * np.exp(rng.normal(0, 0.12, n))).round(1),
    }
    levels = {"kind": kind, "job": np.minimum(rng.geometric(0.15, n) - 1 + kind, 29), "town": np.minimum(rng.geometric(0.08, n) - 1, 59)}
    return Data({**{c: v.tolist() for c, v in columns.items()}, **{c: [LEVELS[c][i] for i in v] for c, v in levels.items()}})


def reworded(rows: Data, seed: int) -> Data:
    """Numbers jittered by a tenth of their spread, one level in ten drawn anew."""
    rng = np.random.default_rng(seed)
    numbers = {
        c: (np.asarray(v) + rng.normal(0, 0.1 * np.std(v), len(v))).round(1).tolist() for c, v in rows.columns.items() if c in RANGES
    }
    levels = {c: [str(rng.choice(LEVELS[c])) if rng.random() < 0.1 else x for x in v] for c, v in rows.columns.items() if c in LEVELS}
    return Data({**numbers, **levels})


def at_epsilon_1(rows: list[dict[str, Any]], recipe: dict[str, Any], out: Path, **ports: Any) -> Data:
    pytest.importorskip("opendp", reason="opendp is not installed")
    table = {"path": rows, "budget": {"epsilon": 1.0, "delta": 1e-6}}
    run = mm.run(replace(mm.load({"name": "dp", **recipe}), tables={"real": table}, **ports), out=out)
    assert run.manifest["releases"][0]["epsilon"] == pytest.approx(1.0, rel=1e-6)
    return Data({c: [r[c] for r in run.rows()] for c in rows[0]})


def audited(sets: dict[str, Data], real: Data, held: Data, text: str | None = None) -> dict[str, dict[str, Measurement]]:
    out = {}
    for name, own in sets.items():
        tables = Tables(own, real, held, text=text)
        out[name] = {m.metric: m for metric in metrics_for(["privacy"]) for m in metric.measure(tables, Context())}
    return out


def check_order(found: dict[str, dict[str, Measurement]]) -> None:
    ranked = sorted(found, key=lambda name: risk(found[name]), reverse=True)
    told = {name: (risk(m), [a.words for a in alarms(m)]) for name, m in found.items()}
    assert ranked == ["copier", "paraphraser", "independent", "private"], told
    for name, m in found.items():
        flagged = name in ("copier", "paraphraser")
        assert any(a.level == 2 for a in alarms(m)) == flagged and (safe(m, True)["tone"] == "poor") == flagged, (name, told[name])
        low, high = m["privacy.mia_auc"].interval  # type: ignore[misc]
        assert low > 0.55 if flagged else low < 0.51 and high > 0.49, name


def test_tables(tmp_path: Path) -> None:
    real, held = people(1), people(2)
    rows = [dict(zip(real.columns, row)) for row in zip(*real.columns.values())]
    recipe = {"want": 1_500, "max_candidates": 1_500, "steps": [{"marginals": {"from": "real", "schema": SCHEMA}}]}
    private = at_epsilon_1(rows, recipe, tmp_path / "run")
    sets = {"private": private, "independent": people(3), "paraphraser": reworded(real, 4), "copier": real}
    found = audited(sets, real, held)
    check_order(found)
    assert found["private"]["privacy.epsilon_lower"].value <= 1, "no attack proves more than was spent"  # type: ignore[operator]
    assert found["copier"]["privacy.copies"].value == 1_500 and found["copier"]["privacy.rare_levels"].value == 1


def swapped(text: str, pool: list[str], rng: random.Random) -> str:
    """A fifth of the words replaced, and two neighbours exchanged."""
    words = [rng.choice(pool) if rng.random() < 0.2 else w for w in text.split()]
    at = rng.randrange(max(1, len(words) - 1))
    words[at : at + 2] = reversed(words[at : at + 2])
    return " ".join(words)


def test_texts(tmp_path: Path, data: Path) -> None:
    rows = list(csv.DictReader((data / "banking77" / "train.csv").open()))
    order = np.random.default_rng(0).permutation(len(rows))
    real, held, fresh, public = ([rows[i]["text"] for i in order[k * 800 : (k + 1) * 800]] for k in range(4))
    rng = random.Random(0)
    pool = sorted({w for t in public for w in t.split()})
    asks = ["How do I", "Why can't I", "Please help me", "Is there a way to", "When can I", "Where do I"]
    does = ["top up", "change", "cancel", "check", "activate", "replace", "verify", "get back"]
    what = [
        "my card",
        "a transfer",
        "my PIN",
        "the exchange rate",
        "a refund",
        "a cash withdrawal",
        "my account",
        "the fee",
        "a direct debit",
    ]

    def answer(request: Any) -> str:
        """A model that has never seen the rows: plain requests; a variation is another one."""
        draw = random.Random(request.seed)
        return f"{draw.choice(asks)} {draw.choice(does)} {draw.choice(what)} {draw.choice(pool)} {draw.choice(pool)}?"

    vote = {"from": "real", "column": "text", "rows": 150, "rounds": 2, "share": 0.7, "children": 3, "about": "a request"}
    loop = {"at_most": 3, "steps": [{"vote": vote}, {"write": {"column": "text", "prompt": {"built_in": "private_evolution"}}}]}
    elect = {"from": "real", "column": "text", "rows": 150, "share": 0.3}
    recipe = {"steps": [{"repeat": loop}, {"elect": elect}]}
    private = at_epsilon_1([{"text": t} for t in real], recipe, tmp_path / "run", models={"writer": ScriptedModel(answer)})
    assert len(private) == 150
    sets = {
        "private": private,
        "independent": Data({"text": fresh}),
        "paraphraser": Data({"text": [swapped(t, pool, rng) for t in real]}),
        "copier": Data({"text": real}),
    }
    found = audited(sets, Data({"text": real}), Data({"text": held}), "text")
    check_order(found)
    assert found["copier"]["privacy.rare_words"].value == 1 and found["copier"]["privacy.verbatim_rows"].value > 0.1  # type: ignore[operator]


def test_few_rows() -> None:
    """The interval of an AUC of 1 over 60 rows is wider than that of 0.99: copies were ranked below paraphrases."""
    real, held, fresh = people(1, 60), people(2, 60), people(3, 60)
    found = audited({"independent": fresh, "paraphraser": reworded(real, 4), "copier": real}, real, held)
    assert sorted(found, key=lambda name: risk(found[name]), reverse=True) == ["copier", "paraphraser", "independent"]


def of(value: float | None, span: tuple[float, float] | None = None, n: int = 100, **detail: Any) -> Any:
    return SimpleNamespace(value=value, interval=span, detail=detail or None, n=n)


def test_alarms_rest_on_intervals() -> None:
    assert (
        alarms({}) == [] == alarms({"privacy.mia_auc": of(None), "privacy.dcr_share": of(0.99, (0.98, 1)), "privacy.nndr": of(0.0, (0, 0))})
    )
    assert alarms({"privacy.mia_auc": of(0.6, (0.5, 0.7))}) == []
    assert [a.level for a in alarms({"privacy.mia_auc": of(0.54, (0.52, 0.56))})] == [1]
    serious = alarms({"privacy.rare_words": of(0.3, (0.2, 0.4), reference_interval=(0.0, 0.1)), "privacy.mia_auc": of(0.8, (0.7, 0.9))})
    assert [a.level for a in serious] == [2, 1] and "30.0%" in serious[1].words
    assert alarms({"privacy.rare_words": of(0.3, (0.2, 0.4))}) == [], "without a holdout nothing is beyond chance"
    copies, chance = of(14, (8, 22)), of(3, (1, 9))
    assert alarms({"privacy.copies": copies, "privacy.copies_holdout": chance})[0].level == 2
    few, none = of(5, (1, 11)), of(0.0, (0, 3.6))
    assert [a.level for a in alarms({"privacy.copies": few, "privacy.copies_holdout": none})] == [1], "5 beside 0: one case in 32"
    few, none = of(3, (1, 9)), of(0.0, (0, 0.37), n=1_000)
    assert [a.level for a in alarms({"privacy.copies": few, "privacy.copies_holdout": none})] == [2], (
        "a holdout ten times as large says more"
    )


def test_no_leak_is_seldom_taken_for_one() -> None:
    """Rows of few categories, drawn alike on all three sides: copies, attacks and echoes come by chance alone. Serious alarms: 1 % of copies and little else."""
    rng = np.random.default_rng(5)
    serious = told = 0
    for seed in range(80):
        group = [rng.integers(0, 3, 300) for _ in range(3)]
        sides = [Data({f"c{k}": [f"v{v}" for v in (rng.integers(0, 3 + k, 300) + z) % (3 + k)] for k in range(6)}) for z in group]
        tables = Tables(sides[0], sides[1], sides[2], seed=seed)
        found = alarms({m.metric: m for metric in (Copies(), Nearness()) for m in metric.measure(tables, Context())})
        serious += any(a.level == 2 for a in found)
        told += bool(found)
    assert serious <= 2 and told <= 12, (serious, told)


def test_the_tile_speaks_as_far_as_it_was_measured() -> None:
    def tile(**found: Measurement) -> tuple[str, str]:
        told = safe({m.metric: m for m in found.values()}, "")
        return told["verdict"], told["tone"]

    copies = Measurement("privacy.copies", 3, "rows", 100, (1.0, 9.0), "lower")
    chance = Measurement("privacy.copies_holdout", 2, "rows", 100, (0.5, 8.0), "none")
    attack = Measurement("privacy.mia_auc", 0.56, "AUC", 4_000, (0.54, 0.58), "near 0.5")
    assert tile() == ("not measured", "none")
    assert tile(a=copies) == ("gives real rows away", "poor"), "copies, and nothing that explains them"
    assert tile(a=copies, b=chance) == ("no copies beyond chance; no proof", "fair")
    assert tile(a=copies, b=chance, c=attack) == ("signs that real rows show through", "fair")
    assert "0.54 to 0.58" in safe({"privacy.mia_auc": attack}, "")["number"]
