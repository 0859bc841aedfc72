"""Stands in for a language model so that magpie.yaml runs offline. Its texts are canned; a real model writes its own.

A message of the role `raw` is text to go on from: it writes what a user would say there. Any other message is answered. As models do, it now
and then writes hardly anything, or goes on with the template.
"""

import random

REQUESTS = {
    "cooking": [
        "How do I keep {x} from sticking to the pan?",
        "Suggest a dinner with {x} for two people.",
        "Can I freeze {x}, and how long?",
    ],
    "train": ["What is the quietest seat on {x}?", "How early must I be there for {x}?", "May I take my bicycle on {x}?"],
    "gardening": ["When do I sow {x} in a cold valley?", "What eats my {x} at night?", "How much water do {x} need in July?"],
    "mathematics": ["Explain {x} with an example from a kitchen.", "Why do we need {x}?", "Give me three exercises on {x}, easy first."],
    "repairs": ["How can I mend {x} without special tools?", "What does it mean when {x} makes a noise?", "Is it worth repairing {x}?"],
}
THINGS = {
    "cooking": ["fish", "dumplings", "eggs", "lentils", "rice noodles", "mushrooms"],
    "train": ["a night train", "the mountain railway", "a regional express", "a train with reserved seats", "the last train"],
    "gardening": ["leeks", "sweet peas", "tomatoes", "broad beans", "strawberries", "pumpkins"],
    "mathematics": ["fractions", "negative numbers", "percentages", "prime numbers", "averages", "angles"],
    "repairs": ["a dripping tap", "a wobbly chair", "a squeaking door", "an old toaster", "a torn raincoat", "a bicycle bell"],
}
FIRST = [
    "It depends on what you have.",
    "In most homes a simple way is enough.",
    "There are two ways.",
    "Start with a look at it in good light.",
]
THEN = [
    "Take your time with the first step, since everything after it rests on it.", "Less is usually better here than more.",
    "If it does not work the first time, change one thing only and try again.", "A note on paper saves a second try.",
    "Ask at the counter when in doubt; rules differ from place to place.", "Warmth and patience do more than force.",
]  # fmt: skip


def answer(request):
    message = request.messages[-1]
    rng = random.Random(f"{request.seed} {message['content']}")
    if message["role"] != "raw":
        return f"{rng.choice(FIRST)} {' '.join(rng.sample(THEN, rng.randint(1, 3)))}"
    subject = next((s for s in REQUESTS if s in message["content"]), rng.choice(list(REQUESTS)))
    text = rng.choice(REQUESTS[subject]).format(x=rng.choice(THINGS[subject]))
    flaw = rng.random()
    if flaw < 0.07:
        text = "Hello!"
    elif flaw < 0.12:
        text = "assistant, " + text
    return text + "<|eot_id|>"
