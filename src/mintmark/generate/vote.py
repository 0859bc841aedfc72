"""vote: steers by differentially private votes. Private Evolution for text: private rows never leave, they vote for synthetic ones.

    tables: {real: {path: notes.csv, budget: {epsilon: 1, delta: 1e-6, person: patient}}}
    steps:
      - repeat:
          at_most: 6                                                     # one round of first drafts, then `rounds` rounds of variations
          steps:
            - vote: {from: real, column: text, about: "a short note of a nurse", rows: 200, rounds: 5, share: 0.8}
            - write: {column: text, prompt: {built_in: private_evolution}}
      - elect: {from: real, column: text, rows: 200, share: 0.2}         # the last vote chooses what stays

Round 1 plans rows x children first drafts. Then, round after round, each private row votes for its nearest candidate (the newest round's rows and
the parents before them), the histogram is released with Gaussian noise through Context.release, the `rows` candidates with the most votes are the
parents, and each gets children - 1 variations. Prompts hold synthetic texts alone, so any model may be asked.
`lookahead: 3` lets a candidate stand for what it would give: before each vote a round asks for 3 variations of every new candidate, and private rows
are compared with their mean vector. It takes twice the rounds (at_most: 2 x rounds + 1) and as many calls more; these texts stand for election, too.
Writes: parent (text varied, none in round 1), how (paraphrase | fill_in | few_shot), shots, words, about, group, vary.
The proof is that of the release (docs/decisions/0007): (epsilon, delta) for adding or removing one person. Not covered: labels, their shares, `about`
and `vary` are taken as public; that a run was refused, or ended, is not hidden.
One row: id='7c2e...', parent='Slept well, pain 2 of 10.', how='paraphrase', words=6, round=3, text='Quiet night; rates pain at two.'
Sources: Lin et al. 2024 (2305.15560); Xie et al. 2024, Aug-PE (2403.01749), algorithm 1: L children, ranks, variations of length N(words, 40^2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.op import Planned, Scene, Scope, State
from ..core.rows import Row, row_id
from ..private.voting import Voting
from ..stats.private_votes import pick

VARIATIONS = ("paraphrase", "fill_in", "few_shot")
BLANK, SPREAD, SHOTS = 0.5, 40.0, 3
Text = tuple[str, str, Any]  # id, text, group


@dataclass(frozen=True)
class Vote(Voting):
    """about: what a text is, in words. children: candidates per parent, the parent included. rounds: votes. how: rank (the most votes) or prob
    (drawn by votes). threshold: votes taken off each candidate. variations: of paraphrase, fill_in, few_shot. vary: {name: [values]} drawn for
    first drafts. lengths: whether variations get a length drawn around their parent's. lookahead: variations by whose mean a candidate is
    voted for; 0: by itself."""

    about: str = "a text"
    rounds: int = 5
    children: int = 4
    how: Literal["rank", "prob"] = "rank"
    threshold: float = 0.0
    variations: tuple[str, ...] = ("paraphrase",)
    vary: Mapping[str, list[Any]] | None = None
    lengths: bool = True
    lookahead: int = 0
    name: ClassVar[str] = "vote"
    scope: ClassVar[Scope] = Scope.SOURCE

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rounds < 1 or self.children < 2:
            raise ValueError("rounds must be at least 1, children at least 2 (the parent and a variation)")
        if self.lookahead < 0 or not 0 <= self.threshold < math.inf:
            raise ValueError("lookahead and threshold must be 0 or more, and finite")
        if not self.variations or any(v not in VARIATIONS for v in self.variations):
            raise ValueError(f"variations must be some of {', '.join(VARIATIONS)}")
        if any(not values for values in (self.vary or {}).values()):
            raise ValueError("vary: each name needs at least one value")

    @property
    def watches(self) -> tuple[str, ...]:
        return ("group",)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("parent", "how", "shots", "words", "about", "group", "vary")

    def looks_back(self, scene: Scene) -> tuple[str, ...]:
        return (self.column, "group")

    def holds(self, ctx: Context) -> int:
        return self.rows * self.children

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        """The parents of this round: of every round so far, since a resumed run has forgotten them. What was released is recalled."""
        number = state.round if state is not None else 1
        if state is None or number < 2 or number > self._stride * self.rounds + 1:
            return
        found: dict[int, list[Text]] = {}
        for batch in state.scan((self.column, "group", "round")):
            for kept, values in zip(batch.ids, batch.rows(), strict=True):
                found.setdefault(values["round"] or 1, []).append((kept, str(values[self.column] or ""), values["group"]))
        ctx.cache[ctx.label, "newest"] = found.get(number - 1, [])
        known = {kept: text for r in found.values() for kept, text, _ in r} if self.lookahead else {}
        parents: list[Text] = []
        done = ctx.cache.setdefault((ctx.label, "parents"), {})
        for vote in range(1, (number - 1) // self._stride + 1):
            if vote not in done:
                candidates = [*parents, *found.get((vote - 1) * self._stride + 1, [])]
                done[vote] = await self._parents(ctx, vote, candidates, known) if candidates else []
            parents = done[vote]

    @property
    def _stride(self) -> int:
        """Rounds of the loop for each vote."""
        return 2 if self.lookahead else 1

    def _ahead(self, ctx: Context, candidate: str) -> list[str]:
        """Ids of a candidate's variations that are there for the vote alone."""
        return [row_id(ctx.label, "lookahead", candidate, k) for k in range(self.lookahead)]

    async def _parents(self, ctx: Context, vote: int, candidates: Sequence[Text], known: Mapping[str, str]) -> list[Text]:
        groups = [g for *_, g in candidates]
        texts = [[known[k] for k in self._ahead(ctx, kept) if k in known] or [text] for kept, text, _ in candidates]
        noisy = await self.noisy_votes(ctx, f"votes {vote}", texts, groups, self.rounds)
        number = vote + 1
        chosen = pick(noisy, groups, self.groups(), self.how, self.threshold, ctx.rng("pick", number))
        return [candidates[i] for i in chosen]

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        number = state.round if state is not None else 1
        rows: Iterator[Row] = iter(())
        if number == 1:
            rows = self._drafts(ctx)
        elif number <= self._stride * self.rounds + 1:
            vote, ahead = divmod(number - 1, self._stride)
            parents = ctx.cache[ctx.label, "newest"] if ahead else ctx.cache[ctx.label, "parents"][vote]
            rows = self._variations(ctx, number, parents, bool(ahead))
        for row, _ in zip(rows, range(stop - start)):
            yield row

    def _drafts(self, ctx: Context) -> Iterator[Row]:
        for group, n in self.groups().items():
            for k in range(n * self.children):
                rid = row_id(ctx.label, 1, repr(group), k)
                rng = ctx.at(ctx.label, rid, ctx.tally).rng()
                vary = {name: rng.choice(values) for name, values in (self.vary or {}).items()}
                yield Row(rid, {"parent": None, "how": None, "shots": [], "words": None, "about": self.about, "group": group, "vary": vary})

    def _variations(self, ctx: Context, number: int, parents: Sequence[Text], ahead: bool) -> Iterator[Row]:
        pool: dict[Any, list[str]] = {}
        for _, text, group in parents:
            pool.setdefault(group, []).append(text)
        for place, (parent, text, group) in enumerate(parents):
            ids = (row_id(ctx.label, number, parent, place, k) for k in range(self.children - 1))
            for rid in self._ahead(ctx, parent) if ahead else ids:
                rng = ctx.at(ctx.label, rid, ctx.tally).rng()
                how = rng.choice(self.variations)
                n = len(text.split())
                words = max(1, min(2 * n + 10, round(rng.gauss(n, min(SPREAD, n / 2))))) if self.lengths else None
                shown = " ".join("_" if rng.random() < BLANK else w for w in text.split()) if how == "fill_in" else text
                shots = [text, *rng.sample(pool[group], min(SHOTS - 1, len(pool[group])))] if how == "few_shot" else []
                values = {"parent": shown, "how": how, "shots": shots, "words": words, "about": self.about, "group": group, "vary": {}}
                yield Row(rid, values, (parent,))
