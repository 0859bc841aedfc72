"""Values that are all different and none of the real ones: identifiers of the real shape, numbers from the real range,
or well beyond it where the real ones fill more than a tenth of it.

Value number i is the same whenever it is asked for, so that blocks made apart never give one twice: a column's possible values are walked in
steps that are coprime to their number, real ones left out. Related to nothing else in the row.
A string's shape: digits stay digits, letters letters of their case (a to f where no others occur), all else stays, and so does a character that all
strings of the shape have in its place, where that leaves room: 'PAT-17' -> 'PAT-80'. Shapes come as often as in the real table.
"""

from __future__ import annotations

import math
import random
import string
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any


class Serial:
    """Serial(real cells, seed).make(start, n): n different values, with missing cells at the real rate."""

    def __init__(self, cells: Sequence[Any], seed: int = 0) -> None:
        real = [c for c in cells if c is not None]
        self._absent = 1 - len(real) / len(cells) if cells else 0.0
        self._seed = seed
        self._text = not all(isinstance(r, (int, float)) for r in real)
        self._scale = 0 if self._text else _decimals(real)
        if self._text:
            shaped: dict[tuple[str, ...], list[str]] = {}
            alike = {c for r in real for c in str(r) if c.isalpha()} <= set(string.hexdigits)
            for r in map(str, real):
                shaped.setdefault(_shape(r, 6 if alike else 26), []).append(r)
            held = {_fixed(shape, own): own for shape, own in shaped.items()}
            self._shapes = sorted(held, key=lambda s: -len(held[s]))[:50]
            self._weights = [len(held[s]) for s in self._shapes]
            self._walks = {s: _Walk(math.prod(map(len, s)), [_rank(r, s) for r in held[s]], seed) for s in self._shapes}
        else:
            ranks = [round(r * 10**self._scale) for r in real]
            self._low, span = min(ranks), max(ranks) - min(ranks) + 1
            if 10 * len(set(ranks)) > span:  # counted up: what is missing in between are others' numbers, of rows set aside perhaps
                self._low, ranks = max(ranks) + span, []
            self._walk = _Walk(span, [r - self._low for r in ranks], seed)

    def make(self, start: int, n: int) -> list[Any]:
        return [self._one(i) for i in range(start, start + n)]

    def _one(self, i: int) -> Any:
        chance = random.Random(f"{self._seed} {i}")
        if chance.random() < self._absent:
            return None
        if not self._text:
            at = self._low + self._walk.at(i)
            return at / 10**self._scale if self._scale else at
        shape = chance.choices(self._shapes, self._weights)[0]
        walk = self._walks[shape]
        rank = walk.at(i)
        return _spell(shape, rank) if rank < walk.size else f"{_spell(shape, rank % walk.size)}-{rank // walk.size}"


class _Walk:
    """at(i): the i-th number below size, in a scattered order, that is not taken; beyond them size, size + 1, ..."""

    def __init__(self, size: int, taken: Sequence[int], seed: int) -> None:
        self.size = size
        self._step = max(1, round(size * 0.6180339887)) if size < 10**15 else size * 618_033_988_749_894_848_204_586_834 // 10**27
        while math.gcd(self._step, size) != 1:
            self._step += 1
        self._offset = random.Random(seed).randrange(size)
        back = pow(self._step, -1, size) if size > 1 else 0
        self._skip = sorted({(t - self._offset) * back % size for t in taken})
        self._gaps = [s - i for i, s in enumerate(self._skip)]  # how many free places lie before each taken one

    def at(self, i: int) -> int:
        free = self.size - len(self._skip)
        if i >= free:
            return self.size + i - free
        return ((i + bisect_right(self._gaps, i)) * self._step + self._offset) % self.size


def _decimals(real: Sequence[float]) -> int:
    return max((len(repr(v).split(".")[1]) for v in real[:10_000] if "." in repr(v) and "e" not in repr(v)), default=0)


def _shape(text: str, letters: int) -> tuple[str, ...]:
    """For each character those that may stand in its place."""
    upper, lower = string.ascii_uppercase[:letters], string.ascii_lowercase[:letters]
    return tuple(string.digits if c.isdigit() else upper if c.isupper() else lower if c.isalpha() else c for c in text)


def _fixed(shape: tuple[str, ...], own: Sequence[str]) -> tuple[str, ...]:
    """The shape with what all its strings share, if they are many and twice as many remain possible."""
    held = tuple(
        found.pop() if len(found := set(place)) == 1 else letters for place, letters in zip(zip(*own, strict=True), shape, strict=True)
    )
    return held if len(own) >= 20 and math.prod(map(len, held)) >= 2 * len(own) else shape


def _rank(text: str, shape: tuple[str, ...]) -> int:
    rank = 0
    for c, letters in zip(text, shape, strict=True):
        rank = rank * len(letters) + max(0, letters.find(c))
    return rank


def _spell(shape: tuple[str, ...], rank: int) -> str:
    out = []
    for letters in reversed(shape):
        rank, k = divmod(rank, len(letters))
        out.append(letters[k])
    return "".join(reversed(out))
