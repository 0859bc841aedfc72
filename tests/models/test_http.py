"""The HTTP client against broken and hostile servers: R8-R15 of the plan, and what goes over the wire."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import time
from email.utils import formatdate
from typing import Any

import pytest

from mintmark.core.errors import BadRequest, EndpointDown, ModelSpecError, TransportError
from mintmark.core.ports import Request
from mintmark.models.http import retry_after
from mintmark.models.limit import Aimd, Limit
from mintmark.models.openai import OpenAIChat, strict_schema
from mintmark.models.prices import price_of
from mintmark.models.retry import Retry
from mintmark.models.spec import build_model, parse_spec
from mintmark.testing import check_model
from server import Fault, Server, completion

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False}


def model(server: Server, **options: Any) -> OpenAIChat:
    return build_model(parse_spec("writer", {"spec": f"openai:m@{server.url}", **options}))  # type: ignore[return-value]


def ask(m: Any, request: Request | None = None) -> Any:
    async def go() -> Any:
        try:
            return await m.complete(request or Request(({"role": "user", "content": "hello"},)))
        finally:
            await m.aclose()

    return asyncio.run(go())


def raw(body: bytes, head: str = "", length: int | None = None) -> Fault:
    return Fault(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) if length is None else length}\r\n{head}\r\n".encode() + body)


def test_contract_and_wire_format() -> None:
    with Server() as server:
        check_model(model(server, temperature=0.5))
        ask(model(server), Request(({"role": "user", "content": "x"},), SCHEMA, 0.7, 9, 5, ("END",), 2, {"top_p": 0.9}))
        body = server.bodies[-1]
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}
    assert (body["max_tokens"], body["seed"], body["stop"], body["logprobs"], body["top_logprobs"], body["top_p"]) == (
        9,
        5,
        ["END"],
        True,
        2,
        0.9,
    )
    assert strict_schema(SCHEMA) and not strict_schema({"type": "object", "properties": {"a": {}}})


def test_reasoning_models_get_no_temperature() -> None:
    with Server() as server:
        m = model(server, reasoning_effort="low", temperature=1.0, max_tokens=50)
        ask(m)
        assert server.bodies[-1]["max_completion_tokens"] == 50 and server.bodies[-1]["reasoning_effort"] == "low"
        assert "temperature" not in server.bodies[-1] and "max_tokens" not in server.bodies[-1]


def test_schema_falls_back_to_the_prompt_where_a_server_knows_none() -> None:
    def fault(n: int, prompt: str) -> Fault | None:
        if "response_format" in server.bodies[-1]:
            return Fault(400, b'{"error": {"message": "response_format is not supported"}}')
        return None

    with Server(fault, lambda p, b: completion('{"text": "x"}')) as server:
        m = model(server)

        async def go() -> None:
            for _ in range(3):
                await m.complete(Request(({"role": "user", "content": "x"},), SCHEMA))
            await m.aclose()

        asyncio.run(go())
        assert server.requests == 4 and "JSON Schema" in server.bodies[-1]["messages"][0]["content"]


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_retried_statuses(status: int) -> None:
    with Server(lambda n, p: Fault(status, headers={"Retry-After": "3"})) as server, pytest.raises(TransportError) as error:
        ask(model(server))
    assert error.value.retry_after == 3 and error.value.limited == (status in (429, 529))


def test_other_statuses() -> None:
    for status, kind in (
        (400, BadRequest),
        (422, BadRequest),
        (401, EndpointDown),
        (403, EndpointDown),
        (404, EndpointDown),
        (302, EndpointDown),
    ):
        with Server(lambda n, p, status=status: Fault(status)) as server, pytest.raises(kind):
            ask(model(server))
    spent = Fault(429, b'{"error": {"message": "x", "code": "insufficient_quota"}}')
    with Server(lambda n, p: spent) as server, pytest.raises(EndpointDown, match="quota"):
        ask(model(server))


def test_retry_after_forms() -> None:
    """R8."""
    assert retry_after("2") == 2 and retry_after("0") == 0 and retry_after("86400") == 600
    assert retry_after("-5") is None and retry_after("soon") is None and retry_after("nan") is None and retry_after(None) is None
    assert 3 <= (retry_after(formatdate(time.time() + 5, usegmt=True)) or 0) <= 6


@pytest.mark.parametrize(
    "fault",
    [
        raw(b"<html>502</html>"),
        raw(b'{"choices": [{"mess', length=999),
        raw(b'{"choices": ['),
        raw(b"\xff\xfe\x00"),
        raw(b"[1, 2]"),
        Fault(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        Fault(raw=b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
        Fault(reset=True),
        raw(b"x" * 100, length=100_000_000),
        raw(b"not gzip", "Content-Encoding: gzip\r\n"),
        raw(b"abc", "Content-Encoding: br\r\n"),
    ],
    ids=["html", "short", "cut", "charset", "list", "chunking", "header", "reset", "100MB", "gzip", "br"],
)
def test_broken_bodies_are_transport_errors(fault: Fault) -> None:
    """R9-R12."""
    with Server(lambda n, p: fault) as server, pytest.raises(TransportError):
        ask(model(server, timeout_s=5))


def test_hang_and_drip_end_at_the_deadline() -> None:
    """R10."""
    for fault in (Fault(hang=30), Fault(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900, drip=0.05)):
        began = time.monotonic()
        with Server(lambda n, p, fault=fault: fault) as server, pytest.raises(TransportError, match=r"1 s"):
            ask(model(server, timeout_s=1))
        assert time.monotonic() - began < 5


def test_gzip_bomb_is_capped() -> None:
    """R11: 1 MB that would grow to 1 GB costs less than 64 MB."""
    bomb = gzip.compress(b"\0" * (1 << 28), 9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Server(lambda n, p: raw(bomb, "Content-Encoding: gzip\r\n")) as server, pytest.raises(TransportError, match="unpacks"):
        ask(model(server))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    ("body", "text", "finish"),
    [
        ({}, "", "stop"),
        ({"choices": []}, "", "stop"),
        ({"choices": [{"message": {"content": None}}]}, "", "stop"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]}, "x", "length"),
        ({"choices": [{"message": {"content": None, "refusal": "no"}}]}, "no", "refusal"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "content_filter"}]}, "x", "content_filter"),
        ({"choices": [{"message": {"content": "<think>hm</think> yes"}}]}, "yes", "stop"),
        ({"choices": [{"message": {"content": [{"type": "text", "text": "a"}]}}]}, "a", "stop"),
        ({"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": -5, "completion_tokens": 10**400}}, "x", "stop"),
        ({"choices": "no", "usage": 3}, "", "stop"),
    ],
)
def test_strange_answers_are_content_never_a_crash(body: Any, text: str, finish: str) -> None:
    """R13."""
    with Server(reply=lambda p, b: json.dumps(body).encode()) as server:
        if "10000" in json.dumps(body):
            with pytest.raises(TransportError):
                ask(model(server))
            return
        reply = ask(model(server))
    assert (reply.text, reply.finish_reason) == (text, finish)
    assert reply.cost_usd == 0 and reply.tokens_in == 0 and reply.tokens_out == 0


def test_usage_becomes_money_with_cached_and_reasoning_apart() -> None:
    usage = {
        "prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": 400}, "completion_tokens_details": {"reasoning_tokens": 300},
    }  # fmt: skip
    body = json.dumps({"choices": [{"message": {"content": "x"}}], "usage": usage}).encode()
    with Server(reply=lambda p, b: body) as server:
        reply = ask(model(server, price={"input": 2.0, "output": 8.0, "cached": 1.0, "reasoning": 4.0}))
    assert reply.cost_usd == pytest.approx((600 * 2 + 400 * 1 + 200 * 8 + 300 * 4) / 1e6)
    assert price_of(parse_spec("w", "openai:gpt-5-mini")) is not None and price_of(parse_spec("w", "openai:new-thing")) is None


def test_keys_are_named_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelSpecError, match="OPENAI_API_KEY"):
        build_model(parse_spec("writer", "openai:gpt-5"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-abcdef123")
    echo = Fault(500, b'{"error": {"message": "key sk-secret-abcdef123 Authorization: Bearer sk-secret-abcdef123"}}')
    with Server(lambda n, p: echo) as server, pytest.raises(TransportError) as error:
        ask(model(server))
    assert "abcdef" not in str(error.value) and "abcdef" not in repr(error.value)


def test_anthropic_natively() -> None:
    body = {
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "tool_use", "name": "answer", "input": {"text": "hi"}}],
        "stop_reason": "tool_use", "usage": {"input_tokens": 10, "output_tokens": 4},
    }  # fmt: skip
    with Server(reply=lambda p, b: json.dumps(body).encode()) as server:
        m = build_model(parse_spec("writer", f"anthropic:claude@{server.url}"))
        messages = ({"role": "system", "content": "be brief"}, {"role": "user", "content": "x"})
        reply = ask(m, Request(messages, SCHEMA, 0.3))
        sent = server.bodies[-1]
    assert json.loads(reply.text) == {"text": "hi"} and reply.reasoning == "hm" and reply.finish_reason == "stop"
    assert sent["system"] == "be brief" and sent["tool_choice"]["name"] == "answer" and sent["max_tokens"] > 0 and "seed" not in sent


@pytest.mark.parametrize(
    ("spec", "words"),
    [("opena:x", "Did you mean 'openai'"), ("openai", "SCHEME:MODEL"), ({"spec": "openai:x", "temprature": 1}, "temperature"), ({"temperature": 1}, "no spec"),
     ("openai:@http://x/v1", "names no model"), ({"spec": "openai:x", "price": {"input": -1, "output": 1}}, "price"),
     ({"spec": "openai:x", "temperature": -3}, "temperature is -3, expected 0 to 5"), ({"spec": "openai:x", "rpm": 0}, "rpm is 0, expected at least")],
)  # fmt: skip
def test_wrong_specs_are_refused_in_words(spec: Any, words: str) -> None:
    with pytest.raises(ModelSpecError, match=words):
        price_of(parse_spec("writer", spec))


def test_names_with_at_and_colon() -> None:
    spec = parse_spec("w", "openai:org/model:8b@v2@http://127.0.0.1:8000/v1")
    assert (spec.model, spec.base_url) == ("org/model:8b@v2", "http://127.0.0.1:8000/v1")


# -- limit and retry, by simulation ------------------------------------------------------------------------------------
def simulate(capacity: Any, aimd: Aimd, seconds: float, latency: float = 0.5, demand: int = 10_000) -> list[tuple[float, float, float]]:
    """A server that rejects what passes its capacity, in virtual time: (time, limit, share rejected) every second."""
    import heapq

    now, in_flight, served, events, out = 0.0, 0, 0, [], []
    serial = rejected = seen = 0
    mark = 1.0
    while now < seconds:
        while in_flight < aimd.limit and demand:
            over = served >= capacity(now)
            in_flight += 1
            served += not over
            serial += 1
            heapq.heappush(events, (now + latency, serial, over, aimd.epoch))  # Limit keeps a rejected slot as long
        now, _, over, epoch = heapq.heappop(events)
        in_flight -= 1
        served -= not over
        seen += 1
        rejected += over
        aimd.outcome(over, epoch)
        if now >= mark:
            out.append((now, aimd.limit, rejected / max(1, seen)))
            seen = rejected = 0
            mark += 1.0
    return out


def test_limit_follows_capacity_both_ways() -> None:
    """R17: capacity 8, then 64: within 20 % in 60 s both ways, few rejections once there."""
    seen = simulate(lambda t: 8 if t < 60 else 64 if t < 180 else 8, Aimd(256), 240)
    at = {int(t): (limit, share) for t, limit, share in seen}
    assert 6.4 <= at[55][0] <= 9.6 and 51 <= at[125][0] <= 77 and at[239][0] <= 9.6
    steady = [share for t, _, share in seen if 30 < t < 60]
    assert sum(steady) / len(steady) <= 0.05


def test_limit_is_not_scared_by_five_percent() -> None:
    import random

    aimd, chance = Aimd(64), random.Random(1)
    limits = []
    for _ in range(20_000):
        aimd.outcome(chance.random() < 0.05, aimd.epoch)
        limits.append(aimd.limit)
    assert sum(limits) / len(limits) > 48


def test_retry_counts_no_rate_limits_and_keeps_the_floor() -> None:
    slept: list[float] = []
    now = [0.0]

    class Flaky:
        name, local = "m", True
        n = 0

        async def complete(self, request: Request) -> str:
            self.n += 1
            if self.n <= 20:
                raise TransportError("limited", status=429, limited=True, retry_after=1.5)
            return "done"

    async def sleep(s: float) -> None:
        slept.append(s)
        now[0] += s

    retry = Retry(Flaky(), clock=lambda: now[0], sleep=sleep, patience=1e9)  # type: ignore[arg-type]
    assert asyncio.run(retry.complete(Request(()))) == "done" and len(slept) == 20 and min(slept) >= 1.5


def test_endpoint_pause_only_above_30_percent() -> None:
    """Retry-After delays one request, the endpoint only when more than 30 % of the last 100 answers are 429."""

    class Half:
        name, local = "m", True
        n = 0

        async def complete(self, request: Request) -> Any:
            self.n += 1
            if self.n % self.every == 0:
                raise TransportError("limited", status=429, limited=True, retry_after=50)
            return type("R", (), {"tokens_in": 0, "tokens_out": 0})()

    for every, paused in ((10, False), (2, True)):
        inner = Half()
        inner.every = every  # type: ignore[attr-defined]
        limit = Limit(inner, 4)  # type: ignore[arg-type]

        async def go(limit: Limit = limit) -> None:
            for _ in range(60):
                if limit._paused:
                    return
                try:
                    await limit.complete(Request(()))
                except TransportError:
                    pass

        asyncio.run(go())
        assert bool(limit._paused) is paused


@pytest.mark.parametrize(
    "spec", ["m@127.0.0.1:8000/v1", "m@localhost:11434", "qwen:7b@gpu-box:8000/v1", "m@llm.example.org/v1", "m@localhost"]
)
def test_an_address_without_its_scheme_is_not_a_model_of_the_provider(spec: str) -> None:
    """With a key set, the prompts went to api.openai.com, for a model called m@127.0.0.1:8000/v1."""
    with pytest.raises(ModelSpecError, match="did you mean openai:[a-z0-9:]+@http://"):
        parse_spec("w", f"openai:{spec}")
    for model in ("@cf/meta/llama-3.1", "claude-sonnet@20250514", "m@v2.1", "ft:gpt-4o-mini:acme::x1"):
        assert parse_spec("w", f"openai:{model}").model == model
