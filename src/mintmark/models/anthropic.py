"""Anthropic's Messages API, natively. anthropic:MODEL uses ANTHROPIC_API_KEY.

Structured output is a forced tool call whose input is the answer (the text of the reply is that input as JSON). Thinking blocks become
`reasoning`. The API has no seed and no log-probabilities: `seed` and `logprobs` of a request are not sent.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import BadRequest
from ..core.ports import Reply, Request
from ..text.jsontext import dumps
from .http import Http, parse_body, read_key
from .openai import _count
from .prices import price_of
from .spec import ModelSpec

DEFAULT_URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 4096  # the API wants a limit
_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "stop",
    "refusal": "refusal",
}


class AnthropicChat:
    remote = True

    def __init__(self, spec: ModelSpec) -> None:
        key = read_key(spec, "ANTHROPIC_API_KEY")
        self.name = f"anthropic:{spec.model}"
        self._model, self._options, self._price = spec.model, spec.options, price_of(spec)
        url = (spec.base_url or DEFAULT_URL).rstrip("/")
        url += "/messages" if url.endswith("/v1") else "/v1/messages"
        headers = {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}
        self.session = Http(url, headers, float(spec.options.get("timeout_s", 600.0)), key)
        self.local = self.session.local

    def body(self, request: Request) -> bytes:
        options = self._options
        if request.messages and request.messages[0]["role"] == "raw":
            raise BadRequest("Anthropic's API has no raw completion; ask a server with /completions, or llamacpp:")
        system = "\n\n".join(m["content"] for m in request.messages if m["role"] == "system")
        out: dict[str, Any] = {
            "model": self._model,
            "max_tokens": request.max_tokens or options.get("max_tokens") or DEFAULT_MAX_TOKENS,
            "messages": [m for m in request.messages if m["role"] != "system"],
        }
        if system:
            out["system"] = system
        temperature = request.temperature if request.temperature is not None else options.get("temperature")
        if temperature is not None:
            out["temperature"] = temperature
        if request.stop or options.get("stop"):
            told = [s for s in request.stop or options["stop"] if s.strip()]  # the API refuses stops of white space alone
            out |= {"stop_sequences": told} if told else {}
        if request.schema is not None:
            whole = request.schema.get("type") == "object"
            schema = request.schema if whole else {"type": "object", "properties": {"value": request.schema}, "required": ["value"]}
            out["tools"] = [{"name": "answer", "description": "Give the answer.", "input_schema": schema}]
            out["tool_choice"] = {"type": "tool", "name": "answer"}
        out.update(options.get("extra") or {})
        out.update(request.extra)
        return dumps(out)

    async def complete(self, request: Request) -> Reply:
        return self.decode(request, await self.session.post(self.body(request)))

    def decode(self, request: Request, raw: bytes) -> Reply:
        body = parse_body(raw, self.session.url)
        blocks = body.get("content")
        blocks = [b for b in blocks if isinstance(b, dict)] if isinstance(blocks, list) else []
        text = "".join(b["text"] for b in blocks if b.get("type") == "text" and isinstance(b.get("text"), str))
        reasoning = "\n".join(b["thinking"] for b in blocks if b.get("type") == "thinking" and isinstance(b.get("thinking"), str))
        if request.schema is not None:
            tool = next((b.get("input") for b in blocks if b.get("type") == "tool_use"), None)
            if tool is not None:
                whole = request.schema.get("type") == "object" or not isinstance(tool, dict)
                text = dumps(tool if whole else tool.get("value")).decode()
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else None
        cached = _count(usage, "cache_read_input_tokens")
        tokens_in = _count(usage, "input_tokens") + cached + _count(usage, "cache_creation_input_tokens")
        tokens_out = _count(usage, "output_tokens")
        cost = None if self._price is None else self._price.cost(tokens_in, tokens_out, cached)
        stop = body.get("stop_reason")
        finish = _FINISH.get(stop, "other") if isinstance(stop, str) else "stop"
        return Reply(text, finish, tokens_in, tokens_out, 0, cached, cost, reasoning or None, None, raw)

    async def aclose(self) -> None:
        await self.session.aclose()


def build(spec: ModelSpec) -> AnthropicChat:
    return AnthropicChat(spec)
