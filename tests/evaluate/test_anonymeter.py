"""anonymeter: a copier is told from fresh rows by every attack, and without the library the metric says what to install."""

from __future__ import annotations

import importlib.util

import pytest

from evaluate.test_leakage_order import people
from mintmark.catalogue import metrics_for
from mintmark.core.context import Context
from mintmark.core.errors import RecipeError
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.anonymeter import Anonymeter
from mintmark.testing import check_metric

absent = importlib.util.find_spec("anonymeter") is None


def test_it_runs_when_it_is_named() -> None:
    assert "anonymeter" not in {m.name for m in metrics_for(["privacy"])} and "copies" in {m.name for m in metrics_for(["privacy"])}
    assert [m.name for m in metrics_for(["anonymeter"])] == ["anonymeter"]
    rows = people(1, 50)
    with pytest.raises(RecipeError, match="'tonw' is no column .* Did you mean 'town'"):
        Anonymeter(secrets=("tonw",)).measure(Tables(rows, rows, rows), Context())
    assert Anonymeter().measure(Tables(rows, rows), Context()) == []


@pytest.mark.skipif(not absent, reason="anonymeter is installed")
def test_without_the_library_it_says_so() -> None:
    rows = people(1, 50)
    (found,) = check_metric(Anonymeter(), Tables(rows, rows, people(2, 50)), Context())
    assert found.value is None and "pip install 'mintmark[privacy]'" in found.caveats[0]


@pytest.mark.skipif(absent, reason="anonymeter is not installed")
def test_copies_are_singled_out_linked_and_inferred() -> None:
    real, held, fresh = people(1, 300), people(2, 300), people(3, 300)
    town = ["" if i == 7 else None if i < 5 else t for i, t in enumerate(real.columns["town"])]
    real = Data({**real.columns, "town": town, "age": [None, *real.columns["age"][1:]], "a-b'": [float(i % 9) for i in range(300)]})
    held, fresh = (Data({**d.columns, "a-b'": [float(i % 9) for i in range(300)]}) for d in (held, fresh))

    def told(own: Data) -> dict[str, Measurement]:
        metric = Anonymeter(attacks=100, secrets=("town", "weight"))
        return {m.metric.split(".")[1]: m for m in check_metric(metric, Tables(own, real, held), Context())}

    copied, clean = told(real), told(fresh)
    assert set(copied) == {name.split(".")[1] for name in Anonymeter.gives} == set(clean)
    for name in copied:
        assert copied[name].interval[0] > clean[name].value, name  # type: ignore[index, operator]
        assert clean[name].interval[0] == 0, name  # type: ignore[index]
    assert set(copied["inference"].by_group or ()) == {"town", "weight"}
