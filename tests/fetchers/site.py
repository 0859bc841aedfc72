"""A web site for tests: aiohttp in a thread of its own, on any loopback address; counts what was asked and under which Host."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """with Site({"/a": handler or (type, body)}) as s: s.port; s.asked = [(Host header, path)]."""

    def __init__(self, pages: dict[str, Handler | tuple[str, bytes]], address: str = "127.0.0.1", port: int = 0, tls: Any = None) -> None:
        self.pages, self.address, self.port, self.tls = pages, address, port, tls
        self.asked: list[tuple[str, str]] = []

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.headers["Host"], request.path_qs))
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if isinstance(page, tuple):
            return web.Response(body=page[1], headers={"Content-Type": page[0]})
        return await page(request)

    def __enter__(self) -> Site:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        failed: list[BaseException] = []

        async def serve() -> None:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", self._answer)
            self._runner = web.AppRunner(app, shutdown_timeout=0.1)
            await self._runner.setup()
            site = web.TCPSite(self._runner, self.address, self.port, ssl_context=self.tls)
            await site.start()
            self.port = self._runner.addresses[0][1]

        def work() -> None:
            asyncio.set_event_loop(self._loop)
            try:
                self._loop.run_until_complete(serve())
            except BaseException as error:
                failed.append(error)
            ready.set()
            if not failed:
                self._loop.run_forever()
            self._loop.close()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        ready.wait(10)
        if failed:
            raise failed[0]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


def moved(to: str, status: int = 302) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": to})

    return answer
