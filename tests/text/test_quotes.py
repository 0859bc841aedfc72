"""find_quote: offsets into the passage as given, nearest occurrence, what folding forgives and what not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.answers import answer_tokens
from mintmark.text.quotes import find_quote

PASSAGE = "The “3.6‑fold” in\u00adcreased\n\n risk — per Boily–Larouche’s  café… ﬁnal STRASSE"


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ('the "3.6-fold" increased risk', "The “3.6‑fold” in\u00adcreased\n\n risk"),
        ("risk - per BOILY-LAROUCHE'S CAFÉ...", "risk — per Boily–Larouche’s  café…"),
        ("cafe\u0301", "café"),
        ("Final straße", "ﬁnal STRASSE"),
        ("Larouche’s", "Larouche’s"),
        ("  per  ", "per"),
    ],
)
def test_found(quote: str, said: str) -> None:
    found = find_quote(PASSAGE, quote)
    assert found is not None and PASSAGE[found.start : found.end] == said
    assert found.match == ("exact" if quote.strip() == said else "folded")


@pytest.mark.parametrize("quote", ["", " ", "\u2060", "cafe", "3.7-fold", "increased ... café", "risk per"])
def test_not_found(quote: str) -> None:
    assert find_quote(PASSAGE, quote) is None


def test_the_nearest_occurrence() -> None:
    text = "ab  ab ab"
    assert [find_quote(text, "ab", n)[0] for n in (None, 0, 2, 3, 5, 6, 99, -5)] == [0, 0, 0, 4, 4, 7, 7, 0]  # type: ignore[index]
    assert [find_quote(text, "AB", n)[0] for n in (None, 0, 3, 6, 99)] == [0, 0, 4, 7, 7]  # type: ignore[index]
    assert find_quote(text, "B A", 5) == (5, 8, "folded")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60), st.integers(0, 140), st.booleans())
def test_what_stands_there_is_found(before: str, quote: str, after: str, near: int, shout: bool) -> None:
    passage = before + quote + after
    found = find_quote(passage, quote, near)
    if quote.strip():
        assert found is not None and found.match == "exact" and passage[found.start : found.end] == quote.strip()
        starts = [i for i in range(len(passage)) if passage.startswith(quote.strip(), i)]
        assert abs(found.start - near) == min(abs(i - near) for i in starts)
    folded = find_quote(passage, quote.replace(" ", "\t") + "Q")
    assert folded is None or 0 <= folded.start < folded.end <= len(passage)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["one", "“two”", "–", "é", "Three", "4,5"]), min_size=1, max_size=12), st.data())
def test_folded_offsets_lead_to_the_same_words(words: list[str], more: st.DataObject) -> None:
    passage = " \n ".join(words)
    a = more.draw(st.integers(0, len(words) - 1))
    b = more.draw(st.integers(a + 1, len(words)))
    quote = " ".join(words[a:b]).upper().replace("“", '"').replace("”", '"').replace("–", "-")
    found = find_quote(passage, quote)
    assert found is not None
    said = passage[found.start : found.end]
    assert answer_tokens(said) == answer_tokens(quote) and len(said.split()) == b - a


def test_linear() -> None:
    began = time.process_time()
    assert find_quote("a" * 300_000, "a" * 5_000 + "b", 150_000) is None
    assert find_quote("e" + "\u0301" * 100_000, "x") is None
    assert find_quote("é ” " * 50_000, "É \" É' ") is None
    assert time.process_time() - began < 4
