"""Chunks: a long text in pieces of at most so many words, cut where the text itself pauses, with exact offsets and some overlap.

    for c in chunks(text, words=250, overlap=50):
        assert text[c.start : c.end] == c.text

A cut stands at the last heading (a Markdown `# ` line outside code fences) in the second half of a chunk, else at the last blank line there, else at
the last sentence end of the chunk, so a sentence is split only if it alone is longer than a chunk: then at a line end, else between
words. Nothing overlaps across a heading; elsewhere the next chunk starts at the earliest sentence among the last `overlap` words.
A word is a run of non-space characters; in scripts without spaces (Han, Kana) each character is one. One word, however long, stays whole.
Linear in the text: each word is looked at a few times. Not covered: tables, HTML, setext headings, abbreviations beyond a short list.
One chunk: Chunk(start=0, end=1504, text='Functional Genetic Variants in DC-SIGNR ...', headings=('Methods', 'Samples'))
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import NamedTuple

_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_WORD = re.compile(rf"[{_WIDE}][\u3001\u3002\uff0c\uff01\uff1f\uff1b\uff1a\u300d\u300f\uff09]*|[^\s{_WIDE}]+")
_MARK = re.compile(r"^ {0,3}(?:(#{1,6})[ \t]+([^\n]*)|(```|~~~)[^\n]*)", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*([-*•+]|\d{1,3}[.)])[ \t]", re.MULTILINE)
_CLOSING = "\"'”’»)]}」』）"
_STOPS = frozenset(".!?…。！？")
_ABBREVIATIONS = frozenset(
    "al. approx. cf. dr. e.g. ed. eq. etc. fig. figs. i.e. jr. mr. mrs. ms. no. p. pp. prof. ref. sec. st. vol. vs.".split()
)
_CUT_WORD, _CUT_LINE, _CUT_SENTENCE, _CUT_PARAGRAPH, _CUT_HEADING = range(5)


class Chunk(NamedTuple):
    """text[start:end] == text of the chunk. headings: the headings above its first word, outermost first."""

    start: int
    end: int
    text: str
    headings: tuple[str, ...]


def chunks(text: str, words: int = 250, overlap: int = 50) -> list[Chunk]:
    """Every non-space character is in a chunk, no chunk has more than `words` words; a text of spaces gives none.

    overlap: at most so many words are said twice by neighbours; at most half of `words`, which keeps the work linear.
    """
    if words < 1:
        raise ValueError(f"words is {words}, expected at least 1")
    if not 0 <= overlap <= words // 2:
        raise ValueError(f"overlap is {overlap}, expected 0 to {words // 2}, half of words")
    starts, ends, cuts, headings = _scan(text)
    out: list[Chunk] = []
    n, first, done = len(starts), 0, 0  # `done` words are in a chunk; the next chunk takes words from `first` <= `done` on
    path: list[tuple[int, str]] = []
    h = 0
    while done < n:
        last = _cut(cuts, first, done, words, n)
        if last <= done:  # with the overlap the next sentence does not fit
            first, last = done, _cut(cuts, done, done, words, n)
        while h < len(headings) and headings[h][0] <= starts[first]:
            _, depth, title = headings[h]
            path = [p for p in path if p[0] < depth] + [(depth, title)]
            h += 1
        start, end = starts[first], ends[last - 1]
        out.append(Chunk(start, end, text[start:end], tuple(title for _, title in path)))
        done = last
        first = _back(cuts, first, done, overlap, n)
    return out


def sentences(text: str) -> list[str]:
    """The sentences, in order, every word in one of them; a blank line, a heading and a list item begin one too, the end of a line does not."""
    starts, ends, cuts, headings = _scan(text)
    items = {m.start(1) for m in _ITEM.finditer(text)}
    below = {bisect_left(starts, text.find("\n", at)) for at, _, _ in headings if text.find("\n", at) > 0}
    first = [k for k in range(len(starts)) if k == 0 or cuts[k] >= _CUT_SENTENCE or starts[k] in items or k in below]
    return [text[starts[a] : ends[b - 1]] for a, b in zip(first, [*first[1:], len(starts)])]


def _cut(cuts: bytearray, first: int, done: int, words: int, n: int) -> int:
    """The word before which to cut a chunk that starts with word `first`; `done` where no sentence more would fit after an overlap."""
    most = first + words
    if most >= n:
        return n
    half = max(done, first + words // 2)
    window = cuts[half + 1 : most + 1]
    for level in (_CUT_HEADING, _CUT_PARAGRAPH):
        at = window.rfind(level)
        if at >= 0:
            return half + 1 + at
    for at in range(most, done, -1):
        if cuts[at] >= _CUT_SENTENCE:
            return at
    if first < done:
        return done
    at = window.rfind(_CUT_LINE)
    return half + 1 + at if at >= 0 else most


def _back(cuts: bytearray, first: int, done: int, overlap: int, n: int) -> int:
    """Where the chunk after a cut starts: the earliest sentence of the last `overlap` words, after the last heading among them."""
    if done >= n or cuts[done] == _CUT_HEADING or not overlap:
        return done
    low = max(first + 1, done - overlap)
    heading = cuts.rfind(_CUT_HEADING, low, done)
    if heading >= 0:
        return heading
    if cuts[done] < _CUT_SENTENCE:  # inside a sentence longer than a chunk: any word will do
        return low
    return next((at for at in range(low, done) if cuts[at] >= _CUT_SENTENCE), done)


def _scan(text: str) -> tuple[array[int], array[int], bytearray, list[tuple[int, int, str]]]:
    """(start, end) of every word, how good a cut before it is, and (offset, depth, title) of the headings.

    Headings with nothing between them count as one: all stand at the offset of the first, and none is cut off from what it heads.
    """
    headings: list[tuple[int, int, str]] = []
    lines: list[tuple[int, int]] = []
    fence = ""
    for m in _MARK.finditer(text):
        if m[3]:
            fence = "" if fence == m[3] else fence or m[3]
        elif not fence and (title := m[2].strip()):
            joined = bool(lines) and text[lines[-1][1] : m.start()].strip() == ""
            headings.append((headings[-1][0] if joined else m.start(1), len(m[1]), title.rstrip("#").rstrip() or title))
            lines.append((m.start(1), m.end()))
    starts, ends, cuts = array("q"), array("q"), bytearray()
    at, h, was_heading, before = 0, 0, False, ""
    for m in _WORD.finditer(text):
        start, word = m.start(), m[0]
        while h < len(lines) and lines[h][1] <= start:
            h += 1
        heading = h < len(lines) and lines[h][0] <= start
        if was_heading:
            cut = _CUT_WORD
        elif heading:
            cut = _CUT_HEADING
        elif text.count("\n", at, start) > 1:
            cut = _CUT_PARAGRAPH
        elif _ends(before, word):
            cut = _CUT_SENTENCE
        else:
            cut = _CUT_LINE if text.find("\n", at, start) >= 0 else _CUT_WORD
        starts.append(start)
        ends.append(m.end())
        cuts.append(cut)
        at, was_heading, before = m.end(), heading, word
    return starts, ends, cuts, headings


def _ends(word: str, following: str) -> bool:
    """Whether a sentence ends between two words."""
    bare = word.rstrip(_CLOSING)
    if bare[-1:] not in _STOPS or not bare or following[0].islower():
        return False
    return bare[-1] != "." or not (bare.lower() in _ABBREVIATIONS or (len(bare) == 2 and bare[0].isupper()))
