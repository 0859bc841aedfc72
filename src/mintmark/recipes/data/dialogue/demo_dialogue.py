"""Stands in for a language model so that dialogue.yaml runs offline. Its texts are canned; a real model writes its own.

It names subtopics, asks opening questions, plays the person, and answers as the assistant, each by what the prompt asks.
"""

import json
import random
import re

TREE = {
    "bread": ["sourdough", "rye flour", "baking without an oven", "stale bread"],
    "house plants": ["watering", "dark rooms", "pests", "cuttings"],
    "bicycles": ["punctures", "brakes", "riding in winter", "carrying children"],
}
ASPECTS = ["on a small budget", "common mistakes", "for beginners", "tools", "with little time", "safety"]
OPENINGS = [
    "What should I know about {topic} before I start?", "I tried {topic} twice and it went wrong. Where do I begin?",
    "Is there a simple way to deal with {topic}?", "Everybody tells me something else about {topic}. What is true?",
    "How long does it take to get {topic} right?", "What do I need to buy for {topic}, and what can I leave out?",
]  # fmt: skip
FOLLOW_UPS = [
    "And if that does not help?", "What does that cost, roughly?", "How do I notice that I have overdone it?", "Can I leave out that step?",
    "Why does the order matter?", "I have only one evening for it. What first?", "Does that hold in winter too?",
]  # fmt: skip
ANSWERS = [
    "Begin small: one try, one change, and a note of what happened.", "The usual cause is haste; give it a day and look again.",
    "You need less than the shops say: a bowl, a cloth and some patience do most of it.",
    "That depends on how warm and how damp it is at your place. Which is it?",
    "I do not know of a rule that always holds, but most people do well to halve the amount.",
    "Look at it closely first: what has changed in colour or sound tells you where to start.",
    "You can leave that out once; the second time it will show.", "A second-hand one is good enough, if nothing is bent or cracked.",
]  # fmt: skip


def answer(request):
    system, last = request.messages[0]["content"], request.messages[-1]["content"]
    rng = random.Random(f"{request.seed} {last}")
    if "subtopics of" in last:
        topic = re.search(r'The topic "(.*?)"', last)[1]
        n = int(re.search(r"List (\d+)", last)[1])
        found = TREE.get(topic) or [f"{topic}: {a}" for a in rng.sample(ASPECTS, len(ASPECTS))]
        return json.dumps({"rows": [{"subtopic": s} for s in found[:n]]})
    if "Write the first question" in last:
        return rng.choice(OPENINGS).format(topic=re.search(r"assistant about (.*) \(", last)[1].replace(":", ","))
    if system.startswith("You play a person"):
        done = last.count("Assistant:") > 1 and rng.random() < 0.4
        asked = [q for q in FOLLOW_UPS if q not in last]
        return json.dumps({"message": "Thanks, that is all." if done else rng.choice(asked), "done": done})
    told = " ".join(m["content"] for m in request.messages)
    return " ".join(rng.sample([a for a in ANSWERS if a not in told], 2))
