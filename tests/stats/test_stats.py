"""Intervals against closed forms and simulation; the table model's protections."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.evaluate.diversity import compression_ratio, distinct, vendi, vendi_of_kernel
from mintmark.stats.cart import TableModel
from mintmark.stats.distances import ks
from mintmark.stats.intervals import auc, clopper_pearson, delong, two_level, widened, wilson
from mintmark.stats.resample import folds, subsample_interval
from mintmark.text.ngram_model import CopyGuard, NgramModel


def test_published_and_analytic_values() -> None:
    assert vendi_of_kernel([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]], 3) == pytest.approx(2.1573, abs=1e-4)
    assert vendi(np.eye(7)) == pytest.approx(7) and vendi(np.ones((5, 3))) == pytest.approx(1)
    samples = np.asarray([0, 0, 10, 10, 20, 20.0])
    assert vendi_of_kernel(np.exp(-np.abs(samples[:, None] - samples)), 6) == pytest.approx(2.9999, abs=1e-4)
    assert distinct(["a b a", "a b"], 1) == pytest.approx(2 / 5) and distinct(["a"], 2) == 0
    assert compression_ratio(["the same text"] * 200) > 20
    assert wilson(0, 10)[0] == 0 and wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert clopper_pearson(0, 20) == pytest.approx((0, 0.16843), abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=40))
@settings(max_examples=60, deadline=None)
def test_auc_is_the_share_of_pairs(rows: list[tuple[int, bool]]) -> None:
    pos, neg = [s for s, y in rows if y], [s for s, y in rows if not y]
    if not pos or not neg:
        return
    pairs = sum((a > b) + 0.5 * (a == b) for a in pos for b in neg) / (len(pos) * len(neg))
    value, (low, high) = delong([s for s, _ in rows], [y for _, y in rows])
    assert value == pytest.approx(pairs) and low <= value <= high


def test_intervals_cover() -> None:
    """DeLong and the two-level interval hold the truth 95 times in 100, whichever of the two levels is the larger."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        scores = np.r_[rng.normal(1, 1, 60), rng.normal(0, 1, 60)]
        low, high = delong(scores, np.r_[np.ones(60), np.zeros(60)])[1]
        hits += low <= 0.76025 <= high
    assert 270 <= hits <= 297
    for test, seeds in ((1, 3), (1, 1), (3, 1)):
        hits = 0
        for _ in range(1500):
            x, within = rng.normal(0, [test, seeds]).sum(), 1.96 * test
            low, high = widened(x, (x - within, x + within), (seeds**2 * rng.chisquare(3) / 3, 3))
            hits += low <= 0 <= high
        assert 0.94 <= hits / 1500 <= 0.968, (test, seeds, hits)
    mean, (low, high) = two_level([0.7, 0.8, 0.9], 0.0)  # Student's t of three numbers, by scipy.stats.t.interval
    assert mean == pytest.approx(0.8) and (low, high) == pytest.approx((0.5515862, 1.0484138), abs=1e-6)
    assert two_level([0.8, 0.8], 0.01**2)[1] == pytest.approx((0.7804004, 0.8195996), abs=1e-6)
    assert ks([1, 2, 3], [1, 2, 3]) == 0 and ks([1, 2], [3, 4]) == 1
    assert subsample_interval(100, lambda i: float(np.mean(i)), 49.5, 0)[0] < 49.5
    assert set(folds(["a"] * 10 + ["b"] * 5, 5, 0)) == set(range(5))


def table(n: int = 600, seed: int = 0) -> dict[str, list]:
    rng = np.random.default_rng(seed)
    height = rng.normal(170, 9, n).round(1)
    weight = (height - 100 + rng.normal(0, 9, n)).round(1)
    kind = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    sick = np.where(rng.random(n) < 1 / (1 + np.exp(-(weight - 75) / 6)), "yes", "no")
    income = np.where(rng.random(n) < 0.1, None, (rng.lognormal(10, 1, n) // 100 * 100).astype(int)).tolist()
    return {
        "height": height.tolist(), "weight": weight.tolist(), "bmi": (weight / (height / 100) ** 2).round(2).tolist(), "kind": kind.tolist(),
        "price": [{"a": 1, "b": 2, "c": 3}[k] for k in kind], "sick": sick.tolist(), "income": income, "flag": (rng.random(n) < 0.3).tolist(),
        "day": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(n)], "code": [f"AB{i:05d}" for i in range(n)],
        "city": ["only once"] + ["here"] * (n // 2) + ["there"] * (n - n // 2 - 1),
    }  # fmt: skip


def test_table_model_keeps_types_rules_and_people() -> None:
    real = table()
    model = TableModel.fit(real, target="sick", seed=1)
    made = model.sample(600, 3)
    assert list(made) == list(real) and made == model.sample(600, 3) != model.sample(600, 4)
    assert all(isinstance(v, int) or v is None for v in made["income"]) and all(isinstance(v, bool) for v in made["flag"])
    missing = sum(v is None for v in made["income"]) / 600
    assert 0.05 < missing < 0.16
    assert all({"a": 1, "b": 2, "c": 3}[k] == p for k, p in zip(made["kind"], made["price"])), "a lookup must hold in every row"
    assert all(abs(round(v, 1) - v) < 1e-9 for v in made["height"]), "the column's grain is kept"
    errors = [abs(b - w / (h / 100) ** 2) for b, w, h in zip(made["bmi"], made["weight"], made["height"])]
    assert np.median(errors) < 0.3, "the derived column follows its rule"
    assert "only once" not in made["city"] and not set(made["code"]) & set(real["code"]) and len(set(made["code"])) == 600
    assert min(made["height"]) > min(real["height"]) and max(made["weight"]) < max(real["weight"])
    assert all(len(d) == 10 and d.startswith("2024-") for d in made["day"])
    assert not set(zip(*(made[c] for c in real))) & set(zip(*(real[c] for c in real)))
    heavy = [w for w, s in zip(made["weight"], made["sick"]) if s == "yes"]
    light = [w for w, s in zip(made["weight"], made["sick"]) if s == "no"]
    assert np.mean(heavy) > np.mean(light) + 4, "dependence on the target is learned"
    once = {v for v in real["weight"] if real["weight"].count(v) == 1}
    met, by_chance = (sum(v in once for v in rows["weight"]) / 600 for rows in (made, table(seed=1)))
    assert abs(met - by_chance) < 0.08, "values of one real person are met as often as among other people's: neither copied nor avoided"


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1, 2]},
        {"a": ["x"] * 5},
        {"a": [None] * 4, "b": [1, 2, 3, 4]},
        {"a": [1.5, None, 2.5]},
        {"t": ["y", "n"] * 10, "x": list(range(20))},
    ],
)
def test_small_tables_work(columns: dict[str, list]) -> None:
    made = TableModel.fit(columns, seed=0).sample(7, 0)
    assert all(len(v) == 7 for v in made.values())


def test_nothing_to_learn_is_told() -> None:
    for columns in ({}, {"a": [1]}):
        with pytest.raises(ValueError, match="rows"):
            TableModel.fit(columns)
    with pytest.raises(ValueError, match="no column"):
        TableModel.fit({"a": [1, 2, 3]}, target="b")


WORDS = "the a card bank fee my is was lost can not how do i pay when where please help app".split()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_text_passes_the_guard_that_gives_a_real_one_away(seed: int) -> None:
    chance = random.Random(seed)
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(2, 14))) for _ in range(60)]
    model = NgramModel.fit(texts, [i % 2 for i in range(60)])
    guard = CopyGuard(texts)
    assert guard.verdict(texts[0].upper() + "  ") == "equal"
    for k in range(10):
        made = model.sample(k % 2, chance)
        if made is None:
            continue
        assert guard.verdict(made) is None and made.casefold() not in {t.casefold() for t in texts}
        tokens = made.lower().split()
        for i in range(len(tokens) - 7):
            run = f" {' '.join(tokens[i : i + 8])} "
            held = sum(run in f" {t} " for t in texts)
            assert held == 0 or held >= 3


def test_auc_needs_both_classes() -> None:
    with pytest.raises(ValueError):
        auc([1, 2], [1, 1])


def test_banking77(data: Path) -> None:
    """TSTR/TRTR >= 0.70 from 1,000 rows, no copies, no more near copies than real rows have."""
    import csv

    from mintmark.learners.linear import LinearLearner
    from mintmark.text.shingles import fold, near_copies

    rows = random.Random(0).sample(list(csv.DictReader((data / "banking77/train.csv").open())), 1000)
    test = list(csv.DictReader((data / "banking77/test.csv").open()))
    columns = {k: [r[k] for r in rows] for k in ("text", "category")}
    made = TableModel.fit(columns, target="category", text_model=NgramModel.fit).sample(1000, 0)
    kept = [i for i, t in enumerate(made["text"]) if t]

    def accuracy(texts: list[str], labels: list[str]) -> float:
        predicted = LinearLearner().fit({"text": texts}, labels).predict({"text": [r["text"] for r in test]})
        return float(np.mean([a == r["category"] for a, r in zip(predicted, test)]))

    trtr = accuracy(columns["text"], columns["category"])
    tstr = accuracy([made["text"][i] for i in kept], [made["category"][i] for i in kept])
    assert len(kept) > 950 and tstr / trtr >= 0.70
    real = {fold(t) for t in columns["text"]}
    assert not any(fold(made["text"][i]) in real for i in kept)
    near = [
        sum(x is not None for x in near_copies(t, columns["text"])) / len(t)
        for t in ([made["text"][i] for i in kept], [r["text"] for r in test])
    ]
    assert near[0] <= near[1]


def test_too_few_rows_for_subsets_have_no_interval() -> None:
    from mintmark.core.metric import Measurement

    span = subsample_interval(2, lambda rows: 0.5, 0.5, 0)
    told = Measurement("diversity.aps", 0.5, "share", 2, span)
    assert told.interval is None and told.caveats == ("too few rows for an interval",)
