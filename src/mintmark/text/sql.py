"""What can be seen of a query without running it."""

from __future__ import annotations

import re

from .code import blocks

_PIECE = re.compile(  # what is not closed goes on to the end, so that a text is read once
    r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<open>\()|(?P<close>\))|(?P<order>\border\s+by\b)""",
    re.DOTALL | re.IGNORECASE,
)


def query_of(text: str) -> str:
    """The query in a model's answer: the last fenced block that selects, or else the last; the text where there is none."""
    found = blocks(text) if "```" in text else []
    return next((b for b in reversed(found) if re.search(r"\bselect\b", b, re.IGNORECASE)), found[-1] if found else text)


def has_order(query: str) -> bool:
    """Whether ORDER BY says how the rows of the result follow each other: outside of parentheses, quotes and comments."""
    depth = 0
    for piece in _PIECE.finditer(query):
        depth += (piece["open"] is not None) - (piece["close"] is not None)
        if piece["order"] and depth == 0:
            return True
    return False
