"""Ops: the verbs of a recipe. An op is a frozen dataclass whose fields are its parameters, with declared columns and no state.

    scope SOURCE  makes rows from nothing or from named tables; first in a recipe or a Repeat      plan(ctx, start, stop, state)
    scope EACH    a row in; the row with more columns, several rows, a Drop or Pending out         each(row, ctx), sync or async
    scope TABLE   sees chosen columns in batches, in plan order. `final = False`: streaming, earlier rows are read-only history and
                  a verdict is final: judge(ctx) -> Judge. `final = True`: once, after the last round: settle(scan, ctx)

One op is one file, named as the op, in generate/ or curate/; that is how a recipe finds it. There is no list to add it to.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import inspect
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from .context import Context
from .errors import RecipeError, nearest
from .params import Params
from .ports import Table
from .rows import Batch, Drop, Result, Row, Verdict


class Scope(enum.Enum):
    SOURCE = "source"
    EACH = "each"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step can see when the recipe is checked, before anything runs.

    columns: what earlier steps write, in order. where: 'dedup (step 4 of 7)', for errors. base: folder of the recipe file.
    """

    columns: tuple[str, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    where: str = "recipe"
    base: str = "."

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise RecipeError(f"{self.where} reads table '{name}', which is not under tables:.{nearest(name, self.tables)}")
        return self.tables[name]

    def table_column(self, dotted: str) -> tuple[str, str]:
        """'real.intent' -> ('real', 'intent'), both known to exist."""
        name, _, column = dotted.partition(".")
        table = self.table(name)
        if column not in table.columns:
            raise RecipeError(
                f"{self.where} reads '{dotted}', but table '{name}' has the columns {', '.join(table.columns)}."
                f"{nearest(column, table.columns)}"
            )
        return name, column


@dataclass(frozen=True, slots=True)
class State:
    """What a steering source knows of the rounds before: counts of `watches` columns' values, and the kept rows."""

    round: int
    planned: Mapping[str, Counter[Any]]
    kept: Mapping[str, Counter[Any]]
    counts: Mapping[str, int]  # planned, kept, dropped, failed
    scan: Callable[[Sequence[str]], Iterator[Batch]]


class Judge(Protocol):
    """The memory of a streaming TABLE op: remember what was kept earlier, judge what comes next; one Verdict or None per row."""

    def remember(self, batch: Batch) -> None: ...
    def judge(self, batch: Batch) -> Sequence[Verdict | None]: ...


Scan = Callable[[Sequence[str]], Iterator[Batch]]
Planned = Row | tuple[Row, Drop]
Settled = Iterable[tuple[tuple[int, int], Verdict]]


@dataclass(frozen=True)
class Op(Params):
    """Base of all ops. Subclasses are frozen dataclasses and override what fits their scope, and say what each parameter means as
    'name: meaning.', which `mintmark op NAME` prints. What these mean wherever an op has them, and says nothing else, is here.
    column: the column looked at. columns: the columns looked at. label: the column with the label. into: the column written.
    learner: a role under learners:, or a built-in one. embedder: a role under embedders:. folds: parts of the cross-fit, at least 2.
    """

    name: ClassVar[str] = ""
    scope: ClassVar[Scope]
    final: ClassVar[bool] = False
    version: ClassVar[int] = 1  # raise it when the meaning of the parameters changes
    cites: ClassVar[tuple[str, ...]] = ()  # papers and libraries, printed on the data card when the op was used
    releases: ClassVar[bool] = (
        False  # all that it gives of the private tables it reads has passed Context.release: what follows is not private
    )
    fetches: ClassVar[bool] = False  # sends a value of the row to hosts outside (law 7)
    executes: ClassVar[bool] = False  # runs code of the rows in a sandbox
    bytes_per_row: ClassVar[int] = 0  # TABLE ops: memory they keep per row
    drops: ClassVar[Mapping[str, str]] = {}  # drop reason -> what it means
    digital_source: ClassVar[str] = "algorithmicMedia"  # SOURCE: where its rows come from (IPTC); "" = they are rows that exist
    shows_changes: ClassVar[bool] = True  # whether the report may show a value it changed, before and after

    # -- what a recipe checks ------------------------------------------------------------------------------------------
    def reads(self, scene: Scene) -> tuple[str, ...]:
        return ()

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ()

    def removes(self, scene: Scene) -> tuple[str, ...]:
        """Columns that rows do not have any more after this op (EACH ops only)."""
        return ()

    def looks_back(self, scene: Scene) -> tuple[str, ...]:
        """SOURCE that steers: columns of the finished rows that it reads to plan the next round."""
        return self.watches

    def must_be_read(self) -> tuple[str, ...]:
        """Columns that are pointless unless a later step reads them (few-shot examples, for one)."""
        return ()

    def reads_tables(self) -> tuple[str, ...]:
        """Names of the tables whose rows this op looks at (law 7: a private one is named here); '*' where it looks among all that are not private."""
        return ()

    def spends(self) -> Mapping[str, float]:
        """Private table -> the share of its privacy budget (of mu squared, which adds up) that this step's releases come to in a whole run."""
        return {}

    def roles(self) -> tuple[str, ...]:
        """Model roles this op calls."""
        return ()

    def embeds(self) -> tuple[str, ...]:
        """Embedder roles this op calls."""
        return ()

    def learns(self) -> tuple[str, ...]:
        """Learner roles this op names: its parameter `learner`, where it has one and it is given."""
        named: str | None = getattr(self, "learner", None)
        return (named,) if named else ()

    def check(self, scene: Scene) -> None:
        """Raise Refused for whatever can be known to be wrong before a run."""

    def estimate(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """role -> (calls, tokens in, tokens out) per row, for the preview of cost."""
        return {}

    def estimate_once(self, scene: Scene) -> Mapping[str, tuple[float, float, float]]:
        """role -> (calls, tokens in, tokens out) that the whole run takes once, however many rows it has."""
        return {}

    def fan_out(self, scene: Scene) -> float:
        """How many rows this op makes of one, for the estimate of what later steps take."""
        return 1.0

    def citations(self) -> tuple[str, ...]:
        """What the data card cites when this op was used."""
        return self.cites

    @property
    def drop_share(self) -> float:
        """Final ops: the share of rows they are known to drop in advance (0..1)."""
        return 0.0

    # -- parameters ----------------------------------------------------------------------------------------------------
    def fingerprint(self) -> str:
        """20 hex digits of the op's name, version and parameters; a user's own function counts by its source."""
        text = json.dumps([self.name, self.version, self.params()], sort_keys=True, default=_source)
        return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()

    # -- what a run calls ----------------------------------------------------------------------------------------------
    def holds(self, ctx: Context) -> int:
        """SOURCE: how many rows one pass gives (without `want`)."""
        raise NotImplementedError

    @property
    def goes_on(self) -> bool:
        """SOURCE: whether it can plan more than it holds."""
        return True

    @property
    def watches(self) -> tuple[str, ...]:
        """SOURCE that steers: columns whose value counts it wants in `State`; () = does not steer."""
        return ()

    def plan(self, ctx: Context, start: int, stop: int, state: State | None = None) -> Iterator[Planned]:
        """SOURCE: rows start..stop-1 of the plan; a pair (row, Drop) is planned and dropped at once."""
        raise NotImplementedError

    async def ready(self, ctx: Context, state: State | None = None) -> None:
        """Awaited before `plan` of each round and before `judge`: what takes answers of a port, such as embeddings, is got here."""

    def each(self, row: Row, ctx: Context) -> Result | Awaitable[Result]:
        raise NotImplementedError

    def judge(self, ctx: Context) -> Judge:
        raise NotImplementedError

    def settle(self, scan: Scan, ctx: Context) -> Settled | Awaitable[Settled]:
        """Final TABLE op, sync or async: (key of the row, Verdict) for the rows it does something to."""
        raise NotImplementedError


def _source(value: Any) -> Any:
    if callable(value):
        try:
            return inspect.getsource(value)
        except (OSError, TypeError):
            return repr(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
