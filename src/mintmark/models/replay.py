"""A model that answers from a file of recorded replies: demos, tests and evaluations with no key and no network.

replay:FILE.jsonl holds one object a line: {messages | prompt, reply, finish_reason?, logprobs?, usage?, row?, attempt?}. `prompt` stands for
the last user (or raw) message of the first attempt, whatever the system message; `messages` for all of them. A re-ask is a further ask of the same
first prompt. Lines with a `row` answer that row (and attempt) first; other occurrences of a prompt are given out in plan order: a row waits
until every row before it in the plan has left the stage, so the outcome is the same at any concurrency. What the journal already holds
counts as given out (`prime`). A miss is failed(no_recorded_reply), never a call.

One line: {"prompt": "Write one message ...", "reply": "{\\"text\\": \\"hi, I got a fine ...\\"}"}
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from ..core.errors import InputError, ModelSpecError, NoRecordedReply
from ..core.ports import Answer, Message, Reply, Request
from ..text.jsontext import loads
from .openai import _count
from .spec import ModelSpec


def _hash(*parts: str) -> bytes:
    h = blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        h.update(b"%d\x1f" % len(data))
        h.update(data)
    return h.digest()


def whole(messages: Sequence[Message]) -> bytes:
    return _hash("messages", *itertools.chain.from_iterable((m["role"], m["content"]) for m in messages))


def last_user(messages: Sequence[Message]) -> bytes:
    return _hash("prompt", next((m["content"] for m in reversed(messages) if m["role"] in ("user", "raw")), ""))


class ReplayModel:
    local = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[bytes, list[int]] = {}  # prompt -> offsets of its lines, in file order
        self._rows: dict[bytes, int] = {}  # row, attempt and prompt -> offset
        self._given: dict[bytes, int] = {}  # prompt -> how many occurrences are given out
        digest = blake2b(digest_size=6)
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise InputError(f"replay: {path} cannot be read ({error.strerror}); expected one JSON object a line") from error
        offset = 0
        for number, line in enumerate(self._file, 1):
            digest.update(line)
            if line.strip():
                self._index(line, number, offset)
            offset += len(line)
        if not self._lines and not self._rows:
            raise InputError(f"replay: {path} holds no replies; expected one JSON object a line")
        self.name = f"replay:{path.stem}:{digest.hexdigest()}"
        self._active: dict[str, int] = {}
        self._heap: list[int] = []
        self._left: set[int] = set()
        self._children: dict[str, list[str]] = {}
        self._waiters: list[tuple[int, int, asyncio.Future[None]]] = []
        self._serial = itertools.count()

    def _index(self, line: bytes, number: int, offset: int) -> None:
        where = f"replay: {self.path.name}, line {number}"
        try:
            told = loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is no JSON ({str(error)[:80]})") from error
        if not isinstance(told, dict) or not isinstance(told.get("reply"), str):
            raise InputError(f"{where}: expected an object with prompt (or messages) and reply as text")
        if isinstance(told.get("prompt"), str):
            key = _hash("prompt", told["prompt"])
        elif isinstance(told.get("messages"), list):
            try:
                key = whole(told["messages"])
            except (KeyError, TypeError, AttributeError):
                raise InputError(f"{where}: messages must be a list of {{role, content}}") from None
        else:
            raise InputError(f"{where}: there is neither prompt nor messages")
        if isinstance(told.get("row"), str):
            self._rows[_hash(told["row"], str(told.get("attempt", 0)), key.hex())] = offset
        else:
            self._lines.setdefault(key, []).append(offset)

    # -- order: the runner says which rows are under way ---------------------------------------------------------------
    def prime(self, answers: Iterable[Answer]) -> None:
        """Counts what the journal already holds of this file as given out."""
        for answer in answers:
            if answer.model == self.name:
                key = self._prompt(loads(answer.request)["messages"], answer.attempt)
                if key is not None and not self._of_row(answer.row, answer.attempt, loads(answer.request)["messages"]):
                    self._given[key] = self._given.get(key, 0) + 1

    def enter(self, row: str, ordinal: int) -> None:
        self._active[row] = ordinal
        heapq.heappush(self._heap, ordinal)

    def adopt(self, child: str, parent: str) -> None:
        """A child made of a row waits where its root does."""
        if parent in self._active:
            self._active[child] = self._active[parent]
            self._children.setdefault(parent, []).append(child)

    def leave(self, row: str) -> None:
        for child in self._children.pop(row, ()):
            self._drop_child(child)
        ordinal = self._active.pop(row, None)
        if ordinal is None:
            return
        self._left.add(ordinal)
        while self._heap and self._heap[0] in self._left:
            self._left.discard(heapq.heappop(self._heap))
        first = self._heap[0] if self._heap else None
        while self._waiters and (first is None or self._waiters[0][0] <= first):
            _, _, future = heapq.heappop(self._waiters)
            if not future.done():
                future.set_result(None)

    def _drop_child(self, child: str) -> None:
        self._active.pop(child, None)
        for grandchild in self._children.pop(child, ()):
            self._drop_child(grandchild)

    async def _turn(self, row: str) -> None:
        ordinal = self._active.get(row)
        if ordinal is None or not self._heap or self._heap[0] >= ordinal:
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (ordinal, next(self._serial), future))
        await future

    # -- answers -------------------------------------------------------------------------------------------------------
    def _firsts(self, messages: Sequence[Message], attempt: int) -> list[Sequence[Message]]:
        """What the first attempt may have looked like: a re-ask may carry the faulty answer and what was wrong with it."""
        return [messages, messages[:-2]] if attempt > 0 and len(messages) > 2 else [messages]

    def _prompt(self, messages: Sequence[Message], attempt: int) -> bytes | None:
        for first in self._firsts(messages, attempt):
            for key in (whole(first), last_user(first)):
                if key in self._lines:
                    return key
        return None

    def _of_row(self, row: str, attempt: int, messages: Sequence[Message]) -> int | None:
        if self._rows:
            for first in self._firsts(messages, attempt):
                for key in (whole(first), last_user(first)):
                    found = self._rows.get(_hash(row, str(attempt), key.hex()))
                    if found is not None:
                        return found
        return None

    async def complete(self, request: Request) -> Reply:
        offset = self._of_row(request.row, request.attempt, request.messages)
        if offset is None:
            key = self._prompt(request.messages, request.attempt)
            if key is not None:
                await self._turn(request.row)
                n = self._given.get(key, 0)
                if n < len(self._lines[key]):
                    self._given[key] = n + 1
                    offset = self._lines[key][n]
        if offset is None:
            prompt = next((m["content"] for m in reversed(request.messages) if m["role"] == "user"), "")
            raise NoRecordedReply(f"{self.path.name} has no reply left for the prompt that begins {prompt[:80]!r}")
        self._file.seek(offset)
        return self.decode(request, self._file.readline())

    def decode(self, request: Request, raw: bytes) -> Reply:
        told: dict[str, Any] = loads(raw)
        usage = told.get("usage") if isinstance(told.get("usage"), dict) else None
        finish, logprobs = told.get("finish_reason"), told.get("logprobs")
        return Reply(
            told["reply"],
            finish if isinstance(finish, str) else "stop",
            _count(usage, "prompt_tokens"),
            _count(usage, "completion_tokens"),
            cost_usd=0.0,
            logprobs=logprobs if isinstance(logprobs, list) else None,
            raw=raw,
        )

    async def aclose(self) -> None:
        self._file.close()


def build(spec: ModelSpec) -> ReplayModel:
    path = Path(spec.base) / spec.model
    if not path.exists():
        raise ModelSpecError(f"models: {spec.role}: there is no replay file {path}; write one with `mintmark show DIR --record FILE`")
    return ReplayModel(path)
