"""Canaries: made-up texts to plant among private ones, so that what a generator gives away can be measured without hurting anyone.

    make(texts, 2, seed=0)  ->  ['i need to verify my card identity pending euros atm twice hungry ...', ...]

A canary begins as the texts do (half a text from the n-gram model of text/ngram_model, which copies nobody) and ends as none does: words of the table's
own, drawn evenly, the most surprising of several draws by text/trigram. The beginning makes a generator take it up, the end makes it show
(Meeus et al. 2025, Canary's Echo, 2502.14921). Not covered: canaries that an adversary fits to the generator.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from .ngram_model import NgramModel
from .trigram import Trigram, words_of

DRAWS, LEAST, MODEL = 10, 20, 5_000


def make(texts: Sequence[str], n: int, seed: int, suffix: int = 12) -> list[str]:
    """n different canaries. ValueError where the texts are too few or too poor in words."""
    rng = random.Random(seed)
    some = list(texts) if len(texts) <= MODEL else rng.sample(list(texts), MODEL)
    held = Counter(w for text in some for w in set(words_of(text)) if w.isalnum())
    vocabulary = sorted(w for w, rows in held.items() if rows >= 2)
    if len(some) < LEAST or len(vocabulary) < 4 * suffix:
        raise ValueError(
            f"{len(some)} texts with {len(vocabulary)} words that two of them share; canaries need {LEAST} texts and {4 * suffix} such words"
        )
    walk, surprise = NgramModel.fit(some), Trigram(map(words_of, some), len(held) + 2)
    out: dict[str, None] = {}
    while len(out) < n:
        words = (walk.sample(None, rng) or " ".join(rng.choices(vocabulary, k=8))).split()
        begin = " ".join(words[: max(3, len(words) // 2)])
        ends = sorted((rng.sample(vocabulary, suffix) for _ in range(DRAWS)), key=lambda end: surprise.nll(end))
        out[f"{begin} {' '.join(ends[-1])}"] = None
    return list(out)
