"""llamacpp: embeddings by llama.cpp in this process (extra [local]), mean-pooled: llamacpp:FILE.gguf. Nothing leaves the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.errors import MissingExtra, ModelSpecError


class LlamaCppEmbedder:
    local = True

    def __init__(self, path: Path, n_threads: int = 1) -> None:
        if not path.is_file():
            raise ModelSpecError(f"embedders: there is no file {path}; expected a GGUF model")
        self.name = f"llamacpp:{path.stem}:{path.stat().st_size}"
        self._path, self._n_threads = path, n_threads
        self._server: Any = None

    def fit(self, texts: Sequence[str]) -> LlamaCppEmbedder:
        """Nothing to learn: the model is fixed."""
        return self

    def _start(self) -> Any:
        try:
            import xllamacpp
        except ImportError as error:
            raise MissingExtra("xllamacpp", "local", "llamacpp:") from error
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_parallel, params.n_ctx = 1, 4096
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._n_threads
        params.n_gpu_layers, params.warmup, params.verbosity, params.port = 0, False, -1, 0
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        return xllamacpp.Server(params)

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        if self._server is None:
            self._server = self._start()
        told = await asyncio.get_running_loop().run_in_executor(
            None, self._server.handle_embeddings, {"input": list(texts), "model": self.name}
        )
        return [d["embedding"] for d in sorted(told["data"], key=lambda d: d.get("index", 0))]

    async def aclose(self) -> None:
        self._server = None


def build(spec: Any) -> LlamaCppEmbedder:
    return LlamaCppEmbedder(Path(spec.base) / spec.model)
