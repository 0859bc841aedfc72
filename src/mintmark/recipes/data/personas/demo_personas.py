"""Stands in for a language model so that personas.yaml runs offline. Its people and letters are canned; a real model writes its own.

It describes people by a word of the text it is shown, and writes a letter from what a person's description says.
"""

import json
import random
import re

ABOUT = {  # a word of the text -> what the people around it are busy with
    "allotment": "growing beans and dahlias", "choir": "singing the second alto part", "bicycle": "repairing old bicycles",
    "school": "getting three children to school on time", "kayak": "paddling before breakfast", "clinic": "caring for patients at night",
    "mill": "working shifts at the paper mill", "chess": "teaching chess to beginners",
}  # fmt: skip
JOBS = [
    "A retired tram driver", "A young nurse", "A baker with two shops", "A student of geology", "A locksmith", "A tax clerk",
    "A substitute teacher", "A bus mechanic", "A translator who works at home", "A dog groomer", "A lifeguard", "A bookbinder",
]  # fmt: skip
TIES = ["the sister of", "a neighbour of", "a former colleague of", "the doctor of", "an old rival of", "a tenant of"]
TRAITS = [
    "who keeps a diary of the weather", "who has a bad knee and takes the long way round", "who saves every receipt",
    "who walks two loud dogs", "who gets up at five", "who writes letters to the newspaper", "who moved here last year",
]  # fmt: skip
WISHES = [
    ("more benches on the sunny side", "My legs ask for a rest every few hundred steps, and I am not the only one."),
    ("the old willows left as they are", "They were here before any of us, and nothing gives shade like them."),
    ("lamps along the lower path", "After four in winter one sees neither the roots nor who comes round the bend."),
    ("the bins emptied on Sundays too", "On Monday mornings the crows have laid out everything on the grass."),
    ("a tap for drinking water", "In July there is none between the bridge and the weir."),
    ("the meadow mown later in the year", "Cut in May it is a lawn; left until August it is full of butterflies."),
    ("a ramp beside the steps to the landing", "With a pram, a wheelchair or a boat one stands there and waits for help."),
    ("no more music after ten", "The water carries every note to the other bank, where people sleep."),
    ("a fenced corner for dogs", "Then they can run, and the children keep their sandwiches."),
    ("the notice board back by the gate", "Not everybody finds out on a screen when the path is flooded."),
]
CLOSINGS = [
    "I would gladly help with it.",
    "It cannot cost much.",
    "Please put it on the agenda in spring.",
    "Thank you for reading this far.",
]


def answer(request):
    prompt = next(m["content"] for m in request.messages if m["role"] == "user")
    rng = random.Random(f"{request.seed} {prompt}")
    if "such people" in prompt:
        n = int(re.search(r"Describe (\d+) such people", prompt)[1])
        person = re.search(r"^Here is a person: (.*)$", prompt, re.M)
        jobs = rng.sample(JOBS, n)
        if person:
            who = re.split(r",? who | busy ", person[1])[0].lower().replace("a ", "that ", 1)
            return json.dumps({"personas": [f"{job}, {rng.choice(TIES)} {who}, {rng.choice(TRAITS)}." for job in jobs]})
        busy = next((b for word, b in ABOUT.items() if word in prompt.lower()), "reading whatever hangs on the notice board")
        return json.dumps({"personas": [f"{job} busy with {busy}, {rng.choice(TRAITS)}." for job in jobs]})
    person = request.messages[0]["content"].removeprefix("You are: ").rstrip(".")
    wish, reason = rng.choice(WISHES)
    start = rng.choice(
        ["I write to you about the park by the river.", "Every week I pass through the park by the river.", "A word on our park."]
    )
    told = re.search(r"who (.*)$", person)
    me = f"I am {person[0].lower()}{person[1:].split(',')[0]}" + (f", and somebody who {told[1]}." if told else ".")
    return f"{start} {me} What I wish for is {wish}. {reason} {rng.choice(CLOSINGS)}"
