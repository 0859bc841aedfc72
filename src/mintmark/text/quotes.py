"""Quotes: where a passage says something word for word, or nearly.

    find_quote("She said “no – never”.", 'said "No - never"')     # Found(start=4, end=21, match='folded')

Verbatim first. Where that fails, both sides are folded: compatibility forms (NFKC: ligatures, full-width, …), case, every quotation mark to " or ',
every dash to -, runs of white space to one blank, soft hyphens and zero-width characters to nothing. Offsets are always into the passage as
given. Accents count, order and every other character too: a paraphrase or an elision (a ... b) is not found.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from functools import lru_cache
from typing import Literal, NamedTuple

_SAME = {
    **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛‹›′`´＇", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
_CHARACTER = re.compile("(?s:.)[\u0300-\u036f]{0,4}")  # with its accents, so that e is not found in é however that is written


class Found(NamedTuple):
    """passage[start:end] is the quote. match: exact | folded."""

    start: int
    end: int
    match: Literal["exact", "folded"]


def find_quote(passage: str, quote: str, near: int | None = None) -> Found | None:
    """The occurrence whose start is nearest to the offset `near` (of equals the first), or the first; None where there is none.

    White space around the quote is ignored; an empty quote is nowhere. Linear in the passage.
    """
    quote = quote.strip()
    if not quote:
        return None
    at = _nearest(passage, quote, near or 0)
    if at >= 0:
        return Found(at, at + len(quote), "exact")
    text, starts, ends = folded(passage)
    wanted = folded(quote)[0].strip()
    at = _nearest(text, wanted, bisect_left(starts, near or 0)) if wanted else -1
    return None if at < 0 else Found(starts[at], ends[at + len(wanted) - 1], "folded")


def _nearest(text: str, wanted: str, near: int) -> int:
    near = min(max(near, 0), len(text))
    after, before = text.find(wanted, near), text.rfind(wanted, 0, near + len(wanted) - 1)
    if after < 0 or before < 0:
        return max(after, before)
    return before if near - before <= after - near else after


@lru_cache(maxsize=8_192)
def _fold_one(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    return "".join(_SAME.get(x, x) for x in unicodedata.normalize("NFKC", character).casefold())


def folded(text: str) -> tuple[str, array[int], array[int]]:
    """The folded text, and for each of its characters from where to where in the text it comes."""
    out: list[str] = []
    starts, ends = array("q"), array("q")
    for m in _CHARACTER.finditer(text):
        for x in _fold_one(m[0]):
            if x.isspace():
                if out and out[-1] == " ":
                    continue
                x = " "
            out.append(x)
            starts.append(m.start())
            ends.append(m.end())
    return "".join(out), starts, ends
