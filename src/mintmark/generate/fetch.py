"""fetch: gets the document behind each row's URL, from hosts that the recipe names, and writes it as `documents` does.

    fetch: {column: url, allow: [example.org, docs.example.com:8443]}

One row: url='https://example.org/fees', doc_id='5f2d0c1be9a04477', title='Late fees', text='# Late fees\n\nA day costs 20 ct.', kind='html',
injection=[]. allow: hosts, with their subdomains; without it nothing is fetched. The address is checked here and by the fetcher at every
hop: http or https, no user name, no IP address, no host that resolves into a private network. html, plain text, markdown and pdf are read
(text/doctext.py); the answer is journaled as it came, so a run that goes on or is made again asks for nothing twice.
clean: true takes out what is hidden, as in `documents`.

Drops: no_url, refused_url (the detail says why), no_page (404 and the like), wrong_type, too_large, unreadable, no_text.
Fails with endpoint where a host cannot be reached in three tries. Source: OWASP SSRF prevention; fetchers/http.py has the rest.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import ClassVar

from ..core.context import Context
from ..core.errors import MissingExtra, RecipeError
from ..core.op import Op, Scene, Scope
from ..core.rows import Drop, Result, Row
from ..text.doctext import doc_id, read_document
from ..text.injection import clean, signals
from ..text.urls import check_allowed, parse_allow, parse_url

KINDS = {"text/html": "html", "text/plain": "txt", "text/markdown": "md", "application/pdf": "pdf"}


@dataclass(frozen=True)
class Fetch(Op):
    """column: of the URL. allow: hosts or host:port. clean: take hidden characters and control tokens out of the text."""

    column: str
    allow: tuple[str, ...] = ()
    clean: bool = False
    name: ClassVar[str] = "fetch"
    scope: ClassVar[Scope] = Scope.EACH
    fetches: ClassVar[bool] = True
    cites: ClassVar[tuple[str, ...]] = ("Greshake et al. 2023, arXiv 2302.12173",)
    drops: ClassVar[dict[str, str]] = {
        "no_url": "the column is empty",
        "refused_url": "the address, or one it redirects to, may not be asked",
        "no_page": "the host has no such page, or does not give it to everybody",
        "wrong_type": "what came is no html, text, markdown or pdf",
        "too_large": "what came is larger than is read",
        "unreadable": "what came cannot be read as what it says it is",
        "no_text": "what came holds no text",
    }

    def reads(self, scene: Scene) -> tuple[str, ...]:
        return (self.column,)

    def writes(self, scene: Scene) -> tuple[str, ...]:
        return ("doc_id", "title", "text", "kind", "injection")

    def check(self, scene: Scene) -> None:
        if not self.allow:
            raise RecipeError(f"{scene.where} fetches nothing until it is told from where: allow: [example.org]")
        for entry in self.allow:
            try:
                parse_allow(entry)
            except ValueError as error:
                raise RecipeError(f"{scene.where}: allow: {error}") from error

    async def each(self, row: Row, ctx: Context) -> Result:
        given = row.values[self.column]
        url = "" if given is None else str(given).strip()
        if not url:
            return Drop("no_url")
        try:
            check_allowed(parse_url(url), self.allow)
        except ValueError as error:
            return Drop("refused_url", str(error))
        page = await ctx.fetch(url, self.allow)
        if page.problem:
            return Drop(page.problem, page.detail)
        told, _, more = page.type.partition(";")
        kind = KINDS.get(told.strip().lower())
        if kind is None:
            return Drop("wrong_type", told[:80])
        charset = re.search(r"charset=[\"']?([\w-]{1,30})", more, re.IGNORECASE)
        try:
            found = await asyncio.to_thread(read_document, page.body, kind, charset[1] if charset else "")
        except ValueError as error:
            return Drop("unreadable", str(error))
        except ImportError as error:
            raise MissingExtra("pypdf", "documents", f"fetch ({url[:100]})") from error
        if not found.text:
            return Drop("no_text")
        text = clean(found.text) if self.clean else found.text
        values = {"doc_id": doc_id(found.text), "title": found.title or url, "text": text, "kind": kind}
        return row.with_values({**values, "injection": signals(found.text)})
