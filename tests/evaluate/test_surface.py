"""surface: equal texts agree, planted differences show in the right number only."""

from __future__ import annotations

import random

import pytest
from scipy.stats import ks_2samp

from mintmark.core.context import Context
from mintmark.core.metric import Data, Measurement, Tables
from mintmark.evaluate.surface import ENTITIES, Surface
from mintmark.testing import check_metric

WORDS = "the bank took a fee from my card and I want it back today please".split()


def texts(seed: int, n: int = 300, length: tuple[int, int] = (5, 15), end: str = ".", add: str = "") -> list[str]:
    rng = random.Random(seed)
    return [" ".join([*rng.choices(WORDS, k=rng.randint(*length)), *([add] if add else [])]) + end for _ in range(n)]


def measured(own: list[str], real: list[str], held: list[str] | None = None) -> dict[str, Measurement]:
    tables = Tables(Data({"t": own}), Data({"t": real}), None if held is None else Data({"t": held}), text="t")
    return {m.metric.split(".")[1]: m for m in check_metric(Surface(most=300), tables, Context())}


def test_equal_and_like_texts() -> None:
    a = texts(1)
    assert {m.value for m in measured(a, a).values()} == {1.0}
    for m in measured(a, texts(2), texts(3)).values():
        assert m.value is not None and m.value > 0.85 and m.detail and abs(m.detail["ceiling"] - m.value) < 0.1, m


@pytest.mark.parametrize(
    ("made", "which"),
    [
        (texts(1, length=(20, 30)), "length"),
        (texts(1, end="!!!"), "punctuation"),
        (texts(1, add="$40 Berlin"), "entity_rates"),
    ],
)
def test_a_planted_difference_shows(made: list[str], which: str) -> None:
    found = measured(made, texts(2))
    worst = min(found, key=lambda k: found[k].value or 0)
    assert worst == which and found[which].interval and found[which].interval[1] < 0.9


def test_length_is_one_minus_scipys_ks() -> None:
    a, b = texts(1, 40), texts(2, 50, (8, 20))
    expected = 1 - ks_2samp([len(t.split()) for t in a], [len(t.split()) for t in b]).statistic
    assert measured(a, b)["length"].value == pytest.approx(expected)
    made = measured(texts(1, add="$40"), texts(2))["entity_rates"]
    assert made.by_group and made.by_group["money"] == 0 == made.by_group["numbers"] and made.by_group["dates"] == 1


def test_rules() -> None:
    text = "Please ask Anna about 3,400.50 euros from 12/03/2024 or Monday, mail a@b.org"
    assert {k: len(p.findall(text)) for k, p in ENTITIES.items()} == {"numbers": 4, "money": 1, "dates": 2, "addresses": 1, "names": 2}


def test_no_text_and_odd_texts() -> None:
    assert check_metric(Surface(), Tables(Data({"a": [1] * 9}), Data({"a": [1] * 9})), Context()) == []
    assert measured(["", None] * 5, ["", None] * 5)["length"].value == 1  # type: ignore[list-item]
    assert measured([""] * 10, texts(1))["frequent_words"].value == 0
