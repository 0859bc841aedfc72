"""Which texts of a reference (a benchmark) stand in another text, by shared n-grams of tokens.

    Reference(["How many ducks does Janet sell at the market each day?"], n=8).find("... how many DUCKS does Janet sell at the market")
        ->  Match(item=0, share=0.67, gram='how many ducks does janet sell at the')

Tokens, where no other reading is given, are runs of letters and digits after NFKC and case folding; a Chinese or Japanese character is a token of its own. A reference text of fewer
than n tokens, and at least `shortest`, counts when all of it stands in a row. Hits by 64-bit hashes are verified on the tokens.
Memory: 12 bytes for each n-gram of the reference, and its texts. Time: linear in the text, times the different lengths of short items.
Source: GPT-3 (Brown et al. 2020, 2005.14165, appendix C: 13-grams); PaLM (Chowdhery et al. 2022, 2204.02311, section 8: share of 8-grams >= 0.7).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_BASE = 0x9E3779B97F4A7C15  # odd, so that multiplying loses nothing modulo 2^64


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def run_hashes(codes: Any, n: int) -> Any:
    """One 64-bit polynomial hash for each run of n words, given a 64-bit code for each word."""
    import numpy as np

    total = np.zeros(max(0, len(codes) - n + 1), dtype=np.uint64)
    for k in range(n if len(total) else 0):
        total = total * np.uint64(_BASE) + codes[k : k + len(total)]
    return total


class Match(NamedTuple):
    """item: number of the reference text. share: of its different n-grams, how many stand in the text. gram: the first shared one."""

    item: int
    share: float
    gram: str


class Reference:
    """A hash is remembered for each n-gram of each item, equal ones within an item once."""

    def __init__(self, items: Iterable[str], n: int, shortest: int = 5, tokens: Callable[[str], list[str]] = tokens) -> None:
        import numpy as np

        if not 2 <= n <= 100:
            raise ValueError(f"n is {n}, expected 2 to 100")
        self.n, self._tokens = n, tokens
        self._items = list(items)
        hashes: dict[int, list[Any]] = {}
        owners: dict[int, list[Any]] = {}
        sizes = np.zeros(len(self._items), dtype=np.int32)
        for number, text in enumerate(self._items):
            words = self._tokens(text)
            length = min(n, len(words))
            if length < min(shortest, n):
                continue
            found = np.unique(self._hashes(words, length))
            sizes[number] = len(found)
            hashes.setdefault(length, []).append(found)
            owners.setdefault(length, []).append(np.full(len(found), number, dtype=np.int32))
        self._sizes = sizes
        self._grams: dict[int, tuple[Any, Any]] = {}
        for length, parts in hashes.items():
            every, owner = np.concatenate(parts), np.concatenate(owners[length])
            order = np.argsort(every, kind="stable")
            self._grams[length] = (every[order], owner[order])

    def _hashes(self, words: Sequence[str], length: int) -> Any:
        import numpy as np

        return run_hashes(np.fromiter(map(_hash, words), dtype=np.uint64, count=len(words)), length)

    def find(self, text: str, share: float | None = None) -> Match | None:
        """The item with the highest share, at or above `share`; without it, one shared n-gram is enough."""
        import numpy as np

        words = self._tokens(text)
        best: Match | None = None
        for length, (known, owner) in sorted(self._grams.items(), reverse=True):
            if length > len(words):
                continue
            asked = self._hashes(words, length)
            low, high = np.searchsorted(known, asked, "left"), np.searchsorted(known, asked, "right")
            hits = np.flatnonzero(high > low)
            if not len(hits):
                continue
            counts: Counter[int] = Counter()
            first: dict[int, int] = {}
            for at in hits[np.unique(asked[hits], return_index=True)[1]]:
                for item in owner[low[at] : high[at]].tolist():
                    counts[item] += 1
                    first[item] = min(first.get(item, int(at)), int(at))
            part_of = {i: counts[i] / int(self._sizes[i]) for i in counts}
            for item in sorted(counts, key=lambda i: (-part_of[i], first[i], i))[:20]:
                part = part_of[item]
                if part < (share or 0.0) or (best is not None and part <= best.share):
                    break
                gram = words[first[item] : first[item] + length]
                if _stands_in(gram, self._tokens(self._items[item])):
                    best = Match(item, part, " ".join(gram))
                    break
        return best


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _stands_in(gram: list[str], words: list[str]) -> bool:
    return any(words[i : i + len(gram)] == gram for i in range(len(words) - len(gram) + 1))
