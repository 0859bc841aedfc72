"""Stands in for a language model so that labels.yaml runs offline: it knows some words of each intent, and goes by the examples that it is shown.

As models do, it now and then answers in a sentence instead of JSON and is asked again.
"""

import json
import random
import re

KNOWN = {
    "late_fee": "fee fees fine fined charged charge owe pay paid overdue euro warning reminder",
    "opening_hours": "open opens opening close closed closing hours sunday saturday holiday holidays early evening come till",
    "renew_loan": "renew renewed renewal extend longer loan loans weeks keep prolong return",
    "lost_card": "card cards wallet lost stolen replacement replace loss",
    "ebook_access": "ebook ebooks epub download app kindle ipad audio audiobook tablet online login digital password offline newspaper jstor licence",
    "room_booking": "room rooms cabin hall booking reserve reservation meeting study projector seats group show",
}


def words(text):
    return set(re.findall(r"[a-z']{3,}", text.lower()))


def answer(request):
    asked = request.messages[1]["content"]
    text = words(json.loads(asked.split("\nText:\n")[1].splitlines()[0]))
    votes = {label: 4 * len(text & set(known.split())) for label, known in KNOWN.items()}
    for shot, label in re.findall(r"^(\".*\") -> \"(\S+)\"$", asked, re.MULTILINE):
        votes[label] += 0.2 + 0.5 * len(words(json.loads(shot)) & text)
    best = max(votes, key=votes.get)
    if random.Random(f"{request.row} {request.seed}").random() < 0.1:
        return f"I would say {best}."
    return json.dumps({"label": best})
