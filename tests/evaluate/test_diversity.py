"""diversity: values with a closed form, the reference packages' golden values, the fixed size, and an interval that covers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluate.metric_texts import golden, of_texts, sentences
from mintmark.core.context import Context
from mintmark.core.metric import Data, Tables
from mintmark.evaluate.diversity import Diversity, compression_ratio, distinct, vendi, vendi_of_kernel, word_counts


def test_golden_values() -> None:
    g, texts, real = golden()
    assert [round(distinct(texts, n), 6) for n in (1, 2, 3, 4)] == [0.718310, 0.888889, 0.890909, 0.893617]
    three = (texts, real, texts * 20)
    assert [compression_ratio(t) for t in three] == pytest.approx([1.597156, 1.517391, 26.096525], abs=1e-6)
    assert [round(compression_ratio(t, compat=True), 3) for t in three] == [1.376, 1.322, 23.799]
    x = np.random.RandomState(0).standard_normal((40, 16))
    for q, name in ((1, "q=1"), (2, "q=2"), (0.5, "q=0.5"), (math.inf, "q=inf")):
        assert vendi(x, q) == pytest.approx(g[f"vendi.score_K cosine {name}"], abs=1e-5 if q == 0.5 else 1e-8)
    found = of_texts(Diversity(), texts)
    assert found["vendi"].value == pytest.approx(6.210059425, abs=1e-8) and found["distinct_2"].value == pytest.approx(8 / 9)
    assert found["vendi"].n == 8 and any("no real rows" in c for c in found["vendi"].caveats)


def test_closed_forms() -> None:
    a = np.asarray([0, 0, 10, 10, 20, 20.0])
    assert vendi_of_kernel(np.exp(-np.abs(a[:, None] - a)), 6) == pytest.approx(2.9999, abs=1e-4)
    for q in (0.5, 1, 2, math.inf):
        assert vendi(np.eye(9), q) == pytest.approx(9) and vendi(np.ones((9, 2)), q) == pytest.approx(1)
    assert vendi(word_counts(["", "", "a b"])) == pytest.approx(vendi(word_counts(["x", "x", "a b"]))), "empty texts are one kind of text"
    assert distinct(["a b a b", "A B"], 2) == pytest.approx(2 / 4), "n-grams do not cross texts, case is folded"
    assert compression_ratio([]) == 1 == compression_ratio([""], compat=True)


@given(st.lists(st.text("abc ", max_size=12), min_size=2, max_size=12))
@settings(max_examples=60, deadline=None)
def test_vendi_lies_between_1_and_n_falls_with_its_order_and_does_not_see_the_rows_order(texts: list[str]) -> None:
    value = vendi(word_counts(texts))
    assert 1 - 1e-9 <= value <= len(texts) + 1e-9
    assert vendi(word_counts(texts[::-1])) == pytest.approx(value, rel=1e-9)
    assert vendi(word_counts(texts), math.inf) - 1e-9 <= vendi(word_counts(texts), 2) <= value + 1e-9


def test_sizes_are_fixed_and_the_real_rows_give_the_scale() -> None:
    rng = np.random.default_rng(0)
    own, real = sentences(rng, 700), sentences(rng, 500)
    found = of_texts(Diversity(size=200), own, real)
    assert set(found) == {n.split(".")[1] for n in Diversity.gives}
    for m in found.values():
        assert m.n == 200 and m.interval and m.interval[0] < m.value < m.interval[1]  # type: ignore[operator]
    repeats = of_texts(Diversity(size=200), own[:50] * 14, real)
    for name in ("distinct_2", "vendi"):
        assert repeats[name].interval[1] < repeats[name].detail["reference"]  # type: ignore[index]
    assert repeats["compression_ratio"].interval[0] > repeats["compression_ratio"].detail["reference"]  # type: ignore[index]


def test_tables_without_a_text_column() -> None:
    rng = np.random.default_rng(1)

    def table(levels: int) -> Data:
        return Data({"x": rng.normal(0, 1, 300).tolist(), "k": [f"k{i}" for i in rng.integers(0, levels, 300)]})

    found = Diversity().measure(Tables(table(2), table(8)), Context())
    assert [m.metric for m in found] == ["diversity.vendi", "diversity.vendi_2", "diversity.vendi_inf"]
    assert found[0].interval[1] < found[0].detail["reference"], "2 levels are less varied than 8"  # type: ignore[index]


def test_the_interval_covers() -> None:
    """Other texts of the same source at the same size: near 95 of 100 intervals hold the mean over sources."""
    rng = np.random.default_rng(2)
    samples = [sentences(rng, 60, 300) for _ in range(60)]
    truth = {"distinct_2": np.mean([distinct(t, 2) for t in samples]), "vendi": np.mean([vendi(word_counts(t)) for t in samples])}
    hits = dict.fromkeys(truth, 0)
    for texts in samples[:20]:
        found = {m.metric.split(".")[1]: m for m in Diversity().measure(Tables(Data({"text": texts}), text="text"), Context())}
        for name, t in truth.items():
            low, high = found[name].interval  # type: ignore[misc]
            hits[name] += low <= t <= high
    assert all(16 <= h <= 20 for h in hits.values()), hits


def test_long_texts_stay_small_in_memory() -> None:
    counts = word_counts([" ".join(f"{i}-{j}" for j in range(500)) for i in range(200)])
    assert counts.shape == (200, 100_000) and counts.nnz == 100_000, "a dense matrix would take 160 MB"
    assert vendi(counts) == pytest.approx(200)
