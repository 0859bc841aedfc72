"""What careless writing does to a text, label kept: typing errors, case, lost words. Source: CheckList, Ribeiro et al. 2020 (2005.04118).

Not covered: synonyms, grammar, other scripts than those whose letters have neighbours on a QWERTY keyboard (they are doubled instead).
"""

from __future__ import annotations

import random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def with_typos(text: str, per_hundred: float, rng: random.Random) -> str:
    """Typing errors inside words of at least three letters: a swap, a lost, a doubled or a neighbouring letter."""
    places = [i for i in range(1, len(text) - 1) if text[i - 1 : i + 2].isalpha()]
    if not places:
        return text
    count = max(1, round(len(text) * per_hundred / 100))
    out = list(text)
    for i in sorted(rng.sample(places, min(count, len(places))), reverse=True):
        kind = rng.choice(("swap", "lose", "double", "neighbour"))
        if kind == "swap" and out[i] != out[i + 1]:
            out[i], out[i + 1] = out[i + 1], out[i]
        elif kind == "lose":
            del out[i]
        elif kind == "double":
            out.insert(i, out[i])
        else:
            out[i] = _neighbour(out[i], rng)
    return "".join(out)


def _neighbour(letter: str, rng: random.Random) -> str:
    row = next((r for r in _ROWS if letter.lower() in r), None)
    if row is None:
        return letter + letter
    at = row.index(letter.lower())
    near = rng.choice([row[j] for j in (at - 1, at + 1) if 0 <= j < len(row)])
    return near.upper() if letter.isupper() else near


def other_case(text: str, rng: random.Random) -> str:
    """All capitals, or all small letters."""
    return text.upper() if rng.random() < 0.5 else text.lower()


def without_words(text: str, share: float, rng: random.Random) -> str:
    """Each word is lost with this chance; one always stays."""
    words = text.split()
    kept = [w for w in words if rng.random() >= share]
    return " ".join(kept or words[:1])
