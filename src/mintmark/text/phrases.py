"""Phrases that many texts share: heavy hitters among their openings or their runs of words, in bounded memory.

    common(lambda: ["Sure, here it is", "sure here is one", "No."], words=2, anywhere=False, most=0.3)  ->  ({("sure", "here"): 2}, 3)

Misra and Gries (1982) over the texts leaves at most CAPACITY candidates, among which is every phrase that makes up more than 1 / CAPACITY of all the
runs of words; a second pass counts those exactly, each text once. So nothing above `most` is missed while texts have on average fewer than
most x CAPACITY words: 5,000 words at most = 0.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from .contained import tokens

Phrase = tuple[str, ...]
CAPACITY = 50_000


def phrases(text: str, words: int, anywhere: bool) -> set[Phrase]:
    """The different runs of `words` words of a text, or only the one it opens with; none where it is shorter."""
    found = tokens(text) if anywhere else tokens(text[: 100 * words])
    last = len(found) - words + 1 if anywhere else min(1, len(found) - words + 1)
    return {tuple(found[i : i + words]) for i in range(last)}


def common(
    texts: Callable[[], Iterable[str]], words: int, anywhere: bool, most: float, capacity: int = CAPACITY
) -> tuple[dict[Phrase, int], int]:
    """Phrases in more than `most` of the texts, with in how many, and the number of texts. `texts` is called twice."""
    counts: dict[Phrase, int] = {}
    for text in texts():
        for phrase in sorted(phrases(text, words, anywhere)):
            if phrase in counts or len(counts) < capacity:
                counts[phrase] = counts.get(phrase, 0) + 1
            else:  # one less of each: the new one and one of every candidate go together
                counts = {p: c - 1 for p, c in counts.items() if c > 1}
    exact: Counter[Phrase] = Counter()
    total = 0
    for text in texts():
        total += 1
        exact.update(p for p in phrases(text, words, anywhere) if p in counts)
    return {p: c for p, c in exact.items() if c > most * total and c > 1}, total
