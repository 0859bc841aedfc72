"""A small OpenAI-compatible server for tests: one thread, raw asyncio, scripted faults, a count of every request.

Faults are functions (number of the request, prompt) -> Fault or None. Answers are a pure function of the prompt, so runs can be compared.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """raw: bytes sent as they are; drip: seconds between bytes; hang: seconds before anything; reset: connection aborted."""

    status: int = 200
    body: bytes = b'{"error": {"message": "injected"}}'
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hang: float = 0.0
    drip: float = 0.0
    reset: bool = False


def answer_text(prompt: str) -> str:
    h = hashlib.sha256(prompt.encode()).hexdigest()
    return " ".join(h[i : i + 4] for i in range(0, 40, 4))


def completion(text: str, **message: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}).encode()


class Server:
    """with Server() as s: s.url; s.requests; s.keys (prompt -> asks); s.peak (most in flight)."""

    def __init__(
        self,
        fault: Callable[[int, str], Fault | None] = lambda n, prompt: None,
        reply: Callable[[str, dict], bytes] | None = None,
        latency: float = 0.0,
    ) -> None:
        self.fault, self.reply, self.latency = fault, reply or self.default, latency
        self.requests = 0
        self.bodies: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.paths: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.in_flight = self.peak = 0
        self.keep_bodies = True

    @staticmethod
    def default(prompt: str, body: dict) -> bytes:
        if "input" in body:  # /embeddings
            made = [[float(int(hashlib.sha256(f"{w}{t.lower()}".encode()).hexdigest()[:6], 16)) for w in range(4)] for t in body["input"]]
            return json.dumps({"data": [{"index": i, "embedding": v} for i, v in enumerate(made)]}).encode()
        if "prompt" in body:  # /completions
            text = answer_text(body["prompt"])
            logprobs = {"tokens": text.split(), "token_logprobs": [-0.5] * 10}
            choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": logprobs if "logprobs" in body else None}
            return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 10}}).encode()
        if "response_format" in body:
            properties = body["response_format"]["json_schema"]["schema"]["properties"]
            return completion(json.dumps({k: answer_text(prompt) if v.get("type") == "string" else 7 for k, v in properties.items()}))
        return completion(answer_text(prompt))

    def __enter__(self) -> Server:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()

        def work() -> None:
            asyncio.set_event_loop(self._loop)
            self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024))
            ready.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        ready.wait()
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    def __exit__(self, *exc: object) -> None:
        async def stop() -> None:
            self._server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)}
                body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
                self.paths[head.split(" ", 2)[1]] += 1
                await self._answer(writer, headers, body)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, RuntimeError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, headers: dict[str, str], body: dict) -> None:
        self.requests += 1
        number = self.requests
        prompt = next((m["content"] for m in body.get("messages", []) if m["role"] == "user"), "")
        if self.keep_bodies:
            self.bodies.append(body)
            self.headers.append(headers)
        self.keys[prompt] += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            fault = self.fault(number, prompt)
            if self.latency and (fault is None or fault.status != 429):
                await asyncio.sleep(self.latency)
            if fault is None:
                self._write(writer, 200, self.reply(prompt, body), {})
            elif fault.reset:
                writer.transport.abort()
                raise ConnectionResetError
            else:
                await asyncio.sleep(fault.hang)
                if fault.raw is not None:
                    if fault.drip:
                        for i in range(len(fault.raw)):
                            writer.write(fault.raw[i : i + 1])
                            await writer.drain()
                            await asyncio.sleep(fault.drip)
                    else:
                        writer.write(fault.raw)
                        await writer.drain()
                    writer.close()
                    raise ConnectionResetError
                self._write(writer, fault.status, fault.body, fault.headers)
            await writer.drain()
        finally:
            self.in_flight -= 1

    @staticmethod
    def _write(writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str]) -> None:
        lines = "".join(f"{k}: {v}\r\n" for k, v in {"Content-Type": "application/json", **headers}.items())
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)
