"""chunks: exact offsets, nothing lost, bounds, where it cuts, linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.text.chunks import chunks

PIECES = [
    "word",
    "End.",
    "Next",
    "e.g.",
    "\n",
    "\n\n",
    " ",
    "  ",
    "# Head",
    "## Sub ##",
    "```",
    "漢字。",
    "かな",
    "\u00a0",
    "\u2028",
    "\r\n",
    "“Yes.”",
    "#",
    "",
    "\x1c",
    "9",
]
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=150).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=150).map("\n".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.integers(1, 30), st.data())
def test_offsets_are_exact_and_nothing_is_lost(text: str, words: int, more: st.DataObject) -> None:
    overlap = more.draw(st.integers(0, words // 2))
    found = chunks(text, words, overlap)
    seen = [False] * len(text)
    wide = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f][、。，！？；：」』）]*")
    for c in found:
        assert text[c.start : c.end] == c.text and c.text == c.text.strip() and c.text
        seen[c.start : c.end] = [True] * (c.end - c.start)
        assert len(wide.sub(" x ", c.text).split()) <= words
        for cut in (c.start, c.end):
            split = re.match(r"\S", text[cut:]) and re.search(r"\S\Z", text[:cut]) and not re.search(rf"{wide.pattern}\Z", text[:cut])
            assert not split or wide.match(text, cut), "a word was split"
    assert all(s or x.isspace() for s, x in zip(seen, text, strict=True)), "a character is in no chunk"
    for a, b in zip(found, found[1:]):
        assert a.start < b.start and a.end < b.end, "every chunk brings something new"
        assert len(text[b.start : a.end].split()) <= overlap or wide.search(text)
    assert bool(found) == bool(text.strip())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 25), min_size=1, max_size=40), st.integers(8, 20))
def test_a_sentence_is_split_only_if_it_is_longer_than_a_chunk(lengths: list[int], words: int) -> None:
    sentences = [" ".join([f"S{i}", *["x"] * (n - 1)]) + "." for i, n in enumerate(lengths)]
    text = " ".join(sentences)
    ends = {m.end() for m in re.finditer(r"\.", text)}
    whole = {i for i, n in enumerate(lengths) if n <= words}
    for c in chunks(text, words, words // 3):
        if c.end not in ends:
            cut_in = len([e for e in ends if e <= c.end])
            assert cut_in not in whole, f"sentence {cut_in} of {lengths[cut_in]} words was split"


def test_where_it_cuts() -> None:
    text = "# One\n\nAlpha beta gamma. Delta epsilon zeta.\n\n## Two\n\nEta theta iota kappa.\n\nLambda mu nu xi omicron."
    found = chunks(text, 10, 3)
    assert [c.text for c in found] == [
        "# One\n\nAlpha beta gamma. Delta epsilon zeta.",
        "## Two\n\nEta theta iota kappa.",
        "Lambda mu nu xi omicron.",
    ]
    assert [c.headings for c in found] == [("One",), ("One", "Two"), ("One", "Two")]
    _, b = chunks("Wa. Vo.\n\n# H\n\nBe. One two three four five six seven.", 10, 5)
    assert b.text == "# H\n\nBe. One two three four five six seven.", "nothing overlaps across a heading"
    assert chunks("# A\n## B\nbody", 50, 5)[0].headings == ("A", "B"), "headings in a row belong to what follows"
    assert chunks("```\n# no heading\n```\ntext", 50, 5)[0].headings == ()
    a, b = chunks("One two three four. Five six. Seven eight nine ten.", 7, 3)
    assert a.text == "One two three four. Five six." and b.text == "Five six. Seven eight nine ten.", "overlap starts at a sentence"
    assert [c.text for c in chunks("We saw Dr. Smith, e.g. Fig. 3 there. Then home.", 9, 0)] == [
        "We saw Dr. Smith, e.g. Fig. 3 there.",
        "Then home.",
    ]
    assert chunks("", 5, 0) == chunks(" \n ", 5, 0) == []


@pytest.mark.parametrize(("words", "overlap"), [(0, 0), (10, 6), (10, -1)])
def test_refuses(words: int, overlap: int) -> None:
    with pytest.raises(ValueError):
        chunks("a", words, overlap)


@pytest.mark.parametrize("part", ["A short one. ", "x ", "# h\n", "漢", "a\n\n", "```\n", "#", " #", "S " + "x " * 300 + ". "])
def test_linear(part: str) -> None:
    began = time.process_time()
    chunks((part * 400_000)[:400_000])
    assert time.process_time() - began < 4
