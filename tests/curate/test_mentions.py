"""mentions: required words in any regular form, and no other word that merely begins alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mintmark as mm
from each import run_op
from mintmark.core.rows import Drop, Row
from mintmark.curate.mentions import inflected


def kept(text: Any, *words: Any, **more: Any) -> bool:
    columns = {f"w{i}": w for i, w in enumerate(words)}
    (found,), _ = run_op(mm.curate.Mentions(column="text", words=list(columns), **more), [{"text": text, **columns}])
    assert isinstance(found, (Row, Drop))
    return isinstance(found, Row)


@pytest.mark.parametrize(
    "word, forms",
    [
        ("bake", "bakes baked baking baker"), ("hide", "hides hiding"), ("stop", "stopped stopping stops"), ("cry", "cries cried crying"), ("happy", "happier happily happiest"),
        ("quiet", "quieter quietest quietly"), ("spoon", "spoons spoon's"), ("box", "boxes"), ("go", "goes going"), ("be", "being"), ("agree", "agreed agrees"), ("die", "died dies"),
        ("gentle", "gently gentler"), ("big", "bigger biggest"), ("tree", "trees tree’s"),
    ],
)  # fmt: skip
def test_forms_are_found(word: str, forms: str) -> None:
    for form in (word, word.upper(), *forms.split()):
        assert kept(f"So, {form}!", word), form


@pytest.mark.parametrize(
    "word, others",
    [
        ("car", "card cart carpet scar"), ("win", "wind wine wink"), ("be", "bed best beer bee"), ("see", "seed"), ("fee", "feed"), ("hat", "chat hate hatch that"), ("go", "god goat"),
        ("star", "start"), ("ant", "ants' plant"),
    ],
)  # fmt: skip
def test_words_that_look_alike_are_not(word: str, others: str) -> None:
    for other in others.split():
        assert kept(f"a {other} here", word) == (other == "ants'"), other


def test_phrases_numbers_and_accents() -> None:
    assert kept("A  Red\ncar came.", "red car") and not kept("a red carpet", "red car") and not kept("142 steps", "42")
    assert kept("a cafe\u0301 in Ulm", "caf\u00e9") and kept("He said C++.", "C++") and not kept("he went", "go")
    assert kept("he went", "go", forms={"go": ["Went", "gone"]})


def test_lists_least_and_what_is_told() -> None:
    assert kept("a cat", ["cat"], None) and not kept(None, "cat") and kept("", [])
    assert not kept("a cat", "cat", "dog", "cow", least=2) and kept("a cat and a dog", "cat", "dog", "cow", least=2)
    (drop,), _ = run_op(mm.curate.Mentions(column="t", words=["w"]), [{"t": "a cat", "w": ["cat", "dog", "cow"]}])
    assert drop == Drop("missing_word", "dog, cow")
    with pytest.raises(ValueError):
        mm.curate.Mentions(column="t", words=[])


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9), st.text(" .,;!?\n", min_size=1, max_size=3))
def test_every_form_is_found_whatever_stands_around_it(word: str, gap: str) -> None:
    for form in inflected(word):
        assert kept(f"x{gap}{form}{gap}y", word)
    assert not kept(f"q{word}q", word) or f"q{word}q" in inflected(word)
