"""Short texts without any language model: a variable-order n-gram model per label, and a guard against giving real texts away.

Each next token comes from the longest context (up to `order` tokens) seen in texts of the label, with a chance to fall back to a shorter one
(PPM-C escape: distinct continuations / (count + distinct), Moffat 1990), so that a text changes over between real ones of its label; the
shortest context of the label falls back to all labels'. There is no meaning in it: a baseline.

The guard drops a text that holds a run of 8 or more tokens found in fewer than 3 real rows, equals a real text after folding, or has a
Jaccard of word bigrams of 0.8 or more with a real text.
One text: 'i need to verify my top up was cancelled and i still have not got my card'
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from .shingles import NearIndex, fold

RUN, ROWS, TRIES = 8, 3, 40
_TOKEN = re.compile(r"\s*(?:\w+(?:['’]\w+)*|[^\w\s])")
_WORD = re.compile(r"\w+")


class CopyGuard:
    """verdict(text): None, or 'equal', 'run', 'near': why the text must not be given out."""

    def __init__(self, texts: Sequence[str], near: float = 0.8) -> None:
        self._equal = {fold(t) for t in texts}
        self._runs: dict[int, int] = {}
        self._index = NearIndex(near)
        for text in texts:
            for run in self._all_runs(text):
                self._runs[run] = self._runs.get(run, 0) + 1
            self._index.add(self._index.sketch(text))

    @staticmethod
    def _all_runs(text: str) -> set[int]:
        """Hashes of all runs of 8, by white space and by words, so that punctuation hides nothing."""
        lower = text.lower()
        out = set()
        for mark, tokens in (("s", lower.split()), ("w", _WORD.findall(lower))):
            for i in range(len(tokens) - RUN + 1):
                out.add(hash((mark, *tokens[i : i + RUN])))
        return out

    def verdict(self, text: str) -> str | None:
        if fold(text) in self._equal:
            return "equal"
        if any(0 < self._runs.get(run, 0) < ROWS for run in self._all_runs(text)):
            return "run"
        if self._index.query(self._index.sketch(text)) is not None:
            return "near"
        return None


class NgramModel:
    """fit(texts, labels), then sample(label, rng): a text or None when the guard refused every try."""

    def __init__(self, order: int = 3) -> None:
        self.order = order
        self._follow: dict[tuple[Any, tuple[str, ...]], dict[str, int]] = {}
        self.guard: CopyGuard
        self._labels: set[Any] = set()
        self._longest = 0

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[Any] | None = None, order: int = 3) -> NgramModel:
        if not texts:
            raise ValueError("there are no texts to learn from")
        self = cls(order)
        self.guard = CopyGuard(texts)
        for text, label in zip(texts, labels if labels is not None else [None] * len(texts), strict=True):
            self._labels.add(label)
            tokens = ["", *(m.group() for m in _TOKEN.finditer(text)), "\0"]
            self._longest = max(self._longest, len(tokens))
            plain = [t.strip().lower() for t in tokens]
            for i in range(1, len(tokens)):
                for k in range(1, min(order, i) + 1):
                    self._count((label, tuple(plain[i - k : i])), tokens[i])
                self._count((_ALL, (plain[i - 1],)), tokens[i])
        return self

    def _count(self, key: tuple[Any, tuple[str, ...]], token: str) -> None:
        found = self._follow.setdefault(key, {})
        found[token] = found.get(token, 0) + 1

    def sample(self, label: Any, rng: random.Random) -> str | None:
        for _ in range(TRIES):
            text = self._walk(label if label in self._labels else _ALL, rng)
            if text and self.guard.verdict(text) is None:
                return text
        return None

    def _walk(self, label: Any, rng: random.Random) -> str:
        tokens, plain = [""], [""]
        while len(tokens) < 2 * self._longest:
            token = self._next(label, plain, rng)
            if token == "\0":
                break
            tokens.append(token)
            plain.append(token.strip().lower())
        return "".join(tokens).strip()

    def _next(self, label: Any, plain: list[str], rng: random.Random) -> str:
        for k in range(min(self.order, len(plain)), 0, -1):
            found = self._follow.get((label, tuple(plain[-k:])))
            if found is None:
                continue
            count = sum(found.values())
            if k > 1 and rng.random() < len(found) / (count + len(found)):
                continue
            if k == 1 and rng.random() < 0.15 * len(found) / (count + len(found)):
                break
            return _pick(found, count, rng)
        found = self._follow.get((_ALL, (plain[-1],)))
        return _pick(found, sum(found.values()), rng) if found else "\0"


_ALL = "\0all labels"


def _pick(found: dict[str, int], count: int, rng: random.Random) -> str:
    at = rng.random() * count
    for token, n in found.items():
        at -= n
        if at < 0:
            return token
    return next(reversed(found))
