"""Stands in for a language model so that back-translation.yaml runs offline. Its requests are canned; a real model writes its own.

It knows what each example text answers by a word in it; for other texts it asks about their longest words. As models do, it now and then
speaks of the text.
"""

import random
import re

REQUESTS = {
    "cabbage": "How do I make sauerkraut at home?",
    "sundial": "Explain why towns no longer have a time of their own.",
    "needle": "What is the trick of sewing a neat hem by hand?",
    "ferry": "Describe how a rope ferry crosses a river without an engine.",
    "chapter": "Give me a method to remember what I read.",
    "hive": "Where in the garden should I put my bees?",
    "tape": "How can one measure a room when there is no measuring tape at hand?",
    "choir": "Our choir runs out of breath in long lines. What do we do?",
    "frozen": "The lock of my car is frozen. How do I open it without breaking the key?",
    "moss": "Should I take the moss off my roof, and how?",
    "walkers": "What belongs on a map that is made for people on foot?",
    "rice": "Tell me how to cook a risotto and when it is done.",
    "dog": "Teach me to teach my dog to wait at his bowl.",
    "envelope": "How were letters closed before there were envelopes?",
}


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    text = prompt.splitlines()[1]
    rng = random.Random(f"{request.seed} {text}")
    found = next((r for word, r in REQUESTS.items() if re.search(rf"\b{word}", text, re.IGNORECASE)), None)
    if found is None:
        words = sorted(set(re.findall(r"[a-z]{4,}", text.lower())), key=lambda w: (-len(w), w))[:2]
        found = f"What can you tell me about {' and '.join(words) or 'it'}?"
    return f"What question does the following text answer: {found}" if rng.random() < 0.05 else found
