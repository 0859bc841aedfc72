"""How probable a model holds each of a few short answers, out of the log-probabilities of the tokens that it said and could have said.

answer_shares([{"token": " Yes", "logprob": -0.1, "top": [{"token": "No", "logprob": -2.4}]}], ("yes", "no"), str.lower)
    ->  {'yes': 0.91, 'no': 0.09}
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

_AROUND = " \t\n▁Ġ.,;:!*\"'()"


def answer_shares(
    logprobs: Sequence[Mapping[str, Any]] | None, answers: Collection[str], read: Callable[[str], str] = str
) -> dict[str, float]:
    """answer -> its probability over all `answers`, at the first token that is one; {} where none is.

    read: what is made of a token's text, without marks and blanks around it, before it is compared.
    """

    def answer(token: Mapping[str, Any]) -> str:
        return read(str(token["token"]).strip(_AROUND))

    for token in logprobs or ():
        if answer(token) not in answers:
            continue
        seen = {str(t["token"]): t for t in (*token.get("top", ()), token)}  # spellings count each: yes, Yes, " yes", "▁yes"
        found: dict[str, float] = {}
        for t in seen.values():
            if (said := answer(t)) in answers and t["logprob"] is not None:  # JSON has no infinity
                found[said] = found.get(said, 0.0) + math.exp(t["logprob"])
        if total := sum(found.values()):
            return {said: p / total for said, p in found.items()}
    return {}
