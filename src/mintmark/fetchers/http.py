"""Documents over http and https, for URLs that strangers may have written: nothing inside the network can be reached.

Every hop of a redirect is judged anew: scheme, userinfo, host against the allow list (text/urls.py). The host is resolved once, all its
addresses must be public, and the connection goes to those very addresses, so that a name which answers differently a moment later (DNS
rebinding) changes nothing; Host header, SNI and certificate check keep the name. No cookies, proxies, keys or packed bodies; size, hops
and the whole time are bounded. What is final (refusals, 404, a wrong type) comes as a Page with a problem, to be journaled like any answer;
408, 425, 429, 5xx, timeouts and broken connections are tried again and then a TransportError.

Source: OWASP Server-Side Request Forgery Prevention Cheat Sheet; CWE-918; CWE-350. Not covered: robots.txt, pages that need JavaScript or a
login, secrets in a URL's query that the allowed host's log will show.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from ..core.errors import TransportError
from ..core.ports import Fetch, Page
from ..text.urls import Url, check_allowed, is_public, parse_url

TYPES = ("text/html", "text/plain", "text/markdown", "application/pdf")
MOST_BYTES = 20 << 20
MOST_HOPS = 5
AT_ONCE, AT_ONCE_PER_HOST = 32, 4
RETRIED = {408, 425, 429}
REDIRECTS = {301, 302, 303, 307, 308}

Resolver = Callable[[str, int], Awaitable[list[str]]]


class Problem(Exception):
    """Final: becomes a Page that says so."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class HttpFetcher:
    """resolver, permitted, tls: for tests in Python only: another resolver, addresses to treat as public, an SSL context."""

    name = "http"

    def __init__(
        self,
        resolver: Resolver = resolve,
        permitted: Collection[str] = (),
        tls: Any = True,
        *,
        most_bytes: int = MOST_BYTES,
        deadline_s: float = 60.0,
        tries: int = 3,
        pause_s: float = 1.0,
    ) -> None:
        self._resolver, self._permitted, self._tls = resolver, frozenset(permitted), tls
        self._most_bytes, self._deadline, self._tries, self._pause = most_bytes, deadline_s, tries, pause_s
        self._slots: asyncio.Semaphore | None = None
        self._hosts: dict[str, asyncio.Semaphore] = {}

    async def fetch(self, asked: Fetch) -> bytes:
        self._slots = self._slots or asyncio.Semaphore(AT_ONCE)
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
            try:
                async with self._slots:
                    return (await self._bounded(asked)).pack()
            except TransportError:
                if attempt + 1 == self._tries:
                    raise
        raise AssertionError("tries must be at least 1")

    async def _bounded(self, asked: Fetch) -> Page:
        import aiohttp

        try:
            async with asyncio.timeout(self._deadline):
                return await self._follow(asked)
        except Problem as problem:
            return Page(asked.url, problem=problem.word, detail=str(problem)[:300])
        except TimeoutError as error:
            raise TransportError(f"{asked.url[:200]}: no whole answer within {self._deadline:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TransportError(f"{asked.url[:200]}: {type(error).__name__}: {str(error)[:200]}") from error

    async def _follow(self, asked: Fetch) -> Page:
        """The page, over at most five redirects."""
        url, target = None, asked.url
        for _ in range(MOST_HOPS + 1):
            try:
                url = parse_url(target, url)
                check_allowed(url, asked.allow)
            except ValueError as error:
                raise Problem("refused_url", str(error)) from error
            host = self._hosts.setdefault(url.host, asyncio.Semaphore(AT_ONCE_PER_HOST))
            async with host:
                found = await self._get(url, await self._addresses(url))
            if isinstance(found, Page):
                return found
            target = found
        raise Problem("refused_url", f"more than {MOST_HOPS} redirects")

    async def _addresses(self, url: Url) -> list[str]:
        """Resolved once; one address that is not public refuses the host, whatever the others are."""
        found = await self._resolver(url.host, url.port)
        for address in found:
            if address not in self._permitted and not is_public(address):
                raise Problem("refused_url", f"{url.host} is {address}, which is no address of the open internet")
        if not found:
            raise TransportError(f"{url.host} has no address")
        return found

    async def _get(self, url: Url, addresses: list[str]) -> Page | str:
        """One request to those addresses: the page, or where it has moved."""
        import aiohttp
        from yarl import URL

        where = URL(str(url), encoded=True)
        if where.host != url.host or where.port != url.port:  # two readings of one address are how such checks are passed by
            raise Problem("refused_url", "the address can be read in two ways")
        connector = aiohttp.TCPConnector(resolver=_pinned(url.host, addresses), use_dns_cache=False, force_close=True, ssl=self._tls)
        headers = {"User-Agent": "mintmark", "Accept": ", ".join(TYPES), "Accept-Encoding": "identity"}
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=20),
            max_line_size=16_384,
            max_field_size=16_384,
        ) as session:
            async with session.get(where, headers=headers, allow_redirects=False) as answer:
                if answer.status in REDIRECTS and "Location" in answer.headers:
                    return answer.headers["Location"]
                if answer.status in RETRIED or answer.status >= 500:
                    raise TransportError(f"{url}: status {answer.status}", status=answer.status, limited=answer.status == 429)
                if answer.status != 200:
                    raise Problem("no_page", f"status {answer.status}")
                told = answer.headers.get("Content-Type", "")[:200]
                if told.partition(";")[0].strip().lower() not in TYPES:
                    raise Problem("wrong_type", f"'{told[:80]}', expected one of {', '.join(TYPES)}")
                packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
                if packed not in ("", "identity"):
                    raise Problem("wrong_type", f"the answer is packed as '{packed[:20]}', which was not asked for")
                return Page(str(url), told, await self._body(answer))

    async def _body(self, answer: Any) -> bytes:
        if (answer.content_length or 0) > self._most_bytes:
            raise Problem("too_large", f"{answer.content_length:,} bytes, at most {self._most_bytes:,} are read")
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._most_bytes:
                raise Problem("too_large", f"more than {self._most_bytes:,} bytes")
        return bytes(body)

    async def aclose(self) -> None:
        self._hosts.clear()


def _pinned(host: str, addresses: list[str]) -> Any:
    """A resolver for aiohttp that knows one host and the addresses that were judged, and nothing else."""
    from aiohttp.abc import AbstractResolver

    class Pinned(AbstractResolver):
        async def resolve(self, name: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> Any:
            if name != host:
                raise OSError(f"{name[:60]} was not resolved")
            kinds = [(a, socket.AF_INET6 if ":" in a else socket.AF_INET) for a in addresses]
            return [
                {"hostname": host, "host": a, "port": port, "family": kind, "proto": 0, "flags": socket.AI_NUMERICHOST}
                for a, kind in kinds
                if family in (socket.AF_UNSPEC, kind)
            ]

        async def close(self) -> None:
            pass

    return Pinned()
