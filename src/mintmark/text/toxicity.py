"""Insults, threats and obscenities in English texts, by a short list of words: crude, and meant to be.

    hits("You are an 1d10t, and a m0ron.")  ->  ['idiot', 'moron']
    hits("Scunthorpe is a town")            ->  []

Whole words only, after folding: case, accents, look-alike digits and signs (1d10t, m0r0n, @ss), letters drawn out (idiooot) and single letters set
apart (i d i o t). A word of the user's may be several words. The built-in list is mild and ours: no slurs against groups, which a list without
context gets wrong both ways; name your own for those.
Source: the approach and its limits: Sap et al. 2019 (ACL, P19-1163), Dodge et al. 2021 (2104.08758, section 5: block lists remove texts by and about
minorities). Not covered: meaning: quotation, irony, hate without a bad word; other languages, unless you bring the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

WORDS = (
    "arse", "arsehole", "ass", "asses", "asshole", "bastard", "bastards", "bitch", "bitches", "bollocks", "bullshit", "crap", "cretin", "damn you",
    "dickhead", "drop dead", "dumbass", "fuck", "fucked", "fucker", "fucking", "go to hell", "hate you", "i will kill you", "idiot", "idiots", "imbecile",
    "jackass", "jerk", "kill yourself", "loser", "losers", "moron", "morons", "motherfucker", "piss off", "pissed off", "prick", "scum", "scumbag",
    "screw you", "shit", "shitty", "shut up", "son of a bitch", "stupid", "twat", "wanker", "you are dead", "you disgust me", "you suck",
)  # fmt: skip
_LEET = {ord(sign): letter for sign, letter in zip("0134578@$!|€", "oieastbasile", strict=True)}
_LEETS = (_LEET, {**_LEET, ord("1"): "l"})
_TOKEN = re.compile(r"[^\W_]+")
_LEETED = re.compile(r"[\w@$!|€]+")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .*_-]){2,15}[^\W\d_](?![^\W_])")


def fold(word: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def _forms(token: str) -> set[str]:
    """What a written word may stand for: itself, with digits and signs read as letters, and with drawn-out letters as one or two."""
    plain = re.sub(r"[^\w]|_", "", token)
    forms = {plain}
    if not (token.isalpha() or token.isdigit()):
        edge = token.rstrip("!|")  # 'idiot!' ends a sentence, 'id!ot' does not
        forms |= {re.sub(r"[^\w]|_", "", t.translate(table)) for t in (token, edge) for table in _LEETS}
    for form in list(forms):
        if re.search(r"(.)\1\1", form):
            forms |= {re.sub(r"(.)\1{2,}", r"\1", form), re.sub(r"(.)\1{2,}", r"\1\1", form)}
    return forms


@cache
def _index(words: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """First word -> the phrases that begin with it, the longest first."""
    out: dict[str, list[tuple[str, ...]]] = {}
    for word in words:
        parts = tuple(_TOKEN.findall(fold(word)))
        if not parts:
            raise ValueError(f"'{word}' holds no letter or digit")
        out.setdefault(parts[0], []).append(parts)
    return {first: sorted(set(some), key=len, reverse=True) for first, some in out.items()}


def hits(text: str, words: Sequence[str] = WORDS) -> list[str]:
    """The words of the list that stand in the text, in order, each as often as it stands there."""
    index = _index(tuple(words))
    plain = fold(_SPACED.sub(lambda m: re.sub(r"[ .*_-]", "", m.group()), text))
    tokens = [_forms(m.group()) for m in _LEETED.finditer(plain)]
    out: list[str] = []
    at = 0
    while at < len(tokens):
        step = 1
        for phrase in (p for form in sorted(tokens[at]) for p in index.get(form, ())):
            if len(phrase) <= len(tokens) - at and all(part in tokens[at + k] for k, part in enumerate(phrase)):
                out.append(" ".join(phrase))
                step = len(phrase)
                break
        at += step
    return out


def word_list(text: str) -> tuple[str, ...]:
    """One word or phrase a line; empty lines and those that begin with # count for nothing."""
    return tuple(_unique(line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")))


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
