"""Stands in for a language model so that cover.yaml runs offline: it rewrites the real message by rules. A real model writes its own.

It swaps words for others, and puts the matter into another frame. As models do, it now and then gives the message back almost unchanged.
"""

import random
import re

OTHER = {
    "open": "unlock the doors", "sundays": "a sunday morning", "heated": "warm enough", "lost": "left behind", "towel": "bath towel",
    "season ticket": "yearly pass", "gate": "turnstile", "daughter": "girl", "alone": "without me", "showers": "shower heads",
    "cold": "icy", "rent out": "lend", "buy": "bring", "pay by card": "pay without cash", "full of": "blocked by",
    "course": "class", "slipped": "fell", "hurts": "is swollen", "receipt": "invoice", "children": "pupils", "bicycle": "bike",
    "chlorine": "smell of chlorine", "burned": "were red", "dogs": "small dogs", "lawn": "grass", "locker": "cabinet",
    "warm": "many degrees", "pensioners": "people over 65", "cheaper": "reduced", "took": "walked off with", "slippers": "bath shoes",
    "closed": "shut", "book": "reserve", "birthday party": "family party", "hair dryer": "dryer", "sparks": "a burnt smell",
    "wheelchair": "walking frame", "rude": "unfriendly", "kiosk": "snack stand", "prices": "price list",
}  # fmt: skip
FRAMES = [
    "Good morning, a question from a regular: {matter}", "Hello there. {Matter} Thanks in advance, Jo", "Hi, {matter} I come twice a week.",
    "Dear team, I could not find it on the board, so here it is: {matter}", "{Matter} That would help our whole family.",
    "Sorry to bother you with it again. {Matter}", "My husband says I should write to you: {matter}",
]  # fmt: skip


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    matter = prompt.splitlines()[1].strip()
    if rng.random() < 0.1:
        return f"Hello, {matter}"
    for word, other in OTHER.items():
        matter = re.sub(rf"\b{re.escape(word)}\b", other, matter, flags=re.IGNORECASE)
    matter = matter if matter.endswith("?") else f"{matter.rstrip('.')}."
    return rng.choice(FRAMES).format(matter=matter, Matter=matter[0].upper() + matter[1:])
