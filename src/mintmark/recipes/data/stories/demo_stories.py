"""Stands in for a language model so that stories.yaml runs offline. Its sentences are canned; a real model writes its own.

It builds a story around the verb, noun and adjective of the prompt. As models do, it now and then begins with a stock opening or forgets
a word.
"""

import random
import re

NAMES = ["Mia", "Lena", "Nuri", "Ada", "Zoe", "Rosa", "Ida", "Kaja", "Elif", "Wanda"]
FRIENDS = ["her brother", "a duck", "the old cat", "Grandma", "a snail", "the boy next door", "a small dog", "Uncle Jan"]
PLACES = ["in the garden", "by the pond", "under the big table", "on the hill", "in the kitchen", "behind the shed", "at the beach"]
OPENINGS = [
    "{name} woke up early. Today she wanted to {verb}.", "It rained all morning {place}. {name} sat and looked out.",
    "{name} had one wish. She wished to {verb} {place}.", "\"Come and look!\" said {name}. She stood {place}.",
    "The sun was up and {name} ran {place}.", "{name} did not want to nap. She wanted to {verb}!",
]  # fmt: skip
MIDDLES = [
    'There she saw a {noun}. It was {adjective}. "Whose {noun} is this?" asked {name}. {friend} did not know.',
    '{friend} came along with a {adjective} {noun}. "I want to {verb}," said {name}. "Then let us {verb}," said {friend}.',
    "She took the {adjective} {noun} and went to {friend}. They sat down and thought for a long time.",
    "A {noun} lay in the grass, all {adjective}. {name} looked left and right. Nobody was there but {friend}.",
    '{friend} had lost a {noun}. It was a {adjective} one. "We will look for it," said {name}, and off they went.',
]
TURNS = [
    "They tried to {verb} together. It did not work. They tried once more, slowly, and then it worked.",
    "The wind came and took the {noun} away. {name} ran and ran, and {friend} ran too.",
    "{name} began to {verb}. {friend} laughed so much that the birds flew up.",
    "First {name} was sad. Then {friend} showed her how to {verb}, and she was not sad any more.",
]
FEATURES = {
    "dialogue": '"Are you my friend?" asked {name}. "I think so," said {friend}. "Good," said {name}.',
    "a surprise": "But look! Inside the {noun} was a letter with a big heart on it.",
    "a bad ending": "In the end the {noun} broke, and nobody could mend it. {name} cried a little.",
    "a lesson": "{name} thought: when we ask first, nobody has to be cross.",
    "a riddle": '"What is {adjective} and has no legs?" asked {friend}. "The {noun}!" cried {name}.',
}
ENDINGS = [
    "At night {name} told Mama about it.", "They had bread and milk, and then it was time to go home.",
    "\"Tomorrow again?\" asked {friend}. \"Yes,\" said {name}.", "And the {noun} stayed {place}, where all could see it.",
]  # fmt: skip


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    words = {k: re.search(rf'{k} "(.*?)"', prompt)[1] for k in ("verb", "noun", "adjective")}
    features = re.search(r"must have these features: (.*)\.", prompt)
    words |= {"name": rng.choice(NAMES), "friend": rng.choice(FRIENDS), "place": rng.choice(PLACES)}
    start, middle, turn = rng.choice(OPENINGS), rng.choice(MIDDLES), rng.choice(TURNS)
    flaw = rng.random()
    if flaw < 0.1:
        start = "Once upon a time there was a girl called {name}. " + start
    elif flaw < 0.2:
        words["adjective"] = "nice"
    parts = [
        start,
        middle,
        turn,
        *(FEATURES[f] for f in (features[1].split(", ") if features else ()) if f in FEATURES),
        rng.choice(ENDINGS),
    ]
    story = "\n\n".join(p.format(**words) for p in parts)
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda m: m[1] + m[2].upper(), story)
