"""numbers_in, and an audit of a table whose numbers are written as people write them."""

from __future__ import annotations

import random
from typing import Any

import pytest

import mintmark as mm
from mintmark.measuring import pictures
from mintmark.stats.parts import numbers_in


@pytest.mark.parametrize(
    "columns, read",
    [
        ([["1.234,50", "7,25", None], ["865,41"]], [[1234.5, 7.25, None], [865.41]]),
        ([["$1,200.00", "$3.50"], ["$7.00"]], [[1200.0, 3.5], [7.0]]),
        ([["1.234,50", "7,25"], [3.5, None, 2]], [[1234.5, 7.25], [3.5, None, 2]]),
        ([["1.234,50", "7,25"], ["4628.60", "3.10"]], None),  # two forms: which of them is meant is not for us to say
        ([["12,50", "3,10"], ["12,50 kg", "3,10 kg"]], None),
        ([["12,50", "unknown"], ["3,10"]], None),
        ([["01,50", "3,10"], ["3,10"]], None),
        ([["12", "15"], ["13"]], None),
        ([["2024-05-01"], ["2024-05-02"]], None),
        ([["1.2.3.4"], ["1.2.3.5"]], None),
        ([[None], []], None),
        ([["a" * 1_000_000], ["12,5"]], None),
    ],
)
def test_numbers_where_all_tables_write_them_alike(columns: list[list[Any]], read: Any) -> None:
    assert numbers_in(columns) == (columns if read is None else read)


def test_an_audit_reckons_with_amounts_as_they_are_written() -> None:
    rng = random.Random(0)

    def table(n: int) -> dict[str, list[Any]]:
        amounts = [rng.lognormvariate(7.5, 0.6) for _ in range(n)]
        written = [f"{a:,.2f}".translate({44: ".", 46: ","}) for a in amounts]
        return {"amount": written, "town": [rng.choice("abc") for _ in range(n)], "buys": ["yes" if a > 1800 else "no" for a in amounts]}

    found = mm.audit(table(300), real=table(300), holdout=table(300), target="buys", measure=["utility"])
    assert next(m.value for m in found.summary.measurements if m.metric == "utility.trtr") > 0.95


def test_their_picture_is_that_of_numbers() -> None:
    written = [f"{i},50" for i in range(60)]
    (picture,) = pictures({"amount": written}, None)
    assert picture["kind"] == "number" and picture["synthetic"][:2] == [0.5, 1.5]
