"""Documents from a mapping: the Fetcher port's own fake, for tests and tutorials. What the mapping lacks is a page that does not exist.

ScriptedFetcher({"https://example.org/a": ("text/html", b"<p>hello")})
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.ports import Fetch, Page


class ScriptedFetcher:
    """asked: the URLs in the order they were asked."""

    name = "scripted"

    def __init__(self, pages: Mapping[str, tuple[str, bytes]]) -> None:
        self._pages = pages
        self.asked: list[str] = []

    async def fetch(self, asked: Fetch) -> bytes:
        self.asked.append(asked.url)
        if asked.url not in self._pages:
            return Page(asked.url, problem="no_page", detail="status 404").pack()
        kind, body = self._pages[asked.url]
        return Page(asked.url, kind, body).pack()

    async def aclose(self) -> None:
        pass
