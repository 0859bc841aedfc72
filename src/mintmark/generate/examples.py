"""examples: picks few-shot examples for each row out of a table, and writes them as the list column `examples` for the prompt to use.

    examples: {from: real, match: intent, k: 3, pick: random}
    examples: {from: real, k: 4, pick: mmr, by: question, embedder: default, tokens: 800}

pick: random (the default: informed picks beat it seldom and marginally, 2410.10756), similar (cosine to the row's `by` column), mmr (similar to
`by`, but not to one another), diverse (farthest-first within the matching rows, a fresh start per row), vote_k (drawn from 4 k rows that are
representative of the table and varied), balanced (the values of the column `balance` in equal numbers).
Vectors are TF-IDF, or the embedder's where one is named. Most similar stand last, next to the question. Never the row itself: a table row that
equals this row in all columns both have (where these tell the table's rows apart: a shared condition does not), or whose text is the row's `by`
text, is not picked. tokens: a budget (about 4 characters a token); the first of the list are
left out until the rest fits. Fewer than k are written where fewer match; none drops nothing.
One value: [{'text': 'got a fine??', 'intent': 'late_fee'}, ...]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ..core.context import Context
from ..core.errors import RecipeError, nearest
from ..core.op import Op, Scene, Scope
from ..core.rows import RESERVED, Result, Row
from ..stats.selection import cosines, farthest_first, mmr, unit, vote_k
from ..text.shingles import fold

MOST_COMPARED = 2_000  # rows that diverse and mmr look at for one row
MOST_VOTING = 10_000  # rows of one group that vote_k looks at, once
_CITES = {
    "random": "Selection of in-context examples: random is a good default (2410.10756)",
    "vote_k": "Su et al. 2022, Selective annotation makes language models better few-shot learners, vote-k (2209.01975)",
    "mmr": "Carbonell and Goldstein 1998, The use of MMR, diversity-based reranking",
    "diverse": "Gonzalez 1985, Clustering to minimize the maximum intercluster distance (farthest-first)",
}


@dataclass(frozen=True)
class Examples(Op):
    """from: table. match: a column that must be equal. by: the row's text column to compare. columns: of the table, default all. balance:
    a column of the table. weight: of similarity in mmr, 0..1. k: rows picked. pick: how, see above. tokens: a budget for the list.
    embedder: its role under embedders:, TF-IDF where none is named."""

    source: str = field(metadata={"key": "from"})
    match: str | None = None
    k: int = 3
    pick: Literal["random", "similar", "mmr", "diverse", "vote_k", "balanced"] = "random"
    by: str | None = None
    columns: tuple[str, ...] | None = None
    balance: str | None = None
    embedder: str | None = None
    tokens: int | None = None
    weight: float = 0.5
    into: str = "examples"
    name: ClassVar[str] = "examples"
    scope: ClassVar[Scope] = Scope.EACH

    def __post_init__(self) -> None:
        if self.k < 1 or (self.tokens is not None and self.tokens < 1):
            raise ValueError("k and tokens must be at least 1")
        if self.pick in ("similar", "mmr") and not self.by:
            raise ValueError(f"pick: {self.pick} needs by:, the column of the row to compare")
        if (self.pick == "balanced") != (self.balance is not None):
            raise ValueError("balance: COLUMN goes with pick: balanced, and only with it")

    def citations(self) -> tuple[str, ...]:
        return (_CITES[self.pick],) if self.pick in _CITES else ()

    def reads(self, scene: Scene) -> tuple[str, ...]:
        named = (c for c in (self.match, self.by) if c is not None)
        compared = (*(self.columns or scene.table(self.source).columns), self.balance)  # to leave out the row itself
        return tuple(dict.fromkeys((*named, *(c for c in compared if c in scene.columns and c not in RESERVED))))

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return (self.into,)

    def must_be_read(self) -> tuple[str, ...]:
        return (self.into,)

    def reads_tables(self) -> tuple[str, ...]:
        return (self.source,)

    def embeds(self) -> tuple[str, ...]:
        return (self.embedder,) if self.embedder and self.pick not in ("random", "balanced") else ()

    def check(self, scene: Scene) -> None:
        table = scene.table(self.source)
        for column in (*(self.columns or ()), *((self.match,) if self.match else ()), *((self.balance,) if self.balance else ())):
            if column not in table.columns:
                listed = ", ".join(table.columns)
                raise RecipeError(
                    f"{scene.where}: table '{self.source}' has no column '{column}', only {listed}.{nearest(column, table.columns)}"
                )

    async def each(self, row: Row, ctx: Context) -> Result:
        pool: _Pool = await ctx.shared("pool", self._pool)
        chosen = await pool.pick(row, ctx)
        while self.tokens is not None and chosen and sum(map(pool.tokens, chosen)) > self.tokens:
            chosen = chosen[1:]
        return row.with_values({self.into: [{n: pool.rows[i][n] for n in pool.shown} for i in chosen]})

    async def _pool(self, ctx: Context) -> _Pool:
        pool = _Pool(self, ctx)
        if self.pick not in ("random", "balanced") and pool.rows:
            await pool.vectorise(ctx)
        return pool


class _Pool:
    """The table's rows by matching value, and their unit vectors where they are needed."""

    def __init__(self, op: Examples, ctx: Context) -> None:
        self.op = op
        table = ctx.table(op.source)
        self.shown = list(op.columns or table.columns)
        extra = [c for c in (op.match, op.balance) if c]
        self.rows = [{n: r[n] for n in {**dict.fromkeys(self.shown), **dict.fromkeys(extra)}} for r in table.rows()]
        self.groups: dict[Any, list[int]] = {}
        for i, r in enumerate(self.rows):
            self.groups.setdefault(repr(r[op.match]) if op.match else "", []).append(i)
        self.texts = [" ".join(str(v) for v in r.values() if isinstance(v, str)) for r in self.rows]
        self.telling = {n for n in self.shown if len({repr(r[n]) for r in self.rows}) * 2 > len(self.rows)}  # columns that tell rows apart
        self.folded = [{fold(v) for v in r.values() if isinstance(v, str)} for r in self.rows]
        self.vectors: Any = None
        self.embedder: Any = None
        self.vectoriser: Any = None
        self.votes: dict[str, list[int]] = {}

    async def vectorise(self, ctx: Context) -> None:
        if self.op.embedder:
            self.embedder = ctx.embedder(self.op.embedder).fit(self.texts)
            self.vectors = unit(await self.embedder.embed(self.texts))
            return
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
        self.vectors = self.vectoriser.fit_transform([t or "-" for t in self.texts])

    async def query(self, text: str) -> Any:
        return self.vectoriser.transform([text]) if self.embedder is None else unit(await self.embedder.embed([text]))

    def tokens(self, i: int) -> int:
        return 1 + sum(len(str(self.rows[i][n])) for n in self.shown) // 4

    async def pick(self, row: Row, ctx: Context) -> list[int]:
        """Numbers of the rows, in the order in which they stand in the prompt."""
        op = self.op
        key = repr(row.values.get(op.match)) if op.match else ""
        asked = str(row.values.get(op.by) or "") if op.by else ""
        members = [i for i in self.groups.get(key, ()) if not self._same(i, row.values, fold(asked))]
        rng = ctx.rng()
        if op.pick == "random" or len(members) <= 1:
            return rng.sample(members, min(op.k, len(members)))
        if op.pick == "balanced":
            return self._balanced(members, rng)
        if op.pick == "vote_k":
            if key not in self.votes:
                voters = self.groups[key][:: -(-len(self.groups[key]) // MOST_VOTING)]  # evenly over the table, where it is large
                self.votes[key] = [voters[j] for j in vote_k(self.vectors[voters], 4 * op.k)]
            near = set(members)
            pool = [i for i in self.votes[key] if i in near]
            return rng.sample(pool, min(op.k, len(pool)))
        if op.pick == "diverse":
            pool = members if len(members) <= MOST_COMPARED else rng.sample(members, MOST_COMPARED)
            return [pool[j] for j in farthest_first(self.vectors[pool], op.k, rng.randrange(len(pool)))]
        scores = cosines(self.vectors[members], await self.query(asked))
        best = sorted(range(len(members)), key=lambda j: (-scores[j], members[j]))[: op.k if op.pick == "similar" else MOST_COMPARED]
        if op.pick == "mmr":
            picked = [best[j] for j in mmr(self.vectors[[members[b] for b in best]], [scores[b] for b in best], op.k, op.weight)]
            best = sorted(picked, key=lambda j: (-scores[j], members[j]))
        return [members[j] for j in reversed(best)]  # the most similar stands last, next to the question

    def _balanced(self, members: list[int], rng: Any) -> list[int]:
        """Round by round one of each value, values and rows in drawn order."""
        cells: dict[str, list[int]] = {}
        for i in rng.sample(members, len(members)):
            cells.setdefault(repr(self.rows[i][self.op.balance]), []).append(i)
        chosen: list[int] = []
        while len(chosen) < min(self.op.k, len(members)):
            chosen += [cell.pop() for cell in cells.values() if cell][: self.op.k - len(chosen)]
        return chosen

    def _same(self, i: int, values: Mapping[str, Any], asked: str) -> bool:
        candidate = self.rows[i]
        named = [n for n in candidate if n not in (self.op.match, *RESERVED)]
        own = [n for n in named if n in values]
        whole = bool(own) and (len(own) == len(named) or not self.telling.isdisjoint(own))
        return (whole and all(candidate[n] == values[n] for n in own)) or (bool(asked) and asked in self.folded[i])
