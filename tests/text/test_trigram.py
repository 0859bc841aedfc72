"""Kneser-Ney trigrams: chances sum to 1, a value by hand, and the interval."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.trigram import END, START, Trigram, perplexity, words_of


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(list), min_size=1, max_size=8), st.sampled_from("abcdx"))
@settings(max_examples=60, deadline=None)
def test_chances_sum_to_one(texts: list[list[str]], last: str) -> None:
    model = Trigram(texts, 7)  # a to d, x, y and the end
    for before in ((START, START), (START, "a"), ("a", last), (last, "y")):
        chances = [model.chance(w, before) for w in [*"abcdxy", END]]
        assert sum(chances) == pytest.approx(1) and min(chances) > 0


def test_by_hand() -> None:
    model = Trigram([["a"]], 4)  # a, b, c and the end; grams: <s> <s> a, <s> a </s>
    one = (0.25 + 0.75 * 2 * 0.25) / 2  # of the 2 bigrams, 1 ends in a; D is spread over 2 kinds
    two = 0.25 + 0.75 * one
    assert model.chance("a") == pytest.approx(0.25 + 0.75 * two)
    assert Trigram([], 5).chance("q", ("a", "b")) == 0.2
    assert perplexity(Trigram([], 5), [["a", "b"], ["c"]])[0] == pytest.approx(5), "a model that knows nothing is as good as a die"


def test_known_text_is_no_surprise() -> None:
    rng = random.Random(0)
    texts = [rng.choices("abcdefgh", k=6) for _ in range(200)]
    value, (low, high) = perplexity(Trigram(texts[:100], 9), texts[100:])
    assert low < value < high and 5 < value < 12
    assert perplexity(Trigram(["abc"] * 50, 9), ["abc"] * 5)[0] < 1.1
    assert math.isinf(perplexity(Trigram([], 3), [["a"]])[1][1]) or perplexity(Trigram([], 3), [["a"]])[1][1] > 1e300
    with pytest.raises(ValueError, match="no text"):
        perplexity(Trigram([], 3), [])


def test_words() -> None:
    assert words_of("It's 3.5, OK?") == ["it", "'", "s", "3", ".", "5", ",", "ok", "?"] and len(words_of("a " * 9_999, 50)) == 50


def test_wikitext(data: Path) -> None:
    """Real text: 500 paragraphs learnt, 200 tried. Witten-Bell interpolation of the same counts, which this replaced, has 372."""
    learnt, tried = (
        [words_of(line) for line in (data / "wikitext2" / f"{part}.txt").read_text().splitlines() if len(line.split()) > 5][:n]
        for part, n in (("valid", 500), ("test", 200))
    )
    size = 1 + len({w for rows in (learnt, tried) for row in rows for w in row})
    assert perplexity(Trigram(learnt, size), tried)[0] == pytest.approx(268.0, abs=0.1)
