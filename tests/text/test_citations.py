"""Citations: reading marks; ALCE's recall and precision over every table of entailments that three documents can give."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mintmark.text.citations import Cited, containment, judge, read


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("The wall is red [1][3]. It fell in 1921 [2, 3].", [("The wall is red.", (1, 3)), ("It fell in 1921.", (2, 3))]),
        ("It is old. [1][2] It is long.", [("It is old.", (1, 2)), ("It is long.", ())]),
        ("Red [1]. Blue.[2]", [("Red.", (1,)), ("Blue.", (2,))]),
        ("All of it [2-4] and [1].", [("All of it and.", (2, 3, 4, 1))]),
        ("Twice [1][1].", [("Twice.", (1,))]),
        ("An array a[i], x[0] and [sic].", [("An array a[i], x and [sic].", (0,))]),
        ("[1]", []),
        ("", []),
    ],
)
def test_read(answer: str, found: list[tuple[str, tuple[int, ...]]]) -> None:
    assert read(answer) == [Cited(*f) for f in found]


@given(st.text(alphabet="ab. \n[]123,-;–", max_size=80))
def test_read_takes_anything(text: str) -> None:
    for sentence, numbers in read(text):
        assert sentence.strip() and len(set(numbers)) == len(numbers) and all(0 <= n < 10_000 for n in numbers)


def by_definition(cited: tuple[int, ...], table: dict[Any, bool]) -> tuple[bool, int]:
    """The published rule in other words: recall is the entry of all; irrelevant = fails alone and is not needed by the others."""
    recall = table[frozenset(cited)]
    irrelevant = {n for n in cited if not table[frozenset([n])] and len(cited) > 1 and table[frozenset(cited) - {n}]}
    return recall, sum(n not in irrelevant for n in cited) if recall else 0


def test_every_table_of_three_documents() -> None:
    """2^7 tables of which of the 7 sets of documents entail the sentence, also tables no good entailment model would give, for each list of citations."""
    sets = [frozenset(c) for k in (1, 2, 3) for c in combinations((1, 2, 3), k)]
    cases = 0
    for truth in product((False, True), repeat=len(sets)):
        table = dict(zip(sets, truth, strict=True))
        for cited in ((1,), (2,), (1, 2), (3, 1), (1, 2, 3), (3, 2, 1)):
            recall, citations, precise = judge(cited, 3, lambda docs: table[frozenset(docs)])
            assert (recall, precise) == by_definition(cited, table) and citations == len(cited)
            cases += 1
    assert cases == 768


@pytest.mark.parametrize("numbers", [(), (0,), (4,), (1, 4), (9999, 1)])
def test_no_citation_or_one_of_nothing(numbers: tuple[int, ...]) -> None:
    def never(docs: tuple[int, ...]) -> bool:
        raise AssertionError("nothing is to be asked")

    assert judge(numbers, 3, never) == (False, 0, 0)


def test_named_cases() -> None:
    """[1] bears it, [2] adds nothing: 1 of 2. Only both together: 2 of 2. More than `most`: the rest is not looked at."""
    assert judge((1, 2), 2, lambda docs: 1 in docs) == (True, 2, 1)
    assert judge((1, 2), 2, lambda docs: len(docs) == 2) == (True, 2, 2)
    assert judge((1, 2), 2, lambda docs: False) == (False, 2, 0)
    assert judge((1, 2, 3, 4), 4, lambda docs: 4 not in docs) == (True, 3, 3)


def test_containment() -> None:
    assert containment("the red wall", "A wall, the Red one") == 1.0
    assert containment("the red wall", "the red door is in the wall", 2) == 0.5
    assert containment("wall", "the red wall", 2) == 1.0 and containment("…", "x") is None
    assert containment("The crossing does not take 50 minutes", "The crossing does take 50 minutes") == pytest.approx(6 / 7)
