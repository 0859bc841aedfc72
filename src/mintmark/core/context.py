"""The Context: the only door from an op to the world, and `ask`, the one way to get a usable answer out of a model.

An op asks `ctx.model("writer")`, `ctx.table("real")`, `ctx.rng()`; it never opens a file, a socket or a clock.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, TypeVar

from .errors import CallError, ContentError, RecipeError, TransportError, nearest
from .ports import (
    Allowance,
    Embedder,
    Fetch,
    Fetcher,
    Learner,
    Model,
    Outcome,
    Page,
    Release,
    Releaser,
    Reply,
    Request,
    Sandbox,
    Table,
    Trial,
)
from .rows import Tally
from .verdict import Check, CodeVerdict, judge

T = TypeVar("T")


def seed_of(*parts: object) -> int:
    """A 63-bit seed from anything printable: the same on every machine and at every concurrency."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big") >> 1


@dataclass(frozen=True, slots=True)
class Context:
    """What a run hands to its ops. `at` binds it to one step and row; that is what `each` receives."""

    seed: int = 0
    models: Mapping[str, Model] = field(default_factory=dict)
    learners: Mapping[str, Learner] = field(default_factory=dict)
    embedders: Mapping[str, Embedder] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    fetcher: Fetcher | None = None
    releaser: Releaser | None = None
    sandbox: Sandbox | None = None
    cache: dict[Any, Any] = field(default_factory=dict)  # what a step prepares once per run (compiled template, index), by its label
    label: str = ""
    row: str = ""
    tally: Tally = field(default_factory=Tally)

    def at(self, label: str, row: str, tally: Tally) -> Context:
        # once a row and step: dataclasses.replace takes twice as long
        ports = self.models, self.learners, self.embedders, self.tables, self.fetcher, self.releaser, self.sandbox
        return Context(self.seed, *ports, self.cache, label, row, tally)

    def _port(self, kind: str, found: Mapping[str, T], role: str) -> T:
        try:
            return found[role]
        except KeyError:
            raise RecipeError(
                f"{self.label or 'recipe'}: no {kind} plays the role '{role}'; add it under {kind}s:.{nearest(role, found)}"
            ) from None

    def model(self, role: str) -> Model:
        return self._port("model", self.models, role)

    def learner(self, role: str = "default") -> Learner:
        return self._port("learner", self.learners, role)

    def learner_for(self, role: str | None, kind: str) -> Learner:
        """The learner named; where none is, the recipe's `default`, else the built-in one for this kind of table."""
        return self.learner(role or ("default" if "default" in self.learners else kind))

    def embedder(self, role: str = "default") -> Embedder:
        return self._port("embedder", self.embedders, role)

    def table(self, name: str) -> Table:
        return self._port("table", self.tables, name)

    def column(self, dotted: str) -> list[Any]:
        """The cells of 'table.column'."""
        name, _, column = dotted.partition(".")
        return self.table(name).column(column)

    def levels(self, given: Sequence[Any] | str) -> list[Any]:
        """Distinct values in order of appearance, of a list or of 'table.column'; missing values are no level."""
        found = self.column(given) if isinstance(given, str) else given
        return list(dict.fromkeys(v for v in found if v is not None))

    async def fetch(self, url: str, allow: tuple[str, ...]) -> Page:
        """A document by URL, from hosts in `allow` alone; recalled from the journal where it was fetched before."""
        if self.fetcher is None:
            raise RecipeError(f"{self.label or 'recipe'}: nothing fetches here; give the context a fetcher")
        return Page.unpack(await self.fetcher.fetch(Fetch(url, allow, self.row, self.label)))

    async def execute(self, trial: Trial) -> Outcome:
        """What came of a candidate in a box; recalled from the journal where it ran before."""
        if self.sandbox is None:
            raise RecipeError(f"{self.label or 'recipe'}: nothing executes code here; give the context a sandbox")
        return await self.sandbox.run(replace(trial, row=self.row, step=self.label))

    async def verdict(self, source: str, checks: Sequence[Check], *, repeats: int = 2, exact: bool = True, **limits: Any) -> CodeVerdict:
        """Runs a candidate against checks, which stay here, and judges it here. What passes is run `repeats` times in all, each in a fresh box
        with another hash seed: where a later one does not pass, the verdict is flaky. limits, tests, entry: as in Trial;
        tests need a check of their own each, in their order, with the relation `holds`. Checks that share one Call share its answer."""
        calls = {id(c.call): c.call for c in checks if c.relation != "holds"}
        places = {call: i for i, call in enumerate(dict.fromkeys((*calls, *(id(c.call) for c in checks))))}
        at = [places[id(c.call)] for c in checks]
        trial = Trial(source, tuple(calls.values()), **limits)
        first = judge(await self.execute(trial), checks, exact, at)
        for repeat in range(1, repeats if first.status == "passed" else 1):
            again = judge(await self.execute(replace(trial, repeat=repeat)), checks, exact, at)
            if again.status == "sandbox_error":
                return again
            if again.status != "passed":
                return replace(again, status="flaky", detail=f"passed, then: {again.detail}")
        return first

    def allowance(self, table: str) -> Allowance:
        """What may be released of a private table; RecipeError where the recipe gives it no budget."""
        found: Allowance | None = getattr(self.table(table), "allowance", None)
        if found is None:
            raise RecipeError(f"{self.label}: table '{table}' has no privacy budget; give it one: budget: {{epsilon: 1, delta: 1e-6}}")
        return found

    async def release(
        self, what: str, table: str, values: Sequence[float], *, sigma: float, about: object, sensitivity: float = 1.0
    ) -> list[float]:
        """Values computed from a private table, with Gaussian noise: charged to the table's allowance before it is drawn, journaled before it
        is used, never drawn twice. about: everything public that the question depends on (candidates, round)."""
        if self.releaser is None:
            raise RecipeError(f"{self.label}: nothing releases here; give the context a releaser")
        allowance = self.allowance(table)
        public = blake2b(repr(about).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return list(await self.releaser.release(Release(self.label, what, public, allowance, sigma, sensitivity, values)))

    @contextmanager
    def refusing(self, what: str) -> Iterator[None]:
        """What a helper refuses with ValueError is wrong in the recipe or its data, and told with the step."""
        try:
            yield
        except ValueError as error:
            raise RecipeError(f"{self.label}: {what} {error}") from error

    def rng(self, *more: object) -> random.Random:
        """Randomness of this row in this step (and attempt, or whatever else tells two draws apart)."""
        return random.Random(seed_of(self.seed, self.row, self.label, *more))

    def once(self, what: str, make: Callable[[], T]) -> T:
        """Make something once per step and run: an index, a compiled template."""
        key = (self.label, what)
        if key not in self.cache:
            self.cache[key] = make()
        value: T = self.cache[key]
        return value

    async def shared(self, what: str, make: Callable[[Context], Awaitable[T]]) -> T:
        """Prepare something that takes calls, once per step and run; rows that come meanwhile wait.

        Its calls belong to the row '<label>:<what>' of the journal, whichever row came first, so that a resumed run finds them; they
        count in the manifest and in no row's line of the ledger. What an answer could not give fails every row that needs it.
        """
        key = (self.label, "shared", what)
        async with self.cache.setdefault((key, "lock"), asyncio.Lock()):
            if key not in self.cache:
                tally = Tally()
                try:
                    self.cache[key] = (await make(self.at(self.label, f"{self.label}:{what}", tally)), None, tally)
                except TransportError:  # the endpoint's fault: the next row that comes asks again
                    raise
                except CallError as error:
                    self.cache[key] = (None, error, tally)
        made, fault, _ = self.cache[key]
        if fault is not None:
            raise fault
        found: T = made
        return found

    def shared_calls(self) -> dict[str, int]:
        """Journal row -> calls, of what `shared` has prepared with calls."""
        found = {k: v for k, v in self.cache.items() if len(k) == 3 and k[1] == "shared"}
        return {f"{label}:{what}": v[2].calls for (label, _, what), v in found.items() if v[2].calls}

    def tell(self, name: str, fact: Mapping[str, Any] | str) -> None:
        """What a step found of the whole table: words (a warning), or the fields of a Measurement less its name (law 8: a number comes with
        its n, interval and caveats). The manifest keeps it under facts: label: name, and the report prints it."""
        self.cache.setdefault(("facts",), {}).setdefault(self.label, {})[name] = fact

    def tell_count(self, name: str, value: float, of: int, unit: str = "rows", better: str = "none") -> None:
        """A figure of these rows themselves, which has no interval."""
        self.tell(name, {"value": value, "unit": unit, "n": of, "better": better, "caveats": ("counted over the rows themselves",)})

    def facts(self) -> dict[str, dict[str, Any]]:
        """Label -> name -> what that step has told."""
        return dict(self.cache.get(("facts",), {}))

    async def complete(self, role: str, request: Request) -> Reply:
        """One answer, counted on this row's tally. Fills in row, step and the provider's seed."""
        if request.seed is None:
            request = replace(
                request,
                row=self.row,
                step=self.label,
                seed=seed_of(self.seed, self.row, request.attempt) & 0x7FFFFFFF,
            )
        reply = await self.model(role).complete(request)
        t = self.tally
        t.calls += 1
        t.tokens_in += reply.tokens_in
        t.tokens_out += reply.tokens_out
        t.cost_usd += reply.cost_usd or 0.0
        return reply

    async def ask(self, role: str, request: Request, read: Callable[[Reply], T], attempts: int = 3) -> tuple[T, Reply]:
        """Ask until `read` accepts: a ContentError it raises is told to the model and asked again, `attempts` asks in all.

        A re-ask is a new attempt (another key, another provider seed). After a cut answer (length) and after an empty one the
        same question is asked; after unusable JSON or a broken schema the faulty answer and the error are appended.
        The last ContentError is raised when no attempt was usable.
        """
        asked, first = request, request.attempt
        for attempt in range(attempts):
            reply = await self.complete(role, asked)
            try:
                check_finish(reply)
                return read(reply), reply
            except ContentError as error:
                if attempt + 1 >= attempts:
                    raise
                messages = request.messages
                if error.reason not in ("length", "empty", "refusal", "content_filter"):
                    messages = (
                        *messages,
                        {"role": "assistant", "content": reply.text},
                        {"role": "user", "content": f"That answer cannot be used: {error}. Answer again, with the answer alone."},
                    )
                asked = replace(request, messages=messages, attempt=first + attempt + 1, seed=None)
        raise AssertionError("attempts must be at least 1")


def check_finish(reply: Reply) -> None:
    """A ContentError for an answer that the provider itself marks as unusable, or that is empty."""
    if reply.finish_reason == "length":
        raise ContentError("length", f"the answer was cut after {reply.tokens_out} tokens; raise max_tokens")
    if reply.finish_reason in ("content_filter", "refusal"):
        raise ContentError(reply.finish_reason, "the provider withheld the answer")
    if not reply.text.strip():
        raise ContentError("empty", "the answer was empty")
