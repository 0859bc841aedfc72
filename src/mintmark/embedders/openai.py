"""openai: embeddings of any OpenAI-compatible server, POST /embeddings, 128 texts a request, tried three times.

openai:MODEL uses OPENAI_API_KEY; openai:MODEL@http://HOST:PORT/v1 works without a key. The runner journals what it gives.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from ..core.errors import ModelSpecError, TransportError

BATCH, TRIES, MOST_BODY = 128, 3, 64 << 20


class OpenAIEmbedder:
    def __init__(self, model: str, base_url: str | None = None) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._url = (base_url or "https://api.openai.com/v1").rstrip("/") + "/embeddings"
        host = urlsplit(self._url).hostname or ""
        self.local = host in ("localhost", "::1") or host.startswith("127.")
        key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not key and base_url is None:
            raise ModelSpecError(f"embedders: openai:{model} needs a key; set the environment variable OPENAI_API_KEY")
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}

    def fit(self, texts: Sequence[str]) -> OpenAIEmbedder:
        """Nothing to learn: the model is fixed."""
        return self

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        import aiohttp

        out: list[Sequence[float]] = []
        async with aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=120)) as session:
            for at in range(0, len(texts), BATCH):
                out.extend(await self._batch(session, list(texts[at : at + BATCH])))
        return out

    async def _batch(self, session: Any, texts: list[str]) -> list[Sequence[float]]:
        import aiohttp

        body = orjson.dumps({"model": self._model, "input": texts})
        for attempt in range(TRIES):
            try:
                async with session.post(self._url, data=body, allow_redirects=False) as answer:
                    raw = await answer.content.read(MOST_BODY)
                    if answer.status == 200:
                        data = sorted(orjson.loads(raw)["data"], key=lambda d: d.get("index", 0))
                        if len(data) == len(texts):
                            return [d["embedding"] for d in data]
                    elif answer.status < 500 and answer.status != 429:
                        raise TransportError(f"{self._url}: status {answer.status}", status=answer.status)
            except (TimeoutError, aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
                if attempt + 1 == TRIES:
                    raise TransportError(f"{self._url}: {type(error).__name__}") from None
            await asyncio.sleep(0.2 * 4**attempt)
        raise TransportError(f"{self._url}: no usable answer in {TRIES} tries")

    async def aclose(self) -> None:
        pass


def build(spec: Any) -> OpenAIEmbedder:
    return OpenAIEmbedder(spec.model, spec.base_url)
