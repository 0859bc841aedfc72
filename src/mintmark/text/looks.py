"""A text as a reader sees it: digits of every script, odd blanks and dashes in their plain form, letters composed, nothing invisible.

    "４１１１".translate(same_length())  ->  "4111";  as_seen("41\u200b11")  ->  ("4111", [0, 1, 3, 4])

Not covered: letters of one script that look like those of another; digits in circles.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache


@cache
def same_length() -> dict[int, str]:
    """Digits of every script, odd blanks and dashes, each as its plain form: offsets stay."""
    table = {c: str(unicodedata.digit(chr(c))) for c in range(128, sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Nd"}
    table |= dict.fromkeys([0xA0, 0x202F, 0x3000, *range(0x2000, 0x200B)], " ") | dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
    return {0x2019: "'", 0x2018: "'"} | {0xFEE0 + c: chr(c) for c in range(0x21, 0x7F)} | table


@cache
def unseen() -> re.Pattern[str]:
    """Characters that show nothing of their own: invisible ones (zero width, soft hyphen, direction), and marks on the letter before."""
    hidden = (chr(c) for c in range(128, sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Cf" or unicodedata.combining(chr(c)))
    return re.compile(f"[{''.join(hidden)}]")


def as_seen(text: str) -> tuple[str, list[int]]:
    """The text as a reader sees it, its letters composed and nothing invisible between them; and where each of its characters begins in `text`."""
    out: list[str] = []
    at: list[int] = []
    for i, c in enumerate(text):
        if not unseen().match(c):
            out.append(c)
            at.append(i)
        elif out and unicodedata.combining(c):
            composed = unicodedata.normalize("NFC", out[-1] + c)
            out[-1] = composed if len(composed) == 1 else out[-1]
    return "".join(out), at
