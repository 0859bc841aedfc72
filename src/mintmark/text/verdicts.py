"""What a judge said, as one word: which of two answers is better, whatever layout the judge has; and what most of several judges said.

    verdict("1"), verdict(2), verdict("Tie"), verdict(0)                    ->  'first', 'second', 'tie', 'tie'
    verdict("Both are fine. Response 2 is better, as it is shorter.")       ->  'second'
    verdict("garbage"), verdict("[[A]] or rather [[B]]")                    ->  None, None
    majority(["first", "first", "tie"]), majority(["first", "second"])      ->  'first', None

Read: a bare verdict (1, 2, 0, A, B, C, first, second, tie, equal, both, draw); a bracketed one ([[A]], of which the last counts only where all
are alike); else sentences such as "Response 1 is better". A text that says two things is None: to be counted as unusable, never guessed.
0 is a tie as in PandaLM's files, and so is C as in MT-Bench (Zheng et al. 2023, 2306.05685). Not covered: other languages, scores to compare.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Said = Literal["first", "second", "tie"]
MOST = 20_000
_WORDS: dict[str, Said] = {
    **dict.fromkeys(("1", "a", "first", "one"), "first"),
    **dict.fromkeys(("2", "b", "second", "two"), "second"),
    **dict.fromkeys(("0", "c", "tie", "tied", "equal", "both", "draw", "same", "neither"), "tie"),
}
_WHO = r"(?:(?:response|answer|assistant|output|model|candidate|option)\s*[#\"'(]?\s*)"
_BRACKETS = re.compile(r"\[\[\s*(\w{1,6})\s*\]\]")
_LABELLED = re.compile(
    r"\b(?:better|best|winner|verdict|preferred|choice)(?:\s+(?:one|response|answer))?(?:\s*(?:is|:|=)){1,2}\s*[*\"'(]*(?:the\s+)?"
    rf"{_WHO}?(1|2|0|a|b|first|second|tie|equal)\b",
    re.IGNORECASE,
)
_ONE = rf"\b(?:{_WHO}(1|2|a|b|one|two)|the\s+(first|second)(?:\s+\w{{1,12}})?)"
_BETTER = re.compile(
    rf"{_ONE}\s*[\"')]?\s+(?:is|was|has|does)\b(?!\s+(?:not|worse|less))(?:\s+\w{{1,12}}){{0,2}}?\s+"
    r"(?:better|best|superior|preferable|preferred|winner)\b",
    re.IGNORECASE,
)
_WINS = re.compile(rf"{_ONE}\s+wins\b", re.IGNORECASE)
_TIE = re.compile(r"\b(?:it(?:'s|\s+is)\s+a\s+tie|(?:are|is)\s+(?:about\s+)?(?:equally\s+good|tied|equal(?:ly\s+\w+)?))\b", re.IGNORECASE)


def verdict(value: Any) -> Said | None:
    """'first', 'second', 'tie', or None for what says neither or several."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)[:MOST].strip()
    bare = _WORDS.get(text.strip(" \t\n.*\"'()[]:").lower()) or _WORDS.get(
        re.sub(rf"^{_WHO}", "", text, flags=re.IGNORECASE).strip(" .*\"'").lower()
    )
    if bare:
        return bare
    for pattern in (_BRACKETS, _LABELLED):
        if found := {_WORDS.get(m[1].lower()) for m in pattern.finditer(text)}:
            return found.pop() if len(found) == 1 else None
    said = {_WORDS[(m[1] or m[2]).lower()] for pattern in (_BETTER, _WINS) for m in pattern.finditer(text)}
    if _TIE.search(text):
        said.add("tie")
    return said.pop() if len(said) == 1 else None


def majority(votes: Iterable[Any]) -> Any:
    """What more than any other was said; None where two lead, or nothing was said. None is no vote."""
    counts = Counter(v for v in votes if v is not None).most_common(2)
    return counts[0][0] if counts and (len(counts) < 2 or counts[1][1] < counts[0][1]) else None


def pairs_of(cell: Any) -> list[Mapping[str, Any]]:
    """The comparisons in a cell as the op `compare` writes them; ab is the verdict with a shown first, ba with b first, as a, b or tie."""
    good = ("a", "b", "tie")
    return [p for p in cell if isinstance(p, Mapping) and p.get("ab") in good and p.get("ba") in good] if isinstance(cell, list) else []
