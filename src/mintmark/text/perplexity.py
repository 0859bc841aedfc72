"""How well texts are foretold by an n-gram model of other texts.

    WordModel([["a", "b"], ["a", "c"]], words=4).surprisal(["a", "b"])  ->  nats of the two tokens and the end

Witten and Bell (1991), interpolated: P(w | h) = (count(h w) + T(h) P(w | shorter h)) / (count(h) + T(h)), T(h) = different tokens seen after h;
below the single tokens stands 1 / words for each of `words` tokens, which includes the end of a text, so that probabilities of all of them
sum to 1 and models of different texts can be compared as long as they share `words`. Not text/ngram_model: its walk changes between texts of a
label and keeps white space, which makes no distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

END = ""


class WordModel:
    """order: tokens of context plus one. words: size of the vocabulary, the end of a text included; larger than any the texts use."""

    def __init__(self, rows: Sequence[Sequence[str]], words: int, order: int = 3) -> None:
        self._order, self._base = order, 1 / words
        self._count: dict[tuple[str, ...], dict[str, int]] = {}
        self._sum: dict[tuple[str, ...], int] = {}
        for row in rows:
            full = [END] * (order - 1) + [*row, END]
            for i in range(order - 1, len(full)):
                for k in range(order):
                    context = tuple(full[i - k : i])
                    after = self._count.setdefault(context, {})
                    after[full[i]] = after.get(full[i], 0) + 1
                    self._sum[context] = self._sum.get(context, 0) + 1

    def probability(self, word: str, context: tuple[str, ...]) -> float:
        """Of a token after at most order - 1 tokens."""
        p = self._base
        for k in range(len(context) + 1):
            tail = context[len(context) - k :]
            after = self._count.get(tail)
            if after is None:
                break
            p = (after.get(word, 0) + len(after) * p) / (self._sum[tail] + len(after))
        return p

    def surprisal(self, row: Sequence[str]) -> float:
        """-ln P of all tokens of a text and its end."""
        full = [END] * (self._order - 1) + [*row, END]
        return -sum(math.log(self.probability(full[i], tuple(full[i - self._order + 1 : i]))) for i in range(self._order - 1, len(full)))
