"""The ports: everything that touches the world. Each is one small Protocol and its value types; nothing here does I/O.

A port comes with its first implementation; so far: Model, Embedder, Learner, TextLearner, Fetcher, Sandbox, Store, and Table (what `Context.table` hands
out). Trainer, Reviewer and Engine are drawn in the design and come with the parts that implement them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from .plain import pack

Message = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a chat model.

    schema: JSON Schema of the answer, or None for free text. seed: the provider's seed. logprobs: how many alternatives per
    token (0 = the chosen token's only), None for none. extra: further body fields a user asks for by name (top_p, ...).
    row, attempt: whose call it is, and the how-manieth ask of it (0 first): part of the key. step: shown, never hashed.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    row: str = ""
    attempt: int = 0
    step: str = ""

    def key(self, model_name: str) -> bytes:
        """16 bytes: hash of model name, sampling parameters, messages, schema, row id and attempt. No URL, role or timeout."""
        h = blake2b(digest_size=16)
        head = (model_name, self.temperature, self.max_tokens, self.seed, self.stop, self.logprobs, self.row, self.attempt)
        h.update(repr(head).encode("utf-8", "surrogatepass"))
        for m in self.messages:
            for part in (m["role"], m["content"]):
                data = part.encode("utf-8", "surrogatepass")
                h.update(b"\x1e%d\x1e" % len(data))
                h.update(data)
        if self.schema is not None:
            h.update(json.dumps(self.schema, sort_keys=True).encode())
        if self.extra:
            h.update(json.dumps(self.extra, sort_keys=True, default=str).encode())
        return h.digest()


@dataclass(frozen=True, slots=True)
class Reply:
    """One paid answer. `raw` is what the provider sent, before any parsing: it alone is journaled; the rest is decoded from it.

    finish_reason: stop | length | content_filter | refusal | tool_calls | other. reasoning: `<think>` or provider reasoning text,
    kept apart from `text`. tokens_out includes tokens_reasoning; tokens_in includes tokens_cached. cost_usd: 0.0 where the
    model costs nothing, None where it has no price. logprobs: one {"token", "logprob", "top": [...]} per token.
    """

    text: str
    finish_reason: str = "stop"
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_reasoning: int = 0
    tokens_cached: int = 0
    cost_usd: float | None = 0.0
    reasoning: str | None = None
    logprobs: Sequence[Mapping[str, Any]] | None = None
    raw: bytes = b""


@runtime_checkable
class Model(Protocol):
    """A chat model. Raises TransportError (try again), BadRequest (this row never), EndpointDown (stop), NoRecordedReply.

    name: what the key hashes: the model, never where it is served. local: in process or loopback: costs 0, private rows may go there.
    `decode` is pure: the same raw answer gives the same Reply, years later, with a mended parser.
    """

    @property
    def name(self) -> str: ...
    @property
    def local(self) -> bool: ...
    async def complete(self, request: Request) -> Reply: ...
    def decode(self, request: Request, raw: bytes) -> Reply: ...
    async def aclose(self) -> None: ...


class Wrapper:
    """A model around a model: passes everything on but `complete`, which each wrapper writes itself."""

    def __init__(self, inner: Model) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def local(self) -> bool:
        return self.inner.local

    def decode(self, request: Request, raw: bytes) -> Reply:
        return self.inner.decode(request, raw)

    async def aclose(self) -> None:
        await self.inner.aclose()


@runtime_checkable
class Embedder(Protocol):
    """Texts to vectors of one length each, in the order given. fit() gives one that has learnt a vocabulary, or itself where there is none
    to learn; it never changes this one, which other steps share."""

    @property
    def name(self) -> str: ...
    @property
    def local(self) -> bool: ...
    def fit(self, texts: Sequence[str]) -> Embedder: ...
    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Fetch:
    """One document asked for by URL. allow: hosts (their subdomains too) or host:port that may be asked, at every hop of a redirect."""

    url: str
    allow: tuple[str, ...]
    row: str = ""
    step: str = ""

    def key(self) -> bytes:
        """16 bytes of url and allow, which decides what a redirect may reach; rows that ask for one document share its answer."""
        return blake2b(repr(("fetch", self.url, sorted(self.allow))).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Page:
    """What came for a Fetch. problem: '' or one word that says why there is no body (refused_url, no_page, wrong_type, too_large)."""

    url: str
    type: str = ""
    body: bytes = b""
    problem: str = ""
    detail: str = ""

    def pack(self) -> bytes:
        """The raw answer that the journal keeps: one line of JSON, then the body as it came."""
        head = {"url": self.url, "type": self.type, "problem": self.problem, "detail": self.detail}
        return json.dumps(head).encode() + b"\n" + self.body

    @classmethod
    def unpack(cls, raw: bytes) -> Page:
        head, _, body = raw.partition(b"\n")
        return cls(**json.loads(head), body=body)


@runtime_checkable
class Fetcher(Protocol):
    """Gets documents by URL. `fetch` gives a packed Page for every answer that is final, refusals included; TransportError else."""

    @property
    def name(self) -> str: ...
    async def fetch(self, asked: Fetch) -> bytes: ...
    async def aclose(self) -> None: ...


PROGRAM = "#main"


@dataclass(frozen=True, slots=True)
class Call:
    """function(*args, **kwargs), with plain values (core/plain.py). function: a name of the candidate's, 'Class.method' or 'Class().method'; or PROGRAM: the
    whole source is run, its one argument is what it reads, its value what it prints. A trial has calls of one kind."""

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        """What goes into the box; ValueError where an argument is not plain."""
        return json.dumps([self.function, pack(self.args), pack(dict(self.kwargs))], separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate's source and the calls to make of it, all in one fresh box. What they should give is not part of it: it stays outside.

    tests: sources of tests that are more than calls. They run in a second box, where `entry` and the candidate's other functions are proxies.

    language: of the source. cpu_s: CPU seconds for all of it, loading included. call_cpu_s: for each call, 0 = no limit of its own. repeat: the how-manieth time (0 first).
    """

    source: str
    calls: tuple[Call, ...]
    cpu_s: float = 4.0
    call_cpu_s: float = 0.0
    memory_mb: int = 768
    repeat: int = 0
    tests: tuple[str, ...] = ()
    entry: str = ""
    language: str = "python"
    row: str = ""
    step: str = ""

    def key(self) -> bytes:
        """16 bytes of all but row and step: equal candidates share an answer. No tier, so that a run can be resumed on another machine."""
        # 2: a text that never called the candidate has not passed any more; 3: objects go over. What an older journal says of it is not asked
        kind = "trial, tests 3" if self.tests else "trial"
        head = (kind, self.cpu_s, self.call_cpu_s, self.memory_mb, self.repeat, self.tests, self.entry)
        h = blake2b(repr(head if self.language == "python" else (*head, self.language)).encode(), digest_size=16)
        for part in (self.source.encode("utf-8", "surrogatepass"), *(c.line() for c in self.calls)):
            h.update(b"\x1e%d\x1e" % len(part) + part)
        return h.digest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a Trial, before anybody judged it.

    status: ran (every call has its answer) | error (could not be loaded, or ended early) | timeout (CPU, or twice the wall) | limit (memory,
    output) | sandbox_error (our fault: judges nobody, is in no journal). tier: what held it. runtime: what ran it.
    answers: one a call, then one a test, as many as came: ["value", packed] | ["raised", type, message, what the type is made of] | ["unplain", why] |
    ["late"] | ["missing", function]. They are the candidate's words. stdout, stderr: their beginning and end. requeued: how often a wall limit alone had ended it before.
    """

    status: str
    tier: str
    runtime: str = ""
    answers: tuple[Any, ...] = ()
    detail: str = ""
    stdout: str = ""
    stderr: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    requeued: int = 0

    def pack(self) -> bytes:
        """The raw answer that the journal keeps."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, separators=(",", ":")).encode()

    @classmethod
    def unpack(cls, raw: bytes) -> Outcome:
        told = json.loads(raw)
        return cls(**{**told, "answers": tuple(told["answers"])})


@runtime_checkable
class Sandbox(Protocol):
    """Runs code that nobody has read, where it can harm nobody; NoSandbox where it cannot. tier, as in Outcome."""

    @property
    def tier(self) -> str: ...
    async def run(self, trial: Trial) -> Outcome: ...
    async def aclose(self) -> None: ...


@runtime_checkable
class Fitted(Protocol):
    """classes: the labels in the order of proba's columns; empty for a regression."""

    classes: Sequence[Any]

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]: ...
    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any: ...


@runtime_checkable
class Learner(Protocol):
    """A small supervised learner over a table of columns. task: 'classification' | 'regression'. weight: one number a row."""

    @property
    def name(self) -> str: ...
    def fit(
        self,
        table: Mapping[str, Sequence[Any]],
        target: Sequence[Any],
        *,
        task: str = "classification",
        weight: Sequence[float] | None = None,
        seed: int = 0,
    ) -> Fitted: ...


class TextWriter(Protocol):
    """A language model that has learned. digest: of its weights."""

    @property
    def digest(self) -> str: ...
    def kept(self) -> bytes:
        """All that its learner's `restore` needs, the same bytes for the same weights; safetensors, never a pickle."""
        ...

    def write(self, starts: Sequence[str], *, seed: int, temperature: float = 1.0) -> list[str]:
        """One text for each start, which it begins with, to the end of the line; the same for the same starts together and seed."""
        ...


@runtime_checkable
class TextLearner(Protocol):
    """Learns to write lines like those given: a small language model, fine-tuned on this machine. Stands under learners: in a recipe.
    origin: hash of what it starts from. texts(epoch): the lines of one epoch, in their order."""

    @property
    def name(self) -> str: ...
    def origin(self) -> str: ...
    def restore(self, kept: bytes) -> TextWriter: ...
    async def learn(self, texts: Callable[[int], Sequence[str]], *, epochs: int, batch: int, rate: float, seed: int) -> TextWriter: ...


@runtime_checkable
class Table(Protocol):
    """A named table of a recipe. digest: hash of its contents (never of its path). private: law 7 holds for its rows."""

    @property
    def name(self) -> str: ...
    @property
    def private(self) -> bool: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def digest(self) -> str: ...
    def __len__(self) -> int: ...
    def column(self, name: str) -> list[Any]: ...
    def rows(self, start: int = 0, stop: int | None = None) -> Iterable[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may ever be released of one private data set, over all runs. data: hash of what its rows hold, in any order and format (stats/one_cell.py),
    before anything is set aside; read: hash of the table as it was read; people: units in it (rows, or different values of the column `person`).
    Neighbours: with and without one unit."""

    table: str
    data: str
    epsilon: float
    delta: float
    people: int
    person: str | None = None
    read: str = ""

    @property
    def unit(self) -> str:
        """What one more or less of makes two data sets neighbours."""
        return f"all rows of one {self.person}" if self.person else "one row"


@dataclass(frozen=True, slots=True)
class Release:
    """Noise asked for: values of an L2 sensitivity, one person more or less, plus N(0, sigma^2) each. about: hash of all that is public of
    the question, so that another question is another release. The values are private: they are in no key, journal or error."""

    step: str
    what: str
    about: str
    allowance: Allowance
    sigma: float
    sensitivity: float
    values: Sequence[float]

    def key(self) -> bytes:
        of = self.allowance
        told = (self.step, self.what, self.about, of.read or of.data, of.person, self.sigma, self.sensitivity, len(self.values))
        return blake2b(repr(("release", *told)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@runtime_checkable
class Releaser(Protocol):
    """release: the noisy values; BudgetEnded where the allowance does not cover them. told: what the manifest says of this run's releases."""

    async def release(self, asked: Release) -> Sequence[float]: ...
    def told(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the journal: whose it is, what was asked, and the raw answer. port: 'model' | 'embedder' | 'sandbox' | ..."""

    key: bytes
    row: str
    step: str
    attempt: int
    model: str
    request: bytes
    raw: bytes
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    port: str = "model"


@dataclass(slots=True)
class Record:
    """What became of one row in one stage. (p, c): plan position and child path, the order of everything.

    state: kept | dropped | failed | split. values: only where kept. tally fields are sums over all stages so far.
    rank: export order where a step moved the row.
    """

    p: int
    c: int
    id: str
    state: str
    reason: str
    step: str
    parents: tuple[str, ...]
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    values: Mapping[str, Any] | None
    detail: str = ""
    rank: int | None = None


@runtime_checkable
class Store(Protocol):
    """Where a run lives: the journal of answers, parts of rows, and whole files.

    append: returns when the answers are durable; raises StorageFull, and then none of them is half there.
    keys: key -> number of the answer; get: the answer with that number, checked. put_part / put_file: all or nothing, durable.
    part names sort in the order they were written; scan_part gives the records of a part with chosen columns (None = all).
    put_table: rows as one typed table (Parquet where the store is a folder); `rows` is called once, or twice where types change midway;
        `about` goes into the file's own metadata.
    totals: calls, tokens_in, tokens_out and cost_usd of all model answers.
    """

    def append(self, answers: Sequence[Answer]) -> list[int]: ...
    def keys(self) -> Iterator[tuple[bytes, int]]: ...
    def get(self, number: int) -> Answer: ...
    def answers(self, row: str | None = None, port: str | None = None) -> Iterator[Answer]: ...
    def totals(self) -> dict[str, float]: ...
    def put_part(self, name: str, records: Sequence[Record]) -> None: ...
    def parts(self) -> list[str]: ...
    def scan_part(self, name: str, columns: Sequence[str] | None = None) -> list[Record]: ...
    def drop_part(self, name: str) -> None: ...
    def put_table(self, name: str, rows: Callable[[], Iterator[Mapping[str, Any]]], about: Mapping[str, str] | None = None) -> None: ...
    def put_file(self, name: str, data: bytes | Iterable[bytes]) -> None: ...
    def get_file(self, name: str) -> bytes | None: ...
    @property
    def folder(self) -> Path | None: ...
    def close(self) -> None: ...
