"""openai: embeddings of any OpenAI-compatible server, POST /embeddings, 128 texts a request, each tried three times.

openai:MODEL uses OPENAI_API_KEY; openai:MODEL@http://HOST:PORT/v1 works without a key. Bodies are capped, redirects and proxies are not
followed, no error text holds a key. Not journaled yet: no op of this part asks for it.

    408 409 425 429 5xx, reset, timeout, unreadable or wrong-sized body -> TransportError after the last try
    401 403 404 and redirects -> EndpointDown      other 4xx -> BadRequest
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from ..core.errors import BadRequest, EndpointDown, ModelSpecError, TransportError

BATCH, TRIES, MOST_BODY, MOST_WAIT = 128, 3, 64 << 20, 60.0
RETRIED = {408, 409, 425, 429}


class OpenAIEmbedder:
    def __init__(self, model: str, base_url: str | None = None) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._url = (base_url or "https://api.openai.com/v1").rstrip("/") + "/embeddings"
        self.local = _loopback(self._url)
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not key and base_url is None:
            raise ModelSpecError(f"embedders: openai:{model} needs a key; set the environment variable OPENAI_API_KEY")
        self._headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "mintmark",
            **({"Authorization": f"Bearer {key}"} if key else {}),
        }

    def fit(self, texts: Sequence[str]) -> None:
        """Nothing to learn: the model is fixed."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        import aiohttp

        out: list[Sequence[float]] = []
        async with aiohttp.ClientSession(
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=120),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        ) as session:
            for at in range(0, len(texts), BATCH):
                out.extend(await self._batch(session, list(texts[at : at + BATCH])))
        if len({len(v) for v in out}) > 1:
            raise TransportError(f"{self._url}: vectors of different lengths {sorted({len(v) for v in out})}")
        return out

    async def _batch(self, session: Any, texts: list[str]) -> list[Sequence[float]]:
        try:
            body = orjson.dumps({"model": self._model, "input": texts})
        except TypeError as error:
            raise BadRequest(f"{self._url}: a text cannot be sent ({error})") from error
        for attempt in range(TRIES):
            try:
                return await self._post(session, body, len(texts))
            except TransportError as error:
                if attempt + 1 == TRIES:
                    raise
                await asyncio.sleep(max(0.2 * 4**attempt, error.retry_after or 0.0))
        raise AssertionError("TRIES must be at least 1")

    async def _post(self, session: Any, body: bytes, n: int) -> list[Sequence[float]]:
        import aiohttp

        try:
            async with session.post(self._url, data=body, allow_redirects=False) as answer:
                status, after = answer.status, answer.headers.get("Retry-After")
                raw, size = [], 0
                async for chunk in answer.content.iter_any():
                    size += len(chunk)
                    if size > MOST_BODY:
                        answer.close()
                        raise TransportError(f"{self._url}: the answer passes {MOST_BODY:,} bytes", status=status)
                    raw.append(chunk)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise TransportError(f"{self._url}: {type(error).__name__}") from None
        where = f"{self._url}: status {status}"
        if status in RETRIED or status >= 500:
            raise TransportError(where, status=status, retry_after=_seconds(after), limited=status == 429)
        if status in (401, 403, 404):
            raise EndpointDown(f"{where}. Are the key, the address and the model's name right?")
        if 300 <= status < 400:
            raise EndpointDown(f"{where}: the server redirects, which is not followed; give its final address")
        if status != 200:
            raise BadRequest(where)
        return self._vectors(b"".join(raw), n)

    def _vectors(self, raw: bytes, n: int) -> list[Sequence[float]]:
        """One vector a text, in the order asked for, whatever the order they came in."""
        try:
            found = {d.get("index", i): [float(x) for x in d["embedding"]] for i, d in enumerate(orjson.loads(raw)["data"])}
            return [found[i] for i in range(n)]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TransportError(f"{self._url}: status 200, but not {n} embeddings ({type(error).__name__})") from None

    async def aclose(self) -> None:
        pass


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, such as 127.example.org
        return False


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(seconds, MOST_WAIT) if seconds > 0 else None


def build(spec: Any) -> OpenAIEmbedder:
    return OpenAIEmbedder(spec.model, spec.base_url)
