"""SelfCheckGPT with n-grams: which sentences of an answer say what the model's other answers to the same prompt do not.

    scores("He was born in Kent. He won a medal.", ["He was born in Kent.", "Born in Kent, he wrote."])  ->  [Score(...mean=2.0, most=2.3), ...]

A unigram model stands in for the model that wrote: counts of the words of the sampled answers and of the answer itself, which gives each of its
words a count of at least 1 and takes the place of smoothing. Per sentence the average and the largest -ln p of its words (natural logarithm):
rare in what is sampled = doubtful. Words are lower-case runs of letters and digits, so the figures differ a little from those of other tokenizers.
Published for 238 passages of GPT-3 (wiki_bio_gpt3_hallucination), unigrams: AUC-PR 0.856 for the wrong sentences, where a random order has 0.730.
Source: Manakul, Liusie and Gales 2023 (2303.08896), section 5.3. Not covered: longer n-grams; sentences that are wrong in every sample alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .chunks import sentences
from .rouge import tokens


class Score(NamedTuple):
    """mean, most: nats, 0 or more, higher is more doubtful; 0 for a sentence without a word."""

    sentence: str
    mean: float
    most: float


def scores(answer: str, samples: Sequence[str]) -> list[Score]:
    counts = Counter(w for text in (answer, *samples) for w in tokens(text, "any"))
    total = math.log(max(1, counts.total()))
    found = []
    for sentence in sentences(answer):
        nats = [total - math.log(counts.get(w, 0) or 1) for w in tokens(sentence, "any")]
        found.append(Score(sentence, sum(nats) / len(nats) if nats else 0.0, max(nats, default=0.0)))
    return found
