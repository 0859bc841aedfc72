"""llama.cpp in this process (xllamacpp, extra [local]): llamacpp:FILE.gguf. Chat template, JSON schema, log-probabilities; nothing leaves.

Options: n_threads (default: at most 4; more threads than idle cores make llama.cpp up to 100 times slower, it spins), n_ctx (4096 per slot),
n_parallel (4 calls at a time). The model's name carries a hash of the file, not its path.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from ..core.errors import BadRequest, MissingExtra, ModelSpecError, TransportError
from ..core.ports import Reply, Request
from ..text.jsontext import dumps
from .openai import OpenAIChat
from .spec import ModelSpec


def file_digest(path: Path) -> str:
    """Hash of a weights file: its size, and its first and last 16 MB."""
    h = blake2b(digest_size=8)
    size = path.stat().st_size
    h.update(str(size).encode())
    with path.open("rb") as file:
        h.update(file.read(16 << 20))
        file.seek(max(0, size - (16 << 20)))
        h.update(file.read())
    return h.hexdigest()


def start(path: Path, options: Any) -> Any:
    """A loaded server object of xllamacpp."""
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtra("xllamacpp", "local", "llamacpp:") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_parallel = int(options.get("n_parallel", 4))
    params.n_ctx = int(options.get("n_ctx", 4096)) * params.n_parallel
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(options.get("n_threads", min(4, os.cpu_count() or 1)))
    params.n_gpu_layers = 0
    params.warmup = False
    params.verbosity = -1
    params.port = 0
    try:
        return xllamacpp.Server(params)
    except Exception as error:
        raise ModelSpecError(f"llamacpp: {path} cannot be loaded ({str(error)[:200]}); is it a whole GGUF file?") from error


class LlamaCpp:
    local = True

    def __init__(self, spec: ModelSpec) -> None:
        path = Path(spec.base) / spec.model
        if not path.is_file():
            raise ModelSpecError(f"models: {spec.role}: there is no file {path}; expected a GGUF model")
        self.name = f"llamacpp:{path.stem}:{file_digest(path)}"
        self._path, self._options = path, spec.options
        options = {k: v for k, v in spec.options.items() if k not in ("n_threads", "n_ctx", "n_parallel")}
        self._wire = OpenAIChat(ModelSpec("openai", path.stem, "http://127.0.0.1", options, spec.role))
        self._server: Any = None
        self._pool = ThreadPoolExecutor(int(spec.options.get("n_parallel", 4)), thread_name_prefix="llamacpp")

    @property
    def server(self) -> Any:
        """The loaded engine; it also answers HTTP on a loopback port (server.listening_address)."""
        if self._server is None:
            self._server = start(self._path, self._options)
        return self._server

    def _call(self, body: dict[str, Any]) -> Any:
        return self.server.handle_completions(body) if "prompt" in body else self.server.handle_chat_completions(body)

    async def complete(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        self.server  # noqa: B018  loaded once, before threads ask for it
        body = orjson.loads(self._wire.body(request))
        try:
            told = await loop.run_in_executor(self._pool, self._call, body)
        except Exception as error:
            raise TransportError(f"llamacpp: {type(error).__name__}: {str(error)[:200]}") from error
        if not isinstance(told, dict) or "choices" not in told:
            raise BadRequest(f"llamacpp: {str(told)[:200]}")
        return self.decode(request, dumps(told))

    def decode(self, request: Request, raw: bytes) -> Reply:
        return self._wire.decode(request, raw)

    async def aclose(self) -> None:
        self._pool.shutdown(wait=True)
        self._server = None


def build(spec: ModelSpec) -> LlamaCpp:
    return LlamaCpp(spec)
