"""pass_at_k: the figures by hand, what is left out and said, the interval's coverage, ranks, the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.pass_at_k import PassAtK
from mintmark.report import plots
from mintmark.testing import check_metric


def measured(columns: dict[str, list[Any]], **params: Any) -> dict[str, Measurement]:
    return {m.metric: m for m in check_metric(PassAtK(**params), Tables(Data(columns)), Context())}


def rows(*problems: str, ranks: str = "") -> dict[str, list[Any]]:
    """Problems as words of p (passed), f (failed), n (no verdict); ranks as digits, - for none."""
    words = {"p": "passed", "f": "failed", "n": None}
    out: dict[str, list[Any]] = {
        "problem": [i for i, p in enumerate(problems) for _ in p],
        "verdict": [words[x] for p in problems for x in p],
    }
    return out | ({"agreement_rank": [None if r == "-" else int(r) for r in ranks]} if ranks else {})


def test_by_hand() -> None:
    found = measured(rows("pfff", "ppff", "ffff"), ks=(1, 2, 4))["execution.pass_at_k"]
    assert found.by_group == pytest.approx({"pass@1": (1 / 4 + 1 / 2) / 3, "pass@2": (1 / 2 + 5 / 6) / 3, "pass@4": 2 / 3})
    assert found.value == pytest.approx(0.25) and found.n == 3 and found.interval is not None and found.better == "higher"
    assert found.picture and "<svg" in plots.picture(found.picture)


def test_problems_too_small_for_k_are_left_out_and_told() -> None:
    found = measured(rows("pf", "ffff", "n"), ks=(1, 3, 9))["execution.pass_at_k"]
    assert found.by_group == {"pass@1": 0.25, "pass@3": 0.0} and found.n == 2
    assert any("1 of 2 problems have fewer than 3 solutions" in c for c in found.caveats)
    assert any("2 of 2 problems have fewer than 9" in c for c in found.caveats) and any(
        "1 rows without a verdict" in c for c in found.caveats
    )
    assert not measured(rows("n")) and not measured({"problem": [1]}) and not measured(rows("p"), ks=(2,))


def test_that_all_pass_and_that_there_is_one_problem_is_told() -> None:
    all_pass = measured(rows("pp", "p"), ks=(1,))["execution.pass_at_k"]
    assert all_pass.value == 1.0 and all_pass.interval is not None and all_pass.interval[0] < 0.5
    assert any("every row passes" in c for c in all_pass.caveats)
    one = measured(rows("pf"), ks=(1,))["execution.pass_at_k"]
    assert one.interval is None and "one problem has no interval" in one.caveats


def test_ranked() -> None:
    columns = rows("pfff", "fppf", "pf", ranks="1122" + "11-2" + "--")
    found = measured(columns, ks=(1, 2, 3))["execution.pass_at_k_ranked"]
    first, second, none = (1 / 2, 1 / 2, 3 / 4), (1 / 2, 1 / 2, 3 / 4), (1 / 2, 1.0, 1.0)
    assert found.by_group == pytest.approx({f"pass@{k}": (a + b + c) / 3 for k, a, b, c in zip((1, 2, 3), first, second, none)})
    assert any("of 1 problems nothing has a rank" in c for c in found.caveats)
    assert set(measured(columns, rank="absent")) == {"execution.pass_at_k"}


def test_truth_values_are_verdicts_too() -> None:
    found = measured({"problem": ["a", "a", "b"], "right": [True, False, True]}, verdict="right", ks=(1,))["execution.pass_at_k"]
    assert found.value == 0.75


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng, held, trials = np.random.default_rng(5), 0, 200
    for seed in range(trials):
        chances = rng.beta(0.5, 1.5, 30)
        columns = {
            "problem": [p for p in range(30) for _ in range(10)],
            "verdict": (rng.random((30, 10)) < chances[:, None]).ravel().tolist(),
        }
        (found,) = PassAtK(ks=(1,)).measure(Tables(Data(columns), seed=seed), Context())
        assert found.interval is not None
        held += found.interval[0] <= 0.25 <= found.interval[1]
    assert 0.90 <= held / trials <= 0.99, held


def test_refused() -> None:
    for ks in ((), (0,)):
        with pytest.raises(ValueError, match="expected numbers of at least 1"):
            PassAtK(ks=ks)
