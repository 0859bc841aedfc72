"""A value out of a model's free text: a number, a label, the group of a regular expression, lines, a code block. ValueError says what is missing.

extract("label", "I would say: positive.", labels=["positive", "negative"])  ->  'positive'
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from .code import fenced

MOST = 100_000
_NUMBER = re.compile(r"(?:(?<!\w)[-−])?(?:\d+(?:[,_]\d+)*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")  # in 10-20 the dash is no sign
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:[,_]\d{3})+(?![,_\d])")
_MARK = re.compile(r"^\s*(?:[-*•]|\(?\d{1,3}[.):])\s+")


class Ambiguous(ValueError):
    """Two labels stand in the text."""

    reason = "ambiguous"


def extract(kind: str, text: str, *, labels: Sequence[str] = (), pattern: re.Pattern[str] | None = None) -> Any:
    """number: the last number, thousands commas taken out; one that can be read in several ways (3,5) is none. label: the only label that stands in the text as a word. regex: the first group,
    or the match. lines: non-empty lines, list marks removed. code: the first fenced block, or the text where there is none."""
    text = text[:MOST]
    if kind == "text":
        return text.strip()
    if kind == "number":
        numbers = _NUMBER.findall(text)
        if not numbers:
            raise ValueError(f"there is no number in {text[:60]!r}")
        return as_number(numbers[-1])
    if kind == "label":
        hits = [x for x in labels if re.search(rf"(?<!\w){re.escape(x)}(?!\w)", text, re.IGNORECASE)]
        longest = [x for x in hits if not any(x != y and x.lower() in y.lower() for y in hits)]
        if len(longest) > 1:
            raise Ambiguous(f"several labels: {', '.join(longest)}")
        if not longest:
            raise ValueError(f"none of the labels {', '.join(labels)} stands in {text[:60]!r}")
        return longest[0]
    if kind == "regex":
        match = pattern.search(text) if pattern is not None else None
        if match is None:
            raise ValueError(f"'{pattern.pattern if pattern else ''}' matches nothing in {text[:60]!r}")
        return match.group(1) if match.re.groups else match.group()
    if kind == "lines":
        found = [x for x in (_MARK.sub("", line).strip() for line in text.splitlines()) if x]
        if not found:
            raise ValueError("there are no lines")
        return found
    if kind == "code":
        return next(iter(fenced(text)), text).strip("\n")
    raise ValueError(f"there is no kind '{kind}'")


def as_number(text: str) -> int | float:
    """ValueError for 3,5 (a decimal comma, or two numbers?) and for what no float holds."""
    plain = text.replace("−", "-")
    if ("," in plain or "_" in plain) and not _THOUSANDS.match(plain):
        raise ValueError(f"{text[:60]!r} can be read in several ways")
    plain = plain.replace(",", "").replace("_", "")
    found = float(plain) if any(c in plain for c in ".eE") or len(plain) > 18 else int(plain)
    if math.isinf(found):
        raise ValueError(f"{text[:60]!r} is too large")
    return found
