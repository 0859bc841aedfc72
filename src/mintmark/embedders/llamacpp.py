"""llamacpp: embeddings by llama.cpp in this process (extra [local]), mean-pooled: llamacpp:FILE.gguf. Nothing leaves the machine.

A server object of its own, 64 texts a call, in a thread. Option n_threads (default 1: more threads than idle cores make llama.cpp up to 100
times slower). A text longer than the context (4096 tokens) is refused with BadRequest; it is never cut in silence. The name carries the file's
size and a hash of its first and last 16 MB, never its path.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..core.errors import BadRequest, MissingExtra, ModelSpecError, TransportError

CONTEXT, BATCH, EDGE = 4096, 64, 16 << 20


class LlamaCppEmbedder:
    local = True

    def __init__(self, path: Path, n_threads: int = 1) -> None:
        if not path.is_file():
            raise ModelSpecError(f"embedders: there is no file {path}; expected a GGUF model")
        size = path.stat().st_size
        digest = blake2b(str(size).encode(), digest_size=8)
        with path.open("rb") as file:
            digest.update(file.read(EDGE))
            file.seek(max(0, size - EDGE))
            digest.update(file.read())
        self.name = f"llamacpp:{path.stem}:{digest.hexdigest()}"
        self._path, self._n_threads = path, n_threads
        self._server: Any = None
        self._lock = threading.Lock()

    def fit(self, texts: Sequence[str]) -> None:
        """Nothing to learn: the model is fixed."""

    def _start(self) -> Any:
        try:
            import xllamacpp
        except ImportError as error:
            raise MissingExtra("xllamacpp", "local", "llamacpp:") from error
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_parallel, params.n_ctx = 1, CONTEXT
        params.n_batch = params.n_ubatch = CONTEXT  # pooling needs a whole text in one physical batch, which is 512 tokens by default
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._n_threads
        params.n_gpu_layers, params.warmup, params.verbosity, params.port = 0, False, -1, 0
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            raise ModelSpecError(f"llamacpp: {self._path} cannot be loaded ({str(error)[:200]}); is it a whole GGUF file?") from error

    def _call(self, texts: list[str]) -> list[Sequence[float]]:
        with self._lock:
            if self._server is None:
                self._server = self._start()
            try:
                told = self._server.handle_embeddings({"input": texts, "model": self.name})
            except (ValueError, TypeError) as error:  # a text that is no Unicode
                raise BadRequest(f"llamacpp embeddings: {str(error)[:300]}") from error
            except Exception as error:
                raise TransportError(f"llamacpp embeddings: {type(error).__name__}: {str(error)[:200]}") from error
        data = told.get("data") if isinstance(told, dict) else None
        if not isinstance(data, list) or len(data) != len(texts):
            wrong = told.get("error") if isinstance(told, dict) else None
            raise BadRequest(f"llamacpp embeddings: {str(wrong.get('message') if isinstance(wrong, dict) else told)[:300]}")
        return [d["embedding"] for d in sorted(data, key=lambda d: d.get("index", 0))]

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        loop = asyncio.get_running_loop()
        out: list[Sequence[float]] = []
        for at in range(0, len(texts), BATCH):
            out.extend(await loop.run_in_executor(None, self._call, list(texts[at : at + BATCH])))
        return out

    async def aclose(self) -> None:
        self._server = None


def build(spec: Any) -> LlamaCppEmbedder:
    return LlamaCppEmbedder(Path(spec.base) / spec.model, int(spec.options.get("n_threads", 1)))
