"""Words between blanks, and one for each character where none are written: Han, Kana, Thai, Lao, Burmese, Khmer.

    words("The cat 我要信用卡")  ->  ["The", "cat", "我", "要", "信", "用", "卡"]

A character is less than a word there, but cut so two texts can share something: a whole Chinese sentence taken for one word is like no other, which looks
like perfect variety. Korean has blanks. Not covered: where Chinese or Thai words end; emoji, which stay with what they touch, as in the published definitions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# stats/features.UNSPACED is the same: stats and text do not import each other
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_ALONE = re.compile(f"([{UNSPACED}])")


def spaced(text: str) -> str:
    """The text with a blank on each side of such characters."""
    return text if text.isascii() else _ALONE.sub(r" \1 ", text)


def affordable(texts: Sequence[str], characters: int = 4_000_000) -> tuple[list[str], tuple[str, ...]]:
    """The texts, cut alike so that they hold at most so many characters together, and a caveat where one was cut."""
    most = max(1, characters // max(1, len(texts)))
    cut = [t[:most] for t in texts]
    return cut, (f"the first {most:,} characters of each text",) if any(len(t) > most for t in texts) else ()


def words(text: str) -> list[str]:
    return spaced(text).split()
