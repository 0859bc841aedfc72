"""compare: a judge compares the candidates two by two, each pair in both orders; what it says only in one order is a tie.

    compare: {request: instruction, candidates: candidates, model: judge, votes: 1}

Writes: wins (a list beside the candidates: pairs won + half of those tied), comparisons (a list of {a, b, ab, ba, winner, votes_ab, votes_ba}; a, b
number the candidates, ab and ba are the verdicts in each order as a, b or tie, votes_ab and votes_ba every vote behind them), consistent (share of
pairs judged alike in both orders; 0.5 or less says that the judge goes by position), first_share (share of decided verdicts for whichever stood first; 0.5 = no position bias).
Over the whole run: measure: [judging] (agreement of votes, position bias, consistency, each with an interval).
Memory and calls grow with the square of the candidates: n (n - 1) asks a vote.
Source: Zheng et al. 2023 (2306.05685), section 3.4: position bias, and swapping against it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Any, ClassVar

from ..core.context import Context
from ..core.op import Scene
from ..core.rows import Result, Row
from ..prompting import Asking, built_in
from ..prompting.asking import shape_of
from ..text.answers import texts_of
from ..text.verdicts import majority


@dataclass(frozen=True)
class Compare(Asking):
    """request, candidates: columns. votes: asks in each order; the majority of them is the verdict."""

    request: str = "instruction"
    candidates: str = "candidates"
    votes: int = 1
    prompt: str = field(default_factory=partial(built_in, "compare"))
    model: str = field(default="judge", kw_only=True)
    name: ClassVar[str] = "compare"

    def gives(self) -> tuple[str, ...]:
        return ("request", "first", "second")

    def calls(self) -> float:
        return 12.0 * self.votes  # taken for four candidates

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.request, self.candidates, *super().reads(scene))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("wins", "comparisons", "consistent", "first_share")

    async def each(self, row: Row, ctx: Context) -> Result:
        texts = texts_of(row.values[self.candidates])
        wins = [0.0] * len(texts)
        told: list[dict[str, Any]] = []
        firsts: Counter[bool] = Counter()
        for a, b in combinations(range(len(texts)), 2):
            ab = [_AB[v] for v in await self._ask(row, ctx, texts[a], texts[b])]
            ba = [_BA[v] for v in await self._ask(row, ctx, texts[b], texts[a])]
            one, two = majority(ab) or "tie", majority(ba) or "tie"
            firsts.update(v == w for v, w in ((one, "a"), (two, "b")) if v != "tie")
            winner = one if one == two else "tie"
            wins[a] += {"a": 1.0, "b": 0.0, "tie": 0.5}[winner]
            wins[b] += {"a": 0.0, "b": 1.0, "tie": 0.5}[winner]
            told.append({"a": a, "b": b, "ab": one, "ba": two, "winner": winner, "votes_ab": ab, "votes_ba": ba})
        same = sum(t["ab"] == t["ba"] for t in told) / len(told) if told else None
        first = firsts[True] / firsts.total() if firsts else None
        return row.with_values({"wins": wins, "comparisons": told, "consistent": same, "first_share": first})

    async def _ask(self, row: Row, ctx: Context, first: str, second: str) -> list[str]:
        shape = ctx.once("shape", lambda: shape_of(reason="string", better={"enum": ["first", "second", "tie"]}))
        given = {**row.values, "request": str(row.values[self.request]), "first": first, "second": second}
        return [(await self.say(ctx, self.prompt, given, shape, sample=k))[0]["better"] for k in range(self.votes)]


_AB = {"first": "a", "second": "b", "tie": "tie"}
_BA = {"first": "b", "second": "a", "tie": "tie"}
