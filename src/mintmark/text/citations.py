"""Citations in an answer, and whether they bear it out: recall and precision as ALCE counts them.

    read("The wall is red [1][3]. It fell in 1921 [2, 3].")  ->  [Cited('The wall is red.', (1, 3)), Cited('It fell in 1921.', (2, 3))]
    judge((1, 3), 3, entails)                                ->  Judged(recall=True, citations=2, precise=1)

Recall of a sentence: do the documents it cites, one after the other, entail it? No citation, or one of a document that is not there: no.
Precision: a citation counts unless it alone does not entail the sentence and the others, without it, still do; where recall is 0 none counts. Citations
of a sentence that cites a document that is not there are in neither sum, as in ALCE's own evaluation.
Source: Gao et al. 2023, Enabling Large Language Models to Generate Text with Citations (2305.14627), section 4.3; its program looks at the first three
citations of a sentence (`most`). Not covered: whether a sentence needs a citation (each does); other marks than [1], [1, 2], [1-3].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

from .chunks import sentences
from .overlap import grams
from .rouge import tokens

SOURCES = (
    "passage",
    "context",
    "contexts",
    "passages",
    "documents",
    "retrieved",
)  # what data sets call the column of what an answer rests on
_MARK = re.compile(r"[ \t]?\[(\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,19})\]")
_LEADING = re.compile(rf"^(?:{_MARK.pattern})+[.!?。]?")


class Cited(NamedTuple):
    """A sentence without its marks, and the numbers that stand in it, in order, each once; the first document is 1."""

    sentence: str
    numbers: tuple[int, ...]


class Judged(NamedTuple):
    """citations: how many count below the line, precise: how many above it."""

    recall: bool
    citations: int
    precise: int


def read(answer: str) -> list[Cited]:
    """The sentences of an answer with what each cites; marks behind a full stop belong to the sentence before it."""
    parts: list[str] = []
    for part in sentences(answer):
        leading = _LEADING.match(part)
        if leading and parts:
            parts[-1] += leading[0]
            part = part[leading.end() :].strip()
        if part:
            parts.append(part)
    return [Cited(bare, _numbers(part)) for part in parts if (bare := _MARK.sub("", part).strip())]


def unmarked(answer: str) -> str:
    return _MARK.sub("", answer)


def _numbers(sentence: str) -> tuple[int, ...]:
    found: list[int] = []
    for mark in _MARK.finditer(sentence):
        for piece in re.split(r"\s?[,;]\s?", mark[1]):
            ends = [int(x) for x in re.split(r"\s?[–-]\s?", piece)]
            found += range(ends[0], min(ends[-1], ends[0] + 20) + 1) if len(ends) == 2 and ends[0] < ends[1] else ends
    return tuple(dict.fromkeys(found))


def asked(numbers: Sequence[int], documents: int, most: int = 3) -> Generator[tuple[int, ...], bool, Judged]:
    """The same as `judge`, for who has to wait for an answer: yields the documents that are to entail the sentence, is sent whether they do."""
    if not numbers or any(not 1 <= n <= documents for n in numbers):
        return Judged(False, 0, 0)
    cited = tuple(numbers[:most])
    if not (yield cited):
        return Judged(False, len(cited), 0)
    if len(cited) == 1:
        return Judged(True, 1, 1)
    precise = 0
    for n in cited:
        alone = yield (n,)
        precise += alone or not (yield tuple(m for m in cited if m != n))
    return Judged(True, len(cited), precise)


def judge(numbers: Sequence[int], documents: int, entails: Callable[[tuple[int, ...]], bool], most: int = 3) -> Judged:
    """entails: whether these documents together entail the sentence."""
    steps = asked(numbers, documents, most)
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(entails(wanted))
    except StopIteration as done:
        found: Judged = done.value
        return found


def containment(claim: str, source: str, n: int = 1) -> float | None:
    """Share of the claim's runs of n words that stand in the source, 0..1; of all its words as one run where it has fewer; None without a word.

    A stand-in for entailment that no model has to answer, and a weak one: it takes `not` for one word among many.
    """
    words, given = tokens(claim, "any"), tokens(source, "any")
    n = min(n, len(words))
    if not n:
        return None
    held = set(grams(given, n))
    own = grams(words, n)
    return sum(g in held for g in own) / len(own)
