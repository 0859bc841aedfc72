"""One POST of JSON, with every limit that a hostile or broken server needs, over aiohttp (the cheapest client there is, see docs).

Deadlines are on the monotonic clock and bound the whole call, so a server that drips bytes cannot hold it. Bodies are capped before and
after unpacking. No redirects, cookies or proxies. No exception text ever holds a header or a key.

    408 409 425 429 5xx, reset, timeout, cut or unreadable body -> TransportError      401 403 404, quota spent -> EndpointDown
    400 413 422 and other 4xx -> BadRequest
"""

from __future__ import annotations

import asyncio
import email.utils
import re
import time
import zlib
from typing import Any

import orjson

from ..core.errors import BadRequest, CallError, EndpointDown, ModelSpecError, TransportError
from .spec import ModelSpec, loopback

MOST_BODY = 8 << 20
MOST_RETRY_AFTER = 600.0
RETRIED = {408, 409, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def retry_after(text: str | None) -> float | None:
    """Seconds a server asks to wait: a number or an HTTP date; None for garbage and negative values; at most ten minutes."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        seconds = max(seconds, 0.0)
    if not 0 <= seconds < float("inf"):
        return None
    return min(seconds, MOST_RETRY_AFTER)


def read_key(spec: ModelSpec, variable: str) -> str | None:
    """The key from the environment, or from a file the recipe names; None where a server given by URL needs none."""
    import os
    from pathlib import Path

    file = spec.options.get("api_key_file")
    if file:
        path = Path(spec.base) / file
        try:
            return path.read_text().strip() or None
        except OSError as error:
            raise ModelSpecError(f"models: {spec.role}: the key file {path} cannot be read ({error.strerror})") from error
    name = spec.options.get("api_key_env", variable)
    key = os.environ.get(name, "").strip()
    if key:
        return key
    if spec.base_url is None or "api_key_env" in spec.options:
        raise ModelSpecError(f"models: {spec.role}: {spec.scheme}:{spec.model} needs a key; set the environment variable {name}")
    return None


class Http:
    """Posts to one URL. `headers` may hold the key; nothing else of this object ever shows it."""

    def __init__(self, url: str, headers: dict[str, str], timeout_s: float = 600.0, secret: str | None = None) -> None:
        self.url, self._headers, self._timeout = url, headers, timeout_s
        self._secret = secret if secret and len(secret) > 3 else None
        self.local = loopback(url)
        self._session: Any = None
        self._client_error: Any = None
        self._yarl: Any = None

    def _open(self) -> Any:
        import aiohttp
        from yarl import URL

        self._client_error = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)
        self._yarl = URL(self.url)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=300, enable_cleanup_closed=False),
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=min(30.0, self._timeout)),
            headers={**self._headers, "Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "mintmark"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=16_384,
            max_field_size=16_384,
        )

    async def post(self, body: bytes, last: str | None = None) -> bytes:
        """The answer's body (status 200, capped, unpacked); otherwise one of the errors above. last: stands in for '/chat/completions'."""
        if self._session is None:
            self._session = self._open()
        url = self._yarl if last is None else self._yarl.with_path(self._yarl.path.removesuffix("/chat/completions") + last)
        try:
            async with self._session.post(url, data=body, allow_redirects=False) as answer:
                raw = await self._read(answer)
                if answer.status == 200:
                    return raw
                raise self._failure(answer.status, raw, answer.headers.get("Retry-After"))
        except CallError:
            raise
        except EndpointDown:
            raise
        except TimeoutError as error:
            raise TransportError(f"{self.url}: no whole answer within {self._timeout:g} s") from error
        except self._client_error as error:
            raise TransportError(f"{self.url}: {type(error).__name__}: {self._clean(str(error))}") from None

    async def alive(self) -> bool:
        """Whether the server answers at all: GET .../models, which costs nothing, with anything but 429 and 5xx."""
        from yarl import URL

        if self._session is None:
            self._session = self._open()
        try:
            where = URL(self.url.removesuffix("/chat/completions").removesuffix("/messages") + "/models")
            async with asyncio.timeout(10):
                async with self._session.get(where, allow_redirects=False) as answer:
                    return bool(answer.status < 500 and answer.status != 429)
        except self._client_error:
            return False

    async def _read(self, answer: Any) -> bytes:
        length = answer.content_length
        packed = answer.headers.get("Content-Encoding", "identity").lower()
        if length is not None and length > MOST_BODY:
            raise TransportError(f"{self.url}: the answer has {length:,} bytes, at most {MOST_BODY:,} are read", status=answer.status)
        if length is not None and packed == "identity":
            return bytes(await answer.read())
        chunks, size = [], 0
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > MOST_BODY:
                answer.close()
                raise TransportError(f"{self.url}: the answer passes {MOST_BODY:,} bytes", status=answer.status)
            chunks.append(chunk)
        return _unpack(b"".join(chunks), packed, self.url)

    def _failure(self, status: int, raw: bytes, after: str | None) -> Exception:
        text, kind = self._said(raw)
        where = f"{self.url}: status {status}{': ' + text if text else ''}"
        if status == 429 and ("insufficient_quota" in kind or "insufficient_quota" in text):
            return EndpointDown(f"{where}. The account's quota is spent; nothing is lost, the same command goes on later")
        if status in RETRIED or status >= 500:
            return TransportError(where, status=status, retry_after=retry_after(after), limited=status in (429, 529))
        if status in (401, 403):
            return EndpointDown(f"{where}. The endpoint refuses this key; set the right one and give the same command again")
        if status == 404:
            return EndpointDown(f"{where}. Is the model's name right, and does the address end as the server wants (…/v1)?")
        if 300 <= status < 400:
            return EndpointDown(f"{where}: the server redirects, which is not followed; give its final address")
        return BadRequest(where)

    def _said(self, raw: bytes) -> tuple[str, str]:
        try:
            told = orjson.loads(raw)
            error = told.get("error", told) if isinstance(told, dict) else told
            if isinstance(error, dict):
                return self._clean(str(error.get("message", ""))), f"{error.get('type', '')} {error.get('code', '')}"
            return self._clean(str(error)), ""
        except ValueError:
            return self._clean(raw[:300].decode("utf-8", "replace")), ""

    def _clean(self, text: str) -> str:
        if self._secret:
            text = text.replace(self._secret, "[key]")
        text = re.sub(r"(?i)(authorization|x-api-key|cookie)\S*\s*[:=]\s*\S+(\s+\S+)?", r"\1 [redacted]", text)
        text = re.sub(r"\bsk-[A-Za-z0-9_\-*.]{6,}", "[key]", text)
        return _CONTROL.sub(" ", text)[:300].strip()

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _unpack(data: bytes, packed: str, url: str) -> bytes:
    if packed in ("identity", ""):
        return data
    if packed not in ("gzip", "deflate", "x-gzip"):
        raise TransportError(f"{url}: the answer is packed as '{packed[:20]}', which was not asked for")
    try:
        unpacker = zlib.decompressobj(47 if packed != "deflate" else 15)
        out = unpacker.decompress(data, MOST_BODY)
    except zlib.error as error:
        raise TransportError(f"{url}: the packed answer is damaged") from error
    if unpacker.unconsumed_tail:
        raise TransportError(f"{url}: the answer unpacks to more than {MOST_BODY:,} bytes")
    return out


def parse_body(raw: bytes, url: str) -> dict[str, Any]:
    """The body as an object; TransportError for HTML, cut JSON, wrong charset or a JSON that is no object."""
    try:
        body = orjson.loads(raw)
    except ValueError:
        start = raw[:40].decode("utf-8", "replace")
        raise TransportError(f"{url}: status 200, but the body is no JSON (it begins with {start!r})") from None
    if not isinstance(body, dict):
        raise TransportError(f"{url}: status 200, but the body is {type(body).__name__}, expected an object")
    return body
