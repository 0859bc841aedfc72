"""How many rows a round plans. Sizes come only from what the rounds before kept, in plan order, so a killed run plans the same rounds again."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..core.errors import RecipeError
from ..core.op import Op, State
from ..core.recipe import Recipe
from ..core.rows import Batch
from ..text.expr import Expr
from .flow import batches
from .stages import Stage

PROBE = 1_000  # rows that a round plans before any was kept, and that must have kept nothing before a run gives up
GROWTH = 20  # more rows for each one kept: a model that never says what is wanted is found out before it is asked for all
NO_MORE = "the source has no more rows; give it more, or want fewer"
Watched = Mapping[str, tuple[Counter[object], Counter[object]]]  # column -> counts of its planned and of its kept values


def until_of(recipe: Recipe) -> Expr | None:
    """When the rounds of a Repeat end, where it says so. RecipeError for an expression that cannot be read."""
    if recipe.repeat is None or not recipe.repeat.until:
        return None
    try:
        return Expr(recipe.repeat.until, ("planned", "kept", "dropped", "failed", "round"))
    except ValueError as error:
        raise RecipeError(f"repeat: until: {error}") from error


def wanted(recipe: Recipe, final: Iterable[Stage]) -> int | None:
    """How many rows must come out of the rounds: `want`, and what final steps are known to drop."""
    if recipe.want is None:
        return None
    share = 1.0
    for stage in final:
        share *= 1.0 - min(0.99, max(0.0, *(s.op.drop_share for s in stage.steps), 0.0))
    return math.ceil(recipe.want / share - 1e-9)


def next_stop(
    recipe: Recipe, op: Op, holds: int, want: int | None, fan_out: float, start: int, number: int, totals: Counter[str]
) -> tuple[int, str]:
    """(where the plan of round `number` stops, why there is nothing more to plan, in words). totals: of the rounds before."""
    ended = ""
    cap = recipe.max_candidates if recipe.max_candidates is not None else None if recipe.want is None else 4 * recipe.want
    limit = cap if cap is not None else sys.maxsize
    if recipe.repeat is not None:
        size = holds if not op.watches else limit - start  # a source that steers knows itself where its round ends
    elif want is None:
        size = holds
    else:
        missing = want - totals["kept"]
        share = max(totals["kept"] / start, 0.05) if start else fan_out
        size = min(math.ceil(missing / share) + (1 if number > 1 else 0), PROBE + GROWTH * totals["kept"])
    if not op.goes_on:
        size = min(size, holds - start)
        if size <= 0 and want is not None:
            ended = NO_MORE
    if start + size > limit:
        size = limit - start
        if size <= 0:
            ended = f"the candidate budget of {cap:,} rows is used up{lost(totals)}; mend what loses them, or raise max_candidates"
    return start + max(size, 0), ended


def gives_up(recipe: Recipe, op: Op, barren: Counter[str]) -> str:
    """Why no further round is worth its calls, in words; '' where one is. barren: counts of the rounds since one kept a row, and how many `rounds`.

    A loop whose source steers knows itself when it has had enough.
    """
    if recipe.want is None or not recipe.patience or (recipe.repeat is not None and op.watches):
        return ""
    if barren["rounds"] < recipe.patience or barren["planned"] < PROBE:
        return ""
    return (
        f"the last {barren['rounds']} rounds ({barren['planned']:,} rows) kept nothing{lost(barren)}; vary what is asked or ease what loses "
        "them, then go on with --changed; or set patience: 0 to go on up to max_candidates"
    )


def lost(counts: Counter[str], most: int = 3) -> str:
    """' (2,041 dropped by dedup: duplicate)': the commonest reasons, of counts by 'state:step:reason'."""
    found = [(key.split(":", 2), n) for key, n in counts.most_common() if key.count(":") >= 2]
    told = "; ".join(f"{n:,} {state} by {step}: {reason}" for (state, step, reason), n in found[:most])
    return f" ({told})" if told else ""


def figures(totals: Counter[str], planned: int) -> dict[str, int]:
    return {"planned": planned, **{k: totals[k] for k in ("kept", "dropped", "failed")}}


def state_of(number: int, watched: Watched, totals: Counter[str], planned: int, last: Stage) -> State:
    """What a source may look at before round `number`; `last`: the stage whose rows are kept."""

    def scan(columns: Sequence[str]) -> Iterator[Batch]:
        yield from batches(last.scan(0, planned, tuple(columns)), columns)

    before, kept = ({c: Counter(pair[i]) for c, pair in watched.items()} for i in (0, 1))
    return State(number, before, kept, figures(totals, planned), scan)
