"""How much texts repeat each other's runs of words: self-BLEU, self-repetition, inter-sample n-gram frequency, n-gram diversity.

    self_bleu(["the cat sat on the mat", "the cat sat on a mat"])  ->  each text against all others, 0..100

Self-BLEU: Zhu et al. 2018 (Texygen); BLEU as sacrebleu's sentence_score (13a tokens, exponential smoothing) or as nltk's method 1 (`floor`).
A text's references are all others, so per n-gram the two largest counts and who holds the largest give every clipped count: linear in the
words, where a loop over pairs is quadratic. Self-repetition: Salkar et al. 2022. Inter-sample n-gram frequency: Mishra et al. 2020 (DQI).
"""

from __future__ import annotations

import bisect
import html
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from .rouge import Coder
from .words import spaced, words

Gram = tuple[str, ...]
_MARK = re.compile(r"([{-~\[-` -&(-+:-@/])")


def tokens_13a(text: str) -> list[str]:
    """Words as mteval's tokenizer 13a has them: marks stand alone, dots and commas unless between digits, dashes after digits."""
    text = f" {html.unescape(text) if '&' in text else text} ".replace("\n", " ")
    text = spaced(text)
    text = _MARK.sub(r" \1 ", text)
    text = re.sub(r"([^0-9])([.,])", r"\1 \2 ", text)
    text = re.sub(r"([.,])([^0-9])", r" \1 \2", text)
    return re.sub(r"([0-9])(-)", r"\1 \2 ", text).split()


def grams(words: Sequence[str], n: int) -> list[Gram]:
    return list(zip(*(words[i:] for i in range(n))))


def self_bleu(
    texts: Sequence[str], most: int = 4, tokenize: Literal["13a", "blanks"] = "13a", smooth: Literal["exp", "floor"] = "exp"
) -> list[float]:
    """BLEU (0..100) of each text against all others; orders 1 to `most` weigh alike, orders longer than the text are left out. A text that
    shares no word with any other has 0. The reference length is the nearest among the others, the shorter of two."""
    rows = [tokens_13a(t) if tokenize == "13a" else words(t) for t in texts]
    lengths = sorted(map(len, rows))
    logs: list[list[float | None]] = [[] for _ in rows]  # None: no n-gram in common, to be smoothed; its total is in `totals`
    totals: list[list[int]] = [[] for _ in rows]
    for n in range(1, most + 1):
        counts = [Counter(grams(row, n)) for row in rows]
        first: dict[Gram, tuple[int, int]] = {}
        second: dict[Gram, int] = {}
        for i, count in enumerate(counts):
            for gram, c in count.items():
                best = first.get(gram)
                if best is None or c > best[0]:
                    if best is not None:
                        second[gram] = best[0]
                    first[gram] = (c, i)
                elif c > second.get(gram, 0):
                    second[gram] = c
        for i, count in enumerate(counts):
            total = len(rows[i]) - n + 1
            if total < 1:
                continue
            hits = sum(min(c, second.get(g, 0) if first[g][1] == i else first[g][0]) for g, c in count.items())
            totals[i].append(total)
            logs[i].append(math.log(hits / total) if hits else None)
    return [_bleu(logs[i], totals[i], len(rows[i]), lengths, smooth) for i in range(len(rows))]


def _bleu(logs: Sequence[float | None], totals: Sequence[int], length: int, lengths: Sequence[int], smooth: str) -> float:
    if not logs or logs[0] is None:
        return 0.0
    misses, total = 0, 0.0
    for log, count in zip(logs, totals, strict=True):
        if log is None:
            misses += 1
            log = math.log((0.5**misses if smooth == "exp" else 0.1) / count)
        total += log
    # nearest length among the others: this text's own length counts only where another one has it too
    at, end = bisect.bisect_left(lengths, length), bisect.bisect_right(lengths, length)
    near = [length] if end - at > 1 else [*lengths[max(0, at - 1) : at], *lengths[end : end + 1]]
    closest = min(near, key=lambda r: (abs(r - length), r), default=length)
    penalty = 1.0 if length >= closest else math.exp(1 - closest / length)
    return 100 * penalty * math.exp(total / len(logs))


def corpus_bleu(texts: Sequence[str], references: Sequence[str], most: int = 4) -> float:
    """BLEU (0..100) of texts against one reference each, counts summed over the texts (Papineni et al. 2002; 13a, exponential smoothing)."""
    pairs = [(tokens_13a(a), tokens_13a(b)) for a, b in zip(texts, references, strict=True)]
    logs: list[float | None] = []
    totals: list[int] = []
    for n in range(1, most + 1):
        hits = sum((Counter(grams(a, n)) & Counter(grams(b, n))).total() for a, b in pairs)
        if total := sum(max(0, len(a) - n + 1) for a, _ in pairs):
            totals.append(total)
            logs.append(math.log(hits / total) if hits else None)
    return _bleu(logs, totals, sum(len(a) for a, _ in pairs), [sum(len(b) for _, b in pairs)], "exp")


def rows_with(texts: Sequence[str], n: int, fold: bool = False) -> tuple[list[set[Gram]], Counter[Gram]]:
    """The different n-grams of each text (words between blanks), and in how many texts each stands."""
    sets = [set(grams(words(t.lower() if fold else t), n)) for t in texts]
    return sets, Counter(g for own in sets for g in own)


def self_repetition(texts: Sequence[str], n: int = 4) -> float:
    """Mean over texts of ln(1 + how often their n-grams stand in other texts), each n-gram once a text; 0 = nothing is shared."""
    sets, held = rows_with(texts, n)
    return sum(math.log1p(sum(held[g] - 1 for g in own)) for own in sets) / max(1, len(texts))


def ngram_frequency(texts: Sequence[str], n: int = 2) -> float:
    """Mean, over the different n-grams, of the number of texts that hold one (case folded): 1 = no two texts share any."""
    held = rows_with(texts, n, fold=True)[1]
    return sum(held.values()) / len(held) if held else 1.0


def ngram_diversity(texts: Sequence[str], most: int = 4) -> float:
    """Sum over n = 1..most of different n-grams over n-grams of all texts joined, case kept, 0..most."""
    every = words(" ".join(texts))
    out = 0.0
    for n in range(1, most + 1):
        found = grams(every, n)
        out += len(set(found)) / len(found) if found else 0.0
    return out


def rouge_matrix(texts: Sequence[str]) -> Any:
    """ROUGE-L F1 of all pairs, as text/rouge defines it; single precision, n x n."""
    import numpy as np
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cdist

    code = Coder("any")
    coded = [code(t) for t in texts]
    length = np.asarray([len(c) for c in coded], np.float32)
    total = length[:, None] + length
    return 2 * cdist(coded, coded, scorer=LCSseq.similarity, dtype=np.float32) / np.where(total > 0, total, 1)
