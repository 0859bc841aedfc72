"""Stands in for a language model so that hard-cases.yaml runs offline. Its edits are crude; a real model writes better ones.

It reads from the prompt what is asked for and edits the text between the dashes. As models do, it now and then gives the text back as it was,
or writes another text altogether where a small edit was asked for.
"""

import random
import re

OPPOSITES = [
    ("warm", "cold"), ("soft", "lumpy"), ("fresh", "stale"), ("kind", "rude"), ("quiet", "noisy"), ("clean", "dirty"), ("lovely", "dull"),
    ("fair", "too high"), ("loved", "hated"), ("good", "bad"), ("bright", "dark"), ("strong", "weak"), ("friendly", "unfriendly"),
    ("comfortable", "hard"), ("short", "long"), ("easy", "steep"), ("pleasant", "spoiled"), ("plenty", "little"), ("full", "empty"),
    ("dry", "damp"), ("calm", "loud"),
]  # fmt: skip
SAME = {
    "room": "chamber", "breakfast": "the morning meal", "host": "landlord", "garden": "yard", "window": "big window", "beach": "shore",
    "was": "turned out to be", "is": "happens to be", "bed": "mattress", "owner": "proprietor", "children": "little ones", "price": "rate",
}  # fmt: skip
MILD = {
    "positive": [
        "though it took a day to see that",
        "which made up for the long drive",
        "even if not all of us agreed",
        "in spite of the rain",
    ],
    "negative": [
        "though the stay had its moments",
        "which is a pity for so nice a place",
        "even if the staff did try",
        "for all its charm",
    ],
}
OTHER = "We stayed for a week in May and took the ferry on the last morning, as we do every year."


def swap(text):
    for a, b in OPPOSITES:
        for old, new in ((a, b), (b, a)):
            if re.search(rf"\b{old}\b", text):
                return re.sub(rf"\b{old}\b", new, text, count=1)
    return text


def answer(request):
    asked = request.messages[-1]["content"]
    text = re.search(r"-----\n(.*?)\n-----", asked, re.DOTALL)[1]
    rng = random.Random(f"{request.row} {request.seed}")
    if rng.random() < 0.05:
        return text
    if "negated" in asked or "as few words as possible" in asked:
        if rng.random() < 0.1:
            return OTHER
        return re.sub(r"\b(was|is|were)\b", r"\1 not", text, count=1) if "negated" in asked else swap(text)
    if "still the right label" in asked:
        return f"{text}, {rng.choice(MILD['positive' if 'positive' in asked else 'negative'])}"
    parts = re.sub(r"\w+", lambda m: SAME.get(m[0].lower(), m[0]), text).split(" and ", 1)
    return f"{rng.choice(['To be brief', 'In our case', 'As for us'])}: {' and '.join(p[0].lower() + p[1:] for p in reversed(parts))}"
