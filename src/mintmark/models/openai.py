"""Chat completions of any OpenAI-compatible server: OpenAI, vLLM, SGLang, Ollama, llama.cpp, TGI, LM Studio, OpenRouter and others.

openai:MODEL uses OPENAI_API_KEY; openai:MODEL@http://HOST:PORT/v1 works without a key. Structured output is the server's own
(`response_format: json_schema`) until the server refuses it; from then on the schema stands in the prompt.

Reasoning models (reasoning_effort set, or a name like o3 or gpt-5) get `max_completion_tokens` and no temperature. `<think>` text and
`reasoning_content` are split from the answer. A request of one message of role `raw` goes to /completions as it stands, without the chat
template (prefix generation). Streaming and tool calls are not covered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from ..core.errors import BadRequest, TransportError
from ..core.ports import Reply, Request
from ..text.jsontext import dumps
from .http import Http, parse_body, read_key
from .prices import price_of
from .spec import ModelSpec

DEFAULT_URL = "https://api.openai.com/v1"
_THINK = re.compile(r"\A\s*<think>(.*?)(?:</think>|\Z)\s*", re.DOTALL)
_REASONING_NAME = re.compile(r"(?:.*/)?(o[134](-|$)|gpt-5(?!.*chat))")
_FINISH = {"stop": "stop", "length": "length", "content_filter": "content_filter", "tool_calls": "tool_calls", "eos": "stop", None: "stop"}
_MOST_TOKENS = 10_000_000


def strict_schema(schema: Any) -> bool:
    """Whether a schema meets the terms of `strict: true`: objects closed, every property required."""
    if isinstance(schema, list):
        return all(strict_schema(s) for s in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        names = set(schema.get("properties") or {})
        if schema.get("additionalProperties") is not False or set(schema.get("required") or ()) != names:
            return False
    return all(strict_schema(v) for v in schema.values() if isinstance(v, (dict, list)))


def is_raw(request: Request) -> bool:
    """Whether the request is text to go on from, with no chat template around it."""
    return len(request.messages) == 1 and request.messages[0]["role"] == "raw"


def schema_text(schema: Mapping[str, Any]) -> str:
    """What is said to a model whose server knows no schemas."""
    return "Answer with one JSON value and nothing else, no code fence. It must fit this JSON Schema:\n" + dumps(schema).decode()


class OpenAIChat:
    remote = True

    def __init__(self, spec: ModelSpec) -> None:
        key = read_key(spec, "OPENAI_API_KEY")
        self.name = f"openai:{spec.model}"
        self._model = spec.model
        self._options = spec.options
        self._price = price_of(spec)
        url = (spec.base_url or DEFAULT_URL).rstrip("/") + "/chat/completions"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.session = Http(url, headers, float(spec.options.get("timeout_s", 600.0)), key)
        self.local = self.session.local
        self._native = spec.options.get("json_mode", "auto") != "prompt"
        self._may_fall_back = spec.options.get("json_mode", "auto") == "auto"
        self._reasons = bool(spec.options.get("reasoning_effort")) or bool(_REASONING_NAME.match(spec.model))
        self._formats: dict[int, Any] = {}

    def body(self, request: Request) -> bytes:
        """The JSON that is sent."""
        options = self._options
        raw = is_raw(request)
        out: dict[str, Any] = {"model": self._model}
        out |= {"prompt": request.messages[0]["content"]} if raw else {"messages": request.messages}
        temperature = request.temperature if request.temperature is not None else options.get("temperature")
        limit = request.max_tokens if request.max_tokens is not None else options.get("max_tokens")
        if self._reasons:
            if limit is not None:
                out["max_completion_tokens"] = limit
            if "reasoning_effort" in options:
                out["reasoning_effort"] = options["reasoning_effort"]
        else:
            if limit is not None:
                out["max_tokens"] = limit
            if temperature is not None:
                out["temperature"] = temperature
            if "top_p" in options:
                out["top_p"] = options["top_p"]
        if request.seed is not None:
            out["seed"] = request.seed
        if request.stop or options.get("stop"):
            out["stop"] = list(request.stop or options["stop"])
        if request.logprobs is not None:
            out["logprobs"] = max(1, request.logprobs) if raw else True
            if request.logprobs and not raw:
                out["top_logprobs"] = request.logprobs
        if request.schema is not None:
            if self._native:
                out["response_format"] = self._format(request.schema)
            else:
                out["messages"] = [{"role": "system", "content": schema_text(request.schema)}, *request.messages]
        if "extra" in options:
            out.update(options["extra"])
        out.update(request.extra)
        try:
            return orjson.dumps(out)
        except TypeError:
            return dumps(out)

    def _format(self, schema: Mapping[str, Any]) -> Any:
        found = self._formats.get(id(schema))
        if found is None or found["json_schema"]["schema"] is not schema:
            found = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict_schema(schema)}}
            self._formats[id(schema)] = found
        return found

    async def complete(self, request: Request) -> Reply:
        try:
            raw = await self.session.post(self.body(request), "/completions" if is_raw(request) else None)
        except BadRequest as error:
            words = str(error).lower()
            if request.schema is None or not (self._native and self._may_fall_back):
                raise
            if not any(w in words for w in ("response_format", "json_schema", "schema", "structured", "guided", "grammar")):
                raise
            self._native = False  # this server knows no schemas: from now on they stand in the prompt
            raw = await self.session.post(self.body(request))
        return self.decode(request, raw)

    def decode(self, request: Request, raw: bytes) -> Reply:
        body = parse_body(raw, self.session.url)
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
        if choice is None and isinstance(body.get("error"), (dict, str)):
            raise TransportError(f"{self.session.url}: status 200, but an error: {self.session._clean(str(body['error']))}")
        choice = choice or {}
        message = choice.get("message")
        message = message if isinstance(message, dict) else {}
        text = _text(message.get("content") if message else choice.get("text"))
        finish = _FINISH.get(choice.get("finish_reason") if isinstance(choice.get("finish_reason"), str) else None, "other")
        if message.get("refusal"):
            text, finish = _text(message["refusal"]), "refusal"
        reasoning = message.get("reasoning_content") or message.get("reasoning")
        thought = _THINK.match(text)
        if thought:
            reasoning = (f"{reasoning}\n" if isinstance(reasoning, str) else "") + thought.group(1).strip()
            text = text[thought.end() :]
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else None
        tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        cached = min(_count(_sub(usage, "prompt_tokens_details"), "cached_tokens"), tokens_in)
        thinking = min(_count(_sub(usage, "completion_tokens_details"), "reasoning_tokens"), tokens_out)
        cost = None if self._price is None else self._price.cost(tokens_in, tokens_out, cached, thinking)
        return Reply(
            text,
            finish,
            tokens_in,
            tokens_out,
            thinking,
            cached,
            cost,
            reasoning if isinstance(reasoning, str) else None,
            _logprobs(choice.get("logprobs")) if request.logprobs is not None else None,
            raw,
        )

    async def aclose(self) -> None:
        await self.session.aclose()


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(p.get("text", "") for p in content if isinstance(p, dict) and isinstance(p.get("text"), str))
    return ""


def _sub(usage: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    found = usage.get(name) if usage else None
    return found if isinstance(found, dict) else None


def _count(usage: dict[str, Any] | None, name: str) -> int:
    """A token count; 0 for what is missing, negative, absurd or no number: cost is never invented."""
    value = usage.get(name) if usage else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _MOST_TOKENS:
        return 0
    return int(value)


def _logprobs(found: Any) -> list[dict[str, Any]] | None:
    content = found.get("content") if isinstance(found, dict) else None
    if isinstance(found, dict) and content is None and isinstance(found.get("tokens"), list):  # the form of /completions
        pairs = zip(found["tokens"], found.get("token_logprobs") or (), strict=False)
        content = [{"token": t, "logprob": p} for t, p in pairs]
    if not isinstance(content, list):
        return None
    out = []
    for token in content:
        if isinstance(token, dict) and isinstance(token.get("logprob"), (int, float)):
            top = [
                {"token": str(t.get("token", "")), "logprob": float(t["logprob"])}
                for t in token.get("top_logprobs") or ()
                if isinstance(t, dict) and isinstance(t.get("logprob"), (int, float))
            ]
            out.append({"token": str(token.get("token", "")), "logprob": float(token["logprob"]), "top": top})
    return out


def build(spec: ModelSpec) -> OpenAIChat:
    return OpenAIChat(spec)
