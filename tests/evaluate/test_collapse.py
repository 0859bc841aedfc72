"""collapse: closed forms; fresh real rows are no alarm; repeated refitting is one, in the order that theory has it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluate.metric_texts import of_texts, sentences
from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.collapse import Collapse, entropy, perplexity_ratio, rare_recall, support, tail_mass, trace
from mintmark.testing import check_metric


def test_closed_forms() -> None:
    a = np.arange(1001.0).reshape(-1, 1)
    assert tail_mass(a, a) == pytest.approx([20 / 1001]) and tail_mass(a / 2 + 250, a) == [0.0]
    assert tail_mass(np.asarray([[math.nan], [2000.0]]), a) == [1.0]
    rows = [["the", "a"], ["the", "b"], ["the", "a"], ["the"]]
    assert rare_recall([["a"], ["z"]], rows) == 0.5 and rare_recall([], rows) == 0 and rare_recall([], [["the"]] * 9) == 1
    assert support(rows) == 2 and entropy([["a", "b"], ["a", "b"]]) == pytest.approx(math.log(2)) and entropy([]) == 0
    x = np.random.default_rng(0).normal(0, 1, (50, 4))
    from scipy import sparse

    assert trace(x) == pytest.approx(np.trace(np.cov(x.T, bias=True))) == pytest.approx(trace(sparse.csr_matrix(x)))


def test_a_model_of_the_same_texts_foretells_best() -> None:
    rng = np.random.default_rng(0)
    rows = [[t.split() for t in sentences(rng, 150, words=40)] for _ in range(3)]
    assert perplexity_ratio(*rows)[0] == pytest.approx(perplexity_ratio(*rows)[1], rel=0.1)
    own, theirs = perplexity_ratio(rows[2], rows[1], rows[2])
    assert own < 0.5 * theirs, "copies of the test rows foretell them"


def test_fresh_rows_are_no_alarm_and_rows_without_tails_are() -> None:
    rng = np.random.default_rng(1)
    real, held = sentences(rng, 300, 600), sentences(rng, 300, 600)
    fresh = of_texts(Collapse(), sentences(rng, 300, 600), real, held)
    assert set(fresh) == {n.split(".")[1] for n in Collapse.gives}
    for name in ("rare_recall", "ngram_support", "entropy", "perplexity"):
        low, high = fresh[name].interval  # type: ignore[misc]
        assert low - (high - low) / 2 <= fresh[name].detail["reference"] <= high + (high - low) / 2, name  # type: ignore[index]
    poor = of_texts(Collapse(), sentences(rng, 300, 60), real)
    assert any("halves of the real table" in c for c in poor["entropy"].caveats) and poor["entropy"].n == 150
    for name in ("rare_recall", "ngram_support", "entropy", "variance"):
        assert poor[name].interval[1] < poor[name].detail["reference"], name  # type: ignore[index]
    assert poor["perplexity"].interval[0] > 1 and poor["perplexity"].detail["under_synthetic"] > poor["perplexity"].detail["under_real"]  # type: ignore


def table(x: np.ndarray, k: np.ndarray) -> Data:
    return Data({"x": x.tolist(), "k": [f"k{i}" for i in k]})


def of_table(own: Data, real: Data) -> dict[str, Measurement]:
    return {m.metric.split(".")[1]: m for m in check_metric(Collapse(), Tables(own, real), Context())}


def test_replacing_generation_by_generation_is_seen_and_accumulating_is_not() -> None:
    """A normal and a set of levels, refitted on 20 rows of the last generation 60 times: the median variance and the levels die out
    (Wright and Fisher; Shumailov et al. 2024); with all earlier rows kept, they do not."""
    rng = np.random.default_rng(2)
    p = 1 / np.arange(1, 81) / (1 / np.arange(1, 81)).sum()
    real = table(rng.normal(0, 1, 800), rng.choice(80, 800, p=p))
    start = rng.normal(0, 1, 20), rng.choice(80, 20, p=p)
    ends = {}
    for accumulate in (False, True):
        x, k = start
        for _ in range(60):
            new = rng.normal(x.mean(), x.std(ddof=1), 20), rng.choice(k, 20)
            x, k = (np.append(x, new[0]), np.append(k, new[1])) if accumulate else new
        ends[accumulate] = of_table(table(rng.normal(x.mean(), x.std(ddof=1), 400), rng.choice(k, 400)), real)
    replaced, kept = ends[False], ends[True]
    assert set(replaced) == {"tail_mass", "rare_recall", "variance", "entropy"}
    assert replaced["variance"].interval[1] < 0.5 < kept["variance"].value  # type: ignore[index, operator]
    assert replaced["entropy"].value < kept["entropy"].value and replaced["rare_recall"].value <= kept["rare_recall"].value  # type: ignore
    assert replaced["entropy"].interval[1] < replaced["entropy"].detail["reference"]  # type: ignore[index]


def test_what_it_cannot_read() -> None:
    real = Data({"x": [1.0, None, math.inf, *range(40)], "k": [None, *["a"] * 42]})
    found = Collapse().measure(Tables(Data({"x": [None] * 30, "k": [None] * 30}), real), Context())
    assert all(m.value is not None and math.isfinite(m.value) for m in found)
    assert Collapse().measure(Tables(real), Context()) == [] == Collapse().measure(Tables(Data({}), real), Context())
    text = Data({"text": [None, "", "é\u0000 ok", *["a b c"] * 30]})
    assert all(math.isfinite(m.value) for m in Collapse().measure(Tables(text, text, None, None, "text"), Context()))  # type: ignore[arg-type]
