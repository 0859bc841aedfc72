"""What of some texts stands word for word in a corpus that may be larger than memory: n-grams and longest runs.

    v = Verbatim(["call me ishmael some years ago never mind"], (4,)); v.scan([("Call me Ishmael. Some years ago--never", False)])
    v.found(4)  ->  [(4, 5)]: 4 of its 5 4-grams;  v.runs  ->  [7] words in a row

Only the texts' side is kept: near 40 bytes a word. The corpus passes once; a window with a word that no text holds costs nothing. Words as in
text/contained (runs of letters and digits, case folded; a Chinese or Japanese character is one). n-grams are compared by 64-bit hashes.
Source: Brown et al. 2020 (2005.14165, appendix C: 13-grams), Chowdhery et al. 2022 (2204.02311, section 8: 8-grams). Not covered: paraphrase.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from .contained import run_hashes, tokens

MOST_HITS = 3_000_000  # windows whose runs are followed
MOST_PLACES = 64  # of one n-gram among the texts


class Verbatim:
    """sizes: of n-grams, ascending; runs are found from the smallest on."""

    def __init__(self, texts: Sequence[str], sizes: Sequence[int] = (8, 13)) -> None:
        import numpy as np

        self.sizes = tuple(sizes)
        self._ids: dict[str, int] = {}
        rows = [[self._ids.setdefault(w, len(self._ids) + 1) for w in tokens(t)] for t in texts]
        self._flat = np.fromiter((i for row in rows for i in row), np.int32)
        self._lengths = np.asarray([len(row) for row in rows], int)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._code = np.random.default_rng(0).integers(0, 2**63, len(self._ids) + 1, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self._row = np.repeat(np.arange(len(rows)), self._lengths)
        self._known: dict[int, tuple[Any, Any, Any]] = {}  # n -> (sorted hashes, places in _flat, found)
        for n in self.sizes:
            inside = np.concatenate(
                [np.zeros(0, int), *(np.arange(a, a + m - n + 1) for a, m in zip(self._starts, self._lengths) if m >= n)]
            )
            hashes = run_hashes(self._code[self._flat], n)[inside] if len(inside) else np.zeros(0, np.uint64)
            order = np.argsort(hashes, kind="stable")
            self._known[n] = hashes[order], inside[order], np.zeros(len(inside), bool)
        self.runs = [0] * len(rows)
        self._ends = [0] * len(rows)
        self.words = self.hits = 0
        self._open: dict[int, int] = {}  # place -> length of the run that ends there
        self._last = -1

    def scan(self, blocks: Iterable[tuple[str, bool]]) -> None:
        """blocks: (text, whether it goes on where the last one ended)."""
        import numpy as np

        tail = np.zeros(0, np.int32)
        for text, goes_on in blocks:
            if not goes_on:
                tail, self._open, self._last = tail[:0], {}, -1
            get = self._ids.get
            fresh = np.fromiter((get(w, 0) for w in tokens(text)), np.int32)
            self.words += len(fresh)
            ids = np.concatenate([tail, fresh])
            gaps = np.concatenate([[0], np.cumsum(ids == 0)])
            for n in self.sizes:
                if len(ids) >= n:
                    first = max(0, len(tail) - n + 1)
                    at = first + np.flatnonzero(gaps[n + first :] == gaps[first : len(ids) - n + 1])
                    self._look(ids, at, n)
            keep = min(len(ids), self.sizes[-1] - 1)
            self._last -= len(ids) - keep
            tail = ids[len(ids) - keep :]

    def _look(self, ids: Any, at: Any, n: int) -> None:
        import numpy as np

        hashes, places, found = self._known[n]
        if not len(at) or not len(hashes):
            return
        # stretches without a foreign word are short: hash those alone
        spots = np.unique((at[:, None] + np.arange(n)).ravel()) if len(at) < len(ids) // (2 * n) else None
        every = run_hashes(self._code[ids], n)[at] if spots is None else run_hashes(self._code[ids[spots]], n)[np.searchsorted(spots, at)]
        low, high = np.searchsorted(hashes, every, "left"), np.searchsorted(hashes, every, "right")
        for k in np.flatnonzero(high > low).tolist():
            if not found[low[k]]:
                found[low[k] : high[k]] = True
            if n == self.sizes[0] and self.hits < MOST_HITS:
                self.hits += 1
                self._follow(int(at[k]), places[low[k] : high[k]][:MOST_PLACES].tolist(), n)

    def _follow(self, at: int, places: list[int], n: int) -> None:
        """A window that follows on the last one makes the runs of its places one word longer."""
        before = self._open if at == self._last + 1 else {}
        self._open, self._last = {p: before.get(p - 1, n - 1) + 1 for p in places}, at
        for place, length in self._open.items():
            row = int(self._row[place])
            if length > self.runs[row]:
                self.runs[row], self._ends[row] = length, place + n

    def found(self, n: int) -> list[tuple[int, int]]:
        """(n-grams that stand in the corpus, all n-grams) of each text; each place counts."""
        import numpy as np

        _, places, found = self._known[n]
        hits = np.bincount(self._row[places[found]], minlength=len(self._lengths)) if len(places) else np.zeros(len(self._lengths), int)
        return list(zip(hits.tolist(), np.maximum(0, self._lengths - n + 1).tolist()))

    def passage(self, row: int) -> str:
        """The words of a text's longest run."""
        return self.said(self._ends[row] - self.runs[row], self._ends[row])

    @cached_property
    def _names(self) -> list[str]:
        return list(self._ids)

    def said(self, begin: int, end: int) -> str:
        """The words from one place of all the texts, put end to end, to another."""
        return " ".join(self._names[i - 1] for i in self._flat[begin:end])

    def places(self, row: int) -> tuple[int, int]:
        """Where a text begins and ends in all the texts, put end to end."""
        return int(self._starts[row]), int(self._starts[row + 1])

    def standing(self) -> Any:
        """For each place whether the words that begin there, as many as the smallest size, stand in the corpus."""
        import numpy as np

        out = np.zeros(len(self._flat), bool)
        _, places, found = self._known[self.sizes[0]]
        out[places[found]] = True
        return out
